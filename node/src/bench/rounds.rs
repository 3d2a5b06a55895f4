//! `thinkey bench rounds`: empty blocks back to back, the cost of agreeing alone.

use std::time::Duration;

use assembly::Network as Assembled;
use serde_json::json;
use types::ChainId;

use super::meter::Meter;
use super::usage;
use crate::cli::Output;
use crate::cli::args::RoundsArgs;
use crate::devnet::{Validators, Watch};
use crate::exit::{Exit, Failure};
use crate::services::clock::Clock;

/// Seconds of warming up that are not counted.
const WARM_UP: Duration = Duration::from_secs(2);

/// Runs the benchmark and prints what came of it.
pub(super) fn run(args: &RoundsArgs, output: &Output) -> Result<Exit, Failure> {
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::new("disk", error, "free space in the temporary directory"))?;
    crate::runtime::run(measure(args, output, folder.path()))
}

async fn measure(
    args: &RoundsArgs,
    output: &Output,
    folder: &std::path::Path,
) -> Result<Exit, Failure> {
    let (mut spec, mut secrets) = genesis::devnet(args.validators, 0, [0x72; 32]);
    spec.start = Clock::new().now();
    secrets
        .validators
        .retain(|validator| validator.chain.is_root());
    let assembled = Assembled::new(spec)
        .map_err(|error| Failure::new("genesis", error, "use fewer validators"))?;
    let meter = Meter::new(Clock::new());
    let watching = meter.clone();
    let watch = Watch {
        always_work: true,
        observe: Some(std::sync::Arc::new(move |_| Box::new(watching.clone()))),
    };
    let validators = Validators::start(&assembled, &secrets, folder, watch).await?;
    tokio::time::sleep(WARM_UP).await;
    let (blocks, cpu, start) = (meter.blocks(ChainId::ROOT), usage::cpu_us(), meter.now());
    tokio::time::sleep(Duration::from_secs(args.seconds.into())).await;
    let ms = meter.now().since(start).max(1);
    let made = meter.blocks(ChainId::ROOT) - blocks;
    let cpu_us = usage::cpu_us() - cpu;
    validators.stop().await;
    let per_s = made * 1_000 / ms;
    let report = json!({
        "validators": args.validators,
        "seconds": ms / 1_000,
        "blocks_per_s": per_s,
        "cpu_us_per_block_per_validator":
            cpu_us.checked_div(made * u64::from(args.validators)).unwrap_or(0),
        "rss_mib": usage::rss_mib(),
    });
    output.result(&report, || {
        format!("{per_s} empty blocks a second\n{report:#}")
    });
    Ok(Exit::Done)
}

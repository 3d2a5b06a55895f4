//! `thinkey bench handover`: how long a chain pauses when its committee changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use assembly::Network as Assembled;
use serde_json::{Value, json};
use tx_chain::{ExecutedBlock, FinalBlock, History};
use types::{ChainId, Epoch, Header, Height, MessageId, RootBlock, Time};

use super::usage;
use crate::cli::Output;
use crate::cli::args::HandoverArgs;
use crate::devnet::{Validators, Watch};
use crate::exit::{Exit, Failure};
use crate::services::chain::Observer;
use crate::services::clock::Clock;

/// How long between two looks whether all chains have passed enough handovers.
const LOOK: Duration = Duration::from_millis(500);

/// Runs the benchmark and prints what came of it.
pub(super) fn run(args: &HandoverArgs, output: &Output) -> Result<Exit, Failure> {
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::new("disk", error, "free space in the temporary directory"))?;
    crate::runtime::run(measure(args, output, folder.path()))
}

async fn measure(
    args: &HandoverArgs,
    output: &Output,
    folder: &std::path::Path,
) -> Result<Exit, Failure> {
    let (mut spec, secrets) = genesis::devnet_with_terms(args.validators, args.chains, [0x68; 32]);
    spec.start = Clock::new().now();
    let assembled = Assembled::new(spec)
        .map_err(|error| Failure::new("genesis", error, "use fewer validators or chains"))?;
    let sightings = Sightings::new(Clock::new());
    let watching = sightings.clone();
    let watch = Watch {
        // Blocks back to back, so that a pause shows.
        always_work: true,
        observe: Some(Arc::new(move |_| Box::new(watching.clone()))),
    };
    let validators = Validators::start(&assembled, &secrets, folder, watch).await?;
    let chains: Vec<ChainId> = (1..=args.chains).map(ChainId).collect();
    let wanted = args.handovers;
    let mut seen = 0;
    loop {
        tokio::time::sleep(LOOK).await;
        let least = chains.iter().map(|chain| sightings.pauses(*chain).len());
        let least = least.min().unwrap_or(0);
        if least > seen {
            seen = least;
            output.progress(&format!("{seen} of {wanted} handovers of each chain"));
        }
        if seen >= wanted as usize {
            break;
        }
    }
    validators.stop().await;
    let report = json!({
        "validators": args.validators,
        "chains": chains.iter().map(|chain| sightings.report(*chain)).collect::<Vec<_>>(),
        "root": sightings.report(ChainId::ROOT),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "rss_mib": usage::rss_mib(),
    });
    output.result(&report, || text(&report));
    Ok(Exit::Done)
}

/// By chain and height: when a block became final, and in which term.
type Seen = BTreeMap<ChainId, BTreeMap<Height, (Time, Epoch)>>;

/// When each block was first known to be final, by whichever node that is watched.
#[derive(Clone)]
struct Sightings {
    seen: Arc<Mutex<Seen>>,
    clock: Clock,
}

impl Sightings {
    fn new(clock: Clock) -> Self {
        Self {
            seen: Arc::default(),
            clock,
        }
    }

    /// Milliseconds from each closing block to the first block of the next term.
    fn pauses(&self, chain: ChainId) -> Vec<u64> {
        self.gaps(chain, |before, after| before != after)
    }

    /// Milliseconds between two blocks, sorted, of those whose terms are as wanted.
    fn gaps(&self, chain: ChainId, wanted: impl Fn(Epoch, Epoch) -> bool) -> Vec<u64> {
        let all = self.lock();
        let blocks = all.get(&chain).into_iter().flatten();
        let blocks: Vec<_> = blocks.map(|(_, block)| *block).collect();
        let pairs = blocks.windows(2).filter_map(|pair| match pair {
            [(from, before), (to, after)] if wanted(*before, *after) => Some(to.since(*from)),
            _ => None,
        });
        let mut gaps: Vec<u64> = pairs.collect();
        gaps.sort_unstable();
        gaps
    }

    fn report(&self, chain: ChainId) -> Value {
        let pauses = self.pauses(chain);
        let usual = self.gaps(chain, |before, after| before == after);
        let middle = |sorted: &[u64]| sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        let (pause, block) = (middle(&pauses), middle(&usual));
        let tenths = pause.saturating_sub(block) * 10 / block.max(1);
        json!({
            "chain": chain.0,
            "handovers": pauses.len(),
            "blocks": usual.len(),
            "block_ms": { "p50": block, "p99": usual.get(usual.len() * 99 / 100) },
            "handover_ms": { "p50": pause, "max": pauses.last() },
            "pause_in_blocks": format!("{}.{}", tenths / 10, tenths % 10),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Sightings {
    fn starts(&self, _: &Header, _: &History) {}

    fn proposed(&self, _: ChainId, _: &Arc<ExecutedBlock>) {}

    fn early(&self, _: ChainId, _: &Header, _: u64, _: u64) {}

    fn finals(&self, chain: ChainId, lot: &[FinalBlock]) {
        let now = self.clock.now();
        let mut seen = self.lock();
        let blocks = seen.entry(chain).or_default();
        for block in lot {
            let header = block.executed.header();
            blocks.entry(header.height).or_insert((now, header.epoch));
        }
    }

    fn root_final(&self, _: &Arc<RootBlock>) {}

    fn expired(&self, _: ChainId, _: &[MessageId]) {}
}

fn text(report: &Value) -> String {
    let mut text = String::from("blocks back to back, and the pause when the committee changes\n");
    let chains = report["chains"].as_array().into_iter().flatten();
    for chain in chains.chain([&report["root"]]) {
        text += &format!(
            "  chain {:3} {:3} handovers: {:4} ms from the closing block to the next (max {} ms), \
             {:4} ms between other blocks: a pause of {} blocks\n",
            chain["chain"],
            chain["handovers"],
            chain["handover_ms"]["p50"],
            chain["handover_ms"]["max"],
            chain["block_ms"]["p50"],
            chain["pause_in_blocks"].as_str().unwrap_or("?"),
        );
    }
    text
}

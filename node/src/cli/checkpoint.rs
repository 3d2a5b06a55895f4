//! `thinkey checkpoint`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use light::line::Page;
use light::{Checkpoint, Line, Trust};
use serde::Serialize;
use serde_json::json;
use types::Height;

use super::proof::file_failure;
use super::trust::{Start, TrustArgs, parse};
use super::{Context, Failure};
use crate::exit::{Exit, NEWER_CHECKPOINT};
use crate::rpc::view::{CheckpointView, HandoversView, U64};

/// Pages of handovers that are asked for at most.
const PAGES: usize = 1_024;

/// Save the newest root block and the committee above it, to start proofs from.
///
/// Without --genesis it is what the node says: compare the digest with what others have. With
/// --genesis every handover from the start on is checked, so the node needs no trust.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  thinkey checkpoint --out now.json\n  \
        thinkey checkpoint --out now.json --genesis genesis.json --checkpoint old.json")]
pub struct Args {
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The genesis file of the network: check all handovers, don't believe the node.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    /// Where to start: an older file of this command, or "genesis".
    #[arg(
        long,
        value_name = "FILE",
        default_value = "genesis",
        requires = "genesis"
    )]
    checkpoint: Start,
    /// The root's height at present, from whoever you believe; see `thinkey verify --help`.
    #[arg(long, value_name = "HEIGHT", requires = "genesis")]
    now: Option<Height>,
    /// Believe the start however old it is.
    #[arg(long, requires = "genesis")]
    unsafe_any_age: bool,
}

impl Args {
    /// What to start from; none when the node is believed.
    fn trust(&self) -> Option<TrustArgs> {
        Some(TrustArgs {
            genesis: self.genesis.clone()?,
            checkpoint: self.checkpoint.clone(),
            now: self.now,
            unsafe_any_age: self.unsafe_any_age,
        })
    }
}

#[derive(Serialize)]
struct Saved<'a> {
    file: &'a std::path::Path,
    height: U64,
    epoch: U64,
    digest: crypto::Hash,
    /// Handovers that were checked; none when the node was believed.
    handovers: Option<usize>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let (checkpoint, handovers) = match args.trust() {
        Some(trust) => {
            let (checkpoint, handovers) = follow(context, &trust.load()?).await?;
            (checkpoint, Some(handovers))
        }
        None => (ask(context).await?, None),
    };
    let view = CheckpointView::of(&checkpoint);
    std::fs::write(&args.out, &view.text).map_err(|e| file_failure("write", &args.out, &e))?;
    let saved = Saved {
        file: &args.out,
        height: view.height,
        epoch: view.epoch,
        digest: view.digest,
        handovers,
    };
    context.output.result(&saved, || {
        let how = match handovers {
            None => "by the node's word: compare the digest with what others have".to_owned(),
            Some(count) => format!("{count} handovers checked"),
        };
        format!(
            "wrote {}: root height {}, epoch {}\ndigest {}\n{how}",
            args.out.display(),
            view.height,
            view.epoch,
            view.digest
        )
    });
    Ok(Exit::Done)
}

/// What the node says.
async fn ask(context: &Context) -> Result<Checkpoint, Failure> {
    let view: CheckpointView = context.client.call("root_checkpoint", json!([])).await?;
    parse(&view.text).map_err(|why| broken_answer(&why))
}

/// Follows the node's handovers and believes none of them.
async fn follow(context: &Context, trust: &Trust) -> Result<(Checkpoint, usize), Failure> {
    let start = Line::start(&trust.checkpoint);
    let mut line = start.map_err(|why| Failure::new("checkpoint", why, NEWER_CHECKPOINT))?;
    let (mut handovers, mut pages) = (0, 0);
    check_age(trust, &line)?;
    loop {
        let from = U64(line.last().height);
        let view: HandoversView = context.client.call("root_handovers", json!([from])).await?;
        let page = hex::decode(&view.page).map_err(|why| broken_answer(&why))?;
        let page: Page = borsh::from_slice(&page).map_err(|why| broken_answer(&why))?;
        for step in &page.handovers {
            line.hand_over(step).map_err(|why| broken_answer(&why))?;
        }
        if let Some(head) = &page.head {
            line.reach(head).map_err(|why| broken_answer(&why))?;
        }
        handovers += page.handovers.len();
        pages += 1;
        if page.head.is_some() || page.handovers.is_empty() || pages == PAGES {
            check_age(trust, &line)?;
            return Ok((line.checkpoint(), handovers));
        }
    }
}

fn check_age(trust: &Trust, line: &Line) -> Result<(), Failure> {
    let aged = trust.check_age(line.last().height);
    aged.map_err(|old| Failure::new("too_old", old, NEWER_CHECKPOINT))
}

fn broken_answer(why: &impl std::fmt::Display) -> Failure {
    let message = format!("the node answers with what does not hold: {why}");
    Failure::new("bad_answer", message, "ask another node")
}

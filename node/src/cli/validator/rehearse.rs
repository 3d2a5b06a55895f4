//! `validator rehearse`: a stake's whole life on a network of its own.
//!
//! ```text
//!  keygen ─▶ node starts ─▶ register ─▶ eligible ─▶ elected ─▶ serves ─▶ proposes blocks
//!     ─▶ exit ─▶ terms served out ─▶ claim ─▶ unbonding ─▶ withdraw ─▶ all of it in the account
//! ```
//!
//! Each step is the command that a staker types, with its own words, and a node that reads a
//! `node.toml`. Only the network is short: of time, and of distance.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::cli::Output;
use crate::exit::{Exit, Failure};

mod scenes;
mod stage;
mod watch;

use stage::Stage;

/// Play the whole life of a stake on a network of its own, in this process: make keys, register,
/// be elected, serve, exit, withdraw.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey validator rehearse\n\n\
    It takes a few minutes and a temporary directory, which is removed at the end.\n\
    With --json one line a step, `{\"step\":…,\"says\":…,\"root_height\":…,\"seconds\":…}`.\n\
    Exit codes: 0 all of it worked, 1 something did not, 3 not done in time.")]
pub(crate) struct RehearseArgs {
    /// How many seconds it may take at most.
    #[arg(long, default_value_t = 900, value_name = "SECONDS")]
    timeout: u64,
}

pub(super) fn rehearse(output: &Output, args: &RehearseArgs) -> Result<Exit, Failure> {
    crate::runtime::init_logs();
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::new("disk", error, "free space in the temporary directory"))?;
    let patience = Duration::from_secs(args.timeout);
    // Removed when nothing runs any more.
    crate::runtime::run(play(*output, folder.path(), patience))
}

async fn play(output: Output, folder: &Path, patience: Duration) -> Result<Exit, Failure> {
    let mut stage = Stage::open(output, folder).await?;
    let mut ended = None;
    crate::runtime::until_stopped(async {
        let scenes = Box::pin(scenes::all(&mut stage));
        ended = Some(tokio::time::timeout(patience, scenes).await);
    })
    .await;
    let (height, seconds) = (stage.root_height(), stage.seconds());
    stage.close().await;
    match ended {
        Some(Ok(played)) => {
            played?;
            let done = json!({
                "step": "done", "passed": true, "root_height": height, "seconds": seconds,
            });
            output.result(&done, || {
                format!("a stake's whole life, in {height} root heights and {seconds:.0} s")
            });
            Ok(Exit::Done)
        }
        Some(Err(_)) => {
            let message = format!("not done after {} s", patience.as_secs());
            let hint = "this machine is slow or busy; give it more with --timeout SECONDS";
            Err(Failure::new("timed_out", message, hint).with(Exit::NotReached))
        }
        None => {
            let hint = "nothing of it is left; start it again when you like";
            Err(Failure::new("stopped", "stopped before the end", hint))
        }
    }
}

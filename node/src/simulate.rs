//! `thinkey sim`: networks under virtual time, from seeds.

use serde_json::json;
use sim::{Options, Summary};

use crate::cli::Output;
use crate::cli::args::SimArgs;
use crate::exit::{Exit, Failure};

/// Runs seeds and says what broke; exit code 1 if anything did.
///
/// # Errors
/// None: a broken promise is a result.
pub fn run(args: &SimArgs, output: &Output) -> Result<Exit, Failure> {
    let mut options = if args.terms {
        Options::terms(args.seed)
    } else {
        Options::seed(args.seed)
    };
    options.code = args.code;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let hashes = args.hash;
    let summary = sim::run_many(&options, args.seeds, threads, |report, so_far| {
        if hashes {
            let line = json!({"seed": report.seed, "hash": report.hash});
            output.result(&line, || format!("seed {}: {}", report.seed, report.hash));
        }
        for violation in &report.violations {
            output.progress(&format!("seed {}: {violation:?}", report.seed));
        }
        if so_far.seeds % 10 == 0 {
            let (done, all) = (so_far.seeds, args.seeds);
            output.progress(&format!(
                "{done} of {all} seeds, {} violations",
                so_far.violations
            ));
        }
    });
    output.result(&summary, || text(&summary));
    Ok(if summary.violations == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn text(summary: &Summary) -> String {
    let mut text = format!(
        "{} seeds, {} violations\n",
        summary.seeds, summary.violations
    );
    text += &format!(
        "{} blocks, {} messages, {} of them across chains, {} runs of code\nfaults injected:\n",
        summary.blocks,
        summary.messages,
        summary.crossed,
        summary.runs.iter().sum::<u64>()
    );
    for (fault, times) in &summary.faults {
        text += &format!("  {fault:24} {times}\n");
    }
    for failing in &summary.failing {
        text += &format!(
            "seed {} breaks {}: {}\n",
            failing.seed, failing.invariant, failing.replay
        );
    }
    text.trim_end().to_owned()
}

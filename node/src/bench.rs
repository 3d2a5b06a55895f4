//! `thinkey bench`: what this machine does, and what it could do at most.

mod handover;
mod limit;
mod load;
mod meter;
mod payments;
mod rounds;
mod stages;
mod usage;

use crate::cli::Output;
use crate::cli::args::BenchCommand;
use crate::exit::{Exit, Failure};

/// Runs a benchmark.
///
/// # Errors
/// A temporary directory that can't be written.
pub fn run(command: &BenchCommand, output: &Output) -> Result<Exit, Failure> {
    crate::runtime::init_logs();
    match command {
        BenchCommand::Handover(args) => handover::run(args, output),
        BenchCommand::Payments(args) => payments::run(args, output),
        BenchCommand::Rounds(args) => rounds::run(args, output),
    }
}

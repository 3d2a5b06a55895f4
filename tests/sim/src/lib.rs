//! placeholder
mod byzantine;
mod dice;
mod events;
mod invariants;
mod log;
mod network;
mod node;
mod options;
mod plan;
mod report;
mod run;
mod setup;
mod wire;
mod workload;
mod world;

pub use options::Options;
pub use report::{Counters, Failing, Report, Summary, Violation, replay};
pub use run::{run, run_many};

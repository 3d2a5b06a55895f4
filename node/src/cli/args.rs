//! Arguments of the commands that run networks: `devnet`, `node`, `bench` and `sim`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::rpc::config::PORT;

/// Start a whole network on this machine: a root chain and transaction chains, with their
/// validators.
///
/// Prints the RPC address, three funded accounts per chain, and what is simulated. Ctrl-C stops
/// it; the same --data-dir goes on where it was.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  thinkey devnet\n  \
    thinkey devnet --chains 4 --validators 7 --data-dir /tmp/net\n  \
    thinkey devnet --ephemeral --rpc-port 0 --json")]
pub struct DevnetArgs {
    /// Transaction chains, besides the root.
    #[arg(long, default_value_t = 2, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=64))]
    pub chains: u32,
    /// Validators of each chain.
    #[arg(long, default_value_t = 4, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100))]
    pub validators: u32,
    /// Where the network keeps its data.
    #[arg(long, value_name = "DIR", default_value = "thinkey-devnet")]
    pub data_dir: PathBuf,
    /// Keep nothing: use a temporary directory and remove it at the end.
    #[arg(long, conflicts_with = "data_dir")]
    pub ephemeral: bool,
    /// The port of the RPC server; 0 picks a free one.
    #[arg(long, default_value_t = PORT, value_name = "PORT")]
    pub rpc_port: u16,
    /// Run each validator as a process of its own, connected by libp2p on loopback.
    #[arg(long)]
    pub processes: bool,
    /// Elect committees by stake, for short terms, with seeds from a threshold beacon.
    #[arg(long)]
    pub terms: bool,
}

/// Run one node of a network.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey node --config node.toml")]
pub struct NodeArgs {
    /// The node's configuration.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Stop when standard input ends: with whoever started the node.
    #[arg(long)]
    pub until_eof: bool,
}

/// Measure this machine.
#[derive(Clone, Debug, Subcommand)]
pub enum BenchCommand {
    /// Payments per second and latency at each level, beside the machine's own limit.
    Payments(PaymentsArgs),
    /// Empty blocks per second of one committee.
    Rounds(RoundsArgs),
    /// How long chains pause when their committees change.
    Handover(HandoverArgs),
}

/// Which network changes its committees, and how often.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey bench handover --chains 2 --handovers 3 --json")]
pub struct HandoverArgs {
    /// Validators of each chain.
    #[arg(long, default_value_t = 4, value_name = "V",
        value_parser = clap::value_parser!(u32).range(4..=15))]
    pub validators: u32,
    /// Transaction chains.
    #[arg(long, default_value_t = 1, value_name = "C",
        value_parser = clap::value_parser!(u32).range(1..=16))]
    pub chains: u32,
    /// Handovers of each transaction chain to wait for.
    #[arg(long, default_value_t = 3, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub handovers: u32,
}

/// Which committee makes empty blocks, and for how long.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey bench rounds --validators 4 --seconds 20 --json")]
pub struct RoundsArgs {
    /// Members of the committee.
    #[arg(long, default_value_t = 4, value_name = "V",
        value_parser = clap::value_parser!(u32).range(1..=100))]
    pub validators: u32,
    /// How long to measure.
    #[arg(long, default_value_t = 20, value_name = "S",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub seconds: u32,
}

/// What load to put on which network.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  \
    thinkey bench payments --validators 4 --chains 1 --cross 0 --seconds 60 --json")]
pub struct PaymentsArgs {
    /// Validators of each chain.
    #[arg(long, default_value_t = 4, value_name = "V",
        value_parser = clap::value_parser!(u32).range(1..=100))]
    pub validators: u32,
    /// Transaction chains.
    #[arg(long, default_value_t = 1, value_name = "C",
        value_parser = clap::value_parser!(u32).range(1..=64))]
    pub chains: u32,
    /// Per cent of the payments that go to another chain.
    #[arg(long, default_value_t = 0, value_name = "P",
        value_parser = clap::value_parser!(u8).range(0..=100))]
    pub cross: u8,
    /// How long to measure.
    #[arg(long, default_value_t = 60, value_name = "S",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub seconds: u32,
}

/// Run the network's cores under virtual time with faults, and check the invariants.
///
/// The same seed gives the same run; a failing seed is printed with the command that replays it.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  thinkey sim --seeds 100
  thinkey sim --seed 42 --hash
  thinkey sim --code --seeds 20")]
pub struct SimArgs {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1, value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub seed: u64,
    /// Print the hash of each run.
    #[arg(long)]
    pub hash: bool,
    /// Networks whose committees change: stake, a beacon, elections, handovers.
    #[arg(long)]
    pub terms: bool,
    /// Whether users deploy code and call it: every seed decides by itself unless this does.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub code: Option<bool>,
}

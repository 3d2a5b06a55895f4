//! The command line.
//!
//! Every command takes `--json`. Exit codes: 0 done, 1 failed, 2 usage, 3 not reached or timed
//! out. Results go to standard output; errors, and words about progress, to standard error.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::client::{Client, Endpoint};
use crate::exit::{Exit, Failure};

pub mod args;
mod chain;
mod checkpoint;
mod config;
mod contract;
mod evidence;
mod genesis;
mod output;
mod proof;
mod protection;
mod root;
mod trace;
mod tree;
mod trust;
mod validator;
mod wallet;

pub use output::Output;

/// A blockchain of many chains, and everything to run, use and check it.
#[derive(Debug, Parser)]
#[command(
    name = "thinkey",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done, 1 failed, 2 usage, 3 not reached or timed out.\n\
                  Amounts are in the smallest unit; 1_000 is 1000."
)]
pub struct Cli {
    /// Print JSON, one line per result, for scripts.
    #[arg(long, global = true)]
    pub json: bool,
    /// Where a node answers.
    #[arg(long, global = true, value_name = "URL", default_value_t)]
    pub rpc: Endpoint,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// All commands.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
pub enum Command {
    /// Start a whole network on this machine.
    Devnet(args::DevnetArgs),
    /// Measure this machine.
    #[command(subcommand)]
    Bench(args::BenchCommand),
    /// Run networks under virtual time, with faults, and check what must hold.
    Sim(args::SimArgs),
    /// Run one node of a network.
    Node(args::NodeArgs),
    /// Check a node's configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Make, check and show genesis files.
    #[command(subcommand)]
    Genesis(genesis::Command),
    /// Keys, balances and transfers.
    Wallet(wallet::Args),
    /// Make, build, test, deploy, call and ask contracts.
    Contract(contract::Args),
    /// Stake, serve in committees, and get the stake back.
    Validator(validator::Args),
    /// Show a proof that members of a committee lied, and hand it to the root.
    #[command(subcommand)]
    Evidence(evidence::Command),
    /// Take what a node's keys have signed from one machine to another.
    #[command(subcommand)]
    Protection(protection::Command),
    /// Draw the tree of messages that a message grew into.
    Trace(trace::Args),
    /// Chains and their blocks.
    #[command(subcommand)]
    Chain(chain::Command),
    /// The root's random beacon.
    #[command(subcommand)]
    Root(root::Command),
    /// Save a proof of what became of a message.
    Prove(proof::ProveArgs),
    /// Check a proof without a node, against a genesis file or a checkpoint.
    Verify(proof::VerifyArgs),
    /// Save the newest root block and its committee, to start proofs from.
    Checkpoint(checkpoint::Args),
}

/// What every command is given.
#[derive(Clone, Debug)]
pub struct Context {
    /// Where to print, and how.
    pub output: Output,
    /// The node to ask.
    pub client: Client,
}

/// Parses the process's arguments, runs the command, prints what went wrong.
pub fn main() -> ExitCode {
    // Prints help or the usage error and ends with 0 or 2.
    let cli = Cli::parse();
    let output = Output::new(cli.json);
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.fail(&failure);
            failure.exit.into()
        }
    }
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    let context = Context {
        output: Output::new(cli.json),
        client: Client::new(cli.rpc),
    };
    match cli.command {
        Command::Bench(command) => crate::bench::run(&command, &context.output),
        Command::Sim(args) => crate::simulate::run(&args, &context.output),
        Command::Node(args) => crate::single::run(&args, &context.output),
        Command::Devnet(args) => crate::devnet::run(&args, &context.output),
        Command::Config(command) => config::run(&context, &command),
        Command::Genesis(command) => genesis::run(&context, command),
        Command::Verify(args) => proof::verify(&context, &args),
        Command::Wallet(args) => client_runtime()?.block_on(wallet::run(&context, args)),
        Command::Contract(args) => contract::run(&context, args),
        Command::Validator(args) => validator::run(&context, args),
        Command::Protection(command) => protection::run(&context, &command),
        Command::Evidence(evidence::Command::Show { file }) => evidence::show(&context, &file),
        Command::Evidence(evidence::Command::Report(args)) => {
            client_runtime()?.block_on(evidence::report(&context, &args))
        }
        Command::Trace(args) => client_runtime()?.block_on(trace::run(&context, args)),
        Command::Chain(command) => client_runtime()?.block_on(chain::run(&context, command)),
        Command::Root(command) => client_runtime()?.block_on(root::run(&context, command)),
        Command::Checkpoint(args) => client_runtime()?.block_on(checkpoint::run(&context, &args)),
        Command::Prove(args) => client_runtime()?.block_on(proof::prove(&context, &args)),
    }
}

/// One thread is enough for asking a node.
fn client_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let building = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    building.map_err(|error| Failure::new("runtime", error, "the system is out of resources"))
}

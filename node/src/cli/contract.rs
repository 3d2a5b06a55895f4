//! `thinkey contract`.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Context, client_runtime};
use crate::cli::wallet::Folder;
use crate::exit::{Exit, Failure};

mod build;
mod call;
mod code;
mod deploy;
mod project;
mod send;
mod show;
mod strip;
#[cfg(test)]
mod tests;
mod upgrade;
mod values;
mod view;

/// Make, build, test, deploy, call and ask contracts.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:\n  thinkey contract new auction\n  \
    thinkey contract build auction\n  thinkey contract test auction\n  \
    thinkey contract deploy auction/build/auction.wasm --chain 2 --key alice\n  \
    thinkey contract call devnet1… bid 7 --value 10 --key alice\n  \
    thinkey contract view devnet1… best")]
pub struct Args {
    /// Where key files are, for keys that are given by name.
    #[arg(long, global = true, value_name = "DIR")]
    wallet_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What to do with contracts.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a project that builds and tests.
    New(project::NewArgs),
    /// Build the module of a project and say whether it may be deployed.
    Build(build::BuildArgs),
    /// Build the module of a project and run its tests.
    Test(project::TestArgs),
    /// Make an account with code on a chain.
    Deploy(deploy::DeployArgs),
    /// Call a method of an account's code.
    Call(call::CallArgs),
    /// Give an account other code; only its owner can.
    Upgrade(upgrade::UpgradeArgs),
    /// Show what code says of itself: its methods and their arguments.
    Show(show::ShowArgs),
    /// Ask an account's code; changes nothing and costs nothing.
    View(view::ViewArgs),
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let folder = Folder::of(args.wallet_dir);
    match args.command {
        Command::New(args) => project::new(context, &args),
        Command::Build(args) => build::run(context, &args),
        Command::Test(args) => project::test(context, &args),
        Command::Deploy(args) => client_runtime()?.block_on(deploy::run(context, &folder, &args)),
        Command::Call(args) => client_runtime()?.block_on(call::run(context, &folder, &args)),
        Command::Upgrade(args) => client_runtime()?.block_on(upgrade::run(context, &folder, &args)),
        Command::Show(args) => client_runtime()?.block_on(show::run(context, &args)),
        Command::View(args) => client_runtime()?.block_on(view::run(context, &args)),
    }
}

//! `thinkey validator`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Context;
use super::wallet::Folder;
use crate::exit::{Exit, Failure};

mod calls;
mod files;
mod keygen;
mod rehearse;
mod show;

/// Stake, serve in committees, and get the stake back.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  thinkey validator keygen --offline --out my-validator\n  \
    thinkey validator register --stake 5_000_000_000 --key alice --validator my-validator\n  \
    thinkey validator status --key alice --watch\n  \
    thinkey validator exit --key alice\n  \
    thinkey validator rehearse\n\n\
    The life of a stake: register, two root epochs until it counts, elected and serving, exit,\n\
    unbonding, withdraw."
)]
pub struct Args {
    /// Where wallet key files are, for keys that are given by name.
    #[arg(long, global = true, value_name = "DIR")]
    wallet_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What a staker does.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the keys of a validator.
    Keygen(keygen::KeygenArgs),
    /// Register with stake, from an account on any chain.
    Register(calls::RegisterArgs),
    /// Add stake.
    Add(calls::AddArgs),
    /// Show stake, stage, tickets, duties, rewards, jail and unbonding.
    Status(show::StatusArgs),
    /// List all stakers.
    List(show::ListArgs),
    /// End eligibility: terms are served out, then unbonding begins.
    Exit(calls::ExitArgs),
    /// Take all stake and rewards back, after unbonding.
    Withdraw(calls::WithdrawArgs),
    /// Take the rewards.
    Claim(calls::ClaimArgs),
    /// Play the whole life of a stake on a network of its own, and say what happens.
    Rehearse(rehearse::RehearseArgs),
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::Rehearse(args) => rehearse::rehearse(&context.output, &args),
        _ => super::client_runtime()?.block_on(ask(context, args)),
    }
}

/// Whatever is done with a node that runs elsewhere, or with none.
async fn ask(context: &Context, args: Args) -> Result<Exit, Failure> {
    let folder = Folder::of(args.wallet_dir);
    match args.command {
        // It has a network of its own.
        Command::Rehearse(_) => Ok(Exit::Usage),
        Command::Keygen(args) => keygen::keygen(context, &args),
        Command::Register(args) => calls::register(context, &folder, &args).await,
        Command::Add(args) => calls::add(context, &folder, &args).await,
        Command::Status(args) => show::status(context, &folder, &args).await,
        Command::List(args) => show::list(context, &args).await,
        Command::Exit(args) => calls::exit(context, &folder, &args).await,
        Command::Withdraw(args) => calls::withdraw(context, &folder, &args).await,
        Command::Claim(args) => calls::claim(context, &folder, &args).await,
    }
}

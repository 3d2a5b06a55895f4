//! `thinkey config`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;
use types::{ChainId, NetworkId, NodeId};

use super::Context;
use crate::config::{NodeConfig, Prepared};
use crate::exit::{Exit, Failure};
use crate::rpc::view::AddressText;

/// Check a node's configuration.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Read a node.toml and every file that it names, and say all that is wrong. Starts and writes
    /// nothing.
    #[command(after_help = "Example:\n  thinkey config check node.toml\n\n\
        Exit codes: 0 a node may be started with it, 1 something is wrong.")]
    Check {
        /// The configuration.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// What a node of a configuration would be.
#[derive(Serialize)]
struct Summary {
    good: bool,
    node: NodeId,
    network: NetworkId,
    name: String,
    seats: Vec<ChainId>,
    follow: Vec<ChainId>,
    staker: Option<AddressText>,
    rpc: Option<std::net::SocketAddr>,
}

/// All that is wrong with a configuration.
#[derive(Serialize)]
struct Mistakes {
    good: bool,
    mistakes: Vec<Mistake>,
}

#[derive(Serialize)]
struct Mistake {
    reason: &'static str,
    message: String,
    hint: String,
}

pub(super) fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    let Command::Check { file } = command;
    let config = NodeConfig::load(file)?;
    match Prepared::of(&config) {
        Ok(prepared) => {
            let summary = Summary::of(&config, &prepared);
            context.output.result(&summary, || summary.to_text());
            Ok(Exit::Done)
        }
        Err(wrong) => {
            let mistakes = Mistakes::of(wrong);
            context.output.result(&mistakes, || mistakes.to_text());
            Ok(Exit::Failed)
        }
    }
}

impl Summary {
    fn of(config: &NodeConfig, prepared: &Prepared) -> Self {
        let (spec, plan) = (prepared.assembled.spec(), &prepared.plan);
        let all = plan.duty.is_some() || config.rpc.is_some();
        let follow = match all {
            true => prepared.assembled.chains().collect(),
            false => {
                let seated = plan.seats.keys().copied();
                let mut some: std::collections::BTreeSet<_> = plan.follow.clone();
                some.extend(seated.chain([ChainId::ROOT]));
                some.into_iter().collect()
            }
        };
        Self {
            good: true,
            node: prepared.node,
            network: prepared.assembled.id(),
            name: spec.name.clone(),
            seats: plan.seats.keys().copied().collect(),
            follow,
            staker: config.staker.as_ref().map(|staker| staker.account.clone()),
            rpc: config.rpc.as_ref().map(|rpc| rpc.listen),
        }
    }

    fn to_text(&self) -> String {
        let list = |chains: &[ChainId]| {
            let names: Vec<_> = chains.iter().map(ToString::to_string).collect();
            names.join(", ")
        };
        let mut text = format!(
            "a node may be started with it\nnode {}\nnetwork {} ({})\nfollows chains {}",
            self.node,
            self.name,
            self.network,
            list(&self.follow)
        );
        if !self.seats.is_empty() {
            let _ = write!(
                text,
                "\nvotes with keys of genesis on {}",
                list(&self.seats)
            );
        }
        if let Some(staker) = &self.staker {
            let _ = write!(text, "\ndoes the duties of {staker}");
        }
        if let Some(rpc) = &self.rpc {
            let _ = write!(text, "\nserves RPC on {rpc}");
        }
        text
    }
}

impl Mistakes {
    fn of(wrong: Vec<Failure>) -> Self {
        let mistake = |failure: Failure| Mistake {
            reason: failure.reason,
            message: failure.message,
            hint: failure.hint,
        };
        Self {
            good: false,
            mistakes: wrong.into_iter().map(mistake).collect(),
        }
    }

    fn to_text(&self) -> String {
        let lines = self
            .mistakes
            .iter()
            .map(|mistake| match mistake.hint.is_empty() {
                true => mistake.message.clone(),
                false => format!("{}\n  {}", mistake.message, mistake.hint),
            });
        lines.collect::<Vec<_>>().join("\n")
    }
}

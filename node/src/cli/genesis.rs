//! `thinkey genesis`.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ::genesis::{ChainSpec, NetworkKind, Report, Size, check, devnet, sizes};
use clap::Subcommand;
use serde::Serialize;
use types::{ChainId, NetworkId, Time};

use super::Context;
use crate::exit::{Exit, Failure};
use crate::keystore::{KeystoreError, read_seed, write_new_seed};

/// Make, check and show genesis files.
#[derive(Clone, Debug, Subcommand)]
#[command(after_help = "Examples:\n  \
    thinkey genesis new --chains 2 --validators 4 --seed-file net.seed --out genesis.json\n  \
    thinkey genesis check genesis.json\n  thinkey genesis show genesis.json")]
pub enum Command {
    /// Write the genesis file of a development network.
    ///
    /// All keys of the network follow from the seed, so it guards nothing of worth.
    New {
        /// Where to write it; JSON when the name ends in .json, else TOML.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The network's seed, 64 hexadecimal digits; made when there is no such file.
        #[arg(long, value_name = "FILE")]
        seed_file: PathBuf,
        /// Transaction chains, besides the root.
        #[arg(long, default_value_t = 2, value_name = "N",
            value_parser = clap::value_parser!(u32).range(1..=256))]
        chains: u32,
        /// Validators of each chain.
        #[arg(long, default_value_t = 4, value_name = "N",
            value_parser = clap::value_parser!(u32).range(1..=2048))]
        validators: u32,
    },
    /// Check that a network may start from a file, and how likely a committee is to fail.
    Check {
        /// The genesis file.
        file: PathBuf,
    },
    /// Show what a file says.
    Show {
        /// The genesis file.
        file: PathBuf,
    },
}

pub(super) fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::New {
            out,
            seed_file,
            chains,
            validators,
        } => make(context, &out, &seed_file, chains, validators),
        Command::Check { file } => examine(context, &ChainSpec::load(&file)?),
        Command::Show { file } => {
            let spec = ChainSpec::load(&file)?;
            let summary = Summary::of(&spec);
            context.output.result(&summary, || summary.to_text());
            Ok(Exit::Done)
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a network starts when it is made"
)]
fn make(
    context: &Context,
    out: &Path,
    seed_file: &Path,
    chains: u32,
    validators: u32,
) -> Result<Exit, Failure> {
    if out.exists() {
        return Err(KeystoreError::Exists {
            path: out.to_owned(),
        }
        .into());
    }
    let seed = match seed_file.exists() {
        true => read_seed(seed_file)?,
        false => write_new_seed(seed_file)?,
    };
    let (mut spec, _) = devnet(validators, chains, *seed);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    spec.start = Time(u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
    spec.save(out)?;
    let summary = Summary::of(&spec);
    context.output.result(&summary, || {
        let file = out.display();
        format!(
            "wrote {file}\n{}\nnext: thinkey genesis check {file}",
            summary.to_text()
        )
    });
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Checked {
    accepted: bool,
    refused: Vec<String>,
    warnings: Vec<String>,
    risks: Vec<CheckedRisk>,
    /// Seats that the spec's adversary asks for.
    sizes: Vec<CheckedSize>,
}

#[derive(Serialize)]
struct CheckedSize {
    /// A draw is to fail with 10^-target or less.
    target: u32,
    /// None where no committee is large enough.
    seats: Option<u64>,
}

#[derive(Serialize)]
struct CheckedRisk {
    chain: ChainId,
    seats: u64,
    faulty: u64,
    once: String,
    ever: String,
}

fn examine(context: &Context, spec: &ChainSpec) -> Result<Exit, Failure> {
    let report = check(spec);
    let sizes = sizes(spec);
    let checked = Checked::of(&report, &sizes);
    context.output.result(&checked, || {
        let verdict = match checked.accepted {
            true => "accepted: a network may start from this file",
            false => "refused: no network starts from this file",
        };
        let sizes = sizes.map(|size| format!("needed: {size}\n")).concat();
        format!("{report}{sizes}{verdict}")
    });
    match checked.accepted {
        true => Ok(Exit::Done),
        false => Ok(Exit::Failed),
    }
}

impl Checked {
    fn of(report: &Report, sizes: &[Size]) -> Self {
        let risks = report.risks.iter().map(|risk| CheckedRisk {
            chain: risk.chain,
            seats: risk.seats,
            faulty: risk.faulty,
            once: risk.once.to_string(),
            ever: risk.ever.to_string(),
        });
        Self {
            accepted: report.is_accepted(),
            refused: report.refusals().map(ToString::to_string).collect(),
            warnings: report.warnings().map(ToString::to_string).collect(),
            risks: risks.collect(),
            sizes: sizes.iter().map(CheckedSize::of).collect(),
        }
    }
}

impl CheckedSize {
    const fn of(size: &Size) -> Self {
        Self {
            target: size.target,
            seats: size.seats,
        }
    }
}

#[derive(Serialize)]
struct Summary {
    name: String,
    id: NetworkId,
    kind: NetworkKind,
    chains: Vec<ChainSummary>,
    accounts: usize,
}

#[derive(Serialize)]
struct ChainSummary {
    chain: ChainId,
    members: usize,
    seats: u64,
}

impl Summary {
    fn of(spec: &ChainSpec) -> Self {
        let committees = spec.committees();
        let chains = committees.iter().map(|committee| ChainSummary {
            chain: committee.chain,
            members: committee.size(),
            seats: committee.thresholds().seats,
        });
        Self {
            name: spec.name.clone(),
            id: spec.network_id(),
            kind: spec.kind,
            chains: chains.collect(),
            accounts: spec.accounts.len(),
        }
    }

    fn to_text(&self) -> String {
        let kind = match self.kind {
            NetworkKind::Devnet => "a development network",
            NetworkKind::Public => "a public network",
        };
        let head = format!(
            "network {} ({kind})\nid {}\n{} accounts with a balance",
            self.name, self.id, self.accounts
        );
        let chains = self.chains.iter().map(|chain| {
            format!(
                "chain {}: {} members, {} seats",
                chain.chain, chain.members, chain.seats
            )
        });
        let lines: Vec<_> = std::iter::once(head).chain(chains).collect();
        lines.join("\n")
    }
}

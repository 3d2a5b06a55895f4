//! `thinkey evidence`: show a file of evidence, and hand it to the root.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;
use types::{Amount, ChainId, NetworkId};

use super::Context;
use crate::client::ClientError;
use crate::evidence::{self, EvidenceFile, EvidenceFileError};
use crate::exit::{Exit, Failure};
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::view::{AddressText, ConvictionView, NetworkInfo, U64, ValidatorView};

/// How often a node is told again of what the root has not recorded.
const TELL_AGAIN: Duration = Duration::from_secs(1);

/// Proofs that members of committees lied, as files.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Say what a file claims, without a node. Whether it proves that only the root can say.
    #[command(
        after_help = "Example:\n  thinkey evidence show data/evidence/1-0-5e0c….json\n\n\
        A node keeps such files in the folder `evidence` of its data directory."
    )]
    Show {
        /// What a node kept.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Hand a file to the root through a node, and say whom it convicts.
    Report(ReportArgs),
}

/// What to report, and how long to wait.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  thinkey evidence report data/evidence/1-0-5e0c….json\n  \
    thinkey evidence report FILE --wait --rpc http://127.0.0.1:8645\n\n\
    A twentieth of what the convicted lose goes to the staker whose node is told; a node that does \
    nobody's duties reports it for nothing.\n\
    Exit codes: 0 handed in (with --wait: recorded), 1 refused, 3 not recorded in time."
)]
pub struct ReportArgs {
    /// What a node kept.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Wait until the root has recorded it, and show what became of the stakes.
    #[arg(long)]
    wait: bool,
    /// How many seconds to wait at most.
    #[arg(long, default_value_t = 120, value_name = "SECONDS", requires = "wait")]
    timeout: u64,
}

/// What a file claims.
#[derive(Serialize)]
struct Claim {
    network: NetworkId,
    chain: ChainId,
    epoch: U64,
    round: U64,
    crime: &'static str,
    accused: Vec<u16>,
}

/// What became of a report.
#[derive(Serialize)]
struct Reported {
    #[serde(flatten)]
    conviction: ConvictionView,
    recorded: bool,
    stakers: Vec<Punished>,
}

/// A staker after the root has recorded what it did.
#[derive(Serialize)]
struct Punished {
    address: AddressText,
    stake: Amount,
    tombstoned: bool,
}

pub(super) fn show(context: &Context, path: &Path) -> Result<Exit, Failure> {
    let file = read(path)?;
    let (chain, epoch, round) = file.evidence.place();
    let claim = Claim {
        network: file.network,
        chain,
        epoch: U64(epoch),
        round: U64(round),
        crime: evidence::crime(&file.evidence),
        accused: file.evidence.accused().into_iter().collect(),
    };
    context.output.result(&claim, || {
        format!(
            "network {}\nchain {chain} term {epoch} round {round}: {} {}\n\
             signatures are not checked here: only the root knows the committee\n\
             next: thinkey evidence report {}",
            claim.network,
            members(&claim.accused),
            claim.crime,
            path.display()
        )
    });
    Ok(Exit::Done)
}

pub(super) async fn report(context: &Context, args: &ReportArgs) -> Result<Exit, Failure> {
    let file = read(&args.file)?;
    let network: NetworkInfo = context.client.call("root_network", json!([])).await?;
    file.check_network(network.id)?;
    let conviction = tell(context, &file).await?;
    if !args.wait {
        let reported = Reported {
            conviction,
            recorded: false,
            stakers: Vec::new(),
        };
        context.output.result(&reported, || {
            let told = describe(&reported.conviction);
            format!("{told}\nhanded in; next: the same command with --wait sees it recorded")
        });
        return Ok(Exit::Done);
    }
    context.output.progress(&describe(&conviction));
    wait(context, &file, Duration::from_secs(args.timeout)).await?;
    let reported = Reported {
        stakers: punished(context, &conviction).await?,
        conviction,
        recorded: true,
    };
    context.output.result(&reported, || recorded(&reported));
    Ok(Exit::Done)
}

async fn tell(context: &Context, file: &EvidenceFile) -> Result<ConvictionView, ClientError> {
    let evidence = evidence::encode(&file.evidence);
    let params = json!({ "network": file.network, "evidence": evidence });
    context.client.call("evidence_report", params).await
}

/// Hands it in again and again, until the root knows it.
async fn wait(context: &Context, file: &EvidenceFile, patience: Duration) -> Result<(), Failure> {
    let start = Instant::now();
    loop {
        match tell(context, file).await {
            Err(ClientError::Refused(RpcError {
                reason: Reason::EvidenceKnown,
                ..
            })) => return Ok(()),
            // The node has heard of it already: it may be busy now.
            Ok(_) | Err(ClientError::TimedOut { .. }) => {}
            Err(ClientError::Refused(RpcError {
                reason: Reason::Busy | Reason::RateLimited,
                ..
            })) => {}
            Err(other) => return Err(other.into()),
        }
        if start.elapsed() >= patience {
            let message = "the root has not recorded the evidence yet";
            let hint = "it is handed in; wait longer with --timeout SECONDS";
            return Err(Failure::new("not_recorded", message, hint).with(Exit::NotReached));
        }
        tokio::time::sleep(TELL_AGAIN).await;
    }
}

async fn punished(
    context: &Context,
    conviction: &ConvictionView,
) -> Result<Vec<Punished>, ClientError> {
    let mut stakers = Vec::new();
    for address in conviction.convicts.iter().filter_map(|c| c.staker.clone()) {
        let params = json!({ "account": address });
        let seen: ValidatorView = context.client.call("validator_status", params).await?;
        stakers.extend(seen.staker.map(|staker| Punished {
            address,
            stake: staker.stake,
            tombstoned: staker.tombstoned,
        }));
    }
    Ok(stakers)
}

fn read(path: &Path) -> Result<EvidenceFile, Failure> {
    EvidenceFile::read(path).map_err(|error| {
        let failure = Failure::from(error);
        let message = format!("{}: {}", path.display(), failure.message);
        Failure { message, ..failure }
    })
}

fn members(members: &[u16]) -> String {
    let numbers: Vec<_> = members.iter().map(u16::to_string).collect();
    match members.len() {
        1 => format!("member {}", numbers.join(", ")),
        _ => format!("members {}", numbers.join(", ")),
    }
}

fn describe(conviction: &ConvictionView) -> String {
    let ConvictionView {
        chain,
        epoch,
        round,
        crime,
        ..
    } = conviction;
    let head = format!("it convicts, of chain {chain} term {epoch} round {round}:");
    let rows = conviction.convicts.iter().map(|convict| {
        let who = match &convict.staker {
            Some(address) => address.to_string(),
            None => "a seat without stake".to_owned(),
        };
        format!("member {}, {who}: {crime}", convict.member)
    });
    let paid = match &conviction.reporter {
        Some(address) => format!("{address} reports it and is paid for it"),
        None => {
            "this node has no staker that would be paid: the reporter's part is burned".to_owned()
        }
    };
    let lines = std::iter::once(head).chain(rows).chain([paid]);
    lines.collect::<Vec<_>>().join("\n")
}

fn recorded(reported: &Reported) -> String {
    let rows = reported.stakers.iter().map(|staker| {
        let ends = match staker.tombstoned {
            true => ", never elected again",
            false => "",
        };
        format!("{} has {} left{ends}", staker.address, staker.stake)
    });
    let head = "the root has recorded it: the file is not needed any more".to_owned();
    let next = reported.stakers.first();
    let next = next.map(|staker| format!("next: thinkey validator status {}", staker.address));
    let lines = std::iter::once(head).chain(rows).chain(next);
    lines.collect::<Vec<_>>().join("\n")
}

impl From<EvidenceFileError> for Failure {
    fn from(error: EvidenceFileError) -> Self {
        let (reason, hint) = match &error {
            EvidenceFileError::File { .. } => ("file", "check the name and its permissions"),
            EvidenceFileError::OtherNetwork { .. } => (
                "wrong_network",
                "ask a node of that network, with --rpc URL",
            ),
            EvidenceFileError::Version { .. } => {
                ("evidence_version", "use the program that wrote it")
            }
            EvidenceFileError::TooLarge
            | EvidenceFileError::Form { .. }
            | EvidenceFileError::Kind { .. } => (
                "not_an_evidence_file",
                "nodes keep them in the folder `evidence` of their data directory",
            ),
            EvidenceFileError::Evidence | EvidenceFileError::Differs { .. } => {
                ("damaged", "copy it again from the node that kept it")
            }
        };
        Self::new(reason, error, hint)
    }
}

//! `thinkey prove` and `thinkey verify`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use light::proof::{FILE_BYTES, ProofFile, StepReport, verify_bytes};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;
use types::{Height, MessageId, NetworkId};

use super::Context;
use super::trust::{self, Start, TrustArgs};
use crate::client::ClientError;
use crate::exit::{Exit, Failure};
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::view::{ProofView, U64};

/// How often a node is asked again for a proof that it can't make yet.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// Save a proof of what became of a message.
///
/// The file can be checked with `thinkey verify` on any machine that has the genesis file.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  thinkey prove 1f3c… --out payment.proof\n  \
        thinkey prove 1f3c… --out payment.proof --from checkpoint.json"
)]
pub struct ProveArgs {
    /// The message's id, 64 hexadecimal digits.
    #[arg(value_name = "ID")]
    id: MessageId,
    /// Where to write the proof.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The checkpoint of whoever will verify it: a file of `thinkey checkpoint`, or "genesis".
    #[arg(long, value_name = "FILE", default_value = "genesis")]
    from: Start,
    /// How many seconds to wait for the message to become root-final.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    timeout: u64,
}

/// Check a proof without a node, against a genesis file or a checkpoint.
///
/// Follows the root's committees from the start over every handover, then names each step:
/// message, bundle, outbox or receipt, header, history, anchor, root block. Fails with the first
/// step that does not hold, and when the start is older than unbonding.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  thinkey verify payment.proof --genesis genesis.json\n  \
        thinkey verify payment.proof --genesis genesis.json --checkpoint checkpoint.json"
)]
pub struct VerifyArgs {
    /// The proof.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What is trusted, and nothing else.
    #[command(flatten)]
    trust: TrustArgs,
}

#[derive(Serialize)]
struct Proven<'a> {
    id: MessageId,
    file: &'a Path,
    bytes: usize,
}

#[derive(Serialize)]
struct Verified<'a> {
    valid: bool,
    id: MessageId,
    network: NetworkId,
    steps: &'a [StepReport],
}

pub(super) async fn prove(context: &Context, args: &ProveArgs) -> Result<Exit, Failure> {
    let from = match &args.from {
        Start::Genesis => 0,
        Start::File(path) => trust::read(path)?.root.height,
    };
    let view = match ask(context, args, from).await {
        Ok(view) => view,
        Err(ClientError::Refused(RpcError {
            reason: reason @ Reason::NotFinal,
            message,
        })) => {
            let failure = Failure::new(reason.word(), message, reason.hint());
            return Err(failure.with(Exit::NotReached));
        }
        Err(error) => return Err(error.into()),
    };
    let bytes = hex::decode(&view.file).unwrap_or_default();
    let file = ProofFile::decode(&bytes);
    if !file.is_ok_and(|file| file.message == args.id && file.from == from) {
        let hint = "ask another node";
        return Err(Failure::new(
            "bad_proof",
            "the node answers with a broken proof",
            hint,
        ));
    }
    std::fs::write(&args.out, &bytes).map_err(|error| file_failure("write", &args.out, &error))?;
    let proven = Proven {
        id: args.id,
        file: &args.out,
        bytes: bytes.len(),
    };
    context.output.result(&proven, || {
        let out = args.out.display();
        let checkpoint = match &args.from {
            Start::Genesis => String::new(),
            Start::File(path) => format!(" --checkpoint {}", path.display()),
        };
        format!(
            "wrote {out} ({} bytes)\n\
             next, on any machine: thinkey verify {out} --genesis FILE{checkpoint}",
            bytes.len()
        )
    });
    Ok(Exit::Done)
}

/// Asks until the message is root-final or the time is over.
async fn ask(context: &Context, args: &ProveArgs, from: Height) -> Result<ProofView, ClientError> {
    let deadline = Instant::now() + Duration::from_secs(args.timeout);
    loop {
        let answer = context
            .client
            .call("proof_get", json!([args.id, U64(from)]))
            .await;
        let later = matches!(
            &answer,
            Err(ClientError::Refused(error)) if error.reason == Reason::NotFinal
        );
        if !later || Instant::now() >= deadline {
            return answer;
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

pub(super) fn verify(context: &Context, args: &VerifyArgs) -> Result<Exit, Failure> {
    let trust = args.trust.load()?;
    let bytes = read(&args.file)?;
    let (file, steps) = match verify_bytes(&bytes, &trust) {
        Ok(verified) => verified,
        Err(failed) => {
            for step in &failed.held {
                context.output.say(&describe(step));
            }
            return Err(failed.into());
        }
    };
    let verified = Verified {
        valid: true,
        id: file.message,
        network: file.network,
        steps: &steps,
    };
    context.output.result(&verified, || {
        let lines: Vec<_> = steps.iter().map(describe).collect();
        format!("{}\nvalid: every step holds", lines.join("\n"))
    });
    Ok(Exit::Done)
}

fn describe(step: &StepReport) -> String {
    format!("ok  {:<12} {step}", step.name())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let opened = std::fs::File::open(path);
    let file = opened.map_err(|error| file_failure("open", path, &error))?;
    let mut bytes = Vec::new();
    // One byte more than a proof can have, so that a larger file is known to be one.
    let read = file.take(FILE_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| file_failure("read", path, &error))?;
    Ok(bytes)
}

/// A file that can't be used.
pub(super) fn file_failure(action: &str, path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("can't {action} {}: {error}", path.display());
    Failure::new("file", message, "check the name and its permissions")
}

//! `wallet send`, `sign` and `broadcast`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ::genesis::ChainSpec;
use actors::gas::TRANSFER;
use clap::{ArgGroup, Args};
use serde::Serialize;
use serde_json::json;
use types::{Address, Amount, Gas, MessageId, NetworkId};

use super::{Folder, KeyArgs, accounts};
use crate::cli::Context;
use crate::cli::proof::file_failure;
use crate::cli::tree::shorten;
use crate::exit::{Exit, Failure};
use crate::keystore::KeyFile;
use crate::rpc::view::{EarlySeats, Latencies, Level, NetworkInfo, Trace, Word};
use crate::wallet::{Draft, DraftError, Goal, Outcome, SignedFile, submit};

/// Bytes of the largest file with a signed message.
const SIGNED_BYTES: u64 = 1 << 20;

/// Send value and wait until it has reached a level.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  \
    thinkey wallet send --key alice --to devnet1… --amount 5\n  \
    thinkey wallet send --key F --to A --amount 5 --wait committed --password-file P --json\n  \
    thinkey wallet send --key alice --to devnet1… --amount 5 --wait early --early-seats 4\n\n\
    Exit codes: 0 the level is reached, 1 refused or given back, 3 not reached in time.")]
pub(crate) struct SendArgs {
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    transfer: TransferArgs,
    #[command(flatten)]
    waiting: WaitArgs,
    /// The sender's nonce; without it the next one is asked from the node.
    #[arg(long, value_name = "N")]
    nonce: Option<u64>,
    /// Last root height of inclusion; without it 500 root blocks from now.
    #[arg(long, value_name = "HEIGHT")]
    expiry: Option<u64>,
    /// Send only if the node's network has this genesis file.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

/// Sign a transfer without a network.
#[derive(Clone, Debug, Args)]
#[command(
    group(ArgGroup::new("of").required(true).args(["genesis", "network_id"])),
    after_help = "Example:\n  thinkey wallet sign --key alice --to devnet1… --amount 5 --nonce 0 \
    --expiry 500 \\\n    --genesis genesis.json --out transfer.json"
)]
pub(crate) struct SignArgs {
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    transfer: TransferArgs,
    /// The sender's nonce: how many messages it has sent; `wallet balance --json` tells it.
    #[arg(long, value_name = "N")]
    nonce: u64,
    /// Last root height of inclusion; `wallet balance --json` tells the present one.
    #[arg(long, value_name = "HEIGHT")]
    expiry: u64,
    /// The network's genesis file.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    /// The network's id instead, 64 hexadecimal digits.
    #[arg(long, value_name = "ID")]
    network_id: Option<NetworkId>,
    /// Price of a unit of gas; the genesis file's without it, 1 with --network-id.
    #[arg(long, value_name = "PRICE")]
    gas_price: Option<u64>,
    /// Where to write the signed message; without it it is printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Hand in a transfer that was signed elsewhere.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey wallet broadcast transfer.json --wait settled")]
pub(crate) struct BroadcastArgs {
    /// What `wallet sign` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    waiting: WaitArgs,
}

/// Who gets how much.
#[derive(Clone, Debug, Args)]
struct TransferArgs {
    /// The recipient's address.
    #[arg(long, value_name = "ADDRESS")]
    to: Address,
    /// How much, in the smallest unit.
    #[arg(long, value_name = "N")]
    amount: Amount,
}

/// How long to wait for what.
#[derive(Clone, Debug, Args)]
struct WaitArgs {
    /// The level to wait for.
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = Level::Settled)]
    wait: Level,
    /// Seats that must have prepared the message's block for level early: from the quorum to all
    /// seats of its chain's committee, as `chain status` tells them. The more seats, the more of
    /// them may lie. Without it n − ⌊f/2⌋ of n seats, where f = ⌊(n−1)/3⌋.
    #[arg(long, value_name = "F")]
    early_seats: Option<u32>,
    /// How many seconds to wait at most.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    timeout: u64,
}

/// What became of a sent message, for scripts.
#[derive(Serialize)]
struct Sent {
    id: MessageId,
    level: Level,
    status: Word,
    /// Seats that prepared its block, of how many, and how many of them may lie.
    early: Option<EarlySeats>,
    latency_ms: Latencies,
}

pub(super) async fn send(
    context: &Context,
    folder: &Folder,
    args: &SendArgs,
) -> Result<Exit, Failure> {
    let file = KeyFile::read(&folder.find(&args.key.key))?;
    let from = address_of(&file)?;
    let to = args.transfer.to.clone();
    let network: NetworkInfo = context.client.call("root_network", json!([])).await?;
    if let Some(genesis) = &args.genesis {
        let (genesis, node) = (ChainSpec::load(genesis)?.network_id(), network.id);
        if genesis != node {
            return Err(DraftError::OtherGenesis { genesis, node }.into());
        }
    }
    Draft::check_networks(&file, &from, &to, &network.name, network.id)?;
    // Before the node is asked anything else: a wrong password costs nobody anything.
    let key = file.open(&args.key.password.existing()?)?;
    let account = accounts::read(context, from.clone()).await?;
    let mut draft = Draft::online(&network, &account, from, to, args.transfer.amount)?;
    draft.nonce = args.nonce.unwrap_or(draft.nonce);
    draft.expiry = args.expiry.unwrap_or(draft.expiry);
    let signed = SignedFile::of(&draft.sign(&key), network.id);
    context.output.progress(&format!(
        "sending {} to {}, message {}",
        draft.amount,
        shorten(&draft.to.to_string()),
        signed.id
    ));
    hand_in(context, &signed, &args.waiting).await
}

pub(super) fn sign(context: &Context, folder: &Folder, args: &SignArgs) -> Result<Exit, Failure> {
    let file = KeyFile::read(&folder.find(&args.key.key))?;
    let from = address_of(&file)?;
    let (network, name, price) = match (&args.genesis, args.network_id) {
        (Some(genesis), _) => {
            let spec = ChainSpec::load(genesis)?;
            (spec.network_id(), spec.name, spec.limits.gas_price)
        }
        (None, id) => (id.unwrap_or_default(), from.network.clone(), 1),
    };
    let to = args.transfer.to.clone();
    Draft::check_networks(&file, &from, &to, &name, network)?;
    let key = file.open(&args.key.password.existing()?)?;
    let draft = Draft {
        network,
        from,
        to,
        amount: args.transfer.amount,
        nonce: args.nonce,
        gas: Gas {
            limit: TRANSFER,
            price: args.gas_price.unwrap_or(price),
        },
        expiry: args.expiry,
    };
    let signed = SignedFile::of(&draft.sign(&key), network);
    let text = serde_json::to_string(&signed).unwrap_or_default();
    match &args.out {
        None => context.output.raw(&format!("{text}\n")),
        Some(out) => {
            std::fs::write(out, &text).map_err(|error| file_failure("write", out, &error))?;
            context
                .output
                .result(&json!({ "id": signed.id, "file": out }), || {
                    let file = out.display();
                    format!(
                        "signed message {}\nwrote {file}\nnext, where there is a network: thinkey \
                     wallet broadcast {file}",
                        signed.id
                    )
                });
        }
    }
    Ok(Exit::Done)
}

pub(super) async fn broadcast(context: &Context, args: &BroadcastArgs) -> Result<Exit, Failure> {
    let signed = SignedFile::parse(&read(&args.file)?).map_err(|error| {
        let hint = "sign it again with `thinkey wallet sign`";
        Failure::new("bad_signed_file", error, hint)
    })?;
    hand_in(context, &signed, &args.waiting).await
}

async fn hand_in(
    context: &Context,
    signed: &SignedFile,
    waiting: &WaitArgs,
) -> Result<Exit, Failure> {
    let goal = Goal {
        level: waiting.wait,
        early_seats: waiting.early_seats,
        patience: Duration::from_secs(waiting.timeout),
    };
    let mut told = Level::Pending;
    let seen = |trace: &Trace| {
        let news = trace.latency_ms.iter().filter(|(level, _)| **level > told);
        for (level, ms) in news {
            context.output.progress(&format!("  {level} after {ms} ms"));
        }
        told = trace.level.max(told);
    };
    let outcome = submit(&context.client, signed, goal, seen).await?;
    Ok(report(context, signed.id, waiting, outcome))
}

fn report(context: &Context, id: MessageId, waiting: &WaitArgs, outcome: Outcome) -> Exit {
    let Outcome { trace, reached } = outcome;
    let sent = match trace {
        Some(trace) => Sent {
            id,
            level: trace.level,
            status: trace.word,
            early: trace.root.early,
            latency_ms: trace.latency_ms,
        },
        None => Sent {
            id,
            level: Level::Pending,
            status: Word::Pending,
            early: None,
            latency_ms: Latencies::new(),
        },
    };
    let exit = match (reached, sent.status) {
        (false, _) => Exit::NotReached,
        (true, Word::PartlyFailed | Word::Refunded) => Exit::Failed,
        (true, Word::Pending | Word::Settled) => Exit::Done,
    };
    context.output.result(&sent, || {
        let asked = sent.level == Level::Early || waiting.early_seats.is_some();
        let level = match sent.early.filter(|_| asked) {
            Some(early) => format!("{}: {early}", sent.level),
            None => sent.level.to_string(),
        };
        let state = match (exit, sent.status) {
            (Exit::NotReached, _) => format!(
                "{level} so far; {} was not reached in {} s",
                waiting.wait, waiting.timeout
            ),
            (_, Word::Pending) => level,
            (_, word) => word.to_string(),
        };
        format!("{id}\n{state}\nnext: thinkey trace {id}")
    });
    exit
}

pub(in crate::cli) fn address_of(file: &KeyFile) -> Result<Address, Failure> {
    let missing = || Failure::new("not_a_key_file", "the key file names no address", "");
    file.address().ok_or_else(missing)
}

fn read(path: &Path) -> Result<String, Failure> {
    use std::io::Read;
    let opened = std::fs::File::open(path);
    let file = opened.map_err(|error| file_failure("open", path, &error))?;
    let mut text = String::new();
    let read = file.take(SIGNED_BYTES).read_to_string(&mut text);
    read.map_err(|error| file_failure("read", path, &error))?;
    Ok(text)
}

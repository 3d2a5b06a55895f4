//! `validator register`, `add`, `exit`, `withdraw` and `claim`: calls to the staking account.

use std::path::PathBuf;
use std::time::Duration;

use actors::gas;
use clap::Args;
use root_chain::staking::{StakingError, method};
use serde_json::json;
use types::{Address, Amount, ExternalCall, ExternalMessage, Gas, Input};

use super::files::PublicFile;
use crate::cli::Context;
use crate::cli::wallet::{Folder, KeyArgs, accounts};
use crate::exit::{Exit, Failure};
use crate::keystore::KeyFile;
use crate::rpc::view::{
    AccountView, AddressText, CheckView, Level, NetworkInfo, Trace, TraceNode, Word,
};
use crate::wallet::{Draft, DraftError, EXPIRY_HEIGHTS, Goal, SignedFile, submit};

/// Which account, and how to send.
#[derive(Clone, Debug, Args)]
pub(crate) struct SenderArgs {
    #[command(flatten)]
    key: KeyArgs,
    /// Send it even if the root says that it would refuse.
    #[arg(long)]
    unchecked: bool,
    /// How many seconds to wait at most until it is settled.
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    timeout: u64,
}

/// Register with stake, from an account on any chain. The account owns the stake from then on.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  thinkey validator register --stake 5_000_000_000 \
    --key alice --validator my-validator\n\n\
    Exit codes: 0 registered, 1 refused and the value is back, 3 not settled in time."
)]
pub(crate) struct RegisterArgs {
    /// The stake, in the smallest unit: one ticket's or more.
    #[arg(long, value_name = "N")]
    stake: Amount,
    /// The folder that `validator keygen` wrote; only its public file is read.
    #[arg(long, value_name = "DIR")]
    validator: PathBuf,
    #[command(flatten)]
    sender: SenderArgs,
}

/// Add stake; it counts from the second root epoch on.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey validator add --stake 1_000_000_000 --key alice")]
pub(crate) struct AddArgs {
    /// How much, in the smallest unit.
    #[arg(long, value_name = "N")]
    stake: Amount,
    #[command(flatten)]
    sender: SenderArgs,
}

/// End eligibility. Terms are served out; then unbonding begins.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey validator exit --key alice")]
pub(crate) struct ExitArgs {
    #[command(flatten)]
    sender: SenderArgs,
}

/// Take all stake and rewards back, after unbonding.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey validator withdraw --key alice\n\n\
    `thinkey validator status` tells from which root height on it works.")]
pub(crate) struct WithdrawArgs {
    #[command(flatten)]
    sender: SenderArgs,
}

/// Take the rewards of terms that have ended.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  thinkey validator claim --key alice")]
pub(crate) struct ClaimArgs {
    #[command(flatten)]
    sender: SenderArgs,
}

/// What is asked of the staking account.
struct Wish {
    method: &'static str,
    value: Amount,
    data: Vec<u8>,
    /// What it came to, for people.
    done: &'static str,
}

impl Wish {
    const fn plain(method: &'static str, done: &'static str) -> Self {
        Self {
            method,
            value: Amount::ZERO,
            data: Vec::new(),
            done,
        }
    }
}

pub(super) async fn register(
    context: &Context,
    folder: &Folder,
    args: &RegisterArgs,
) -> Result<Exit, Failure> {
    let file = PublicFile::read(&args.validator)?;
    let registration = file.registration(&args.validator)?;
    let wish = Wish {
        value: args.stake,
        data: borsh::to_vec(&registration).unwrap_or_default(),
        ..Wish::plain(
            method::REGISTER,
            "registered; the stake counts from the second root epoch on",
        )
    };
    send(context, folder, &args.sender, wish).await
}

pub(super) async fn add(
    context: &Context,
    folder: &Folder,
    args: &AddArgs,
) -> Result<Exit, Failure> {
    let wish = Wish {
        value: args.stake,
        ..Wish::plain(
            method::ADD_STAKE,
            "added; it counts from the second root epoch on",
        )
    };
    send(context, folder, &args.sender, wish).await
}

pub(super) async fn exit(
    context: &Context,
    folder: &Folder,
    args: &ExitArgs,
) -> Result<Exit, Failure> {
    let done = "quit; keep the node running until its last term has ended";
    send(
        context,
        folder,
        &args.sender,
        Wish::plain(method::QUIT, done),
    )
    .await
}

pub(super) async fn withdraw(
    context: &Context,
    folder: &Folder,
    args: &WithdrawArgs,
) -> Result<Exit, Failure> {
    let done = "withdrawn; stake and rewards are in the account";
    send(
        context,
        folder,
        &args.sender,
        Wish::plain(method::WITHDRAW, done),
    )
    .await
}

pub(super) async fn claim(
    context: &Context,
    folder: &Folder,
    args: &ClaimArgs,
) -> Result<Exit, Failure> {
    let done = "claimed; the rewards are in the account";
    send(
        context,
        folder,
        &args.sender,
        Wish::plain(method::CLAIM_REWARDS, done),
    )
    .await
}

async fn send(
    context: &Context,
    folder: &Folder,
    args: &SenderArgs,
    wish: Wish,
) -> Result<Exit, Failure> {
    let file = KeyFile::read(&folder.find(args.key.file()))?;
    let from = file.address().ok_or_else(no_address)?;
    let network: NetworkInfo = context.client.call("root_network", json!([])).await?;
    let check: CheckView = {
        let account = AddressText(from.clone());
        let data = hex::encode(&wish.data);
        let asked = json!({
            "account": account, "method": wish.method, "value": wish.value, "data": data,
        });
        context.client.call("validator_check", asked).await?
    };
    Draft::check_networks(&file, &from, &check.account.0, &network.name, network.id)?;
    if let Some(word) = check.reason.as_deref().filter(|_| !args.unchecked) {
        let message = check.message.as_deref().unwrap_or(word);
        return Err(refused(word, message, "nothing was sent"));
    }
    let key = file.open(&args.key.password().existing()?)?;
    let account = accounts::read(context, from.clone()).await?;
    let message = draft(&network, &account, &from, &check, &wish)?.sign(network.id, &key);
    let signed = SignedFile::of(&message, network.id);
    let Wish { method, value, .. } = wish;
    let told = format!("sending {method} with {value}, message {}", signed.id);
    context.output.progress(&told);
    let goal = Goal {
        level: Level::Settled,
        early_seats: None,
        patience: Duration::from_secs(args.timeout),
    };
    let outcome = submit(&context.client, &signed, goal, |_| {}).await?;
    report(
        context,
        &message,
        &signed,
        &wish,
        outcome.trace.filter(|_| outcome.reached),
    )
}

fn draft(
    network: &NetworkInfo,
    account: &AccountView,
    from: &Address,
    check: &CheckView,
    wish: &Wish,
) -> Result<ExternalCall, DraftError> {
    if !account.exists {
        return Err(DraftError::UnknownAccount { from: from.clone() });
    }
    let mut call = ExternalCall {
        from: from.account,
        to: check.account.0.account,
        nonce: account.next_nonce.0,
        value: wish.value,
        gas: Gas::default(),
        expiry: account.root_height.0.saturating_add(EXPIRY_HEIGHTS),
        input: Input::Call {
            method: wish.method.to_owned(),
            data: wish.data.clone(),
        },
    };
    call.gas = Gas {
        limit: gas::least(&call).saturating_add(check.gas.0),
        price: network.gas_price.0,
    };
    let cost = call.gas.cost();
    let needed = wish.value.plus(cost);
    if needed.is_none_or(|needed| needed > account.balance) {
        return Err(DraftError::Balance {
            balance: account.balance,
            amount: wish.value,
            gas: cost,
        });
    }
    Ok(call)
}

fn report(
    context: &Context,
    message: &ExternalMessage,
    signed: &SignedFile,
    wish: &Wish,
    settled: Option<Trace>,
) -> Result<Exit, Failure> {
    let id = signed.id;
    let Some(trace) = settled else {
        let hint = format!("see `thinkey trace {id}`; do not send it again before that");
        let failure = Failure::new("not_settled", format!("{id} is not settled yet"), hint);
        return Err(failure.with(Exit::NotReached));
    };
    if trace.word != Word::Settled {
        let said = said(&trace.root).unwrap_or_else(|| trace.word.to_string());
        let text = format!("the root refused {}: {said}; message {id}", wish.method);
        return Err(refused(
            &said,
            &text,
            "the value is back in the account, less gas",
        ));
    }
    let done = json!({
        "id": id,
        "method": wish.method,
        "value": message.call.value,
        "status": trace.word,
    });
    context.output.result(&done, || {
        format!(
            "{}\nmessage {id}\nnext: thinkey validator status",
            wish.done
        )
    });
    Ok(Exit::Done)
}

/// The first word of refusal in a tree.
fn said(node: &TraceNode) -> Option<String> {
    let below = || node.children.iter().find_map(said);
    node.said.clone().or_else(below)
}

fn refused(word: &str, message: &str, happened: &str) -> Failure {
    let hint = format!("{happened}; `thinkey validator status` shows where the stake stands");
    Failure::new(StakingError::known(word), message, hint)
}

fn no_address() -> Failure {
    Failure::new("not_a_key_file", "the key file names no address", "")
}

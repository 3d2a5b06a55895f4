//! `contract upgrade`.

use std::path::PathBuf;

use actors::contract::{SLOT_BYTES, deposit};
use actors::gas;
use clap::Args;
use serde_json::json;
use types::{Address, Amount, CodeBytes, Input};

use super::build::{judge, read_module};
use super::code::read_code;
use super::send::{SendArgs, Sender};
use crate::cli::Context;
use crate::cli::wallet::Folder;
use crate::exit::{Exit, Failure};

/// Gas besides that for the code.
const GAS: u64 = 1_000_000;

/// Give an account other code; only its owner can.
///
/// The account keeps its state, and answers that it waits for go to handlers of the new code by
/// name. Giving it the code that it runs already sends nothing.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  \
    thinkey contract upgrade devnet1… auction/build/auction.wasm --key alice\n  \
    thinkey contract upgrade devnet1… auction/build/lot.wasm --hold --key alice\n\n\
    Exit codes: 0 the account has or holds the code, 1 refused, 3 not reached in time.")]
pub(crate) struct UpgradeArgs {
    /// The account's address.
    #[arg(value_name = "ADDRESS")]
    account: Address,
    /// The module, as `contract build` wrote it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Let the account hold the code beside its own: its own code can create accounts with it,
    /// become it or drop it.
    #[arg(long)]
    hold: bool,
    /// Value for the account; without it what the deposit grows by.
    #[arg(long, value_name = "N")]
    value: Option<Amount>,
    #[command(flatten)]
    sending: SendArgs,
}

pub(super) async fn run(
    context: &Context,
    folder: &Folder,
    args: &UpgradeArgs,
) -> Result<Exit, Failure> {
    let code = read_module(&args.file)?;
    judge(&code)?;
    let sender = Sender::new(context, folder, &args.sending).await?;
    let seen = read_code(context, &args.account).await?;
    let code = CodeBytes::from(code);
    let (hash, size) = (code.hash(), code.len());
    let address = args.account.to_string();
    let Some(before) = seen.code else {
        let message = format!("{address} has no code");
        return Err(Failure::new(
            "no_code",
            message,
            "`thinkey contract deploy` makes accounts",
        ));
    };
    if seen
        .owner
        .as_ref()
        .is_none_or(|owner| owner.0 != sender.from)
    {
        let message = match &seen.owner {
            Some(owner) => format!("{address} belongs to {owner}, not to {}", sender.from),
            None => format!("{address} belongs to nobody: its code can't be changed from outside"),
        };
        return Err(Failure::new("not_owner", message, "use the owner's key"));
    }
    if before == hash {
        let told = json!({ "account": address, "code": hash, "sent": null });
        context
            .output
            .result(&told, || format!("{address}\nhas this code already"));
        return Ok(Exit::Done);
    }
    let grown = match args.hold {
        true => Some(deposit(SLOT_BYTES + size as u64)),
        false => deposit(size as u64).minus(deposit(seen.bytes.into())),
    };
    let value = args.value.or(grown).unwrap_or_default();
    let least = gas::validation(size) + gas::bytes(size) + GAS;
    let adopt = !args.hold;
    let input = Input::Upgrade { code, adopt };
    let sent = sender
        .send(args.account.account, value, least, input)
        .await?;
    let told = json!({
        "account": address, "code": hash, "sent": sent.id,
        "level": sent.level(), "status": sent.word(),
    });
    context.output.result(&told, || sent.tree());
    Ok(sent.exit)
}

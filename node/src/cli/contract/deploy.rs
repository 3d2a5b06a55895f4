//! `contract deploy`.

use std::path::PathBuf;

use actors::contract::{SLOT_BYTES, deposit};
use actors::gas;
use clap::Args;
use crypto::Hash;
use serde_json::json;
use types::{AccountId, Amount, ChainId, CodeBytes, Deploy, Input, RoutingTable};

use super::build::{judge, read_module};
use super::code::Described;
use super::send::{SendArgs, Sender};
use super::values::{ValueArgs, wrong};
use crate::cli::Context;
use crate::cli::wallet::Folder;
use crate::exit::{Exit, Failure};

/// Gas for the code's first run.
const INIT_GAS: u64 = 10_000_000;
/// Bytes that the account can store besides its code when no value is given.
const ROOM: u64 = 16 * 1024;

/// Make an account with code on a chain.
///
/// The account's id follows from the key, the code and the number, so deploying again finds the
/// account that is there and sends nothing.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  \
    thinkey contract deploy auction/build/auction.wasm --chain 2 --key alice\n  \
    thinkey contract deploy token.wasm devnet1… 1_000_000 --chain 1 --key alice --json\n\n\
    Arguments of the code's first run are written as `thinkey contract call --help` says.\n\n\
    Exit codes: 0 the account is there, 1 refused, 2 the code begins with other arguments, 3 not \
    reached in time.")]
pub(crate) struct DeployArgs {
    /// The module, as `contract build` wrote it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The chain that the account is to live on.
    #[arg(long, value_name = "N")]
    chain: u32,
    /// Tells accounts of one key, code and chain apart.
    #[arg(long, default_value_t = 0, value_name = "N")]
    number: u64,
    /// Value for the account; without it the deposit for its code and 16 KiB more.
    #[arg(long, value_name = "N")]
    value: Option<Amount>,
    #[command(flatten)]
    init: ValueArgs,
    #[command(flatten)]
    sending: SendArgs,
}

pub(super) async fn run(
    context: &Context,
    folder: &Folder,
    args: &DeployArgs,
) -> Result<Exit, Failure> {
    let code = read_module(&args.file)?;
    judge(&code)?;
    let described = match &args.init.abi {
        Some(file) => Described::of_module(&read_module(file)?)?,
        None => Described::of_module(&code)?,
    };
    let sender = Sender::new(context, folder, &args.sending).await?;
    let code = CodeBytes::from(code);
    let (hash, size) = (code.hash(), code.len());
    let chain = ChainId(args.chain);
    let salt = place(&sender, chain, args.number, &hash)?;
    let begins = described.abi.as_ref().and_then(|abi| abi.init());
    if described.abi.is_some() && begins.is_none() && !args.init.is_empty() && !args.init.unchecked
    {
        let message = "the code begins without arguments: it has no #[init]";
        return Err(wrong(message, "leave them out"));
    }
    let deploy = Deploy {
        salt,
        code,
        init: args
            .init
            .encoded(&described, begins, &sender.network.name)?,
        owner: Some(sender.from.account),
    };
    let id = deploy.account(&sender.from.account);
    let address = sender.address(id).to_string();
    let there = sender.account(id).await?;
    if there.code.is_some() {
        let told = json!({ "account": address, "chain": chain, "code": hash, "sent": null });
        let text = || format!("{address}\nis on chain {chain} already");
        context.output.result(&told, text);
        return Ok(Exit::Done);
    }
    let value = args.value.unwrap_or_else(|| deposit(size as u64 + ROOM));
    let needed = deposit(size as u64 + SLOT_BYTES);
    if value.plus(there.balance).is_none_or(|has| has < needed) {
        let message = format!("{value} does not cover the deposit for the code, {needed}");
        let hint = "leave out --value, or send more: the deposit comes back with what is removed";
        return Err(Failure::new("deposit", message, hint));
    }
    let least = gas::validation(size) + gas::bytes(size + deploy.init.len()) + INIT_GAS;
    let input = Input::Deploy(Box::new(deploy));
    let sent = sender.send(id, value, least, input).await?;
    let told = json!({
        "account": address, "chain": chain, "code": hash, "sent": sent.id,
        "level": sent.level(), "status": sent.word(),
    });
    context.output.result(&told, || {
        format!(
            "{}\n{address}\nnext: thinkey contract call {address} METHOD",
            sent.tree()
        )
    });
    Ok(sent.exit)
}

/// The salt with which code of this hash comes to live on a chain.
fn place(sender: &Sender, chain: ChainId, number: u64, code: &Hash) -> Result<[u8; 32], Failure> {
    let network = &sender.network;
    let table = network.routing();
    let table = table.filter(|_| network.chains.contains(&chain));
    let account = |salt: &[u8; 32]| AccountId::of_code(&sender.from.account, salt, code);
    let salt = table.and_then(|table| salt(&table, chain, number, &account));
    salt.ok_or_else(|| {
        let message = format!("the network has no accounts on chain {chain}");
        Failure::new("unknown_chain", message, "`thinkey chain list` lists them")
    })
}

/// The first salt of a number whose account lives on the chain; `None` if none does.
pub(super) fn salt(
    table: &RoutingTable,
    chain: ChainId,
    number: u64,
    account: &dyn Fn(&[u8; 32]) -> AccountId,
) -> Option<[u8; 32]> {
    /// A chain that has accounts has at least one in 65,536.
    const ATTEMPTS: u64 = 1 << 21;
    let salts = (0..ATTEMPTS).map(|attempt| {
        let mut salt = [0; 32];
        salt[..8].copy_from_slice(&number.to_le_bytes());
        salt[8..16].copy_from_slice(&attempt.to_le_bytes());
        salt
    });
    let mut fits = salts.filter(|salt| table.home(&account(salt)) == chain);
    fits.next()
}

//! `wallet balance`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use types::Address;

use super::Folder;
use crate::cli::Context;
use crate::exit::{Exit, Failure};
use crate::keystore::KeyFile;
use crate::rpc::view::{AccountView, AddressText};

/// Show balances: of an address, of a key, or of all keys in the wallet.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  thinkey wallet balance devnet1…\n  thinkey wallet balance\n\n\
    With --json and an address or a key the result is one object with the key `balance`; for the \
    whole wallet it is {\"accounts\":[…]}."
)]
pub(crate) struct BalanceArgs {
    /// The account's address.
    #[arg(value_name = "ADDRESS", conflicts_with = "key")]
    address: Option<Address>,
    /// A key file, or its name in the wallet's directory.
    #[arg(long, value_name = "FILE|NAME")]
    key: Option<PathBuf>,
}

pub(super) async fn balance(
    context: &Context,
    folder: &Folder,
    args: &BalanceArgs,
) -> Result<Exit, Failure> {
    let address = match (&args.address, &args.key) {
        (Some(address), _) => Some(address.clone()),
        (None, Some(key)) => KeyFile::read(&folder.find(key))?.address(),
        (None, None) => None,
    };
    match address {
        Some(address) => {
            let account = read(context, address).await?;
            context.output.result(&account, || describe(&account));
        }
        None => all(context, folder).await?,
    }
    Ok(Exit::Done)
}

/// Reads an account from the node.
pub(in crate::cli) async fn read(
    context: &Context,
    address: Address,
) -> Result<AccountView, Failure> {
    let params = json!([AddressText(address)]);
    Ok(context.client.call("account_get", params).await?)
}

async fn all(context: &Context, folder: &Folder) -> Result<(), Failure> {
    let keys = folder.keys();
    if keys.is_empty() {
        let message = format!("no keys in {}", folder.0.display());
        let hint = "make one with `thinkey wallet new NAME`, or say an address or --key FILE";
        return Err(Failure::new("no_keys", message, hint));
    }
    let mut accounts = Vec::new();
    for (_, address) in keys {
        accounts.push(read(context, address).await?);
    }
    accounts.sort_by_key(|account| account.chain);
    context.output.result(&json!({ "accounts": accounts }), || {
        let lines: Vec<_> = accounts.iter().map(describe).collect();
        lines.join("\n")
    });
    Ok(())
}

fn describe(account: &AccountView) -> String {
    let AccountView {
        address,
        chain,
        balance,
        height,
        level,
        ..
    } = account;
    match account.exists {
        true => format!("{balance}  {address}  chain {chain}, {level} at height {height}"),
        false => format!("0  {address}  chain {chain}, no account yet: the first credit makes it"),
    }
}

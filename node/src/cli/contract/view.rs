//! `contract view`.

use clap::Args;
use serde_json::json;
use types::Address;

use super::code::Described;
use super::values::{ValueArgs, describe};
use crate::abi::Role;
use crate::cli::{Context, tree};
use crate::exit::{Exit, Failure};
use crate::rpc::view::{AddressText, ViewAnswer};

/// Ask an account's code; changes nothing and costs nothing.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  thinkey contract view devnet1… count\n  \
    thinkey contract view devnet1… balance_of devnet1…\n  \
    thinkey contract view devnet1… best --arg sale=7 --json\n\n\
    With --json `value` is the answer by the code's description, and `answer` its bytes.\n\n\
    Exit codes: 0 answered, 1 the code refused, 2 the code has no such view or other arguments.")]
pub(crate) struct ViewArgs {
    /// The account's address.
    #[arg(value_name = "ADDRESS")]
    account: Address,
    /// The method.
    #[arg(value_name = "METHOD")]
    method: String,
    #[command(flatten)]
    values: ValueArgs,
    /// Gas that the code may use; without it what a message may use.
    #[arg(long, value_name = "N")]
    gas: Option<u64>,
}

pub(super) async fn run(context: &Context, args: &ViewArgs) -> Result<Exit, Failure> {
    let code = Described::of_account(context, &args.account, &args.values).await?;
    let method = code.method(Role::View, &args.method, &args.values)?;
    let network = &args.account.network;
    let params = json!({
        "address": AddressText(args.account.clone()),
        "method": args.method,
        "data": hex::encode(args.values.encoded(&code, method, network)?),
        "gas": args.gas.map(|gas| gas.to_string()),
    });
    let seen: ViewAnswer = context.client.call("account_view", params).await?;
    let answer = hex::decode(&seen.answer).unwrap_or_default();
    let value = method
        .zip(code.abi.as_ref())
        .and_then(|(method, abi)| abi.decode(&method.returns, &answer, network).ok());
    let mut told = serde_json::to_value(&seen).unwrap_or_default();
    told["value"] = json!(value.as_ref().map(|value| value.json()));
    context.output.result(&told, || {
        let logs = seen.logs.iter();
        let logs = logs.map(|log| format!("\nlog {}", tree::describe_log(log)));
        let logs: String = logs.collect();
        let value = value.map_or_else(|| describe(&answer), |value| value.to_string());
        format!("{value}\n{} gas at height {}{logs}", seen.gas, seen.height)
    });
    Ok(Exit::Done)
}

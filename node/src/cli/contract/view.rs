//! `contract view`.

use clap::Args;
use serde_json::json;
use types::Address;

use super::values::{ValueArgs, describe};
use crate::cli::Context;
use crate::exit::{Exit, Failure};
use crate::rpc::view::{AddressText, ViewAnswer};

/// Ask an account's code; changes nothing and costs nothing.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  thinkey contract view devnet1… count\n  \
    thinkey contract view devnet1… balance_of --arg account:devnet1… --json")]
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
    let params = json!({
        "address": AddressText(args.account.clone()),
        "method": args.method,
        "data": hex::encode(args.values.encoded()),
        "gas": args.gas.map(|gas| gas.to_string()),
    });
    let seen: ViewAnswer = context.client.call("account_view", params).await?;
    context.output.result(&seen, || {
        let answer = hex::decode(&seen.answer).unwrap_or_default();
        let logs = seen.logs.iter();
        let logs = logs.map(|log| format!("\nlog {} {}", log.topic, log.data));
        let logs: String = logs.collect();
        format!(
            "{}\n{} gas at height {}{logs}",
            describe(&answer),
            seen.gas,
            seen.height
        )
    });
    Ok(Exit::Done)
}

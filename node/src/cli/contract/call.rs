//! `contract call`.

use clap::Args;
use serde_json::json;
use types::{Address, Amount, Input};

use super::send::{SendArgs, Sender};
use super::values::ValueArgs;
use crate::cli::Context;
use crate::cli::wallet::Folder;
use crate::exit::{Exit, Failure};
use crate::wallet::DraftError;

/// Gas of a call when none is given; what is not used comes back.
const GAS: u64 = 10_000_000;

/// Call a method of an account's code.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  \
    thinkey contract call devnet1… bid --arg u64:7 --value 10 --key alice\n  \
    thinkey contract call devnet1… send --arg account:devnet1… --arg u128:5 --key alice --json\n\n\
    Exit codes: 0 the level is reached, 1 refused or something failed, 3 not reached in time.")]
pub(crate) struct CallArgs {
    /// The account's address.
    #[arg(value_name = "ADDRESS")]
    to: Address,
    /// The method.
    #[arg(value_name = "METHOD")]
    method: String,
    /// Value to send along.
    #[arg(long, value_name = "N", default_value = "0")]
    value: Amount,
    #[command(flatten)]
    values: ValueArgs,
    #[command(flatten)]
    sending: SendArgs,
}

pub(super) async fn run(
    context: &Context,
    folder: &Folder,
    args: &CallArgs,
) -> Result<Exit, Failure> {
    let sender = Sender::new(context, folder, &args.sending).await?;
    if args.to.network != sender.network.name {
        return Err(DraftError::RecipientNetwork {
            recipient: args.to.network.clone(),
            network: sender.network.name.clone(),
        }
        .into());
    }
    let input = Input::Call {
        method: args.method.clone(),
        data: args.values.encoded(),
    };
    let sent = sender.send(args.to.account, args.value, GAS, input).await?;
    let told = json!({ "id": sent.id, "level": sent.level(), "status": sent.word() });
    context.output.result(&told, || {
        format!("{}\nnext: thinkey trace {}", sent.tree(), sent.id)
    });
    Ok(sent.exit)
}

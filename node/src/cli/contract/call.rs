//! `contract call`.

use clap::Args;
use serde_json::json;
use types::{Address, Amount, Input};

use super::code::Described;
use super::send::{SendArgs, Sender};
use super::values::{ValueArgs, wrong};
use crate::abi::Role;
use crate::cli::wallet::Folder;
use crate::cli::{Context, tree};
use crate::exit::{Exit, Failure};
use crate::wallet::DraftError;

/// Gas of a call when none is given; what is not used comes back.
const GAS: u64 = 10_000_000;

/// Call a method of an account's code.
///
/// The code's description tells the types of arguments; what does not fit is refused before
/// anything is sent.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  \
    thinkey contract call devnet1… bid 7 --value 10 --key alice\n  \
    thinkey contract call devnet1… transfer to=devnet1… amount=1_000 --key alice\n  \
    thinkey contract call devnet1… propose \"Pay(devnet1…, 5)\" --key alice --json\n  \
    thinkey contract call devnet1… send --arg account:devnet1… --arg u128:5 --key alice\n\n\
    Arguments: 1_000, -5, true, an address, 0x01ff, \"a text\", none, [1, 2], (1, true), \
    {price: 5}, Case, Case(1). `thinkey contract show` lists methods and their types.\n\n\
    Exit codes: 0 the level is reached, 1 refused or something failed, 2 the code has no such \
    method or other arguments, 3 not reached in time.")]
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
    let code = Described::of_account(context, &args.to, &args.values).await?;
    let method = code.method(Role::Message, &args.method, &args.values)?;
    if let Some(method) = method.filter(|method| !method.payable && !args.value.is_zero()) {
        let message = format!("`{}` takes no value", method.name);
        return Err(wrong(message, "leave out --value"));
    }
    let network = &sender.network.name;
    let input = Input::Call {
        method: args.method.clone(),
        data: args.values.encoded(&code, method, network)?,
    };
    let sent = sender.send(args.to.account, args.value, GAS, input).await?;
    let run = sent.run();
    let (answer, returned) = (
        run.map(|run| &run.answer),
        run.and_then(|run| run.returned.as_ref()),
    );
    let told = json!({
        "id": sent.id, "level": sent.level(), "status": sent.word(),
        "answer": answer, "returned": returned,
    });
    context.output.result(&told, || {
        let answered = returned.map(|value| format!("\nanswer: {}", tree::plain(value)));
        let answered = answered.unwrap_or_default();
        format!("{}{answered}\nnext: thinkey trace {}", sent.tree(), sent.id)
    });
    Ok(sent.exit)
}

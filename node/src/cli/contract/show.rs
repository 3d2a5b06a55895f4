//! `contract show`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use types::Address;

use super::build::read_module;
use super::code::{Described, read_code};
use crate::abi::{Abi, Method, Role};
use crate::cli::Context;
use crate::exit::{Exit, Failure};

/// Show what code says of itself: its methods, their arguments and what its author says of them.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  thinkey contract show devnet1…\n  \
    thinkey contract show auction/build/auction.wasm --json")]
pub(crate) struct ShowArgs {
    /// The account's address, or a module.
    #[arg(value_name = "ADDRESS|FILE")]
    what: String,
}

pub(super) async fn run(context: &Context, args: &ShowArgs) -> Result<Exit, Failure> {
    let (abi, head, told) = match args.what.parse::<Address>() {
        Ok(account) => {
            let seen = read_code(context, &account).await?;
            let abi = seen.abi.as_deref().and_then(|text| Abi::read(text).ok());
            let owner = seen
                .owner
                .as_ref()
                .map_or_else(|| "nobody".to_owned(), |id| id.to_string());
            let head = format!(
                "{account}: {} bytes of code, owner {owner}, {} locked\n",
                seen.bytes, seen.locked
            );
            (abi, head, serde_json::to_value(&seen).unwrap_or_default())
        }
        Err(_) => {
            let code = read_module(&PathBuf::from(&args.what))?;
            let abi = Described::of_module(&code)?.abi;
            let told = json!({ "file": args.what, "bytes": code.len() });
            (abi, String::new(), told)
        }
    };
    let Some(abi) = abi else {
        let message = format!("{} does not describe its methods", args.what);
        return Err(Failure::new(
            "no_abi",
            message,
            "`--arg TYPE:VALUE` calls it all the same",
        ));
    };
    let mut told = told;
    told["contract"] = json!(abi.contract);
    told["doc"] = json!(abi.doc);
    told["methods"] = abi.methods.iter().map(in_json).collect();
    context.output.result(&told, || {
        let methods = abi.methods.iter().map(in_words).collect::<Vec<_>>();
        format!(
            "{head}{}: {}\n{}",
            abi.contract,
            abi.doc,
            methods.join("\n")
        )
    });
    Ok(Exit::Done)
}

fn in_words(method: &Method) -> String {
    let payable = if method.payable && method.role == Role::Message {
        ", takes value"
    } else {
        ""
    };
    format!(
        "  {} {}{payable}\n      {}",
        word(method),
        method.signature(),
        method.doc
    )
}

fn in_json(method: &Method) -> serde_json::Value {
    let args = method.args.iter();
    let args = args.map(|(name, kind)| json!({ "name": name, "type": kind.to_string() }));
    json!({
        "kind": word(method).split('(').next(),
        "name": method.name,
        "of": method.of,
        "doc": method.doc,
        "payable": method.payable,
        "args": args.collect::<Vec<_>>(),
        "returns": method.returns.to_string(),
    })
}

/// What a method is for; handlers with the method whose end they take.
fn word(method: &Method) -> String {
    let word = match method.role {
        Role::Init => "init",
        Role::Message => "message",
        Role::View => "view",
        Role::Reply => "reply",
        Role::Bounce => "bounce",
        Role::Timeout => "timeout",
    };
    match &method.of {
        Some(of) => format!("{word}({of})"),
        None => word.to_owned(),
    }
}

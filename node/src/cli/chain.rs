//! `thinkey chain`.

use clap::Subcommand;
use serde_json::json;

use super::Context;
use crate::exit::{Exit, Failure};
use crate::rpc::view::{BlockId, BlockView, ChainStatus, TermView};

mod term;

/// Chains and their blocks.
#[derive(Clone, Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  thinkey chain list\n  thinkey chain status 1\n  \
    thinkey chain block 1 latest\n  thinkey chain term 1"
)]
pub enum Command {
    /// Where each chain stands.
    List,
    /// Where one chain stands, in full.
    Status {
        /// The chain; the root is 0.
        chain: u32,
    },
    /// Show a chain's committee, its term, and how far the next one is.
    Term {
        /// The chain; the root is 0.
        chain: u32,
    },
    /// Show a block.
    Block {
        /// The chain; the root is 0.
        chain: u32,
        /// "latest", a height or a hash.
        #[arg(default_value = "latest")]
        block: BlockId,
    },
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let client = &context.client;
    match command {
        Command::List => {
            let chains: Vec<ChainStatus> = client.call("chain_list", json!([])).await?;
            context.output.result(&chains, || list(&chains));
        }
        Command::Status { chain } => {
            let status: ChainStatus = client.call("chain_status", json!([chain])).await?;
            context.output.result(&status, || describe(&status));
        }
        Command::Term { chain } => {
            let asked = json!({ "chain": chain });
            let term: TermView = client.call("chain_term", asked).await?;
            context.output.result(&term, || term::describe(&term));
        }
        Command::Block { chain, block } => {
            let block: BlockView = client.call("chain_block", json!([chain, block])).await?;
            context.output.result(&block, || describe(&block));
        }
    }
    Ok(Exit::Done)
}

fn list(chains: &[ChainStatus]) -> String {
    let head = format!(
        "{:>5} {:>10} {:>10} {:>10} {:>8} {:>8}",
        "chain", "committed", "anchored", "root-final", "members", "waiting"
    );
    let rows = chains.iter().map(|status| {
        format!(
            "{:>5} {:>10} {:>10} {:>10} {:>8} {:>8}",
            status.chain.0,
            status.committed.0,
            status.anchored.0,
            status.root_final.0,
            status.members,
            status.mempool.0
        )
    });
    std::iter::once(head)
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Every field on a line of its own.
fn describe(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    let fields = value.as_object().into_iter().flatten();
    let lines = fields.map(|(name, value)| match value {
        serde_json::Value::String(text) => format!("{name:>12}  {text}"),
        serde_json::Value::Array(items) if items.is_empty() => format!("{name:>12}  none"),
        serde_json::Value::Array(items) => {
            let items = items.iter().map(|item| match item.as_str() {
                Some(text) => text.to_owned(),
                None => item.to_string(),
            });
            let items = items.collect::<Vec<_>>().join("\n              ");
            format!("{name:>12}  {items}")
        }
        other => format!("{name:>12}  {other}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

//! `chain_`: chains and their blocks.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use types::ChainId;

use super::{Method, NoParams, OfSubscription};
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::method::{Action, Node};
use crate::rpc::subscription::Topic;
use crate::rpc::view::{BlockId, BlockView, ChainStatus};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfChain {
    /// The chain; the root is 0.
    #[schemars(with = "u32")]
    chain: ChainId,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfBlock {
    /// The chain; the root is 0.
    #[schemars(with = "u32")]
    chain: ChainId,
    /// "latest", a height as a string, or a block's hash.
    #[schemars(with = "String")]
    block: BlockId,
}

/// Which heads to tell.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::rpc) struct OfHeads {
    /// One chain; all chains without it.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub(in crate::rpc) chain: Option<ChainId>,
}

pub(super) fn methods() -> Vec<Method> {
    vec![
        Method::call(
            "chain_list",
            "Where each chain that this node follows stands",
            2,
            json!({}),
            |node, _: NoParams| async move {
                let list = |backend: &dyn crate::rpc::Backend| {
                    let chains = backend.network().chains.into_iter();
                    chains.filter_map(|chain| backend.chain(chain)).collect()
                };
                node.read::<Vec<ChainStatus>>(list).await
            },
        ),
        Method::call(
            "chain_status",
            "Where a chain stands: heights by level, round, committee, mempool",
            1,
            json!({ "chain": 1 }),
            |node, params: OfChain| status(node, params.chain),
        ),
        Method::call(
            "chain_block",
            "A committed block, by height, by hash or the latest",
            2,
            json!({ "chain": 1, "block": "latest" }),
            block,
        ),
        Method::of::<OfHeads, String>(
            "chain_subscribeHeads",
            "WebSocket: tells each newly committed block, as chain_heads",
            2,
            json!({ "chain": 1 }),
            Action::Subscribe(Topic::Heads),
        ),
        Method::of::<OfSubscription, bool>(
            "chain_unsubscribeHeads",
            "WebSocket: ends chain_subscribeHeads",
            1,
            json!({ "subscription": "1" }),
            Action::Unsubscribe,
        ),
    ]
}

async fn status(node: Node, chain: ChainId) -> Result<ChainStatus, RpcError> {
    let status = node.read(move |backend| backend.chain(chain)).await?;
    status.ok_or_else(|| unknown_chain(chain))
}

async fn block(node: Node, OfBlock { chain, block }: OfBlock) -> Result<BlockView, RpcError> {
    let found = node.read(move |backend| match backend.block(chain, block) {
        Some(found) => Ok(found),
        None if backend.chain(chain).is_none() => Err(unknown_chain(chain)),
        None => {
            let message = format!("chain {chain} has no block {block} here");
            Err(RpcError::new(Reason::UnknownBlock, message))
        }
    });
    found.await?
}

fn unknown_chain(chain: ChainId) -> RpcError {
    let message = format!("this node follows no chain {chain}");
    RpcError::new(Reason::UnknownChain, message)
}

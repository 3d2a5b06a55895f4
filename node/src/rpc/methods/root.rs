//! `root_`: the network and its root chain.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Method, NoParams, OfSubscription};
use crate::rpc::method::Action;
use crate::rpc::subscription::Topic;
use crate::rpc::view::{CheckpointView, GenesisView, HandoversView, U64};

/// A root height that a reader knows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfHandovers {
    /// The root height of the block that the reader's line has come to; 0, which is genesis,
    /// without it.
    #[serde(default)]
    from: Option<U64>,
}

pub(super) fn methods() -> Vec<Method> {
    vec![
        Method::call(
            "root_network",
            "The network: its name, id, chains, routing, gas, and what is simulated",
            1,
            json!({}),
            |node, _: NoParams| async move { node.read(|backend| backend.network()).await },
        ),
        Method::call(
            "root_genesis",
            "The genesis file, against which proofs are verified offline",
            5,
            json!({}),
            |node, _: NoParams| async move {
                let text = node.read(|backend| backend.genesis()).await?;
                Ok(GenesisView { text })
            },
        ),
        Method::call(
            "root_checkpoint",
            "The newest certified root block and the committee of the blocks above it",
            5,
            json!({}),
            |node, _: NoParams| async move {
                let checkpoint = node.read(|backend| backend.checkpoint()).await??;
                Ok(CheckpointView::of(&checkpoint))
            },
        ),
        Method::call(
            "root_handovers",
            "How the root's committees handed over above a height: a page, hexadecimal borsh",
            20,
            json!({ "from": "0" }),
            |node, params: OfHandovers| async move {
                let from = params.from.unwrap_or_default().0;
                let page = node.read(move |backend| backend.handovers(from)).await??;
                Ok(HandoversView {
                    page: hex::encode(borsh::to_vec(&page).unwrap_or_default()),
                })
            },
        ),
        Method::of::<NoParams, String>(
            "root_subscribeAnchors",
            "WebSocket: tells each anchor that becomes root-final, as root_anchors",
            2,
            json!({}),
            Action::Subscribe(Topic::Anchors),
        ),
        Method::of::<OfSubscription, bool>(
            "root_unsubscribeAnchors",
            "WebSocket: ends root_subscribeAnchors",
            1,
            json!({ "subscription": "1" }),
            Action::Unsubscribe,
        ),
    ]
}

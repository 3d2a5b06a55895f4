//! `root_`: the network and its root chain.

use serde_json::json;

use super::{Method, NoParams, OfSubscription};
use crate::rpc::method::Action;
use crate::rpc::subscription::Topic;
use crate::rpc::view::GenesisView;

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

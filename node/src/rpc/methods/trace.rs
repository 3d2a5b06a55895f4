//! `trace_`: what became of a message.

use serde_json::json;

use super::{EXAMPLE_ID, Method, OfMessage, OfSubscription};
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::method::Action;
use crate::rpc::subscription::Topic;

pub(super) fn methods() -> Vec<Method> {
    vec![
        Method::call(
            "trace_get",
            "The tree of messages that an external message grew into, and its word",
            2,
            json!({ "id": EXAMPLE_ID }),
            |node, params: OfMessage| async move {
                let trace = node.read(move |backend| backend.trace(params.id)).await?;
                trace.ok_or_else(|| {
                    let message = format!("this node knows no message {}", params.id);
                    RpcError::new(Reason::UnknownMessage, message)
                })
            },
        ),
        Method::of::<OfMessage, String>(
            "trace_subscribe",
            "WebSocket: tells a message's trace now, as soon as there is one, and at each change",
            2,
            json!({ "id": EXAMPLE_ID }),
            Action::Subscribe(Topic::Trace),
        ),
        Method::of::<OfSubscription, bool>(
            "trace_unsubscribe",
            "WebSocket: ends trace_subscribe",
            1,
            json!({ "subscription": "1" }),
            Action::Unsubscribe,
        ),
    ]
}

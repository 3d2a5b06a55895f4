//! `trace_`: what became of a message.

use serde_json::json;

use super::{EXAMPLE_ID, Method, OfSubscription, OfTrace};
use crate::rpc::early;
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::method::{Action, Node};
use crate::rpc::subscription::Topic;
use crate::rpc::view::Trace;

pub(super) fn methods() -> Vec<Method> {
    vec![
        Method::call(
            "trace_get",
            "The tree of messages that an external message grew into, and its word",
            2,
            json!({ "id": EXAMPLE_ID }),
            get,
        ),
        Method::of::<OfTrace, String>(
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

async fn get(node: Node, OfTrace { id, early_seats }: OfTrace) -> Result<Trace, RpcError> {
    let read = node.read(move |backend| {
        if let Some(seats) = early_seats {
            early::check_of(backend, id, seats)?;
        }
        Ok::<_, RpcError>(backend.trace(id, early_seats))
    });
    read.await??.ok_or_else(|| {
        let message = format!("this node knows no message {id}");
        RpcError::new(Reason::UnknownMessage, message)
    })
}

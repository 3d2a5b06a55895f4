//! A method: its name, its documentation and its handler, in one entry of the table. [R1]

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::Semaphore;

use super::Backend;
use super::error::{Reason, RpcError};
use super::subscription::Topic;

/// A result, already as text.
pub(super) type Answer = Result<Box<RawValue>, RpcError>;
type Handler = Box<dyn Fn(Node, Option<Box<RawValue>>) -> BoxFuture<'static, Answer> + Send + Sync>;
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One method.
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    /// What a call costs in the caller's units per second.
    pub(super) cost: u32,
    pub(super) params: SchemaOf,
    pub(super) result: SchemaOf,
    /// Parameters that can be sent as they are.
    pub(super) example: Value,
    pub(super) action: Action,
}

/// What a call of a method does.
pub(super) enum Action {
    /// Answers.
    Call(Handler),
    /// Starts a subscription of the connection.
    Subscribe(Topic),
    /// Ends one.
    Unsubscribe,
    /// Tells the table itself.
    Discover,
}

/// Parameters of a method that has none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoParams {}

/// What handlers work with.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) backend: Arc<dyn Backend>,
    /// Permits for reading from the store.
    pub(super) workers: Arc<Semaphore>,
}

impl Node {
    /// Reads from the backend on a thread that may block; the number of those is bounded, also
    /// when callers have given up waiting. [R4]
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Backend) -> T + Send + 'static,
    ) -> Result<T, RpcError> {
        let permit = Arc::clone(&self.workers).acquire_owned().await;
        let permit = permit.map_err(|_| RpcError::new(Reason::Busy, "the node is stopping"))?;
        let backend = Arc::clone(&self.backend);
        let reading = tokio::task::spawn_blocking(move || {
            let answer = read(backend.as_ref());
            drop(permit);
            answer
        });
        reading
            .await
            .map_err(|_| RpcError::new(Reason::Internal, "reading from the node failed"))
    }
}

impl Method {
    /// A method that answers.
    pub(super) fn call<P, R, F, W>(
        name: &'static str,
        summary: &'static str,
        cost: u32,
        example: Value,
        handler: F,
    ) -> Self
    where
        P: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + JsonSchema + 'static,
        F: Fn(Node, P) -> W + Send + Sync + 'static,
        W: Future<Output = Result<R, RpcError>> + Send + 'static,
    {
        let handler: Handler = Box::new(move |node, params| {
            let parsed = parse_params(params.as_deref());
            let working = parsed.map(|params| handler(node, params));
            async move {
                let result = working?.await?;
                to_raw_value(&result).map_err(|error| RpcError::new(Reason::Internal, error))
            }
            .boxed()
        });
        let action = Action::Call(handler);
        Self::of::<P, R>(name, summary, cost, example, action)
    }

    /// An entry of the table.
    pub(super) fn of<P: JsonSchema, R: JsonSchema>(
        name: &'static str,
        summary: &'static str,
        cost: u32,
        example: Value,
        action: Action,
    ) -> Self {
        Self {
            name,
            summary,
            cost,
            params: |generator| P::json_schema(generator),
            result: |generator| generator.subschema_for::<R>(),
            example,
            action,
        }
    }
}

/// Reads parameters by name or by position; none is like an empty object.
pub(super) fn parse_params<P: DeserializeOwned>(params: Option<&RawValue>) -> Result<P, RpcError> {
    let text = params.map_or("{}", RawValue::get);
    if !text.starts_with(['{', '[']) {
        let message = "params must be an object or an array";
        return Err(RpcError::new(Reason::InvalidParams, message));
    }
    serde_json::from_str(text).map_err(|error| RpcError::new(Reason::InvalidParams, error))
}

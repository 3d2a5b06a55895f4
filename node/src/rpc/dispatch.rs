//! From bytes to an answer: each item pays, is looked up, runs and is counted. [R2]

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::Semaphore;

use super::batch::{Request, Requests};
use super::config::RpcConfig;
use super::error::{Reason, RpcError};
use super::method::{Action, Answer, Method, Node, parse_params};
use super::methods::{self, OfSubscription};
use super::rate::Rate;
use super::subscription::Subscriptions;
use super::{Backend, openrpc};

/// What every connection shares.
pub(super) struct Dispatcher {
    pub(super) config: RpcConfig,
    pub(super) node: Node,
    pub(super) rate: Rate,
    table: Vec<Method>,
    document: Box<RawValue>,
}

/// A request's cost when it can't be read.
const LEAST_COST: u32 = 1;

impl Dispatcher {
    pub(super) fn new(config: RpcConfig, backend: Arc<dyn Backend>) -> Self {
        let table = methods::table();
        let document = to_raw_value(&openrpc::describe(&table)).unwrap_or_default();
        Self {
            node: Node {
                backend,
                workers: Arc::new(Semaphore::new(config.workers.max(1))),
            },
            rate: Rate::new(config.units_per_second),
            config,
            table,
            document,
        }
    }

    /// Answers a request or a batch; `None` when nothing in it asks for an answer.
    ///
    /// `subscriptions` are the connection's; none over plain HTTP.
    pub(super) async fn respond(
        &self,
        peer: IpAddr,
        body: &[u8],
        mut subscriptions: Option<&mut Subscriptions>,
    ) -> Option<String> {
        let deadline = tokio::time::Instant::now() + self.config.timeout();
        let requests = Requests::parse(body, self.config.batch, self.config.depth);
        let (items, batched) = match requests {
            Ok(Requests::One(item)) => (vec![item], false),
            Ok(Requests::Batch(items)) => (items, true),
            Err(error) => {
                let paid = self.pay(peer, LEAST_COST);
                return Some(response("null", &Err(paid.err().unwrap_or(error))));
            }
        };
        let mut responses = Vec::new();
        let mut room = self.config.response_bytes;
        for item in items {
            let subscriptions = subscriptions.as_deref_mut();
            let answering = self.answer(peer, item, subscriptions, deadline);
            let Some((id, answer)) = answering.await else {
                continue;
            };
            let mut text = response(&id, &answer);
            if text.len() > room {
                let message = format!("more than {} bytes", self.config.response_bytes);
                text = response(&id, &Err(RpcError::new(Reason::ResponseTooLarge, message)));
            }
            room = room.saturating_sub(text.len());
            responses.push(text);
        }
        match (batched, responses.is_empty()) {
            (_, true) => None,
            (false, false) => responses.pop(),
            (true, false) => Some(format!("[{}]", responses.join(","))),
        }
    }

    /// An item's id and answer; `None` for a notification.
    async fn answer(
        &self,
        peer: IpAddr,
        item: &RawValue,
        subscriptions: Option<&mut Subscriptions>,
        deadline: tokio::time::Instant,
    ) -> Option<(String, Answer)> {
        let request = match Request::parse(item) {
            Ok(request) => request,
            Err(error) => {
                let paid = self.pay(peer, LEAST_COST);
                return Some(("null".to_owned(), Err(paid.err().unwrap_or(error))));
            }
        };
        let id = request.id.map(|id| id.get().to_owned());
        let running = self.run(peer, &request, subscriptions);
        let answer = match tokio::time::timeout_at(deadline, running).await {
            Ok(answer) => answer,
            Err(_) => {
                let message = format!("no answer in {} ms", self.config.timeout_ms);
                Err(RpcError::new(Reason::TimedOut, message))
            }
        };
        id.map(|id| (id, answer))
    }

    async fn run(
        &self,
        peer: IpAddr,
        request: &Request<'_>,
        subscriptions: Option<&mut Subscriptions>,
    ) -> Answer {
        let found = self
            .table
            .binary_search_by_key(&&*request.method, |method| method.name);
        let method = found.ok().and_then(|at| self.table.get(at));
        self.pay(peer, method.map_or(LEAST_COST, |method| method.cost))?;
        let Some(method) = method else {
            let message = format!("no method \"{}\"", request.method);
            return Err(RpcError::new(Reason::MethodNotFound, message));
        };
        match (&method.action, subscriptions) {
            (Action::Call(handler), _) => {
                handler(self.node.clone(), request.params.map(ToOwned::to_owned)).await
            }
            (Action::Discover, _) => Ok(self.document.clone()),
            (Action::Subscribe(topic), Some(subscriptions)) => {
                subscriptions.subscribe(*topic, request.params).await
            }
            (Action::Unsubscribe, Some(subscriptions)) => {
                let OfSubscription { subscription } = parse_params(request.params)?;
                subscriptions.unsubscribe(&subscription)
            }
            (Action::Subscribe(_) | Action::Unsubscribe, None) => {
                let message = format!("{} works over WebSocket only", method.name);
                Err(RpcError::new(Reason::NeedsWebSocket, message))
            }
        }
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "a shell: buckets fill by the clock"
    )]
    pub(super) fn pay(&self, peer: IpAddr, cost: u32) -> Result<(), RpcError> {
        if self.rate.take(peer, cost, Instant::now()) {
            return Ok(());
        }
        let units = self.config.units_per_second;
        let message = format!("more than {units} units of work per second");
        Err(RpcError::new(Reason::RateLimited, message))
    }
}

/// A response as text.
pub(super) fn response(id: &str, answer: &Answer) -> String {
    match answer {
        Ok(result) => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{}}}"#, result.get()),
        Err(error) => format!(
            r#"{{"jsonrpc":"2.0","id":{id},"error":{}}}"#,
            error.to_json()
        ),
    }
}

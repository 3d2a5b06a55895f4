//! Subscriptions of one WebSocket connection. [R4]

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::{broadcast, mpsc};
use tokio::task::AbortHandle;
use types::{ChainId, MessageId};

use super::Backend;
use super::early;
use super::error::{Reason, RpcError};
use super::method::{Answer, NoParams, Node, parse_params};
use super::methods::{OfHeads, OfTrace};
use super::view::{Event, Trace};

/// What can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// Committed blocks.
    Heads,
    /// Root-final anchors.
    Anchors,
    /// One message's trace.
    Trace,
}

impl Topic {
    /// The method of its notifications.
    const fn notification(self) -> &'static str {
        match self {
            Self::Heads => "chain_heads",
            Self::Anchors => "root_anchors",
            Self::Trace => "trace",
        }
    }
}

/// A connection's subscriptions. They end with it.
pub(super) struct Subscriptions {
    node: Node,
    outgoing: mpsc::Sender<String>,
    most: usize,
    next: u64,
    running: BTreeMap<String, AbortHandle>,
}

impl Subscriptions {
    /// None yet. Notifications go to `outgoing`, which waits for a slow reader for so long as
    /// the connection's writer does.
    pub(super) const fn new(node: Node, outgoing: mpsc::Sender<String>, most: usize) -> Self {
        Self {
            node,
            outgoing,
            most,
            next: 1,
            running: BTreeMap::new(),
        }
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "ended by unsubscribe and by drop"
    )]
    pub(super) async fn subscribe(&mut self, topic: Topic, params: Option<&RawValue>) -> Answer {
        self.running.retain(|_, running| !running.is_finished());
        if self.running.len() >= self.most {
            let message = format!("{} subscriptions on this connection", self.running.len());
            return Err(RpcError::new(Reason::TooManySubscriptions, message));
        }
        let id = self.next.to_string();
        let teller = Teller {
            id: id.clone(),
            topic,
            events: self.node.backend.events(),
            outgoing: self.outgoing.clone(),
        };
        let task = match topic {
            Topic::Heads => {
                let OfHeads { chain } = parse_params(params)?;
                tokio::spawn(teller.tell_heads(chain))
            }
            Topic::Anchors => {
                let NoParams {} = parse_params(params)?;
                tokio::spawn(teller.tell_anchors())
            }
            Topic::Trace => {
                let OfTrace { id, early_seats } = parse_params(params)?;
                if let Some(seats) = early_seats {
                    let check = move |backend: &dyn Backend| early::check_of(backend, id, seats);
                    self.node.read(check).await??;
                }
                tokio::spawn(teller.tell_trace(self.node.clone(), id, early_seats))
            }
        };
        self.next += 1;
        self.running.insert(id.clone(), task.abort_handle());
        raw(&id)
    }

    pub(super) fn unsubscribe(&mut self, id: &str) -> Answer {
        match self.running.remove(id) {
            Some(running) => {
                running.abort();
                raw(&true)
            }
            None => Err(RpcError::new(
                Reason::UnknownSubscription,
                "no such subscription",
            )),
        }
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        for running in self.running.values() {
            running.abort();
        }
    }
}

fn raw(value: &impl Serialize) -> Answer {
    to_raw_value(value).map_err(|error| RpcError::new(Reason::Internal, error))
}

/// Tells one subscriber.
struct Teller {
    id: String,
    topic: Topic,
    events: broadcast::Receiver<Event>,
    outgoing: mpsc::Sender<String>,
}

/// The connection or the node is gone.
struct Gone;

impl Teller {
    async fn tell_heads(mut self, chain: Option<ChainId>) {
        while let Ok(event) = self.next().await {
            let Some(Event::Head(head)) = event else {
                continue;
            };
            let wanted = chain.is_none_or(|chain| chain == head.chain);
            if wanted && self.tell(&head).await.is_err() {
                return;
            }
        }
    }

    async fn tell_anchors(mut self) {
        while let Ok(event) = self.next().await {
            if let Some(Event::Anchor(anchored)) = event
                && self.tell(&anchored).await.is_err()
            {
                return;
            }
        }
    }

    /// Tells the trace when it differs from what was told last.
    async fn tell_trace(mut self, node: Node, message: MessageId, seats: Option<u32>) {
        let mut told: Option<Trace> = None;
        loop {
            let read = node.read(move |backend| backend.trace(message, seats));
            let Ok(trace) = read.await else {
                return;
            };
            if let Some(trace) = trace
                && told.as_ref() != Some(&trace)
            {
                if self.tell(&trace).await.is_err() {
                    return;
                }
                told = Some(trace);
            }
            let top = told.as_ref().map_or(message, |trace| trace.id);
            if self.await_change(top).await.is_err() {
                return;
            }
        }
    }

    /// Waits until the trace may have changed; many changes at once are one.
    async fn await_change(&mut self, top: MessageId) -> Result<(), Gone> {
        loop {
            match self.next().await? {
                Some(Event::Trace(id)) if id == top => break,
                // Something was missed: it may have been this.
                None => break,
                Some(_) => {}
            }
        }
        // Nothing that is waiting now can be newer than what is read next.
        while let Ok(_) | Err(broadcast::error::TryRecvError::Lagged(_)) = self.events.try_recv() {}
        Ok(())
    }

    /// The next event; `None` when some were missed.
    async fn next(&mut self) -> Result<Option<Event>, Gone> {
        match self.events.recv().await {
            Ok(event) => Ok(Some(event)),
            Err(broadcast::error::RecvError::Lagged(_)) => Ok(None),
            Err(broadcast::error::RecvError::Closed) => Err(Gone),
        }
    }

    async fn tell(&self, result: &impl Serialize) -> Result<(), Gone> {
        let result = serde_json::to_string(result).map_err(|_| Gone)?;
        let (method, id) = (self.topic.notification(), &self.id);
        let params = format!(r#"{{"subscription":"{id}","result":{result}}}"#);
        let text = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#);
        self.outgoing.send(text).await.map_err(|_| Gone)
    }
}

//! Handing a message in, and waiting for what becomes of it. [W3]

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use types::MessageId;

use super::SignedFile;
use crate::client::{Client, ClientError, Socket};
use crate::rpc::error::{Reason, RpcError};
use crate::rpc::view::{Level, Submitted, Trace, Word};

/// How often the trace is read though nothing was told.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// What waiting came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The last trace that was seen, if any.
    pub trace: Option<Trace>,
    /// Whether the level was reached, or everything has ended.
    pub reached: bool,
}

/// What to wait for, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The level.
    pub level: Level,
    /// Seats that must have prepared the message's block for level early; the usual number
    /// without it.
    pub early_seats: Option<u32>,
    /// How long to wait at most.
    pub patience: Duration,
}

/// Hands a message in and waits until it has reached a level or its tree has ended.
///
/// # Errors
/// The node refuses the message or the seats, or is lost before the message was handed in.
pub async fn submit(
    client: &Client,
    file: &SignedFile,
    goal: Goal,
    seen: impl FnMut(&Trace),
) -> Result<Outcome, ClientError> {
    let mut socket = client.connect().await?;
    let question = goal.question(file.id);
    let _subscription: String = socket.call("trace_subscribe", question).await?;
    let mut params = json!({ "network": file.network, "message": file.message });
    if let Some(seats) = goal.early_seats {
        params["early_seats"] = seats.into();
    }
    let _taken: Submitted = socket.call("tx_submit", params).await?;
    let mut watch = Watch::new(client, socket, file.id, goal);
    watch.until(seen).await
}

/// Waits for a message that was handed in before, as [`submit`] does.
///
/// # Errors
/// The node does not know the message, or can't be reached.
pub async fn wait_for(
    client: &Client,
    id: MessageId,
    goal: Goal,
    seen: impl FnMut(&Trace),
) -> Result<Outcome, ClientError> {
    let question = goal.question(id);
    let _known: Trace = client.call("trace_get", &question).await?;
    let mut socket = client.connect().await?;
    let _subscription: String = socket.call("trace_subscribe", question).await?;
    let mut watch = Watch::new(client, socket, id, goal);
    watch.until(seen).await
}

impl Goal {
    /// What to ask a node for; one that knows of no seats understands it if none are wanted.
    fn question(&self, id: MessageId) -> Value {
        match self.early_seats {
            Some(seats) => json!({ "id": id, "early_seats": seats }),
            None => json!({ "id": id }),
        }
    }
}

/// One trace under watch.
struct Watch<'a> {
    client: &'a Client,
    socket: Option<Socket>,
    id: MessageId,
    goal: Goal,
    deadline: Instant,
    last: Option<Trace>,
}

impl<'a> Watch<'a> {
    fn new(client: &'a Client, socket: Socket, id: MessageId, goal: Goal) -> Self {
        Self {
            client,
            socket: Some(socket),
            id,
            goal,
            deadline: Instant::now() + goal.patience,
            last: None,
        }
    }

    async fn until(&mut self, mut seen: impl FnMut(&Trace)) -> Result<Outcome, ClientError> {
        loop {
            let Ok(trace) = tokio::time::timeout_at(self.deadline, self.next()).await else {
                return Ok(self.outcome(false));
            };
            let Some(trace) = trace? else {
                continue;
            };
            if self.last.as_ref() == Some(&trace) {
                continue;
            }
            seen(&trace);
            let ended = trace.word != Word::Pending || trace.level >= self.goal.level;
            self.last = Some(trace);
            if ended {
                return Ok(self.outcome(true));
            }
        }
    }

    /// The next trace that is told or read; `None` when there is none yet.
    async fn next(&mut self) -> Result<Option<Trace>, ClientError> {
        if let Some(socket) = &mut self.socket {
            match tokio::time::timeout(READ_AGAIN, socket.next()).await {
                Ok(Ok((_, trace))) => return Ok(Some(trace)),
                // The connection is lost: reading goes on without it.
                Ok(Err(_)) => self.socket = None,
                Err(_) => {}
            }
        } else {
            tokio::time::sleep(READ_AGAIN).await;
        }
        match self
            .client
            .call("trace_get", self.goal.question(self.id))
            .await
        {
            Ok(trace) => Ok(Some(trace)),
            Err(ClientError::Refused(RpcError {
                reason: Reason::UnknownMessage,
                ..
            })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn outcome(&mut self, reached: bool) -> Outcome {
        Outcome {
            trace: self.last.take(),
            reached,
        }
    }
}

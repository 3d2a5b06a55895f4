//! The two ends of a network that a node holds: a handle to command it, and its events.

use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::counters::{CounterSnapshot, Counters};
use crate::identity::NodeId;
use crate::lanes::EventQueue;
use crate::memory::Seat;
use crate::port::{
    Command, Event, MAX_ANSWER, MAX_DIRECT, MAX_GOSSIP, MAX_REQUEST, MessageId, Offence, Protocol,
    REQUEST_TIMEOUT, RequestError, Ticket, Topic, TopicKind, Verdict,
};

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// Too many commands are waiting. Only the `try_` variants say this; the others wait.
    #[error("too many commands are waiting")]
    Full,
    /// The network has shut down.
    #[error("the network is closed")]
    Closed,
    /// More bytes than the command may carry.
    #[error("{bytes} bytes are more than the {most} allowed")]
    TooLarge {
        /// The length given.
        bytes: usize,
        /// The limit.
        most: usize,
    },
}

/// Two bounded queues, so that consensus never waits behind users' messages.
#[derive(Clone)]
pub(crate) struct Lines {
    pub(crate) urgent: mpsc::Sender<Command>,
    pub(crate) bulk: mpsc::Sender<Command>,
}

#[derive(Clone)]
pub(crate) enum Port {
    Swarm(Lines),
    Memory(Arc<Seat>),
}

/// Commands a network. Cheap to clone; works until the [`Network`] is dropped.
#[derive(Clone)]
pub struct NetworkHandle {
    id: NodeId,
    port: Port,
    counters: Arc<Counters>,
}

impl NetworkHandle {
    pub(crate) fn new(id: NodeId, port: Port, counters: Arc<Counters>) -> Self {
        Self { id, port, counters }
    }

    /// Who we are.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// What was shed, limited and refused so far.
    pub fn counters(&self) -> CounterSnapshot {
        self.counters.snapshot()
    }

    /// Gives a command, waiting for room.
    pub async fn send(&self, command: Command) -> Result<(), CommandError> {
        check(&command)?;
        match &self.port {
            Port::Swarm(lines) => line(lines, &command)
                .send(command)
                .await
                .map_err(|_| CommandError::Closed),
            Port::Memory(seat) => seat.submit(command),
        }
    }

    /// Gives a command if there is room.
    pub fn try_send(&self, command: Command) -> Result<(), CommandError> {
        check(&command)?;
        match &self.port {
            Port::Swarm(lines) => line(lines, &command)
                .try_send(command)
                .map_err(|e| match e {
                    mpsc::error::TrySendError::Full(_) => CommandError::Full,
                    mpsc::error::TrySendError::Closed(_) => CommandError::Closed,
                }),
            Port::Memory(seat) => seat.submit(command),
        }
    }

    /// See [`Command::Subscribe`].
    pub async fn subscribe(&self, topic: Topic) -> Result<(), CommandError> {
        self.send(Command::Subscribe(topic)).await
    }

    /// See [`Command::Unsubscribe`].
    pub async fn unsubscribe(&self, topic: Topic) -> Result<(), CommandError> {
        self.send(Command::Unsubscribe(topic)).await
    }

    /// See [`Command::Publish`].
    pub async fn publish(&self, topic: Topic, bytes: Bytes) -> Result<(), CommandError> {
        self.send(Command::Publish { topic, bytes }).await
    }

    /// See [`Command::Publish`].
    pub fn try_publish(&self, topic: Topic, bytes: Bytes) -> Result<(), CommandError> {
        self.try_send(Command::Publish { topic, bytes })
    }

    /// See [`Command::Verdict`].
    pub async fn verdict(
        &self,
        id: MessageId,
        from: NodeId,
        verdict: Verdict,
    ) -> Result<(), CommandError> {
        self.send(Command::Verdict { id, from, verdict }).await
    }

    /// See [`Command::Verdict`].
    pub fn try_verdict(
        &self,
        id: MessageId,
        from: NodeId,
        verdict: Verdict,
    ) -> Result<(), CommandError> {
        self.try_send(Command::Verdict { id, from, verdict })
    }

    /// See [`Command::Direct`].
    pub async fn direct(&self, to: NodeId, topic: Topic, bytes: Bytes) -> Result<(), CommandError> {
        self.send(Command::Direct { to, topic, bytes }).await
    }

    /// See [`Command::Direct`].
    pub fn try_direct(&self, to: NodeId, topic: Topic, bytes: Bytes) -> Result<(), CommandError> {
        self.try_send(Command::Direct { to, topic, bytes })
    }

    /// Asks `to` and waits for the answer, at most a little longer than [`REQUEST_TIMEOUT`].
    pub async fn request(
        &self,
        to: NodeId,
        protocol: Protocol,
        bytes: Bytes,
    ) -> Result<Bytes, RequestError> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Request {
            to,
            protocol,
            bytes,
            answer,
        };
        match self.send(command).await {
            Err(CommandError::TooLarge { bytes, most }) => {
                return Err(RequestError::TooLarge { bytes, most });
            }
            Err(_) => return Err(RequestError::Closed),
            Ok(()) => {}
        }
        match tokio::time::timeout(REQUEST_TIMEOUT * 2, answered).await {
            Ok(answered) => answered.unwrap_or(Err(RequestError::Closed)),
            Err(_) => Err(RequestError::Timeout),
        }
    }

    /// See [`Command::Answer`].
    pub async fn answer(&self, ticket: Ticket, bytes: Bytes) -> Result<(), CommandError> {
        self.send(Command::Answer { ticket, bytes }).await
    }

    /// See [`Command::Answer`].
    pub fn try_answer(&self, ticket: Ticket, bytes: Bytes) -> Result<(), CommandError> {
        self.try_send(Command::Answer { ticket, bytes })
    }

    /// See [`Command::Provide`].
    pub async fn provide(&self, chain: u32) -> Result<(), CommandError> {
        self.send(Command::Provide { chain }).await
    }

    /// Looks for nodes that serve `chain`.
    pub async fn find_providers(&self, chain: u32) -> Result<Vec<NodeId>, CommandError> {
        let (answer, answered) = oneshot::channel();
        self.send(Command::FindProviders { chain, answer }).await?;
        answered.await.map_err(|_| CommandError::Closed)
    }

    /// See [`Command::Dial`].
    pub async fn dial(&self, addr: libp2p::Multiaddr) -> Result<(), CommandError> {
        self.send(Command::Dial { addr }).await
    }

    /// See [`Command::Report`].
    pub async fn report(&self, peer: NodeId, offence: Offence) -> Result<(), CommandError> {
        self.send(Command::Report { peer, offence }).await
    }

    /// See [`Command::Know`].
    pub async fn know(&self, members: Vec<NodeId>) -> Result<(), CommandError> {
        self.send(Command::Know { members }).await
    }

    /// See [`Command::Protect`].
    pub async fn protect(&self, peers: Vec<NodeId>) -> Result<(), CommandError> {
        self.send(Command::Protect { peers }).await
    }
}

/// A running network. Dropping it closes every connection.
pub struct Network {
    handle: NetworkHandle,
    events: Arc<EventQueue>,
    /// Kept only to be dropped: the task ends when it is.
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl Network {
    /// `task` runs the network and ends when `stop`'s receiver hears that it was dropped.
    pub(crate) fn new(
        handle: NetworkHandle,
        events: Arc<EventQueue>,
        task: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    ) -> Self {
        let (stop, task) = task.unzip();
        Self {
            handle,
            events,
            stop,
            task,
        }
    }

    /// Who we are.
    pub fn id(&self) -> NodeId {
        self.handle.id()
    }

    /// A handle to command the network.
    pub fn handle(&self) -> NetworkHandle {
        self.handle.clone()
    }

    /// The next event; `None` after the network has ended. Safe to cancel.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.pop().await
    }

    /// The next event if one is waiting.
    pub fn try_next(&mut self) -> Option<Event> {
        self.events.try_pop()
    }

    /// Says goodbye to every peer and waits until all connections are closed.
    pub async fn shutdown(mut self) {
        self.close();
        if let Some(task) = self.task.take() {
            // The task ends by itself; that it panicked was already printed.
            let _ = task.await;
        }
    }

    fn close(&mut self) {
        self.stop = None;
        self.events.close();
        if let Port::Memory(seat) = &self.handle.port {
            seat.leave();
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.close();
    }
}

/// Consensus, verdicts and control are urgent; users' messages and questions are not.
fn line<'a>(lines: &'a Lines, command: &Command) -> &'a mpsc::Sender<Command> {
    let bulk = match command {
        Command::Publish { topic, .. } | Command::Direct { topic, .. } => {
            topic.kind != TopicKind::Consensus
        }
        Command::Request { .. } | Command::FindProviders { .. } => true,
        _ => false,
    };
    if bulk { &lines.bulk } else { &lines.urgent }
}

fn check(command: &Command) -> Result<(), CommandError> {
    let (bytes, most) = match command {
        Command::Publish { bytes, .. } => (bytes.len(), MAX_GOSSIP),
        Command::Direct { bytes, .. } => (bytes.len(), MAX_DIRECT),
        Command::Request { bytes, .. } => (bytes.len(), MAX_REQUEST),
        Command::Answer { bytes, .. } => (bytes.len(), MAX_ANSWER),
        _ => return Ok(()),
    };
    if bytes > most {
        Err(CommandError::TooLarge { bytes, most })
    } else {
        Ok(())
    }
}

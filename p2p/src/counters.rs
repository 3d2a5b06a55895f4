//! What the network let go of, counted, so that an operator sees it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::port::{Event, TopicKind};

/// Counts since the start. Read them with [`Counters::snapshot`].
#[derive(Debug, Default)]
pub struct Counters {
    shed_consensus: AtomicU64,
    shed_anchors: AtomicU64,
    shed_messages: AtomicU64,
    pub(crate) shed_requests: AtomicU64,
    pub(crate) rate_limited: AtomicU64,
    pub(crate) unpublished: AtomicU64,
    pub(crate) bans: AtomicU64,
    pub(crate) strangers: AtomicU64,
    pub(crate) denied: AtomicU64,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CounterSnapshot {
    /// Consensus messages that the node was too slow to read.
    pub shed_consensus: u64,
    /// Anchors that the node was too slow to read.
    pub shed_anchors: u64,
    /// User messages that the node was too slow to read.
    pub shed_messages: u64,
    /// Questions answered "busy": the node was too slow to read them, or the askers their answers.
    pub shed_requests: u64,
    /// Messages and questions above the allowance of an author or a peer.
    pub rate_limited: u64,
    /// Messages that we meant to publish and that every peer's queue refused.
    pub unpublished: u64,
    /// Bans.
    pub bans: u64,
    /// Connections closed because the other side is of another network.
    pub strangers: u64,
    /// Connections refused: limits, bans, crowded addresses, failed handshakes.
    pub denied: u64,
}

impl Counters {
    /// The counts now.
    pub fn snapshot(&self) -> CounterSnapshot {
        CounterSnapshot {
            shed_consensus: self.shed_consensus.load(Relaxed),
            shed_anchors: self.shed_anchors.load(Relaxed),
            shed_messages: self.shed_messages.load(Relaxed),
            shed_requests: self.shed_requests.load(Relaxed),
            rate_limited: self.rate_limited.load(Relaxed),
            unpublished: self.unpublished.load(Relaxed),
            bans: self.bans.load(Relaxed),
            strangers: self.strangers.load(Relaxed),
            denied: self.denied.load(Relaxed),
        }
    }

    pub(crate) fn count_shed(&self, event: &Event) {
        let counter = match event {
            Event::Gossip { topic, .. } | Event::Direct { topic, .. } => match topic.kind {
                TopicKind::Consensus => &self.shed_consensus,
                TopicKind::Anchors => &self.shed_anchors,
                TopicKind::Messages => &self.shed_messages,
            },
            Event::Request { .. } => &self.shed_requests,
            _ => return,
        };
        add(counter);
    }
}

pub(crate) fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

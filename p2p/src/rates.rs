//! Allowances: how much one peer may send of each kind, as token buckets. Pure and integer.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::NodeId;
use crate::port::TopicKind;

/// An allowance per peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Messages a second.
    pub messages: u32,
    /// Bytes a second.
    pub bytes: u32,
}

/// The allowances of every peer. Twice the figure may come in one burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Gossip and direct messages about consensus.
    pub consensus: Rate,
    /// Gossip and direct messages about anchors.
    pub anchors: Rate,
    /// Gossip and direct messages of users.
    pub messages: Rate,
    /// Questions.
    pub requests: Rate,
}

impl Default for RateLimits {
    fn default() -> Self {
        const MIB: u32 = 1024 * 1024;
        Self {
            consensus: Rate {
                messages: 4000,
                bytes: 64 * MIB,
            },
            anchors: Rate {
                messages: 500,
                bytes: 4 * MIB,
            },
            messages: Rate {
                messages: 8000,
                bytes: 16 * MIB,
            },
            requests: Rate {
                messages: 200,
                bytes: 4 * MIB,
            },
        }
    }
}

/// What an allowance is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Topic(TopicKind),
    Request,
}

const BURST_SECONDS: u64 = 2;
const THROTTLE: u64 = 8;

/// Millionths of a message and of a byte.
#[derive(Clone, Copy)]
struct Bucket {
    messages: u64,
    bytes: u64,
    updated: Duration,
}

/// The buckets of all peers.
pub(crate) struct Rates {
    limits: RateLimits,
    buckets: BTreeMap<(NodeId, Class), Bucket>,
}

impl Rates {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            buckets: BTreeMap::new(),
        }
    }

    /// Takes one message of `bytes` from the allowance; false if it is used up.
    pub(crate) fn admit(
        &mut self,
        now: Duration,
        peer: NodeId,
        class: Class,
        bytes: usize,
        throttled: bool,
    ) -> bool {
        let rate = self.rate(class);
        let share = if throttled { THROTTLE } else { 1 };
        let (messages, size) = (
            u64::from(rate.messages) / share,
            u64::from(rate.bytes) / share,
        );
        let full = |per_second: u64| per_second * BURST_SECONDS * 1_000_000;
        // A burst must always have room for one whole message, however small the allowance.
        let (most_messages, most_bytes) = (
            full(messages).max(1_000_000),
            full(size).max((bytes as u64) * 1_000_000),
        );
        let fresh = Bucket {
            messages: most_messages,
            bytes: most_bytes,
            updated: now,
        };
        let bucket = self.buckets.entry((peer, class)).or_insert(fresh);
        let elapsed = now.saturating_sub(bucket.updated).as_micros();
        let micros = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let refill = |have: u64, rate: u64, most: u64| {
            have.saturating_add(micros.saturating_mul(rate)).min(most)
        };
        bucket.messages = refill(bucket.messages, messages, most_messages);
        bucket.bytes = refill(bucket.bytes, size, most_bytes);
        bucket.updated = now;
        let cost = (bytes as u64) * 1_000_000;
        if bucket.messages < 1_000_000 || bucket.bytes < cost {
            return false;
        }
        bucket.messages -= 1_000_000;
        bucket.bytes -= cost;
        true
    }

    /// A peer left.
    pub(crate) fn forget(&mut self, peer: NodeId) {
        self.buckets.retain(|(owner, _), _| *owner != peer);
    }

    fn rate(&self, class: Class) -> Rate {
        match class {
            Class::Topic(TopicKind::Consensus) => self.limits.consensus,
            Class::Topic(TopicKind::Anchors) => self.limits.anchors,
            Class::Topic(TopicKind::Messages) => self.limits.messages,
            Class::Request => self.limits.requests,
        }
    }
}

#[cfg(test)]
mod tests;

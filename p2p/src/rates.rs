//! Allowances: how much comes in of each kind, and on whose account, as token buckets. Pure and
//! integer.
//!
//! What a peer says itself, direct messages and questions, is on its own account. Gossip is on that
//! of its author, wherever it comes from (`authors` says who that is). Identities are free, so
//! authors whom we don't know have no account each; what they say passes three that are shared.
//! No key opens more of these, and nothing that a stranger does touches the account of another:
//!
//! | account | part of the figure | stops |
//! |---|---|---|
//! | slot: one in 64, by a secret hash | 1/8 | one author, who comes in by many peers |
//! | via: all that one peer hands us | 1/2 | many names behind one connection |
//! | strangers: all of them | 2 | the rest |

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::NodeId;
use crate::port::TopicKind;

/// An allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Messages a second.
    pub messages: u32,
    /// Bytes a second.
    pub bytes: u32,
}

/// The allowances: of every author for gossip, and as much again of every peer for direct messages.
/// Twice the figure may come in one burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// What is said about consensus.
    pub consensus: Rate,
    /// Anchors.
    pub anchors: Rate,
    /// Messages of users.
    pub messages: Rate,
    /// Questions of every peer.
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

/// Who is charged, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    /// Direct messages of a peer.
    Direct(NodeId, TopicKind),
    /// Questions of a peer.
    Request(NodeId),
    /// Gossip of an author whom we know.
    Author(NodeId, TopicKind),
    /// Gossip of the strangers in one slot.
    Slot(u8, TopicKind),
    /// Gossip of strangers that one peer hands us.
    Via(NodeId, TopicKind),
    /// Gossip of all strangers.
    Strangers(TopicKind),
}

impl Account {
    /// Whether it is of one node. To throttle that node is no reason to throttle others.
    const fn is_own(self) -> bool {
        !matches!(self, Self::Slot(..) | Self::Strangers(_))
    }

    fn rate(self, limits: &RateLimits) -> Rate {
        let of = |kind| match kind {
            TopicKind::Consensus => limits.consensus,
            TopicKind::Anchors => limits.anchors,
            TopicKind::Messages => limits.messages,
        };
        match self {
            Self::Direct(_, kind) | Self::Author(_, kind) => of(kind),
            Self::Request(_) => limits.requests,
            Self::Slot(_, kind) => of(kind).part(1, 8),
            Self::Via(_, kind) => of(kind).part(1, 2),
            Self::Strangers(kind) => of(kind).part(2, 1),
        }
    }
}

impl Rate {
    /// However small the part, it is something: an account that never fills is a ban.
    fn part(self, of: u32, parts: u32) -> Self {
        let part = |figure: u32| (figure.saturating_mul(of) / parts).max(1);
        Self {
            messages: part(self.messages),
            bytes: part(self.bytes),
        }
    }
}

const BURST: Duration = Duration::from_secs(2);
const THROTTLE: u32 = 8;
const MICRO: u64 = 1_000_000;

/// Millionths of a message and of a byte.
#[derive(Clone, Copy)]
struct Bucket {
    messages: u64,
    bytes: u64,
    updated: Duration,
}

impl Bucket {
    /// A burst always has room for one whole message, however small the allowance.
    fn full(now: Duration, rate: Rate, bytes: usize) -> Self {
        let burst = |figure: u32| u64::from(figure) * BURST.as_secs() * MICRO;
        Self {
            messages: burst(rate.messages).max(MICRO),
            bytes: burst(rate.bytes).max(bytes as u64 * MICRO),
            updated: now,
        }
    }

    fn refill(&mut self, now: Duration, rate: Rate, full: &Self) {
        let elapsed = now.saturating_sub(self.updated).as_micros();
        let micros = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let refilled = |have: u64, rate: u32, most: u64| {
            have.saturating_add(micros.saturating_mul(rate.into()))
                .min(most)
        };
        self.messages = refilled(self.messages, rate.messages, full.messages);
        self.bytes = refilled(self.bytes, rate.bytes, full.bytes);
        self.updated = now;
    }

    fn has(&self, bytes: usize) -> bool {
        self.messages >= MICRO && self.bytes >= bytes as u64 * MICRO
    }

    fn take(&mut self, bytes: usize) {
        self.messages -= MICRO;
        self.bytes -= bytes as u64 * MICRO;
    }
}

/// The buckets of all accounts.
pub(crate) struct Rates {
    limits: RateLimits,
    buckets: BTreeMap<Account, Bucket>,
}

impl Rates {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            buckets: BTreeMap::new(),
        }
    }

    /// Takes one message of `bytes` from all `accounts`; from none, and false, if one is used up.
    pub(crate) fn admit(
        &mut self,
        now: Duration,
        accounts: &[Account],
        bytes: usize,
        throttled: bool,
    ) -> bool {
        let admitted = accounts.iter().all(|account| {
            let share = if throttled && account.is_own() {
                THROTTLE
            } else {
                1
            };
            self.refilled(now, *account, bytes, share).has(bytes)
        });
        let buckets = accounts.iter().filter(|_| admitted);
        for account in buckets {
            if let Some(bucket) = self.buckets.get_mut(account) {
                bucket.take(bytes);
            }
        }
        admitted
    }

    fn refilled(&mut self, now: Duration, account: Account, bytes: usize, share: u32) -> &Bucket {
        let rate = account.rate(&self.limits).part(1, share);
        let full = Bucket::full(now, rate, bytes);
        let bucket = self.buckets.entry(account).or_insert(full);
        bucket.refill(now, rate, &full);
        bucket
    }

    /// Forgets what nobody has used for so long that it is full again. What remains is of those
    /// whom we have heard in the last seconds.
    pub(crate) fn tidy(&mut self, now: Duration) {
        self.buckets
            .retain(|_, bucket| bucket.updated + BURST > now);
    }
}

#[cfg(test)]
mod tests;

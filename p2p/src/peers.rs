//! The book of peers: who did what, who is banned, who is protected. Pure: `now` is an input.
//!
//! Points fall with each offence and come back by ten a minute. At −100 a peer is banned for an
//! hour, then two, … up to a day. Three rules keep a bug of ours from cutting us off:
//! - \[P1\] A protected peer (a member of our committees) is throttled, never banned; nor do its
//!   points cut it off from gossip, which would be a ban by another name.
//! - \[P2\] At most a fifth of the peers, and always one, is banned in ten minutes; others that
//!   deserve it are throttled until a place is free.
//! - \[P8\] Time-outs alone bring nobody below −20: to be slow is no crime.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::identity::NodeId;
use crate::port::Offence;

const MILLI: i64 = 1000;
/// Points come back at this pace, in thousandths of a point per second: ten a minute.
const RECOVERY: i64 = 10 * MILLI / 60;
const BAN_AT: i64 = -100 * MILLI;
/// \[P8\] Half of what cuts a peer off from any part of gossip.
const SLOW_AT: i64 = -20 * MILLI;
const FIRST_BAN: Duration = Duration::from_secs(3600);
const LONGEST_BAN: Duration = Duration::from_secs(24 * 3600);
const GUARD_WINDOW: Duration = Duration::from_secs(600);
/// Peers remembered at most; the ones forgotten first are in good standing and the longest unheard.
const BOOK_SIZE: usize = 4096;

/// How a peer is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Good,
    /// Allowances are an eighth.
    Throttled,
    Banned {
        until: Duration,
    },
}

#[derive(Clone, Copy, Default)]
struct Entry {
    /// Thousandths of a point, at most 0.
    score: i64,
    updated: Duration,
    bans: u32,
    banned_until: Option<Duration>,
}

impl Entry {
    fn settle(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.updated).as_millis();
        let regained = i64::try_from(elapsed)
            .unwrap_or(i64::MAX)
            .saturating_mul(RECOVERY)
            / 1000;
        self.score = self.score.saturating_add(regained).min(0);
        self.updated = now;
    }

    fn pay(&mut self, offence: Offence) {
        let least = match offence {
            Offence::Unanswered => SLOW_AT.min(self.score),
            _ => 2 * BAN_AT,
        };
        self.score = self.score.saturating_sub(price(offence)).max(least);
    }

    fn standing(&self, now: Duration) -> Standing {
        match self.banned_until {
            Some(until) if until > now => Standing::Banned { until },
            _ if self.score <= BAN_AT => Standing::Throttled,
            _ => Standing::Good,
        }
    }
}

/// See the module's page.
#[derive(Default)]
pub(crate) struct PeerBook {
    entries: BTreeMap<NodeId, Entry>,
    protected: BTreeSet<NodeId>,
    recent_bans: VecDeque<Duration>,
}

impl PeerBook {
    /// Counts `offence` against `peer`. `present` is the number of connected peers, for \[P2\].
    pub(crate) fn offend(
        &mut self,
        now: Duration,
        peer: NodeId,
        offence: Offence,
        present: usize,
    ) -> Standing {
        self.make_room(now);
        let may_ban = !self.protected.contains(&peer) && self.guard_allows(now, present);
        let entry = self.entries.entry(peer).or_default();
        entry.settle(now);
        entry.pay(offence);
        let standing = entry.standing(now);
        if standing == Standing::Throttled && may_ban {
            // Served time clears the debt; only the number of bans stays.
            let length = FIRST_BAN * (1 << entry.bans.min(5));
            let until = now + length.min(LONGEST_BAN);
            *entry = Entry {
                score: 0,
                updated: now,
                bans: entry.bans + 1,
                banned_until: Some(until),
            };
            self.recent_bans.push_back(now);
            return Standing::Banned { until };
        }
        standing
    }

    /// How `peer` is to be treated now.
    pub(crate) fn standing(&self, now: Duration, peer: &NodeId) -> Standing {
        let Some(entry) = self.entries.get(peer) else {
            return Standing::Good;
        };
        let mut settled = *entry;
        settled.settle(now);
        match settled.standing(now) {
            Standing::Banned { .. } if self.protected.contains(peer) => Standing::Throttled,
            standing => standing,
        }
    }

    /// Whole points of `peer`, at most 0.
    pub(crate) fn score(&self, now: Duration, peer: &NodeId) -> i64 {
        self.entries.get(peer).map_or(0, |entry| {
            let mut settled = *entry;
            settled.settle(now);
            settled.score / MILLI
        })
    }

    /// What gossipsub gets to know of that. \[P1\] Of a protected peer nothing: gossipsub stops
    /// listening to whoever has too few points, and counts invalid gossip itself.
    pub(crate) fn gossip_score(&self, now: Duration, peer: &NodeId) -> i64 {
        match self.protected.contains(peer) {
            true => 0,
            false => self.score(now, peer),
        }
    }

    /// Replaces the protected set.
    pub(crate) fn protect(&mut self, peers: BTreeSet<NodeId>) {
        self.protected = peers;
    }

    pub(crate) fn is_protected(&self, peer: &NodeId) -> bool {
        self.protected.contains(peer)
    }

    /// Whether anybody is banned. Cheap enough to ask at every command.
    pub(crate) fn has_bans(&self) -> bool {
        self.entries
            .values()
            .any(|entry| entry.banned_until.is_some())
    }

    /// Peers whose ban has ended, or who became protected, each named once.
    pub(crate) fn pardon(&mut self, now: Duration) -> Vec<NodeId> {
        let mut pardoned = Vec::new();
        for (peer, entry) in &mut self.entries {
            let over = entry.banned_until.is_some_and(|until| until <= now);
            if over || (entry.banned_until.is_some() && self.protected.contains(peer)) {
                entry.banned_until = None;
                pardoned.push(*peer);
            }
        }
        pardoned
    }

    /// \[P2\]
    fn guard_allows(&mut self, now: Duration, present: usize) -> bool {
        while self
            .recent_bans
            .front()
            .is_some_and(|at| *at + GUARD_WINDOW <= now)
        {
            self.recent_bans.pop_front();
        }
        let peers = present + self.recent_bans.len();
        self.recent_bans.len() < (peers / 5).max(1)
    }

    fn make_room(&mut self, now: Duration) {
        if self.entries.len() < BOOK_SIZE {
            return;
        }
        let idle = |entry: &Entry| entry.standing(now) == Standing::Good;
        let oldest = self
            .entries
            .iter()
            .min_by_key(|(_, entry)| (!idle(entry), entry.updated));
        if let Some(peer) = oldest.map(|(peer, _)| *peer) {
            self.entries.remove(&peer);
        }
    }
}

/// Thousandths of a point.
fn price(offence: Offence) -> i64 {
    match offence {
        Offence::Forgery => 100 * MILLI,
        Offence::Malformed => 50 * MILLI,
        // Five within two minutes are a ban, whatever comes back between them.
        Offence::InvalidGossip | Offence::BadAnswer => 24 * MILLI,
        Offence::Unanswered => 2 * MILLI,
        // An honest peer passes on a burst that others began.
        Offence::Flood => MILLI / 10,
    }
}

#[cfg(test)]
mod tests;

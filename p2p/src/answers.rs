//! Answers under way: to whom, how many, how many bytes. Pure: `now` is an input.
//!
//! An answer is ours to hold until the asker has read it, and nobody has to read. So a question is
//! put to the node only while an answer of the largest size would have room, and an answer for
//! which there is none after all is not sent. What a few strangers leave unread must not keep the
//! rest from being answered:
//! - They leave a quarter of all to protected peers: of the room, and of the questions that the
//!   node may have before it.
//! - Once half of the room is taken, each of them gets that of one answer of the largest size.
//! - Those of one subnet get a quarter of the room.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::gate::Subnet;
use crate::identity::NodeId;
use crate::port::{MAX_ANSWER, REQUEST_TIMEOUT};

/// Questions of one peer under way. It asks half as many at once; it may have read an answer, and
/// ask again, before we know of it.
const OPEN: usize = 64;
/// Questions of all that wait for the node to answer.
const WAITING: usize = 1024;
/// Bytes under way to one peer.
const TO_ONE: usize = 4 * MAX_ANSWER;
/// Bytes under way to all.
const TO_ALL: usize = 32 * MAX_ANSWER;
/// Those of them that the strangers of one subnet may have.
const TO_SUBNET: usize = TO_ALL / 4;
/// One part in so many is for protected peers alone.
const RESERVED: usize = 4;
/// By then libp2p has reported the end of everything.
const LONGEST: Duration = REQUEST_TIMEOUT.saturating_mul(2);

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    pub(crate) node: NodeId,
    /// Where it is, if that matters.
    pub(crate) subnet: Option<Subnet>,
    pub(crate) protected: bool,
}

impl Asker {
    fn share(&self, all: usize) -> usize {
        match self.protected {
            true => all,
            false => all - all / RESERVED,
        }
    }
}

struct Open {
    asker: Asker,
    bytes: usize,
    since: Duration,
}

#[derive(Clone, Copy, Default)]
struct Load {
    open: usize,
    bytes: usize,
    /// Of a stranger.
    subnet: Option<Subnet>,
}

/// See the module's page. `K` names a question.
pub(crate) struct Answers<K> {
    open: BTreeMap<K, Open>,
    loads: BTreeMap<NodeId, Load>,
    bytes: usize,
}

impl<K> Default for Answers<K> {
    fn default() -> Self {
        Self {
            open: BTreeMap::new(),
            loads: BTreeMap::new(),
            bytes: 0,
        }
    }
}

impl<K: Copy + Ord> Answers<K> {
    /// Question `key` has come; `waiting`, it included, wait for the node. Whether there is room
    /// for its answer; if so, [`Self::close`] it when it is over.
    pub(crate) fn open(&mut self, now: Duration, key: K, asker: Asker, waiting: usize) -> bool {
        let open = self.load(&asker.node).open;
        if open >= OPEN || waiting > asker.share(WAITING) || !self.fits(&asker, MAX_ANSWER) {
            return false;
        }
        let open = Open {
            asker,
            bytes: 0,
            since: now,
        };
        self.open.insert(key, open);
        let load = self.loads.entry(asker.node).or_default();
        load.open += 1;
        load.subnet = asker.subnet.filter(|_| !asker.protected);
        true
    }

    /// Whether an answer of `bytes` to `key` may be sent. If so it is under way.
    pub(crate) fn answer(&mut self, key: K, bytes: usize) -> bool {
        let asker = self.open.get(&key).map(|open| open.asker);
        let Some(asker) = asker.filter(|asker| self.fits(asker, bytes)) else {
            return false;
        };
        if let (Some(open), Some(load)) = (self.open.get_mut(&key), self.loads.get_mut(&asker.node))
        {
            open.bytes += bytes;
            load.bytes += bytes;
            self.bytes += bytes;
        }
        true
    }

    /// It was read, or nobody will.
    pub(crate) fn close(&mut self, key: K) {
        let Some(open) = self.open.remove(&key) else {
            return;
        };
        self.bytes -= open.bytes;
        if let Some(load) = self.loads.get_mut(&open.asker.node) {
            load.open -= 1;
            load.bytes -= open.bytes;
            if load.open == 0 {
                self.loads.remove(&open.asker.node);
            }
        }
    }

    /// Closes what should long be over.
    pub(crate) fn tidy(&mut self, now: Duration) {
        let old = |open: &Open| open.since + LONGEST <= now;
        let old = self.open.iter().filter(|(_, open)| old(open));
        let old: Vec<_> = old.map(|(key, _)| *key).collect();
        old.into_iter().for_each(|key| self.close(key));
    }

    fn fits(&self, asker: &Asker, bytes: usize) -> bool {
        let to_one = self.load(&asker.node).bytes + bytes;
        let to_all = self.bytes + bytes;
        if asker.protected {
            return to_one <= TO_ONE && to_all <= TO_ALL;
        }
        let crowded = to_all > TO_ALL / 2;
        let most = if crowded { MAX_ANSWER } else { TO_ONE };
        let to_subnet = asker.subnet.map_or(0, |subnet| self.to_subnet(subnet));
        to_one <= most && to_subnet + bytes <= TO_SUBNET && to_all <= asker.share(TO_ALL)
    }

    /// Bytes under way to the strangers of `subnet`.
    fn to_subnet(&self, subnet: Subnet) -> usize {
        let same = |load: &&Load| load.subnet == Some(subnet);
        self.loads
            .values()
            .filter(same)
            .map(|load| load.bytes)
            .sum()
    }

    fn load(&self, asker: &NodeId) -> Load {
        self.loads.get(asker).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;

//! Answers under way: to whom, how many, how many bytes. Pure: `now` is an input.
//!
//! An answer is ours to hold until the asker has read it, and nobody has to read. So a question is
//! put to the node only while an answer of the largest size would have room, and an answer for
//! which there is none after all is not sent. Strangers leave a quarter of the room to protected
//! peers.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::NodeId;
use crate::port::{MAX_ANSWER, REQUEST_TIMEOUT};

/// Questions of one peer under way. It asks half as many at once; it may have read an answer, and
/// ask again, before we know of it.
const OPEN: usize = 64;
/// Bytes under way to one peer.
const TO_ONE: usize = 4 * MAX_ANSWER;
/// Bytes under way to all.
const TO_ALL: usize = 32 * MAX_ANSWER;
/// Those that are for protected peers alone.
const RESERVED: usize = TO_ALL / 4;
/// By then libp2p has reported the end of everything.
const LONGEST: Duration = REQUEST_TIMEOUT.saturating_mul(2);

struct Open {
    asker: NodeId,
    protected: bool,
    bytes: usize,
    since: Duration,
}

#[derive(Clone, Copy, Default)]
struct Load {
    open: usize,
    bytes: usize,
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
    /// Question `key` has come. Whether there is room for its answer; if so, [`Self::close`] it
    /// when it is over.
    pub(crate) fn open(&mut self, now: Duration, key: K, asker: NodeId, protected: bool) -> bool {
        let load = self.load(&asker);
        if load.open >= OPEN || !self.fits(load, protected, MAX_ANSWER) {
            return false;
        }
        let open = Open {
            asker,
            protected,
            bytes: 0,
            since: now,
        };
        self.open.insert(key, open);
        self.loads.entry(asker).or_default().open += 1;
        true
    }

    /// Whether an answer of `bytes` to `key` may be sent. If so it is under way.
    pub(crate) fn answer(&mut self, key: K, bytes: usize) -> bool {
        let Some(open) = self.open.get(&key) else {
            return false;
        };
        let (asker, protected) = (open.asker, open.protected);
        if !self.fits(self.load(&asker), protected, bytes) {
            return false;
        }
        if let (Some(open), Some(load)) = (self.open.get_mut(&key), self.loads.get_mut(&asker)) {
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
        if let Some(load) = self.loads.get_mut(&open.asker) {
            load.open -= 1;
            load.bytes -= open.bytes;
            if load.open == 0 {
                self.loads.remove(&open.asker);
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

    fn fits(&self, load: Load, protected: bool, bytes: usize) -> bool {
        let most = if protected { TO_ALL } else { TO_ALL - RESERVED };
        load.bytes + bytes <= TO_ONE && self.bytes + bytes <= most
    }

    fn load(&self, asker: &NodeId) -> Load {
        self.loads.get(asker).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;

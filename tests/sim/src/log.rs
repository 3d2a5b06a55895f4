//! The hash over everything that happened: two runs of a seed must give the same.

use crypto::{Domain, Hash, Hasher};
use types::Time;

const LOG: Domain = Domain::new("thinkey/sim/log");

/// All events so far, as one hash.
pub(crate) struct EventLog {
    hasher: Hasher,
    pub(crate) events: u64,
}

impl EventLog {
    pub(crate) fn new(seed: u64) -> Self {
        let mut hasher = Hasher::new(LOG);
        hasher.update(&seed.to_le_bytes());
        Self { hasher, events: 0 }
    }

    pub(crate) fn note(&mut self, now: Time, kind: u8, node: usize, mark: &[u8]) {
        self.events += 1;
        self.hasher.update(&now.0.to_le_bytes());
        self.hasher.update(&[kind, mark.len() as u8]);
        self.hasher.update(&(node as u32).to_le_bytes());
        self.hasher.update(mark);
    }

    pub(crate) fn hash(&self) -> Hash {
        self.hasher.clone().finish()
    }
}

//! Declarations that wait to be recorded; on the root only.

use std::collections::BTreeMap;

use crypto::Hash;
use types::Declaration;

/// How many wait at most.
const MOST: usize = 4_096;
/// Bytes of declarations in one block at most.
const BLOCK_BYTES: usize = 512 * 1024;

/// Declarations that the system would record now, in the order of their hashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declarations {
    waiting: BTreeMap<Hash, Declaration>,
}

impl Declarations {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn has(&self, declaration: &Declaration) -> bool {
        self.waiting.contains_key(&declaration.hash())
    }

    /// Keeps one, unless too many wait. Whoever declares does so again until it is recorded.
    pub(crate) fn insert(&mut self, declaration: Declaration) -> bool {
        let room = self.waiting.len() < MOST;
        if room {
            self.waiting.insert(declaration.hash(), declaration);
        }
        room
    }

    /// What fits into one block.
    pub(crate) fn pick(&self) -> Vec<Declaration> {
        let mut bytes = 0;
        let fits = |declaration: &&Declaration| {
            bytes += declaration.as_bytes().len();
            bytes <= BLOCK_BYTES
        };
        self.waiting.values().take_while(fits).cloned().collect()
    }

    /// Drops what no longer can be recorded.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Declaration) -> bool) {
        self.waiting.retain(|_, declaration| keep(declaration));
    }
}

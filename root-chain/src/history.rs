//! Which root block is final at a height. [R4]

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use types::{BlockHash, Height};

#[cfg(test)]
mod tests;

/// How far below the cited root block of the recording block an anchor's may lie.
pub const ROOT_WINDOW: Height = 2_048;

/// The final root blocks, as the node that checks anchors knows them.
///
/// Must know every height from [`ROOT_WINDOW`] below the newest final root block up to it, before
/// a root block that cites the newest is checked.
pub trait RootHistory: Send + Sync {
    /// The final root block at a height.
    fn hash(&self, height: Height) -> Option<BlockHash>;
}

/// Final root blocks in memory, shared between those that learn of them and those that ask.
#[derive(Clone, Debug, Default)]
pub struct SharedHistory(Arc<RwLock<BTreeMap<Height, BlockHash>>>);

impl SharedHistory {
    /// Adds a final root block and forgets what [R4] no longer needs.
    pub fn push(&self, height: Height, hash: BlockHash) {
        let mut blocks = self.0.write().unwrap_or_else(PoisonError::into_inner);
        blocks.insert(height, hash);
        let newest = blocks
            .last_key_value()
            .map_or(height, |(newest, _)| *newest);
        // Proposals that cite a somewhat older block as newest are still about.
        *blocks = blocks.split_off(&newest.saturating_sub(2 * ROOT_WINDOW));
    }
}

impl RootHistory for SharedHistory {
    fn hash(&self, height: Height) -> Option<BlockHash> {
        let blocks = self.0.read().unwrap_or_else(PoisonError::into_inner);
        blocks.get(&height).copied()
    }
}

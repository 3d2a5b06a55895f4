//! The hashes of all blocks of a chain, as an append-only Merkle tree (RFC 6962 shape).
//!
//! Every complete subtree's root is kept, so a root or a proof at any earlier size costs
//! O(log² n) and appending costs one hash on average.

use crypto::Hash;
use crypto::merkle::{ConsistencyProof, EMPTY_ROOT, InclusionProof, leaf_hash, node_hash};
use types::{BlockHash, Height};

#[cfg(test)]
mod tests;

/// The history of a chain: blocks 0 to size - 1.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// `levels[k][i]` is the root of leaves `i·2^k` to `(i+1)·2^k - 1`.
    levels: Vec<Vec<Hash>>,
}

impl History {
    /// A history of these blocks, lowest first.
    pub fn of(blocks: impl IntoIterator<Item = BlockHash>) -> Self {
        let mut history = Self::default();
        for block in blocks {
            history.append(block);
        }
        history
    }

    /// How many blocks there are.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Adds the next block.
    pub fn append(&mut self, block: BlockHash) {
        let mut node = leaf_hash(block.as_bytes());
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else {
                return;
            };
            row.push(node);
            let [.., left, right] = row.as_slice() else {
                return;
            };
            if row.len() % 2 == 1 {
                return;
            }
            node = node_hash(left, right);
        }
    }

    /// The leaf of a height that is in it: the hash of the block's hash.
    pub fn leaf(&self, height: Height) -> Option<Hash> {
        let at = usize::try_from(height).ok()?;
        self.levels.first()?.get(at).copied()
    }

    /// Root over the first `size` blocks, `None` when there are fewer.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        match size {
            0 => Some(EMPTY_ROOT),
            _ => self.subtree(0, size),
        }
    }

    /// That block `height` is among the first `size`.
    pub fn prove(&self, height: Height, size: u64) -> Option<InclusionProof> {
        if height >= size || size > self.size() {
            return None;
        }
        let mut path = Vec::new();
        self.inclusion(height, 0, size, &mut path)?;
        Some(InclusionProof {
            index: height,
            size,
            path,
        })
    }

    /// That the first `size` blocks extend the first `old`.
    pub fn prove_consistency(&self, old: u64, size: u64) -> Option<ConsistencyProof> {
        if old > size || size > self.size() {
            return None;
        }
        let mut path = Vec::new();
        if old > 0 && old < size {
            self.consistency(old, 0, size, true, &mut path)?;
        }
        Some(ConsistencyProof { path })
    }

    /// RFC 6962 2.1 over leaves `start` to `end - 1`, `start` a multiple of the split.
    fn subtree(&self, start: u64, end: u64) -> Option<Hash> {
        let size = end - start;
        if size.is_power_of_two() {
            let level = size.trailing_zeros();
            return self
                .levels
                .get(level as usize)?
                .get((start >> level) as usize)
                .copied();
        }
        let split = start + split_of(size);
        Some(node_hash(
            &self.subtree(start, split)?,
            &self.subtree(split, end)?,
        ))
    }

    fn inclusion(&self, at: u64, start: u64, end: u64, path: &mut Vec<Hash>) -> Option<()> {
        if end - start == 1 {
            return Some(());
        }
        let split = start + split_of(end - start);
        let (from, to, sibling) = if at < split {
            (start, split, self.subtree(split, end)?)
        } else {
            (split, end, self.subtree(start, split)?)
        };
        self.inclusion(at, from, to, path)?;
        path.push(sibling);
        Some(())
    }

    /// RFC 6962 2.1.2; `whole` while the old tree is exactly the subtree at `start`.
    fn consistency(
        &self,
        old: u64,
        start: u64,
        end: u64,
        whole: bool,
        path: &mut Vec<Hash>,
    ) -> Option<()> {
        if old == end - start {
            if !whole {
                path.push(self.subtree(start, end)?);
            }
            return Some(());
        }
        let half = split_of(end - start);
        if old <= half {
            self.consistency(old, start, start + half, whole, path)?;
            path.push(self.subtree(start + half, end)?);
        } else {
            self.consistency(old - half, start + half, end, false, path)?;
            path.push(self.subtree(start, start + half)?);
        }
        Some(())
    }
}

/// The largest power of two below `size`, for `size` of 2 or more.
const fn split_of(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

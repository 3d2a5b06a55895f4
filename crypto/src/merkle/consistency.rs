//! Proof that a tree grew by appending only.

use borsh::io::{Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::path::{
    climb_border, climb_inner, climb_inner_left, inclusion_len, inner_len, path_from_serde,
    read_path,
};
use super::{ProofError, Sha3, TreeHash};
use crate::hash::Hash;

/// The consistency proof of RFC 9162, 2.1.4: the first `old_size` leaves of the new tree are the
/// old tree. Sizes and roots come from the digests, never from the sender.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, Serialize, Deserialize)]
pub struct ConsistencyProof {
    /// Hashes in the RFC's order; their number follows from the two sizes.
    #[serde(deserialize_with = "path_from_serde")]
    pub path: Vec<Hash>,
}

impl ConsistencyProof {
    /// Checks that the tree (`new_size`, `new_root`) extends the tree (`old_size`, `old_root`).
    ///
    /// # Errors
    /// The tree shrank, the proof is not exactly as long as it must be, or a root differs.
    pub fn verify(
        &self,
        old_size: u64,
        old_root: &Hash,
        new_size: u64,
        new_root: &Hash,
    ) -> Result<(), ProofError> {
        self.verify_by::<Sha3>(old_size, old_root, new_size, new_root)
    }

    /// [`verify`](Self::verify) with another tree hash.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_by<H: TreeHash>(
        &self,
        old_size: u64,
        old_root: &Hash,
        new_size: u64,
        new_root: &Hash,
    ) -> Result<(), ProofError> {
        // [M2]
        if old_size > new_size {
            return Err(ProofError::Shrunk { old_size, new_size });
        }
        let (expected, found) = (expected_len(old_size, new_size), self.path.len());
        if found != expected {
            return Err(ProofError::Length { expected, found });
        }
        let (old, new) = match Walk::new(old_size, new_size, old_root, &self.path) {
            None if old_size == 0 => (H::empty(), *new_root),
            None => (*old_root, *old_root),
            Some(walk) => walk.roots::<H>(),
        };
        if (old_size == 0 && new_size == 0) && *new_root != H::empty() {
            return Err(ProofError::Root);
        }
        match (old == *old_root, new == *new_root) {
            (false, _) => Err(ProofError::OldRoot),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        }
    }
}

/// Hashes in the proof: none for equal sizes or from the empty tree; else the path of the last
/// full subtree of the old tree, and that subtree unless it is the whole old tree.
fn expected_len(old_size: u64, new_size: u64) -> usize {
    if old_size == 0 || old_size == new_size {
        return 0;
    }
    let level = old_size.trailing_zeros() as usize;
    let path = inclusion_len(old_size - 1, new_size) - level;
    path + usize::from(!old_size.is_power_of_two())
}

/// The climb from the last full subtree of the old tree.
struct Walk<'a> {
    seed: Hash,
    inner: &'a [Hash],
    border: &'a [Hash],
    index: u64,
}

impl<'a> Walk<'a> {
    /// `None` where nothing is to climb. The path has its expected length.
    fn new(old_size: u64, new_size: u64, old_root: &Hash, path: &'a [Hash]) -> Option<Self> {
        if old_size == 0 || old_size == new_size {
            return None;
        }
        let level = old_size.trailing_zeros() as usize;
        let (seed, rest) = match old_size.is_power_of_two() {
            true => (*old_root, path),
            false => path.split_first().map(|(seed, rest)| (*seed, rest))?,
        };
        let (inner, border) = rest.split_at(inner_len(old_size - 1, new_size) - level);
        Some(Self {
            seed,
            inner,
            border,
            index: (old_size - 1) >> level,
        })
    }

    /// The old and the new root that the path leads to.
    fn roots<H: TreeHash>(&self) -> (Hash, Hash) {
        let old = climb_inner_left::<H>(self.seed, self.inner, self.index);
        let new = climb_inner::<H>(self.seed, self.inner, self.index);
        (
            climb_border::<H>(old, self.border),
            climb_border::<H>(new, self.border),
        )
    }
}

impl BorshDeserialize for ConsistencyProof {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        Ok(Self {
            path: read_path(reader)?,
        })
    }
}

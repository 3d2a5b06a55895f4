//! A tree that only remembers what it needs to grow.

use borsh::io::{Error, ErrorKind, Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};

use super::{Sha3, TreeHash};
use crate::hash::Hash;

/// Append-only accumulator: the number of leaves and the roots of its full subtrees, one per set
/// bit of the number, largest first. Same roots as [`MerkleTree`](super::MerkleTree).
#[derive(Clone, Debug, PartialEq, Eq, Default, BorshSerialize)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    pub const fn new() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// Leaves so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf, given its [`leaf_hash`](super::leaf_hash).
    ///
    /// # Panics
    /// At 2^64 leaves.
    pub fn append(&mut self, leaf: Hash) {
        self.append_by::<Sha3>(leaf);
    }

    /// The root of the tree of all leaves so far.
    pub fn root(&self) -> Hash {
        self.root_by::<Sha3>()
    }

    /// [`append`](Self::append) with another tree hash.
    ///
    /// # Panics
    /// At 2^64 leaves.
    pub fn append_by<H: TreeHash>(&mut self, leaf: Hash) {
        assert!(self.size < u64::MAX, "a tree has fewer than 2^64 leaves");
        let mut hash = leaf;
        // Every full subtree of the same height joins, as a carry runs through set bits.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = H::node(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// [`root`](Self::root) with another tree hash.
    pub fn root_by<H: TreeHash>(&self) -> Hash {
        let root = self
            .peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| H::node(&left, &right));
        root.unwrap_or_else(H::empty)
    }
}

impl BorshDeserialize for Frontier {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let size = u64::deserialize_reader(reader)?;
        // [L1]
        let len = u32::deserialize_reader(reader)?;
        if len != size.count_ones() {
            return Err(Error::new(
                ErrorKind::InvalidData,
                "one peak per set bit of the size",
            ));
        }
        let peaks = (0..len)
            .map(|_| Hash::deserialize_reader(reader))
            .collect::<IoResult<_>>()?;
        Ok(Self { size, peaks })
    }
}

/// The root over leaf hashes, without keeping the tree.
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.append(*leaf);
    }
    frontier.root()
}

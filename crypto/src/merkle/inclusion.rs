//! Proof that a leaf stands at an index of a tree.

use borsh::io::{Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::path::{
    climb_border, climb_inner, inclusion_len, inner_len, path_from_serde, read_path,
};
use super::{Sha3, TreeHash};
use crate::hash::Hash;

/// Why a proof proves nothing. All of these are the sender's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not inside the tree.
    #[error("index {index} in a tree of {size} leaves")]
    Index {
        /// Index claimed.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The proof is for a tree of another size.
    #[error("proof for {claimed} leaves, the tree has {size}")]
    Size {
        /// Leaves that the proof claims.
        claimed: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The old tree would be larger than the new one.
    #[error("a tree of {old_size} leaves can't shrink to {new_size}")]
    Shrunk {
        /// Leaves before.
        old_size: u64,
        /// Leaves after.
        new_size: u64,
    },
    /// Too few or too many hashes.
    #[error("{found} hashes where {expected} are needed")]
    Length {
        /// Hashes that the shape of the tree needs.
        expected: usize,
        /// Hashes in the proof.
        found: usize,
    },
    /// The hashes don't lead to the root.
    #[error("hashes lead to another root")]
    Root,
    /// The hashes don't lead to the older root.
    #[error("hashes lead to another old root")]
    OldRoot,
}

/// The audit path of RFC 9162, 2.1.3: the neighbours from the leaf up to the root.
///
/// For an index, a size, a leaf and a root at most one proof is accepted.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, Serialize, Deserialize)]
pub struct InclusionProof {
    /// Position of the leaf, from 0.
    pub index: u64,
    /// Leaves of the tree. The root does not bind it: compare it with the digest's.
    pub size: u64,
    /// Neighbours, lowest first; their number follows from index and size.
    #[serde(deserialize_with = "path_from_serde")]
    pub path: Vec<Hash>,
}

impl InclusionProof {
    /// Checks that the leaf with hash `leaf` stands at `self.index` in a tree with this root
    /// **if** that tree has `self.size` leaves; prefer [`verify_in`](Self::verify_in).
    ///
    /// # Errors
    /// The index is outside, the path is not exactly as long as it must be, or the root differs.
    pub fn verify(&self, root: &Hash, leaf: &Hash) -> Result<(), ProofError> {
        self.verify_by::<Sha3>(root, leaf)
    }

    /// Checks as [`verify`](Self::verify), and that the proof is for a tree of `size` leaves,
    /// the number that the digest states beside the root.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify), and [`ProofError::Size`].
    pub fn verify_in(&self, root: &Hash, size: u64, leaf: &Hash) -> Result<(), ProofError> {
        // [M3]
        if self.size != size {
            return Err(ProofError::Size {
                claimed: self.size,
                size,
            });
        }
        self.verify(root, leaf)
    }

    /// [`verify`](Self::verify) with another tree hash.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_by<H: TreeHash>(&self, root: &Hash, leaf: &Hash) -> Result<(), ProofError> {
        let (index, size) = (self.index, self.size);
        // [M2]
        if index >= size {
            return Err(ProofError::Index { index, size });
        }
        let (expected, found) = (inclusion_len(index, size), self.path.len());
        if found != expected {
            return Err(ProofError::Length { expected, found });
        }
        let (inner, border) = self.path.split_at(inner_len(index, size));
        let below = climb_inner::<H>(*leaf, inner, index);
        if climb_border::<H>(below, border) == *root {
            Ok(())
        } else {
            Err(ProofError::Root)
        }
    }
}

impl BorshDeserialize for InclusionProof {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let index = u64::deserialize_reader(reader)?;
        let size = u64::deserialize_reader(reader)?;
        Ok(Self {
            index,
            size,
            path: read_path(reader)?,
        })
    }
}

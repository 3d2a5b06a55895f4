//! Merkle trees with the shape of RFC 6962, over SHA3-256.
//!
//! `leaf = SHA3-256(0x00 ‖ bytes)`, `node = SHA3-256(0x01 ‖ left ‖ right)`; a tree of n leaves is
//! split at the largest power of two below n, so no leaf is ever doubled or padded. rs_merkle
//! builds the trees; every verification here is our own, because the crate's accepts forged
//! proofs (duplicate and out-of-range indices, trailing hashes, a wrong number of leaves).
//!
//! **A root does not bind the number of leaves.** Leaf 2 of 3 has, under the same root, the proof
//! of "leaf 1 of 2". Digests therefore carry the size beside the root, and a verifier compares:
//! [`InclusionProof::verify_in`] takes the size from the digest.

mod consistency;
mod frontier;
mod inclusion;
mod path;
#[cfg(test)]
mod tests;
mod tree;
mod tree_hash;

pub use consistency::ConsistencyProof;
pub use frontier::{Frontier, root_of};
pub use inclusion::{InclusionProof, ProofError};
pub use path::MAX_PATH;
pub use tree::{MerkleTree, Tree};
pub use tree_hash::{EMPTY_ROOT, Sha3, TreeHash, leaf_hash, node_hash};

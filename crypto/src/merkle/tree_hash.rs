//! How a tree hashes its leaves and nodes.

use crate::hash::{Hash, sha3_256};

/// Root of a tree without leaves: the hash of nothing in domain
/// `thinkey.merkle.empty`, which is no leaf's or node's hash.
pub const EMPTY_ROOT: Hash = Hash::new([
    0xdd, 0x3c, 0xa7, 0x02, 0xc8, 0x2c, 0x34, 0xc9, 0x81, 0xe6, 0xa9, 0x25, 0xbe, 0xde, 0xb5, 0xc1,
    0x44, 0x0c, 0x44, 0xcb, 0x96, 0x58, 0xbf, 0x89, 0x45, 0xb2, 0x3b, 0x76, 0x19, 0xcc, 0xbb, 0xd8,
]);

/// Prefix of a leaf.
const LEAF: u8 = 0x00;

/// Prefix of an inner node. With a prefix of its own no node passes for a leaf.
const NODE: u8 = 0x01;

/// The three hashes that make a tree. The protocol uses [`Sha3`]; the tests also run the
/// vectors of RFC 6962, which are SHA-256.
pub trait TreeHash: Clone {
    /// Root of the empty tree.
    fn empty() -> Hash;

    /// Hash of a leaf's bytes.
    fn leaf(data: &[u8]) -> Hash;

    /// Hash of two subtrees.
    fn node(left: &Hash, right: &Hash) -> Hash;
}

/// The protocol's tree hash.
#[derive(Clone, Copy, Debug)]
pub struct Sha3;

impl TreeHash for Sha3 {
    fn empty() -> Hash {
        EMPTY_ROOT
    }

    fn leaf(data: &[u8]) -> Hash {
        sha3_256(&[&[LEAF], data])
    }

    fn node(left: &Hash, right: &Hash) -> Hash {
        sha3_256(&[&[NODE], left.as_bytes(), right.as_bytes()])
    }
}

/// The hash of a leaf: `SHA3-256(0x00 ‖ data)`.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha3::leaf(data)
}

/// The hash of an inner node: `SHA3-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha3::node(left, right)
}

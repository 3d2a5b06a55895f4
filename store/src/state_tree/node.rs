//! The nodes of the tree: what they hold, and how they are hashed.

use std::sync::Arc;

use crypto::{Domain, Hash, hash};

use super::Value;
use super::prefix::{KEY_BITS, Key, bit, truncated};

const EMPTY: Domain = Domain::new("thinkey.state.empty");
const LEAF: Domain = Domain::new("thinkey.state.leaf");
const INNER: Domain = Domain::new("thinkey.state.inner");

/// The root of a tree without keys.
pub(super) fn empty_hash() -> Hash {
    hash(EMPTY, &[])
}

/// The hash of a leaf: binds the full key and the commitment to its value. \[T2\]
pub(super) fn leaf_hash(key: &Key, value: &Hash) -> Hash {
    hash(LEAF, &[key, value.as_bytes()])
}

/// The hash of an inner node: binds the branch position and both halves in order. \[T2\]
pub(super) fn inner_hash(at: u8, zero: &Hash, one: &Hash) -> Hash {
    hash(INNER, &[&[at], zero.as_bytes(), one.as_bytes()])
}

/// One key with its value.
pub(super) struct Leaf<V> {
    pub(super) key: Key,
    pub(super) value: V,
    pub(super) commitment: Hash,
    hash: Hash,
}

/// A branch: two non-empty halves that share the bits before `at` and differ in bit `at`. \[T1\]
pub(super) struct Inner<V> {
    pub(super) at: u8,
    /// The shared bits, zeros from `at` on.
    pub(super) prefix: Key,
    pub(super) zero: Link<V>,
    pub(super) one: Link<V>,
    len: u64,
    hash: Hash,
}

/// A shared reference to a subtree with at least one key; never changed after it is made.
pub(super) enum Link<V> {
    Leaf(Arc<Leaf<V>>),
    Inner(Arc<Inner<V>>),
}

impl<V> Clone for Link<V> {
    fn clone(&self) -> Self {
        match self {
            Self::Leaf(leaf) => Self::Leaf(Arc::clone(leaf)),
            Self::Inner(inner) => Self::Inner(Arc::clone(inner)),
        }
    }
}

impl<V> Link<V> {
    pub(super) fn hash(&self) -> &Hash {
        match self {
            Self::Leaf(leaf) => &leaf.hash,
            Self::Inner(inner) => &inner.hash,
        }
    }

    /// How many keys are below.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Leaf(_) => 1,
            Self::Inner(inner) => inner.len,
        }
    }

    /// Bits that all keys below share, zeros behind them.
    pub(super) fn prefix(&self) -> &Key {
        match self {
            Self::Leaf(leaf) => &leaf.key,
            Self::Inner(inner) => &inner.prefix,
        }
    }

    /// How many bits all keys below share: exactly the branch position, 256 for a leaf.
    pub(super) fn prefix_bits(&self) -> usize {
        match self {
            Self::Leaf(_) => KEY_BITS,
            Self::Inner(inner) => usize::from(inner.at),
        }
    }

    /// Are these the same node in memory?
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Leaf(a), Self::Leaf(b)) => Arc::ptr_eq(a, b),
            (Self::Inner(a), Self::Inner(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl<V> Inner<V> {
    /// The half in which `key` would lie.
    pub(super) fn half(&self, key: &Key) -> &Link<V> {
        if bit(key, usize::from(self.at)) {
            &self.one
        } else {
            &self.zero
        }
    }
}

/// Makes a leaf and hashes it.
pub(super) fn leaf<V: Value>(key: Key, value: V) -> Link<V> {
    let commitment = value.commitment();
    let hash = leaf_hash(&key, &commitment);
    Link::Leaf(Arc::new(Leaf {
        key,
        value,
        commitment,
        hash,
    }))
}

/// Joins two halves whose keys share the bits before `at` and differ in bit `at`; a half without
/// keys leaves the other as it is, so that the shape follows from the keys alone. \[T1\]
pub(super) fn join<V>(at: usize, zero: Option<Link<V>>, one: Option<Link<V>>) -> Option<Link<V>> {
    match (zero, one) {
        (None, only) | (only, None) => only,
        (Some(zero), Some(one)) => Some(branch(at, zero, one)),
    }
}

/// A branch over two halves that share the bits before `at` and differ in it.
pub(super) fn branch<V>(at: usize, zero: Link<V>, one: Link<V>) -> Link<V> {
    assert!(
        at < zero.prefix_bits() && at < one.prefix_bits(),
        "a branch lies above its halves"
    );
    let prefix = truncated(zero.prefix(), at);
    let at = at as u8;
    let len = zero.len() + one.len();
    let hash = inner_hash(at, zero.hash(), one.hash());
    Link::Inner(Arc::new(Inner {
        at,
        prefix,
        zero,
        one,
        len,
        hash,
    }))
}

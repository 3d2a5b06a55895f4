//! The authenticated state tree: from key to value, with one root hash over everything.
//!
//! ```text
//!            bit 0                     keys 00…, 010…, 011…, 1…
//!           ╱     ╲                    a branch stands where keys first differ,
//!        bit 1     1…                  nothing stands where they do not
//!       ╱     ╲
//!     00…    bit 2                     empty = H("thinkey.state.empty")
//!           ╱     ╲                    leaf  = H("thinkey.state.leaf", key, commitment)
//!        010…     011…                 inner = H("thinkey.state.inner", position, zero, one)
//! ```
//!
//! * **\[T1\] One shape.** A branch at bit `n` has two non-empty halves whose keys share the bits
//!   before `n` and differ in bit `n`. So shape and root follow from the content alone, whatever
//!   the order of changes, and a leaf sits at its shortest unique prefix.
//! * **\[T2\] Everything is bound.** Empty, leaf and inner hashes have their own domains; a leaf
//!   binds its full key, a branch its position (one byte) and the order of its halves.
//! * **\[T3\] Nothing changes in place.** Nodes are immutable and shared; a changed tree costs
//!   memory for what changed, so that forks are cheap and old trees stay valid. Batches may run on
//!   many threads: each half is computed from its own changes only, so the result is the same.
//! * **\[T4\] Proofs.** Presence: the branches on the way to the leaf. Absence: the way towards the
//!   key ends at a leaf with another key, which agrees with the key at every branch on the way. Let
//!   `d` be the first bit in which the two differ. Were the key in the tree too, they would part at
//!   a branch at `d` \[T1\], which is on the way of both; but no branch on the way is at `d`.
//! * **\[T5\] Split is a cut, merge is a join.** The keys under a prefix are one subtree, whose
//!   root is the same as that of a tree made of these keys alone.

mod iter;
mod node;
mod prefix;
mod proof;
mod update;

use std::collections::BTreeMap;
use std::ops::RangeBounds;

use crypto::Hash;

pub use iter::Iter;
pub use prefix::{KEY_BITS, Key, Prefix};
pub use proof::{ProofEnd, ProofStep, StateProof, StateProofError};

use node::Link;
use prefix::shared_bits;

/// What a key of the tree can hold.
pub trait Value: Clone + Send + Sync {
    /// A binding hash of the whole value; asked once, when the value is put into the tree.
    fn commitment(&self) -> Hash;
}

/// A persistent map from keys to values with a root hash; cloning it costs nothing.
///
/// ```text
/// let next = tree.apply(changes);      // both trees stay usable
/// let proof = next.prove(&key);
/// proof.verify(&next.root(), &key)?    // Some(commitment) or None: absent
/// ```
pub struct StateTree<V> {
    root: Option<Link<V>>,
}

/// Two trees that share a key do not join, see [`StateTree::join`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("both state trees have the key {}", Hash::new(*key))]
pub struct OverlapError {
    /// The smallest key that is in both.
    pub key: Key,
}

impl<V: Value> StateTree<V> {
    /// The tree without keys.
    pub const fn new() -> Self {
        Self { root: None }
    }

    /// The tree after all `changes`: `Some` puts a value, `None` removes the key.
    ///
    /// Hashes each new node once; large batches use all threads of rayon's pool. \[T3\]
    pub fn apply(&self, changes: BTreeMap<Key, Option<V>>) -> Self {
        self.apply_sorted(changes.into_iter().collect())
    }

    /// [`Self::apply`] for changes that are already in order.
    ///
    /// # Panics
    /// If the keys do not strictly rise.
    pub fn apply_sorted(&self, mut changes: Vec<(Key, Option<V>)>) -> Self {
        assert!(
            changes.is_sorted_by(|a, b| a.0 < b.0),
            "changes are sorted by key, each key once"
        );
        Self {
            root: update::update(self.root.as_ref(), &mut changes),
        }
    }

    /// The tree with one more or replaced value; for many changes use [`Self::apply`].
    pub fn insert(&self, key: Key, value: V) -> Self {
        self.apply_sorted(vec![(key, Some(value))])
    }

    /// The tree without `key`.
    pub fn remove(&self, key: Key) -> Self {
        self.apply_sorted(vec![(key, None)])
    }
}

impl<V> StateTree<V> {
    /// The commitment to all keys and values; a function of the content alone. \[T1\]
    pub fn root(&self) -> Hash {
        self.root
            .as_ref()
            .map_or_else(node::empty_hash, |link| *link.hash())
    }

    /// The value of `key`.
    pub fn get(&self, key: &Key) -> Option<&V> {
        let mut link = self.root.as_ref()?;
        loop {
            match link {
                Link::Inner(inner) => link = inner.half(key),
                Link::Leaf(leaf) => return (leaf.key == *key).then_some(&leaf.value),
            }
        }
    }

    /// Is `key` in the tree?
    pub fn contains(&self, key: &Key) -> bool {
        self.get(key).is_some()
    }

    /// How many keys there are.
    pub fn len(&self) -> u64 {
        self.root.as_ref().map_or(0, Link::len)
    }

    /// True without keys.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// All keys and values in key order.
    pub fn iter(&self) -> Iter<'_, V> {
        self.range(..)
    }

    /// The keys and values in a range of keys, in key order.
    pub fn range(&self, range: impl RangeBounds<Key>) -> Iter<'_, V> {
        let (start, end) = (range.start_bound().cloned(), range.end_bound().cloned());
        Iter::new(self.root.as_ref(), start, end)
    }

    /// A proof of what `key` holds, or that it is absent. \[T4\]
    pub fn prove(&self, key: &Key) -> StateProof {
        proof::prove(self.root.as_ref(), key)
    }

    /// The keys that begin with `prefix`, as a tree of their own; costs nothing. \[T5\]
    pub fn under(&self, prefix: &Prefix) -> Self {
        let mut next = self.root.as_ref();
        while let Some(link) = next {
            let shared = shared_bits(link.prefix(), prefix.first_key());
            if link.prefix_bits() >= prefix.len() {
                return Self {
                    root: (shared >= prefix.len()).then(|| link.clone()),
                };
            }
            next = match link {
                Link::Inner(inner) if shared >= link.prefix_bits() => {
                    Some(inner.half(prefix.first_key()))
                }
                _ => None,
            };
        }
        Self { root: None }
    }

    /// The keys below each prefix of `bits` bits, in order: 2^`bits` trees, many perhaps empty.
    ///
    /// # Panics
    /// If `bits` is above 16.
    pub fn split(&self, bits: usize) -> Vec<(Prefix, Self)> {
        assert!(bits <= 16, "a split makes at most 65,536 trees");
        let mut parts = vec![(Prefix::ALL, self.clone())];
        for _ in 0..bits {
            let halves = |(prefix, tree): &(Prefix, Self)| {
                let (prefix, tree) = (*prefix, tree.clone());
                [false, true].into_iter().filter_map(move |one| {
                    let half = prefix.half(one)?;
                    Some((half, tree.under(&half)))
                })
            };
            parts = parts.iter().flat_map(halves).collect();
        }
        parts
    }

    /// Both trees as one; no key may be in both.
    ///
    /// For the halves of a split this is a few new nodes, whatever their size. \[T5\]
    pub fn join(&self, other: &Self) -> Result<Self, OverlapError> {
        let root = match (&self.root, &other.root) {
            (Some(a), Some(b)) => Some(update::union(a, b)?),
            (only, None) | (None, only) => only.clone(),
        };
        Ok(Self { root })
    }

    /// What changed from `older` to this tree, in key order: the new value, or `None` if the key is
    /// gone. Takes time for what differs, not for what there is: equal subtrees are skipped.
    pub fn changes_since<'a>(&'a self, older: &'a Self) -> Vec<(&'a Key, Option<&'a V>)> {
        let mut out = Vec::new();
        iter::diff(
            older.root.as_ref(),
            self.root.as_ref(),
            &mut |key, value| {
                out.push((key, value));
            },
        );
        out
    }
}

impl<V> Clone for StateTree<V> {
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone(),
        }
    }
}

impl<V: Value> Default for StateTree<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> std::fmt::Debug for StateTree<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateTree")
            .field("root", &self.root())
            .field("len", &self.len())
            .finish()
    }
}

impl<V: Value> FromIterator<(Key, V)> for StateTree<V> {
    fn from_iter<I: IntoIterator<Item = (Key, V)>>(items: I) -> Self {
        let changes = items
            .into_iter()
            .map(|(key, value)| (key, Some(value)))
            .collect();
        Self::new().apply(changes)
    }
}

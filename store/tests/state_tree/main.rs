//! The state tree against an independent slow one, and its proofs against forgers.

mod content;
mod forgery;
mod reshape;
mod slow;

use std::collections::BTreeMap;

use crypto::{Domain, Hash, hash};
use proptest::prelude::*;
use store::{Key, StateTree, Value};

/// A value whose commitment is a hash of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word(pub(crate) u64);

impl Value for Word {
    fn commitment(&self) -> Hash {
        hash(Domain::new("test.word"), &[&self.0.to_le_bytes()])
    }
}

pub(crate) type Tree = StateTree<Word>;
pub(crate) type Content = BTreeMap<Key, Word>;

/// Keys that often share long prefixes: few bits set, at the ends and the middle.
pub(crate) fn key() -> impl Strategy<Value = Key> {
    let spread = any::<[u8; 32]>();
    let dense = (0u8..4, 0u8..3, prop::bool::ANY, 0u8..4).prop_map(|(first, mid, inv, last)| {
        let mut key = if inv { [0xff; 32] } else { [0; 32] };
        key[0] ^= first << 6;
        key[16] ^= mid;
        key[31] ^= last;
        key
    });
    prop_oneof![1 => spread, 4 => dense]
}

pub(crate) fn content() -> impl Strategy<Value = Content> {
    prop::collection::btree_map(key(), any::<u64>().prop_map(Word), 0..40)
}

pub(crate) fn tree(content: &Content) -> Tree {
    content
        .iter()
        .map(|(key, value)| (*key, value.clone()))
        .collect()
}

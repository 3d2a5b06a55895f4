//! What is in the tree, and that its root depends on nothing else.

use std::collections::BTreeMap;

use proptest::prelude::*;
use store::{Key, StateTree, Value};

use crate::{Content, Tree, Word, content, key, slow, tree};

type Changes = BTreeMap<Key, Option<Word>>;

fn changes() -> impl Strategy<Value = Changes> {
    let change = prop::option::weighted(0.6, any::<u64>().prop_map(Word));
    prop::collection::btree_map(key(), change, 0..30)
}

fn change(content: &mut Content, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => content.insert(*key, value.clone()),
            None => content.remove(key),
        };
    }
}

fn assert_is(tree: &Tree, content: &Content) {
    assert_eq!(tree.root(), slow::root(content));
    assert_eq!(tree.len(), content.len() as u64);
    assert_eq!(tree.is_empty(), content.is_empty());
    assert!(tree.iter().eq(content.iter()), "the keys come in order");
}

proptest! {
    #[test]
    fn the_root_is_that_of_the_slow_tree(batches in prop::collection::vec(changes(), 0..6)) {
        let (mut tree, mut expected) = (Tree::new(), Content::new());
        for batch in &batches {
            let before = (tree.clone(), expected.clone());
            tree = tree.apply(batch.clone());
            change(&mut expected, batch);
            assert_is(&tree, &expected);
            assert_is(&before.0, &before.1);
        }
    }

    #[test]
    fn one_by_one_in_any_order_is_the_same_as_together(
        items in content().prop_map(|c| c.into_iter().collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let together = tree(&items.iter().cloned().collect());
        let mut single = Tree::new();
        for (key, value) in &items {
            single = single.insert(*key, value.clone());
        }
        prop_assert_eq!(single.root(), together.root());
        for (key, _) in &items {
            single = single.remove(*key);
        }
        prop_assert_eq!(single.root(), Tree::new().root());
    }

    #[test]
    fn every_difference_changes_the_root(content in content(), key in key(), value: u64) {
        let tree = tree(&content);
        let same = content.get(&key) == Some(&Word(value));
        prop_assert_eq!(tree.insert(key, Word(value)).root() == tree.root(), same);
        let there = content.contains_key(&key);
        prop_assert_eq!(tree.remove(key).root() == tree.root(), !there);
        prop_assert_eq!(tree.get(&key), content.get(&key));
    }

    #[test]
    fn ranges_are_those_of_an_ordered_map(content in content(), from in key(), to in key()) {
        let tree = tree(&content);
        let (from, to) = (from.min(to), from.max(to));
        prop_assert!(tree.range(from..to).eq(content.range(from..to)));
        prop_assert!(tree.range(from..=to).eq(content.range(from..=to)));
        prop_assert!(tree.range(from..).eq(content.range(from..)));
        prop_assert!(tree.range(..to).eq(content.range(..to)));
        use std::ops::Bound::{Excluded, Unbounded};
        prop_assert!(tree.range((Excluded(from), Unbounded)).eq(
            content.range((Excluded(from), Unbounded))
        ));
    }

    #[test]
    fn changes_since_leads_from_one_tree_to_the_other(old in content(), batch in changes()) {
        let older = tree(&old);
        let newer = older.apply(batch);
        let difference = newer.changes_since(&older);
        let keys: Vec<_> = difference.iter().map(|(key, _)| **key).collect();
        prop_assert!(keys.is_sorted_by(|a, b| a < b));
        for (key, value) in &difference {
            prop_assert_ne!(older.get(key), *value);
        }
        let replay = difference.into_iter().map(|(key, value)| (*key, value.cloned())).collect();
        prop_assert_eq!(older.apply(replay).root(), newer.root());
    }
}

/// Distinct pseudo-random keys.
fn numbered(i: u64) -> Key {
    *Word(i).commitment().as_bytes()
}

#[test]
fn the_root_does_not_depend_on_the_number_of_threads() {
    let start: Content = (0..20_000).map(|i| (numbered(i), Word(i))).collect();
    let batch: Changes = (0..30_000)
        .step_by(3)
        .map(|i| (numbered(i), (i % 2 == 0).then_some(Word(i + 1))))
        .collect();
    let roots = [1, 2, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| tree(&start).apply(batch.clone()).root())
    });
    let mut expected = start;
    change(&mut expected, &batch);
    assert_eq!(roots, [slow::root(&expected); 3]);
}

#[test]
fn a_chain_of_256_branches_works() {
    // Key i has its first i bits set: each is a sibling of all deeper ones.
    let deep: Content = (0..=256)
        .map(|ones: usize| {
            let mut key = [0u8; 32];
            (0..ones).for_each(|bit| key[bit / 8] |= 0x80 >> (bit % 8));
            (key, Word(ones as u64))
        })
        .collect();
    let tree = tree(&deep);
    assert_is(&tree, &deep);
    assert_eq!(tree.prove(&[0xff; 32]).steps().len(), 256);
    assert_eq!(
        tree.prove(&[0xff; 32])
            .verify(&tree.root(), &[0xff; 32])
            .unwrap(),
        Some(Word(256).commitment())
    );
}

#[test]
fn unchanged_subtrees_are_shared_not_copied() {
    /// Counts how often values are hashed.
    #[derive(Clone)]
    struct Counted(std::sync::Arc<std::sync::atomic::AtomicU64>);
    impl Value for Counted {
        fn commitment(&self) -> crypto::Hash {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            crypto::Hash::ZERO
        }
    }
    let count = Counted(Default::default());
    let tree: StateTree<Counted> = (0..1000).map(|i| (numbered(i), count.clone())).collect();
    let first = count.0.load(std::sync::atomic::Ordering::SeqCst);
    tree.insert(numbered(7), count.clone()).remove(numbered(8));
    let second = count.0.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        (first, second),
        (1000, 1001),
        "each value is hashed once, when it is put"
    );
}

/// The expected roots were computed by a few lines of Python with `hashlib.sha3_256`.
#[test]
fn bytes_of_the_hashes_stay() {
    let tree = tree(&(0..5).map(|i| (numbered(i), Word(i))).collect());
    let roots = [
        Tree::new().root(),
        Tree::new().insert([7; 32], Word(7)).root(),
        tree.root(),
    ];
    let expected = [
        "432a4bf5e6e37c897fe5f01ed99a209dc9adf1aa7b25c6fb8d261a4c17e1f31d",
        "df38ec7d9ed9c25bac31ef9bdf63f6ca67fc84d0e782074ba208e5238308ada7",
        "9ca73e9c0bfd8f437cb07efd0edc515cd756a0607158014f7c4dede31632bbac",
    ];
    assert_eq!(roots.map(|root| root.to_string()), expected);
}

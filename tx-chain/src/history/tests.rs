use crypto::hash;
use crypto::merkle::{MerkleTree, leaf_hash};
use types::domain::HEADER;

use super::*;

fn blocks(count: u64) -> Vec<BlockHash> {
    (0..count)
        .map(|at| BlockHash(hash(HEADER, &[&at.to_le_bytes()])))
        .collect()
}

#[test]
fn roots_and_inclusions_equal_the_plain_tree_at_every_size() {
    let all = blocks(40);
    let history = History::of(all.iter().copied());
    for size in 0..=40_usize {
        let tree = MerkleTree::from_leaves(all.iter().take(size).map(BlockHash::as_bytes));
        assert_eq!(
            history.root_at(size as u64),
            Some(tree.root()),
            "root of {size}"
        );
        for at in 0..size as u64 {
            assert_eq!(
                history.prove(at, size as u64),
                tree.prove(at),
                "block {at} of {size}"
            );
        }
    }
}

#[test]
fn every_size_is_shown_to_extend_every_smaller_one() {
    let history = History::of(blocks(40));
    for size in 0..=40 {
        for old in 0..=size {
            let proof = history.prove_consistency(old, size).unwrap();
            let (from, to) = (
                history.root_at(old).unwrap(),
                history.root_at(size).unwrap(),
            );
            assert_eq!(
                proof.verify(old, &from, size, &to),
                Ok(()),
                "{old} to {size}"
            );
        }
    }
}

#[test]
fn nothing_is_proved_beyond_the_end() {
    let history = History::of(blocks(5));
    assert_eq!(history.prove(5, 5), None);
    assert_eq!(history.prove(0, 6), None);
    assert_eq!(history.prove_consistency(3, 6), None);
    assert_eq!(history.root_at(6), None);
    let proof = history.prove(2, 5).unwrap();
    let stranger = leaf_hash(b"stranger");
    assert!(
        proof
            .verify(&history.root_at(5).unwrap(), &stranger)
            .is_err()
    );
}

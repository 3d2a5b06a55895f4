//! Tests of trees and proofs.

use super::*;
use crate::hash::{Hash, hash};

fn leaves(n: u64) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(&i.to_le_bytes())).collect()
}

#[test]
fn the_empty_root_is_the_hash_of_its_domain() {
    assert_eq!(EMPTY_ROOT, hash(tree_hash::EMPTY_DOMAIN, &[]));
    assert_eq!(MerkleTree::from_leaf_hashes(Vec::new()).root(), EMPTY_ROOT);
    assert_eq!(Frontier::new().root(), EMPTY_ROOT);
}

#[test]
fn frontier_and_tree_have_the_same_roots() {
    let mut frontier = Frontier::new();
    for n in 0..=64 {
        let tree = MerkleTree::from_leaf_hashes(leaves(n));
        assert_eq!(
            (tree.root(), tree.len()),
            (frontier.root(), frontier.size()),
            "n = {n}"
        );
        assert_eq!(root_of(&leaves(n)), tree.root(), "n = {n}");
        frontier.append(leaf_hash(&n.to_le_bytes()));
    }
}

#[test]
fn every_leaf_has_a_proof() {
    for n in 1..=64 {
        let (leaves, tree) = (leaves(n), MerkleTree::from_leaf_hashes(leaves(n)));
        for (index, leaf) in leaves.iter().enumerate() {
            let proof = tree.prove(index as u64).unwrap();
            assert_eq!(
                proof.verify_in(&tree.root(), n, leaf),
                Ok(()),
                "{index} of {n}"
            );
        }
        assert_eq!(tree.prove(n), None);
    }
}

#[test]
fn every_older_tree_is_consistent() {
    let roots: Vec<Hash> = (0..=64).map(|n| root_of(&leaves(n))).collect();
    for new in 0..=64 {
        let tree = MerkleTree::from_leaf_hashes(leaves(new));
        for old in 0..=new {
            let proof = tree.prove_consistency(old).unwrap();
            let (old_root, new_root) = (&roots[old as usize], &roots[new as usize]);
            assert_eq!(
                proof.verify(old, old_root, new, new_root),
                Ok(()),
                "{old} of {new}"
            );
        }
        assert_eq!(tree.prove_consistency(new + 1), None);
    }
}

mod forgery;
mod rs_merkle_forgery;
mod vectors;
mod wire;

//! Tests of trees and proofs.

use proptest::prelude::*;

use super::*;
use crate::hash::{Domain, Hash, hash};

fn leaves(n: u64) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(&i.to_le_bytes())).collect()
}

#[test]
fn the_empty_root_is_the_hash_of_its_domain() {
    assert_eq!(EMPTY_ROOT, hash(Domain::new("thinkey.merkle.empty"), &[]));
    assert_eq!(MerkleTree::from_leaf_hashes(Vec::new()).root(), EMPTY_ROOT);
    assert_eq!(Frontier::new().root(), EMPTY_ROOT);
}

#[test]
fn leaves_and_nodes_have_their_prefixes() {
    // Made with Python's hashlib: sha3_256(00), sha3_256(00 "abc"), sha3_256(01 left right).
    let [left, right, node] = [
        "5d53469f20fef4f8eab52b88044ede69c77a6a68a60728609fc4a65ff531e7d0",
        "6088d83b4b6a2506789885b50023b979f9368d5d50f6f5e78c53f6e07bddb119",
        "95e57a435dc007a6aac5fa5df2dfdb11f7643524d8236b72910fc0ba4773a832",
    ];
    assert_eq!(leaf_hash(b"").to_string(), left);
    assert_eq!(leaf_hash(b"abc").to_string(), right);
    assert_eq!(
        node_hash(&leaf_hash(b""), &leaf_hash(b"abc")).to_string(),
        node
    );
    let tree = MerkleTree::from_leaves([&b""[..], b"abc"].iter());
    assert_eq!(tree.root().to_string(), node);
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn larger_trees_prove_what_small_ones_do(n in 65u64..3_000, at: u64, old: u64) {
        let (leaves, at, old) = (leaves(n), at % n, old % (n + 1));
        let tree = MerkleTree::from_leaf_hashes(leaves.clone());
        prop_assert_eq!(tree.root(), root_of(&leaves));
        let proof = tree.prove(at).unwrap();
        prop_assert_eq!(proof.verify_in(&tree.root(), n, &leaves[at as usize]), Ok(()));
        prop_assert!(proof.verify_in(&tree.root(), n, &leaf_hash(b"other")).is_err());
        let old_root = root_of(&leaves[..old as usize]);
        let proof = tree.prove_consistency(old).unwrap();
        prop_assert_eq!(proof.verify(old, &old_root, n, &tree.root()), Ok(()));
    }

    #[test]
    fn any_claimed_position_is_judged_without_panic(index: u64, size: u64, len in 0usize..70) {
        let proof = InclusionProof { index, size, path: vec![Hash::ZERO; len] };
        prop_assert!(proof.verify(&Hash::ZERO, &Hash::ZERO).is_err());
        let proof = ConsistencyProof { path: vec![Hash::ZERO; len] };
        let _ = proof.verify(index, &Hash::ZERO, size, &Hash::ZERO);
    }
}

mod forgery;
mod rs_merkle_forgery;
mod vectors;
mod wire;

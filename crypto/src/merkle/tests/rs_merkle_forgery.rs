//! Five forgeries that rs_merkle 1.5.0's own `verify` accepts, and ours refuses.
//!
//! They are why the crate only builds trees here. If a later version refuses one of them, the
//! assertion on the crate fails and the reason can be reviewed.

use rs_merkle::algorithms::Sha256;
use rs_merkle::{Hasher, MerkleProof};

use super::super::tree::Adapter;
use super::*;

type CrateProof = MerkleProof<Adapter<Sha3>>;

fn raw(hashes: &[Hash]) -> Vec<[u8; 32]> {
    hashes.iter().map(|hash| *hash.as_bytes()).collect()
}

fn crate_accepts(path: &[Hash], root: &Hash, indices: &[usize], found: &[Hash], n: u64) -> bool {
    let proof = CrateProof::new(raw(path));
    proof.verify(*root.as_bytes(), indices, &raw(found), n as usize)
}

fn ours_accepts(path: &[Hash], root: &Hash, index: u64, leaf: &Hash, size: u64) -> bool {
    let proof = InclusionProof {
        index,
        size,
        path: path.to_vec(),
    };
    proof.verify_in(root, size, leaf).is_ok()
}

#[test]
fn a_duplicate_index_carries_a_fake_leaf() {
    let (leaves, fake) = (leaves(2), leaf_hash(b"fake"));
    let root = root_of(&leaves);
    assert!(crate_accepts(
        &[],
        &root,
        &[0, 1, 1],
        &[leaves[0], leaves[1], fake],
        2
    ));
    // Ours proves one leaf at a time, so the fake one has to lead to the root itself.
    assert!(!ours_accepts(&[leaves[0]], &root, 1, &fake, 2));
    assert!(!ours_accepts(&[], &root, 1, &fake, 2));
}

#[test]
fn an_index_out_of_range_carries_a_fake_leaf() {
    let fake = leaf_hash(b"fake");
    for n in (3..17u64).filter(|n| !n.is_power_of_two()) {
        let tree = MerkleTree::from_leaf_hashes(leaves(n));
        let honest = tree.prove(0).unwrap();
        let outside = n.next_power_of_two();
        // The fake leaf climbs beside the honest one, with anything for its neighbours.
        let path: Vec<Hash> = honest
            .path
            .iter()
            .flat_map(|hash| [*hash, Hash::ZERO])
            .collect();
        let found = [leaves(n)[0], fake];
        assert!(
            crate_accepts(&path, &tree.root(), &[0, outside as usize], &found, n),
            "n = {n}"
        );
        for path in [&path, &honest.path] {
            assert!(
                !ours_accepts(path, &tree.root(), outside, &fake, n),
                "n = {n}"
            );
        }
    }
}

#[test]
fn trailing_hashes_are_ignored() {
    let leaves = leaves(5);
    let tree = MerkleTree::from_leaf_hashes(leaves.clone());
    let mut path = tree.prove(3).unwrap().path;
    assert!(ours_accepts(&path, &tree.root(), 3, &leaves[3], 5));
    path.push(Hash::ZERO);
    assert!(crate_accepts(&path, &tree.root(), &[3], &[leaves[3]], 5));
    assert!(!ours_accepts(&path, &tree.root(), 3, &leaves[3], 5));
}

#[test]
fn an_inner_node_passes_for_a_leaf() {
    // With the crate's own hasher the preimage of an inner node is a valid "leaf".
    let plain: Vec<[u8; 32]> = (0..4u8).map(|i| Sha256::hash(&[i])).collect();
    let tree = rs_merkle::MerkleTree::<Sha256>::from_leaves(&plain);
    let fake = Sha256::hash(&[plain[0], plain[1]].concat());
    let path = vec![Sha256::hash(&[plain[2], plain[3]].concat())];
    let proof = MerkleProof::<Sha256>::new(path);
    assert!(proof.verify(tree.root().unwrap(), &[0], &[fake], 2));

    let leaves = leaves(4);
    let preimage = [leaves[0].as_ref(), leaves[1].as_ref()].concat();
    let path = [node_hash(&leaves[2], &leaves[3])];
    // Not even to a verifier that takes the size from the proof.
    let proof = InclusionProof {
        index: 0,
        size: 2,
        path: path.to_vec(),
    };
    for preimage in [&preimage[..], &[&[1], &preimage[..]].concat()] {
        let verdict = proof.verify(&root_of(&leaves), &leaf_hash(preimage));
        assert_eq!(verdict, Err(ProofError::Root));
    }
}

#[test]
fn the_number_of_leaves_is_not_bound() {
    let leaves = leaves(3);
    let root = root_of(&leaves);
    let path = [node_hash(&leaves[0], &leaves[1])];
    assert!(crate_accepts(&path, &root, &[1], &[leaves[2]], 2));
    // No root of this shape binds it, ours neither: that is why digests carry the size.
    let proof = InclusionProof {
        index: 1,
        size: 2,
        path: path.to_vec(),
    };
    assert_eq!(proof.verify(&root, &leaves[2]), Ok(()));
    let verdict = proof.verify_in(&root, 3, &leaves[2]);
    assert_eq!(
        verdict,
        Err(ProofError::Size {
            claimed: 2,
            size: 3
        })
    );
}

//! Exactly one proof is accepted for a leaf at an index of a tree.

use super::*;

/// True if these bytes decode and prove `leaf` in the tree of `size` leaves.
fn accepted(bytes: &[u8], root: &Hash, size: u64, leaf: &Hash) -> bool {
    borsh::from_slice::<InclusionProof>(bytes)
        .is_ok_and(|proof| proof.verify_in(root, size, leaf).is_ok())
}

/// All bits of small trees' proofs, a changing bit of each byte of larger ones.
fn bits_to_flip(size: u64, bytes: usize) -> Vec<usize> {
    if size <= 16 {
        (0..8 * bytes).collect()
    } else {
        (0..bytes)
            .map(|byte| 8 * byte + (byte + size as usize) % 8)
            .collect()
    }
}

#[test]
fn no_flipped_bit_of_an_encoding_is_accepted() {
    for size in 1..=64 {
        let leaves = leaves(size);
        let tree = MerkleTree::from_leaf_hashes(leaves.clone());
        let root = tree.root();
        for (index, leaf) in leaves.iter().enumerate() {
            let bytes = borsh::to_vec(&tree.prove(index as u64).unwrap()).unwrap();
            assert!(accepted(&bytes, &root, size, leaf));
            for bit in bits_to_flip(size, bytes.len()) {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert!(
                    !accepted(&flipped, &root, size, leaf),
                    "{index} of {size}, bit {bit}"
                );
            }
        }
    }
}

/// Every way to drop, repeat, insert or swap hashes of a path.
fn reshaped(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for at in 0..path.len() {
        let (mut dropped, mut repeated) = (path.to_vec(), path.to_vec());
        dropped.remove(at);
        repeated.insert(at, path[at]);
        all.extend([dropped, repeated, path[..at].to_vec()]);
        for other in at + 1..path.len() {
            let mut swapped = path.to_vec();
            swapped.swap(at, other);
            all.push(swapped);
        }
    }
    for at in 0..=path.len() {
        let mut longer = path.to_vec();
        longer.insert(at, Hash::ZERO);
        all.push(longer);
    }
    all
}

#[test]
fn no_reshaped_path_and_no_other_position_is_accepted() {
    for size in 1..=64 {
        let leaves = leaves(size);
        let tree = MerkleTree::from_leaf_hashes(leaves.clone());
        let root = tree.root();
        for (index, leaf) in leaves.iter().enumerate() {
            let proof = tree.prove(index as u64).unwrap();
            for path in reshaped(&proof.path) {
                let forged = InclusionProof { path, ..proof };
                assert!(
                    forged.verify_in(&root, size, leaf).is_err(),
                    "{index} of {size}"
                );
            }
            for other in (0..size + 70).filter(|other| *other != proof.index) {
                let forged = InclusionProof {
                    index: other,
                    ..proof.clone()
                };
                assert!(
                    forged.verify_in(&root, size, leaf).is_err(),
                    "{index} as {other}"
                );
            }
            let other = leaves[(index + 1) % leaves.len()];
            assert!(size == 1 || proof.verify_in(&root, size, &other).is_err());
            assert!(proof.verify_in(&Hash::ZERO, size, leaf).is_err());
        }
    }
}

#[test]
fn a_path_of_a_larger_tree_is_too_long() {
    // Leaf 3 of 4 climbs to the right root from "index 1 of 2", if length does not matter.
    let leaves = leaves(4);
    let path = vec![leaves[2], node_hash(&leaves[0], &leaves[1])];
    let proof = InclusionProof {
        index: 1,
        size: 2,
        path,
    };
    let verdict = proof.verify(&root_of(&leaves), &leaves[3]);
    assert_eq!(
        verdict,
        Err(ProofError::Length {
            expected: 1,
            found: 2
        })
    );
}

#[test]
fn nothing_is_in_the_empty_tree() {
    let proof = InclusionProof {
        index: 0,
        size: 0,
        path: Vec::new(),
    };
    for leaf in [EMPTY_ROOT, Hash::ZERO, leaf_hash(b"")] {
        let verdict = proof.verify(&EMPTY_ROOT, &leaf);
        assert_eq!(verdict, Err(ProofError::Index { index: 0, size: 0 }));
    }
}

#[test]
fn no_reshaped_consistency_proof_is_accepted() {
    let roots: Vec<Hash> = (0..=24).map(|n| root_of(&leaves(n))).collect();
    for new in 1..=24usize {
        let tree = MerkleTree::from_leaf_hashes(leaves(new as u64));
        for old in 0..=new {
            let (old_size, new_size) = (old as u64, new as u64);
            let proof = tree.prove_consistency(old_size).unwrap();
            for path in reshaped(&proof.path) {
                let (expected, found) = (proof.path.len(), path.len());
                let forged = ConsistencyProof { path };
                let verdict = forged.verify(old_size, &roots[old], new_size, &roots[new]);
                assert!(verdict.is_err(), "{old} of {new}");
                let length = Err(ProofError::Length { expected, found });
                assert_eq!(verdict == length, found != expected, "{old} of {new}");
            }
            for (wrong, root) in roots.iter().enumerate() {
                let held = proof.verify(old_size, root, new_size, &roots[new]).is_ok();
                assert_eq!(held, wrong == old, "old root {wrong} for {old} of {new}");
                // Every tree extends the empty one, so only then the new root is free.
                let held = proof.verify(old_size, &roots[old], new_size, root).is_ok();
                assert_eq!(held, wrong == new || old == 0, "new root {wrong} for {new}");
            }
        }
    }
}

#[test]
fn a_consistency_proof_can_not_hide_a_changed_leaf() {
    for new in 2..=33u64 {
        let mut changed = leaves(new);
        for old in 1..new {
            changed[(old - 1) as usize] = leaf_hash(b"changed");
            let proof = MerkleTree::from_leaf_hashes(changed.clone()).prove_consistency(old);
            let (old_root, new_root) = (root_of(&leaves(old)), root_of(&changed));
            assert!(
                proof
                    .unwrap()
                    .verify(old, &old_root, new, &new_root)
                    .is_err()
            );
        }
    }
}

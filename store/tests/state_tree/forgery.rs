//! Proofs: each key has one that verifies, and nothing else does.

use proptest::prelude::*;
use store::{Key, StateProof, StateProofError, Value};

use crate::{Content, Tree, Word, content, key, tree};

proptest! {
    #[test]
    fn every_key_has_a_proof_of_what_it_holds(content in content(), other in key()) {
        let tree = tree(&content);
        for key in content.keys().chain([&other]) {
            let proof = tree.prove(key);
            let expected = content.get(key).map(Word::commitment);
            prop_assert_eq!(proof.verify(&tree.root(), key), Ok(expected));
            let bytes = borsh::to_vec(&proof).unwrap();
            prop_assert_eq!(borsh::from_slice::<StateProof>(&bytes).unwrap(), proof);
        }
    }

    #[test]
    fn no_other_encoding_verifies(
        content in content(), key in key(), at: prop::sample::Index, bit in 0u8..8,
    ) {
        let tree = tree(&content);
        let honest = borsh::to_vec(&tree.prove(&key)).unwrap();
        let mut forged = honest.clone();
        forged[at.index(honest.len())] ^= 1 << bit;
        refused(&tree, &key, &forged)?;
        refused(&tree, &key, &honest[..at.index(honest.len())])?;
        refused(&tree, &key, &[&honest[..], &[0]].concat())?;
    }

    #[test]
    fn steps_added_removed_swapped_or_doubled_fail(
        content in content(), key in key(), a: prop::sample::Index, b: prop::sample::Index,
    ) {
        let tree = tree(&content);
        let proof = tree.prove(&key);
        prop_assume!(proof.steps().len() >= 2);
        let (a, b) = (a.index(proof.steps().len()), b.index(proof.steps().len()));
        let honest = borsh::to_vec(&proof).unwrap();
        let step = |i: usize| 4 + 33 * i..4 + 33 * (i + 1);

        let mut swapped = honest.clone();
        swapped[step(a)].copy_from_slice(&honest[step(b)]);
        swapped[step(b)].copy_from_slice(&honest[step(a)]);
        if a != b {
            refused(&tree, &key, &swapped)?;
        }
        let mut fewer = honest.clone();
        fewer.drain(step(a));
        fewer[..4].copy_from_slice(&(proof.steps().len() as u32 - 1).to_le_bytes());
        refused(&tree, &key, &fewer)?;
        let mut more = honest.clone();
        more.splice(step(a).end..step(a).end, honest[step(b)].to_vec());
        more[..4].copy_from_slice(&(proof.steps().len() as u32 + 1).to_le_bytes());
        refused(&tree, &key, &more)?;
    }

    #[test]
    fn a_proof_speaks_of_one_key_and_one_root(
        content in content(), other in content(), a in key(), b in key(),
    ) {
        let (tree, other) = (tree(&content), tree(&other));
        let proof = tree.prove(&a);
        if other.root() != tree.root() {
            prop_assert!(proof.verify(&other.root(), &a).is_err());
        }
        // For another key it may still be a true proof of absence, but never of a falsehood.
        if let Ok(answer) = proof.verify(&tree.root(), &b) {
            prop_assert_eq!(answer, content.get(&b).map(Word::commitment));
        }
    }

    #[test]
    fn no_leaf_of_the_tree_proves_a_present_key_absent(content in content()) {
        let tree = tree(&content);
        for shown in content.keys() {
            let bytes = borsh::to_vec(&tree.prove(shown)).unwrap();
            let steps = bytes.len() - 33;
            for denied in content.keys() {
                let value = Word::commitment(&content[shown]);
                let end = [&[2], &shown[..], value.as_bytes()].concat();
                let forged = [&bytes[..steps], &end].concat();
                let proof: StateProof = borsh::from_slice(&forged).unwrap();
                prop_assert!(proof.verify(&tree.root(), denied).is_err());
            }
        }
    }

    #[test]
    fn junk_is_an_error_not_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), key: Key) {
        if let Ok(proof) = borsh::from_slice::<StateProof>(&bytes) {
            prop_assert!(proof.verify(&Tree::new().insert(key, Word(1)).root(), &key).is_err());
        }
    }
}

proptest! {
    // 64 proofs with some 2,000 bits each: more than 100,000 forgeries.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bit_can_be_flipped(content in content(), key in key()) {
        let tree = tree(&content);
        let mut bytes = borsh::to_vec(&tree.prove(&key)).unwrap();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            refused(&tree, &key, &bytes)?;
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

fn refused(tree: &Tree, key: &Key, forged: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(proof) = borsh::from_slice::<StateProof>(forged) {
        prop_assert!(
            proof.verify(&tree.root(), key).is_err(),
            "accepted {proof:?}"
        );
    }
    Ok(())
}

#[test]
fn a_claim_of_many_steps_is_refused_before_memory_is_taken() {
    let mut bytes = 257u32.to_le_bytes().to_vec();
    bytes.resize(4 + 257 * 33 + 1, 0);
    assert!(borsh::from_slice::<StateProof>(&bytes).is_err());
    assert!(borsh::from_slice::<StateProof>(&u32::MAX.to_le_bytes()).is_err());
}

#[test]
fn each_refusal_has_its_name() {
    let content: Content = [[0; 32], [0x40; 32], [0x80; 32]]
        .map(|key| (key, Word(1)))
        .into();
    let tree = tree(&content);
    let bytes = |key: &Key| borsh::to_vec(&tree.prove(key)).unwrap();
    let verify = |bytes: &[u8], key: &Key| {
        borsh::from_slice::<StateProof>(bytes)
            .unwrap()
            .verify(&tree.root(), key)
            .unwrap_err()
    };
    let mut level = bytes(&[0; 32]);
    assert_eq!(level[4 + 33], 1, "the second step is at bit 1");
    level[4 + 33] = 0;
    assert_eq!(
        verify(&level, &[0; 32]),
        StateProofError::StepsNotRising { step: 1, at: 0 }
    );
    assert_eq!(
        verify(&bytes(&[1; 32]), &[0x81; 32]),
        StateProofError::LeafOffPath { at: 0 }
    );
    assert_eq!(
        verify(&bytes(&[1; 32]), &[0; 32]),
        StateProofError::AbsentKeyShown
    );
    let empty = [1, 0, 0, 0]
        .into_iter()
        .chain([0; 33])
        .chain([0])
        .collect::<Vec<u8>>();
    assert_eq!(
        verify(&empty, &[0; 32]),
        StateProofError::EmptyWithSteps { steps: 1 }
    );
    let none = verify(&[0, 0, 0, 0, 0], &[0; 32]);
    assert!(matches!(none, StateProofError::WrongRoot { expected, .. } if expected == tree.root()));
}

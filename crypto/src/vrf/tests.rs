//! Tests of the VRF.

use super::*;

const SECRET: [u8; 32] = [9; 32];
const INPUT: Hash = Hash::new([7; 32]);

fn keys(n: u8) -> Vec<SecretKey> {
    let key = |seed| SecretKey::from_seed(&[seed; 32]);
    (1..=n).map(key).collect()
}

#[test]
fn a_proof_holds_for_its_key_and_input_only() {
    let [alice, bob] = [1, 2].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let (output, proof) = prove(&alice, &INPUT);
    assert_eq!(verify(&alice.public(), &INPUT, &proof), Ok(output));
    let mismatch = Err(SignatureError::Mismatch);
    assert_eq!(verify(&bob.public(), &INPUT, &proof), mismatch);
    assert_eq!(verify(&alice.public(), &Hash::ZERO, &proof), mismatch);
    assert_eq!(prove(&alice, &INPUT), (output, proof));
    assert_ne!(prove(&bob, &INPUT).0, output);
    assert_ne!(prove(&alice, &Hash::ZERO).0, output);
}

#[test]
fn votes_and_possession_are_no_proofs_nor_the_other_way_round() {
    let key = SecretKey::from_seed(&[1; 32]);
    let public = key.public();
    let vote = Proof::from(*key.sign(INPUT.as_bytes()).as_bytes());
    let possession = Proof::from(*key.prove_possession().as_bytes());
    for proof in [vote, possession] {
        let mismatch = Err(SignatureError::Mismatch);
        assert_eq!(verify(&public, &INPUT, &proof), mismatch);
    }
    let (_, proof) = prove(&key, &INPUT);
    let vote = Signature::from(*proof.as_bytes());
    let mismatch = Err(SignatureError::Mismatch);
    assert_eq!(public.verify(INPUT.as_bytes(), &vote), mismatch);
}

#[test]
fn a_key_has_one_output_for_an_input() {
    // Neither the negative nor any other encoding of the point draws again.
    let key = SecretKey::from_seed(&[1; 32]);
    let (_, proof) = prove(&key, &INPUT);
    for bit in 0..48 * 8 {
        let mut bytes = *proof.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let other = Proof::from(bytes);
        assert!(verify(&key.public(), &INPUT, &other).is_err(), "bit {bit}");
    }
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    let refused = verify(&key.public(), &INPUT, &identity.into());
    assert_eq!(refused, Err(SignatureError::Identity));
}

#[test]
fn a_batch_judges_each_proof_as_alone() {
    let keys = keys(13);
    let publics: Vec<_> = keys.iter().map(SecretKey::public).collect();
    let mut proofs: Vec<_> = keys.iter().map(|key| prove(key, &INPUT).1).collect();
    let items = |proofs: &[Proof]| -> Vec<_> {
        let items = publics.iter().zip(proofs);
        let verdicts = verify_each(&INPUT, &items.collect::<Vec<_>>(), SECRET);
        let alone = publics.iter().zip(proofs);
        let alone = alone.map(|(key, proof)| verify(key, &INPUT, proof));
        assert_eq!(verdicts, alone.collect::<Vec<_>>());
        verdicts
    };
    assert!(items(&proofs).iter().all(Result::is_ok));
    proofs[0] = [0xff; 48].into();
    proofs[4] = prove(&keys[4], &Hash::ZERO).1;
    proofs.swap(11, 12);
    let bad = items(&proofs).into_iter().enumerate();
    let bad: Vec<_> = bad.filter(|(_, verdict)| verdict.is_err()).collect();
    let (places, errors): (Vec<_>, Vec<_>) = bad.into_iter().unzip();
    assert_eq!(places, [0, 4, 11, 12]);
    assert_eq!(errors[0], Err(SignatureError::Encoding));
    assert_eq!(verify_each(&INPUT, &[], SECRET), []);
}

#[test]
fn errors_that_cancel_pass_in_no_batch() {
    let keys = keys(4);
    let publics: Vec<_> = keys.iter().map(SecretKey::public).collect();
    let mut proofs: Vec<_> = keys.iter().map(|key| prove(key, &INPUT).1).collect();
    let shift = keys[0].sign(b"shift");
    let mut back = *shift.as_bytes();
    back[0] ^= 0x20;
    for (at, by) in [(0, shift), (1, back.into())] {
        let moved = [Signature::from(*proofs[at].as_bytes()), by];
        let moved = Signature::aggregate(&moved).unwrap();
        proofs[at] = Proof::from(*moved.as_bytes());
    }
    let items: Vec<_> = publics.iter().zip(&proofs).collect();
    for secret in 0..20 {
        let verdicts = verify_each(&INPUT, &items, [secret; 32]);
        let verdicts: Vec<_> = verdicts.iter().map(Result::is_ok).collect();
        assert_eq!(verdicts, [false, false, true, true]);
    }
}

#[test]
fn proofs_survive_text_and_borsh() {
    let (_, proof) = prove(&SecretKey::from_seed(&[1; 32]), &INPUT);
    let mut bytes = borsh::to_vec(&proof).unwrap();
    assert_eq!(borsh::from_slice::<Proof>(&bytes).unwrap(), proof);
    assert_eq!(proof.to_string().parse(), Ok(proof));
    bytes.push(0);
    assert!(borsh::from_slice::<Proof>(&bytes).is_err());
}

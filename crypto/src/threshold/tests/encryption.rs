//! Keys that shares are encrypted to, and the proofs that their secrets are known.

use ::group::ff::Field;
use ::group::prime::PrimeCurveAffine;
use blstrs::{G1Affine, Scalar};

use super::*;
use crate::hash::Hash;

const OWNER: Hash = Hash::new([3; 32]);

fn keys() -> [DecryptionKey; 2] {
    [1, 2].map(|seed| DecryptionKey::from_seed(&[seed; 32]))
}

#[test]
fn possession_is_proved_for_one_key_and_owner() {
    let [alice, bob] = keys();
    let proof = alice.prove_possession(&OWNER);
    assert_eq!(alice.public().verify_possession(&OWNER, &proof), Ok(()));
    let mismatch = Err(SignatureError::Mismatch);
    assert_eq!(bob.public().verify_possession(&OWNER, &proof), mismatch);
    // A key copied with its proof, by another owner.
    let copied = alice.public().verify_possession(&Hash::ZERO, &proof);
    assert_eq!(copied, mismatch);
}

#[test]
fn proofs_that_were_changed_do_not_hold() {
    let [alice, _] = keys();
    let proof = *alice.prove_possession(&OWNER).as_bytes();
    let verify = |bytes: [u8; 64]| alice.public().verify_possession(&OWNER, &bytes.into());
    for at in 0..64 {
        let mut bytes = proof;
        bytes[at] ^= 1;
        assert!(verify(bytes).is_err(), "byte {at}");
    }
    assert!(verify([0; 64]).is_err());
    assert!(verify([0xff; 64]).is_err(), "scalars above the order");
}

#[test]
fn a_proof_has_one_encoding() {
    // The response plus the order is the same scalar in other bytes.
    let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    let mut order_bytes = [0_u8; 32];
    hex::decode_to_slice(order, &mut order_bytes).unwrap();
    let mut tried = 0;
    for seed in 0..8 {
        let key = DecryptionKey::from_seed(&[seed; 32]);
        let mut bytes = *key.prove_possession(&OWNER).as_bytes();
        let mut carry = 0_u16;
        for (byte, add) in bytes[32..].iter_mut().zip(&order_bytes).rev() {
            let sum = u16::from(*byte) + u16::from(*add) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        tried += u16::from(carry == 0);
        assert!(
            key.public()
                .verify_possession(&OWNER, &bytes.into())
                .is_err()
        );
    }
    assert!(tried > 0, "some sums fit in 32 bytes");
}

#[test]
fn keys_are_checked_points() {
    let [alice, _] = keys();
    let key = *alice.public();
    assert_eq!(EncryptionKey::from_bytes(&key.to_bytes()), Ok(key));
    assert_eq!(key.to_string().parse(), Ok(key));
    let mut bytes = borsh::to_vec(&key).unwrap();
    assert_eq!(borsh::from_slice::<EncryptionKey>(&bytes).unwrap(), key);
    bytes.push(0);
    assert!(borsh::from_slice::<EncryptionKey>(&bytes).is_err());
    for (point, error) in [
        (outside_g1(), SignatureError::NotInGroup),
        (identity(), SignatureError::Identity),
        ([0xee; 48], SignatureError::Encoding),
    ] {
        assert_eq!(EncryptionKey::from_bytes(&point), Err(error));
        assert!(borsh::from_slice::<EncryptionKey>(&point).is_err());
    }
}

#[test]
fn secret_keys_survive_their_bytes_and_stay_out_of_logs() {
    let [alice, _] = keys();
    let kept = DecryptionKey::from_bytes(&alice.to_bytes()).unwrap();
    assert_eq!(kept.public(), alice.public());
    for bad in [[0; 32], [0xff; 32]] {
        let refused = DecryptionKey::from_bytes(&bad).err();
        assert_eq!(refused, Some(ThresholdError::Scalar));
    }
    assert!(!format!("{alice:?}").contains(&hex::encode(*alice.to_bytes())));
}

/// The secret that two proofs with one nonce give away: (s − s') / (c − c').
fn secret_if_nonce_was_reused(one: &[u8], two: &[u8]) -> G1Affine {
    let scalar = |bytes: &[u8]| Scalar::from_bytes_be(bytes.try_into().unwrap()).unwrap();
    let response = scalar(&one[32..64]) - scalar(&two[32..64]);
    let challenge = scalar(&one[..32]) - scalar(&two[..32]);
    (G1Affine::generator() * (response * challenge.invert().unwrap())).into()
}

#[test]
fn two_proofs_of_one_key_do_not_give_it_away() {
    let [alice, bob] = keys();
    let public = alice.public().to_bytes();
    let other = Hash::ZERO;
    let [one, two] = [&OWNER, &other].map(|owner| alice.prove_possession(owner));
    let guess = secret_if_nonce_was_reused(one.as_bytes(), two.as_bytes());
    assert_ne!(guess.to_compressed(), public);
    // Complaints of one recipient about two dealings, the last 64 bytes of which are the proof.
    let keys = [*alice.public(), *bob.public()];
    let complain = |dealer| {
        let terms = Terms {
            dealer,
            ..super::cheat::terms(2, &keys)
        };
        let dealing = Dealing::create(&[1; 32], &terms).unwrap();
        let dealing = dealing.verify(&terms).unwrap();
        borsh::to_vec(&Complaint::create(&dealing, &alice, seat(1))).unwrap()
    };
    let guess = secret_if_nonce_was_reused(&complain(1)[48..], &complain(2)[48..]);
    assert_ne!(guess.to_compressed(), public);
}

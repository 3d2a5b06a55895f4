//! Tests of BLS: vectors, attacks, batches.

use super::*;

mod attack;
mod batch;
mod encoding;
mod proved;
mod vectors;

const SECRET: [u8; 32] = [9; 32];

fn keys(n: u8) -> Vec<SecretKey> {
    (1..=n)
        .map(|seed| SecretKey::from_seed(&[seed; 32]))
        .collect()
}

fn publics(keys: &[SecretKey]) -> Vec<PublicKey> {
    keys.iter().map(SecretKey::public).collect()
}

fn certificate(keys: &[SecretKey], message: &[u8]) -> Signature {
    let signatures: Vec<_> = keys.iter().map(|key| key.sign(message)).collect();
    Signature::aggregate(&signatures).unwrap()
}

/// The point's negative: the other of the two with the same x.
fn negated(signature: &Signature) -> Signature {
    let mut bytes = *signature.as_bytes();
    bytes[0] ^= 0x20;
    bytes.into()
}

fn negated_key(key: &PublicKey) -> PublicKey {
    let mut bytes = key.to_bytes();
    bytes[0] ^= 0x20;
    PublicKey::from_bytes(&bytes).unwrap()
}

#[test]
fn a_signature_holds_for_its_key_and_message_only() {
    let [alice, bob] = [1, 2].map(|seed| SecretKey::from_seed(&[seed; 32]));
    let signature = alice.sign(b"message");
    assert_eq!(alice.public().verify(b"message", &signature), Ok(()));
    let mismatch = Err(SignatureError::Mismatch);
    assert_eq!(alice.public().verify(b"massage", &signature), mismatch);
    assert_eq!(bob.public().verify(b"message", &signature), mismatch);
    assert_eq!(
        alice.public().verify(b"message", &negated(&signature)),
        mismatch
    );
}

#[test]
fn secret_keys_survive_their_bytes() {
    let key = SecretKey::from_seed(&[5; 32]);
    assert_eq!(
        SecretKey::from_bytes(&key.to_bytes()).unwrap().public(),
        key.public()
    );
    for bad in [[0; 32], [0xff; 32]] {
        assert_eq!(
            SecretKey::from_bytes(&bad).err(),
            Some(SignatureError::Encoding)
        );
    }
    assert!(!format!("{key:?}").contains(&hex::encode(key.to_bytes())));
}

#[test]
fn groups_with_a_message_each_make_one_certificate() {
    let keys = keys(7);
    let publics = publics(&keys);
    let parts = [
        certificate(&keys[..4], b"one"),
        certificate(&keys[4..], b"two"),
    ];
    let sum = Signature::aggregate(&parts).unwrap();
    let members: Vec<&PublicKey> = publics.iter().collect();
    let groups = [(&members[..4], &b"one"[..]), (&members[4..], b"two")];
    assert_eq!(verify_aggregate(&groups, &sum), Ok(()));

    let missing = [(&members[..3], &b"one"[..]), (&members[4..], b"two")];
    let moved = [(&members[..5], &b"one"[..]), (&members[5..], b"two")];
    let swapped = [(&members[..4], &b"two"[..]), (&members[4..], b"one")];
    for wrong in [missing, moved, swapped] {
        let mismatch = Err(SignatureError::Mismatch.into());
        assert_eq!(verify_aggregate(&wrong, &sum), mismatch);
    }
    assert!(verify_aggregate(&groups[..1], &sum).is_err());
}

#[test]
fn malformed_groups_are_refused() {
    let keys = keys(2);
    let publics = publics(&keys);
    let signature = certificate(&keys, b"one");
    let check = |groups: &[(Vec<&PublicKey>, &[u8])]| verify_aggregate(groups, &signature);
    assert_eq!(check(&[]), Err(AggregateError::Empty));
    assert_eq!(check(&[(vec![], b"one")]), Err(AggregateError::Empty));
    let twice = [
        (vec![&publics[0]], &b"one"[..]),
        (vec![&publics[1]], b"one"),
    ];
    assert_eq!(check(&twice), Err(AggregateError::DuplicateMessage));
    assert_eq!(Signature::aggregate(&[]), Err(AggregateError::Empty));
}

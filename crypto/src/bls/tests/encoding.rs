//! Keys and signatures as they travel.

use super::*;
use crate::hash::{Domain, hash};
use crate::threshold::{Commitment, EncryptionKey};

const NOISE: Domain = Domain::new("thinkey.test.noise");

/// `N` bytes that look like a compressed point, number `i`.
fn noise<const N: usize>(i: u32) -> [u8; N] {
    let mut bytes = [0; N];
    for (block, chunk) in bytes.chunks_mut(32).enumerate() {
        let digest = hash(NOISE, &[&i.to_le_bytes(), &[block as u8]]);
        chunk.copy_from_slice(&digest.as_bytes()[..chunk.len()]);
    }
    bytes[0] = (bytes[0] & 0x1f) | 0x80 | ((i as u8 & 1) << 5);
    bytes
}

#[test]
fn keys_survive_text_and_borsh() {
    let key = SecretKey::from_seed(&[1; 32]).public();
    let bytes = borsh::to_vec(&key).unwrap();
    assert_eq!(bytes, key.to_bytes());
    assert_eq!(borsh::from_slice::<PublicKey>(&bytes).unwrap(), key);
    let json = serde_json::to_string(&key).unwrap();
    assert_eq!(serde_json::from_str::<PublicKey>(&json).unwrap(), key);
    assert_eq!(key.to_string().parse(), Ok(key.clone()));
    let off_curve = key.to_string().replacen(&key.to_string()[..2], "00", 1);
    assert_eq!(
        off_curve.parse::<PublicKey>(),
        Err(crate::ParseError::Value)
    );
}

#[test]
fn keys_are_ordered_by_their_bytes() {
    let mut publics = publics(&keys(9));
    publics.sort();
    assert!(
        publics
            .windows(2)
            .all(|pair| pair[0].to_bytes() < pair[1].to_bytes())
    );
}

#[test]
fn a_flipped_bit_makes_another_key_or_none() {
    let key = SecretKey::from_seed(&[1; 32]).public();
    for bit in 0..96 * 8 {
        let mut bytes = key.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // One encoding a key: what decodes encodes to the same bytes, so it is another key.
        if let Ok(other) = PublicKey::from_bytes(&bytes) {
            assert_eq!(other.to_bytes(), bytes);
            assert_ne!(other, key);
        }
    }
}

#[test]
fn random_encodings_are_never_accepted() {
    refuse_noise(0..2_000);
}

/// `cargo test -p thinkey-crypto --lib million_random -- --ignored`: some minutes of one core.
#[test]
#[ignore = "#3: minutes long; what the test above does, 500 times as often"]
fn a_million_random_encodings_are_never_accepted() {
    refuse_noise(0..1_000_000);
}

/// Each encodes a point of the group with probability 2^-126 or less.
fn refuse_noise(numbers: std::ops::Range<u32>) {
    let key = SecretKey::from_seed(&[1; 32]).public();
    for i in numbers {
        assert!(PublicKey::from_bytes(&noise(i)).is_err(), "key {i}");
        assert!(key.verify(b"m", &noise(i).into()).is_err(), "signature {i}");
        assert!(
            EncryptionKey::from_bytes(&noise(i)).is_err(),
            "recipient {i}"
        );
        let points = [noise(i)];
        assert!(Commitment::decode(&points, 1).is_err(), "commitment {i}");
    }
}

#[test]
fn a_coordinate_above_the_field_is_refused() {
    // x = p + 1 for an x = 1 would be a second encoding of the same point.
    let p = concat!(
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf",
        "6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
    );
    let mut bytes = [0; 48];
    hex::decode_to_slice(p, &mut bytes).unwrap();
    bytes[0] |= 0x80;
    for low in 0..32 {
        bytes[47] = 0xab + low;
        let key = SecretKey::from_seed(&[1; 32]).public();
        assert_eq!(
            key.verify(b"m", &bytes.into()),
            Err(SignatureError::Encoding)
        );
    }
}

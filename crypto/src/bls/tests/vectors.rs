//! RFC 9380 and real beacons of drand.

use rs_merkle::Hasher;
use rs_merkle::algorithms::Sha256;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct HashToCurve {
    dst: String,
    vectors: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    message: String,
    x: String,
    y: String,
}

#[derive(Deserialize)]
struct Drand {
    unchained_g1_rfc9380: Vec<Beacon>,
    unchained_on_g1: Vec<Beacon>,
}

#[derive(Deserialize)]
struct Beacon {
    network: String,
    public: PublicKey,
    round: u64,
    signature: Signature,
}

/// (p − 1) / 2 of the base field: larger y have the sign flag.
const HALF_FIELD: &str = concat!(
    "0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895f",
    "b39869507b587b120f55ffff58a9ffffdcff7fffffffd555"
);

#[test]
fn messages_hash_to_the_points_of_rfc_9380() {
    let json = include_str!("../../../tests/vectors/bls_hash_to_g1.json");
    let vectors: HashToCurve = serde_json::from_str(json).unwrap();
    // The key 1 signs a message with the very point that it hashes to.
    let mut one = [0; 32];
    one[31] = 1;
    let one = SecretKey::from_bytes(&one).unwrap();
    for point in &vectors.vectors {
        let message = hex::decode(&point.message).unwrap();
        let mut expected = hex::decode(&point.x).unwrap();
        let sign = if point.y.as_str() > HALF_FIELD {
            0x20
        } else {
            0
        };
        expected[0] |= 0x80 | sign;
        let signature = one.sign_with(&message, vectors.dst.as_bytes());
        assert_eq!(hex::encode(expected), signature.to_string());
    }
    assert_eq!(vectors.vectors.len(), 5);
}

fn check(beacons: &[Beacon], dst: &[u8]) {
    for beacon in beacons {
        let verify = |round: u64| {
            let message = Sha256::hash(&round.to_be_bytes());
            beacon.public.verify_with(&message, &beacon.signature, dst)
        };
        assert_eq!(
            verify(beacon.round),
            Ok(()),
            "{} {}",
            beacon.network,
            beacon.round
        );
        assert_eq!(verify(beacon.round + 1), Err(SignatureError::Mismatch));
    }
}

#[test]
fn beacons_of_drand_verify() {
    let json = include_str!("../../../tests/vectors/drand.json");
    let vectors: Drand = serde_json::from_str(json).unwrap();
    check(
        &vectors.unchained_g1_rfc9380,
        b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_",
    );
    // The older scheme hashes to G1 under the tag of G2, a mistake that drand kept.
    check(
        &vectors.unchained_on_g1,
        b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_",
    );
    assert_eq!(
        (
            vectors.unchained_g1_rfc9380.len(),
            vectors.unchained_on_g1.len()
        ),
        (4, 6)
    );
}

#[test]
fn a_beacon_is_no_signature_of_ours() {
    let json = include_str!("../../../tests/vectors/drand.json");
    let vectors: Drand = serde_json::from_str(json).unwrap();
    for beacon in &vectors.unchained_g1_rfc9380 {
        let message = Sha256::hash(&beacon.round.to_be_bytes());
        let verdict = beacon.public.verify(&message, &beacon.signature);
        assert_eq!(verdict, Err(SignatureError::Mismatch));
    }
}

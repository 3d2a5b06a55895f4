//! Real rounds of a public threshold beacon: each signature was combined by a group like ours.

use rs_merkle::Hasher;
use rs_merkle::algorithms::Sha256;
use serde::Deserialize;

use super::*;
use crate::bls::PublicKey;

const DRAND_DST: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

#[derive(Deserialize)]
struct Drand {
    unchained_g1_rfc9380: Vec<Beacon>,
}

#[derive(Deserialize)]
struct Beacon {
    public: PublicKey,
    round: u64,
    signature: Signature,
}

fn beacons() -> Vec<Beacon> {
    let json = include_str!("../../../tests/vectors/drand.json");
    serde_json::from_str::<Drand>(json)
        .unwrap()
        .unchained_g1_rfc9380
}

/// A group whose key is a beacon's: of one seat, as nobody tells us the commitments of theirs.
fn group_behind(beacon: &Beacon) -> GroupKey {
    let points = [beacon.public.to_bytes()];
    let commitment = Commitment::decode(&points, 1).unwrap();
    GroupKey::new(&commitment.into(), 1).unwrap()
}

fn message(round: u64) -> [u8; 32] {
    Sha256::hash(&round.to_be_bytes())
}

#[test]
fn group_keys_verify_what_a_real_group_combined() {
    for beacon in beacons() {
        let key = group_behind(&beacon);
        let verify = |round, signature| {
            let public = key.public();
            public.verify_with(&message(round), signature, DRAND_DST)
        };
        assert_eq!(verify(beacon.round, &beacon.signature), Ok(()));
        let next = verify(beacon.round + 1, &beacon.signature);
        assert_eq!(next, Err(SignatureError::Mismatch));
        // Under our tag it is no signature of ours.
        let ours = key.verify_combined(&message(beacon.round), &beacon.signature);
        assert_eq!(ours, Err(SignatureError::Mismatch));
    }
}

#[test]
fn a_real_signature_is_what_combining_it_alone_makes() {
    for beacon in beacons() {
        for number in [1, 7, 1_024] {
            // A polynomial of degree 0 has the same value at every seat.
            let partial = PartialSignature {
                seat: seat(number),
                signature: beacon.signature,
            };
            assert_eq!(combine(1, &[partial]), Ok(beacon.signature));
        }
    }
}

//! Proofs of knowledge of discrete logarithms (Schnorr, made non-interactive by Fiat–Shamir).
//!
//! A proof is a challenge and a response for each secret, scalars of 32 big-endian bytes below the
//! order. The verifier computes what the prover's first message must have been and hashes again.
//! [T3] The hash covers the statement: bases' points, who proves, to what end. Nonces are hashes
//! of the secret and the statement, so one never serves two statements.

use blstrs::{G1Affine, G1Projective, G2Affine, Scalar};
use borsh::{BorshDeserialize, BorshSerialize};
use group::prime::PrimeCurveAffine;

use super::scalar::{SecretScalar, hash_to_scalar};
use crate::hash::Domain;
use crate::hex_text::plain_bytes;

const NONCE: Domain = Domain::new("thinkey.proof.nonce");

/// Proof of one secret scalar, also of the same scalar over two bases: challenge and response.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct KeyProof([u8; 64]);

plain_bytes!(KeyProof, 64);

/// Proof of the two secrets of a dealing: challenge and two responses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct DealerProof([u8; 96]);

plain_bytes!(DealerProof, 96);

/// Proves knowledge of x in X = x·G1; `statement` contains X.
pub(super) fn prove_log(domain: Domain, x: &SecretScalar, statement: &[&[u8]]) -> KeyProof {
    let k = nonce(domain, x, statement);
    let first = G1Affine::generator() * *k;
    let c = challenge(domain, statement, &[&encode(&first)]);
    KeyProof(join([c, *k + c * **x]))
}

pub(super) fn verify_log(
    domain: Domain,
    point: &G1Affine,
    statement: &[&[u8]],
    proof: &KeyProof,
) -> bool {
    let Some([c, s]) = split(&proof.0) else {
        return false;
    };
    let first = G1Affine::generator() * s - point * c;
    challenge(domain, statement, &[&encode(&first)]) == c
}

/// Proves that `x` is the logarithm of one point to the generator and of another to `base`
/// (Chaum–Pedersen); `statement` contains both points and `base`.
pub(super) fn prove_equal_logs(
    domain: Domain,
    x: &SecretScalar,
    base: &G1Affine,
    statement: &[&[u8]],
) -> KeyProof {
    let k = nonce(domain, x, statement);
    let first = [G1Affine::generator() * *k, base * *k].map(|point| encode(&point));
    let c = challenge(domain, statement, &[&first[0], &first[1]]);
    KeyProof(join([c, *k + c * **x]))
}

/// `points` are x·G1 and x·base.
pub(super) fn verify_equal_logs(
    domain: Domain,
    base: &G1Affine,
    points: [&G1Affine; 2],
    statement: &[&[u8]],
    proof: &KeyProof,
) -> bool {
    let Some([c, s]) = split(&proof.0) else {
        return false;
    };
    let [key, shared] = points;
    let first = encode(&(G1Affine::generator() * s - key * c));
    let second = encode(&(base * s - shared * c));
    challenge(domain, statement, &[&first, &second]) == c
}

/// Proves knowledge of a in A = a·G2 and r in E = r·G1 at once; `statement` contains both.
pub(super) fn prove_dealer(
    domain: Domain,
    a: &SecretScalar,
    r: &SecretScalar,
    statement: &[&[u8]],
) -> DealerProof {
    let (k, l) = (nonce(domain, a, statement), nonce(domain, r, statement));
    let first = G2Affine::from(G2Affine::generator() * *k).to_compressed();
    let second = encode(&(G1Affine::generator() * *l));
    let c = challenge(domain, statement, &[&first, &second]);
    DealerProof(join([c, *k + c * **a, *l + c * **r]))
}

/// `a` and `r` are the points whose logarithms are proved.
pub(super) fn verify_dealer(
    domain: Domain,
    a: &G2Affine,
    r: &G1Affine,
    statement: &[&[u8]],
    proof: &DealerProof,
) -> bool {
    let Some([c, s, z]) = split(&proof.0) else {
        return false;
    };
    let first = G2Affine::from(G2Affine::generator() * s - a * c).to_compressed();
    let second = encode(&(G1Affine::generator() * z - r * c));
    challenge(domain, statement, &[&first, &second]) == c
}

fn nonce(domain: Domain, secret: &SecretScalar, statement: &[&[u8]]) -> SecretScalar {
    let bytes = zeroize::Zeroizing::new(secret.to_bytes_be());
    let mut parts: Vec<&[u8]> = vec![domain.tag().as_bytes(), bytes.as_slice()];
    parts.extend_from_slice(statement);
    SecretScalar::new(hash_to_scalar(NONCE, &parts))
}

fn challenge(domain: Domain, statement: &[&[u8]], first: &[&[u8]]) -> Scalar {
    let parts: Vec<&[u8]> = statement.iter().chain(first).copied().collect();
    hash_to_scalar(domain, &parts)
}

fn encode(point: &G1Projective) -> [u8; 48] {
    G1Affine::from(point).to_compressed()
}

fn join<const COUNT: usize, const BYTES: usize>(scalars: [Scalar; COUNT]) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    for (chunk, scalar) in bytes.chunks_mut(32).zip(&scalars) {
        chunk.copy_from_slice(&scalar.to_bytes_be());
    }
    bytes
}

/// The scalars, or `None` where one is not below the order: one encoding a proof.
fn split<const COUNT: usize>(bytes: &[u8]) -> Option<[Scalar; COUNT]> {
    let scalar = |chunk: &[u8]| {
        let bytes = chunk.try_into().ok()?;
        Option::<Scalar>::from(Scalar::from_bytes_be(bytes))
    };
    let scalars: Option<Vec<Scalar>> = bytes.chunks(32).map(scalar).collect();
    scalars?.try_into().ok()
}

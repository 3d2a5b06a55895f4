//! Many proofs for one input: all stakers draw for the same seat of the same chain.
//!
//! With coefficients r_i, `e(Σ r_i·proof_i, G2) = e(H(input), Σ r_i·key_i)` costs two pairings
//! however many there are ([S1]).

use blst::{BLST_ERROR, min_sig};
use rand_core::Rng;
use rayon::prelude::*;

use super::{DST, Output, Proof, verify};
use crate::bls::{PublicKey, Signature, SignatureError};
use crate::coefficients::Coefficients;
use crate::hash::{Domain, Hash, hash};

const ITEM: Domain = Domain::new("thinkey.batch.vrf");

/// Bits of a coefficient. The lowest is always set, so none is zero.
const COEFFICIENT_BITS: usize = 128;

/// Points that one thread decodes at least; decoding is nearly all of the work.
const DECODED_TOGETHER: usize = 16;

/// Up to this many suspects are checked one by one.
const SINGLES: usize = 2;

/// A proof that is a point of the group.
struct Item<'a> {
    key: &'a PublicKey,
    proof: &'a Proof,
    point: min_sig::Signature,
    digest: Hash,
}

/// The output of each proof for `input`, in order, or what is wrong with it: a batch, halved
/// while it fails. `secret` as for [`crate::bls::verify_batch`].
pub fn verify_each(
    input: &Hash,
    items: &[(&PublicKey, &Proof)],
    secret: [u8; 32],
) -> Vec<Result<Output, SignatureError>> {
    let decoded = items.par_iter().with_min_len(DECODED_TOGETHER);
    let decoded: Vec<_> = decoded.map(|item| decode(item, input)).collect();
    let points: Vec<&Item<'_>> = decoded.iter().flatten().collect();
    let mut verdicts = Vec::with_capacity(points.len());
    judge(input, &points, &secret, &mut verdicts);
    let mut verdicts = verdicts.into_iter();
    let verdict = |item: &Result<Item<'_>, SignatureError>| match item {
        Ok(item) if verdicts.next() == Some(true) => Ok(Output::of(item.proof)),
        Ok(_) => Err(SignatureError::Mismatch),
        Err(error) => Err(*error),
    };
    decoded.iter().map(verdict).collect()
}

fn decode<'a>(
    &(key, proof): &(&'a PublicKey, &'a Proof),
    input: &Hash,
) -> Result<Item<'a>, SignatureError> {
    let point = Signature::from(proof.0).decode()?;
    let digest = hash(ITEM, &[&key.to_bytes(), &proof.0, input.as_bytes()]);
    Ok(Item {
        key,
        proof,
        point,
        digest,
    })
}

/// Appends one verdict per item.
fn judge(input: &Hash, items: &[&Item<'_>], secret: &[u8; 32], verdicts: &mut Vec<bool>) {
    if items.len() <= SINGLES {
        let single = |item: &&Item<'_>| verify(item.key, input, item.proof).is_ok();
        verdicts.extend(items.iter().map(single));
    } else if holds(input, items, secret) {
        verdicts.extend(items.iter().map(|_| true));
    } else {
        let (left, right) = items.split_at(items.len() / 2);
        judge(input, left, secret, verdicts);
        judge(input, right, secret, verdicts);
    }
}

fn holds(input: &Hash, items: &[&Item<'_>], secret: &[u8; 32]) -> bool {
    let scalars = scalars(items, secret);
    let keys: Vec<_> = items.iter().map(|item| *item.key.point()).collect();
    let points: Vec<_> = items.iter().map(|item| item.point).collect();
    let bits = COEFFICIENT_BITS;
    let key = min_sig::AggregatePublicKey::aggregate_with_randomness(&keys, &scalars, bits, false);
    let sum =
        min_sig::AggregateSignature::aggregate_with_randomness(&points, &scalars, bits, false);
    match (key, sum) {
        (Ok(key), Ok(sum)) => {
            let (key, sum) = (key.to_public_key(), sum.to_signature());
            let verdict = sum.verify(false, input.as_bytes(), DST, &[], &key, false);
            verdict == BLST_ERROR::BLST_SUCCESS
        }
        _ => false,
    }
}

fn scalars(items: &[&Item<'_>], secret: &[u8; 32]) -> Vec<u8> {
    let width = COEFFICIENT_BITS / 8;
    let mut stream = Coefficients::new(secret, items.iter().map(|item| &item.digest));
    let mut scalars = vec![0; items.len() * width];
    stream.fill_bytes(&mut scalars);
    for scalar in scalars.chunks_mut(width) {
        if let Some(lowest) = scalar.first_mut() {
            *lowest |= 1;
        }
    }
    scalars
}

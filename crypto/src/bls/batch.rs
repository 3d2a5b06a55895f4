//! Many single signatures at once, each proved.
//!
//! Signatures on one message share a pairing: with coefficients r_i, the check is
//! `e(Σ r_i·sig_i, G2) = Π over messages e(H(message), Σ r_i·key_i)`. The votes of a committee
//! for one block cost two pairings and some additions, however many they are.

use std::collections::BTreeMap;

use blst::min_sig;
use rayon::prelude::*;

use super::aggregate::verify_sums;
use super::{MESSAGE_DST, PublicKey, Signature, proved};
use crate::coefficients::Coefficients;
use crate::hash::{Domain, Hash};

const ITEM: Domain = Domain::new("thinkey.batch.bls");

/// Bits of a coefficient. The lowest is always set, so none is zero.
const COEFFICIENT_BITS: usize = 128;
const COEFFICIENT_BYTES: usize = COEFFICIENT_BITS / 8;

/// Points that one thread decodes at least.
const DECODED_TOGETHER: usize = 16;

/// Up to this many suspects are checked one by one.
const SINGLES: usize = 2;

/// One decoded item.
struct Item<'a> {
    digest: Hash,
    key: &'a PublicKey,
    message: &'a [u8],
    signature: Signature,
    point: min_sig::Signature,
}

/// True if every signature holds; an empty batch does.
///
/// `secret` is something that senders of signatures don't know, such as 32 random bytes drawn
/// when the node starts. Errors made to cancel pass with probability 2^-127.
pub fn verify_batch(items: &[(&PublicKey, &[u8], &Signature)], secret: [u8; 32]) -> bool {
    let items: Vec<_> = items
        .iter()
        .copied()
        .filter(|item| !is_proved(item))
        .collect();
    let decoded: Option<Vec<Item<'_>>> = decode_all(&items).into_iter().collect();
    let holds = decoded.is_some_and(|items| holds(&items, &secret));
    if holds {
        items.iter().for_each(note);
    }
    holds
}

fn statement(item: &(&PublicKey, &[u8], &Signature)) -> Option<Hash> {
    let (key, message, signature) = item;
    proved::single(&key.to_bytes(), message, signature.as_bytes(), MESSAGE_DST)
}

fn is_proved(item: &(&PublicKey, &[u8], &Signature)) -> bool {
    proved::holds(statement(item).as_ref())
}

fn note(item: &(&PublicKey, &[u8], &Signature)) {
    proved::note(statement(item));
}

/// One verdict per item, in order: a batch, halved while it fails.
pub fn verify_each(items: &[(&PublicKey, &[u8], &Signature)], secret: [u8; 32]) -> Vec<bool> {
    let mut verdicts: Vec<bool> = items.iter().map(is_proved).collect();
    let open = items.iter().enumerate().zip(&verdicts);
    let open = open.filter(|(_, proved)| !**proved).map(|(item, _)| item);
    let (places, left): (Vec<usize>, Vec<_>) = open.map(|(at, item)| (at, *item)).unzip();
    let (positions, decoded): (Vec<usize>, Vec<Item<'_>>) = decode_all(&left)
        .into_iter()
        .zip(places)
        .filter_map(|(item, position)| Some((position, item?)))
        .unzip();
    let mut judged = vec![true; decoded.len()];
    if !holds(&decoded, &secret) {
        bisect(&decoded, &mut judged, &secret);
    }
    for (position, verdict) in positions.into_iter().zip(judged) {
        if let Some(slot) = verdicts.get_mut(position) {
            *slot = verdict;
        }
        if let Some(item) = items.get(position).filter(|_| verdict) {
            note(item);
        }
    }
    verdicts
}

/// Decompresses and checks the points, which costs as much as all other work on votes for one
/// message, and is spread over rayon's threads.
fn decode_all<'a>(items: &[(&'a PublicKey, &'a [u8], &Signature)]) -> Vec<Option<Item<'a>>> {
    items
        .par_iter()
        .with_min_len(DECODED_TOGETHER)
        .map(decode)
        .collect()
}

fn decode<'a>(item: &(&'a PublicKey, &'a [u8], &Signature)) -> Option<Item<'a>> {
    let &(key, message, &signature) = item;
    let point = signature.decode().ok()?;
    let digest = crate::hash(ITEM, &[&key.to_bytes(), signature.as_bytes(), message]);
    Some(Item {
        digest,
        key,
        message,
        signature,
        point,
    })
}

/// Judges items of which at least one is known to be bad.
fn bisect(items: &[Item<'_>], verdicts: &mut [bool], secret: &[u8; 32]) {
    if items.len() <= SINGLES {
        for (item, verdict) in items.iter().zip(verdicts) {
            *verdict = item.key.verify(item.message, &item.signature).is_ok();
        }
        return;
    }
    let (left, right) = items.split_at(items.len() / 2);
    let (left_verdicts, right_verdicts) = verdicts.split_at_mut(left.len());
    let left_holds = holds(left, secret);
    if !left_holds {
        bisect(left, left_verdicts, secret);
    }
    // Where the left half holds, the bad one is on the right: no need to try it whole.
    if left_holds || !holds(right, secret) {
        bisect(right, right_verdicts, secret);
    }
}

/// The keys and coefficients of the items on one message.
#[derive(Default)]
struct Group {
    keys: Vec<min_sig::PublicKey>,
    scalars: Vec<u8>,
}

fn holds(items: &[Item<'_>], secret: &[u8; 32]) -> bool {
    if items.is_empty() {
        return true;
    }
    let scalars = scalars(items, secret);
    let mut groups: BTreeMap<&[u8], Group> = BTreeMap::new();
    for (item, scalar) in items.iter().zip(scalars.chunks(COEFFICIENT_BYTES)) {
        let group = groups.entry(item.message).or_default();
        group.keys.push(*item.key.point());
        group.scalars.extend_from_slice(scalar);
    }
    let signatures: Vec<min_sig::Signature> = items.iter().map(|item| item.point).collect();
    match (
        sum_signatures(&signatures, &scalars),
        sum_keys(groups.values()),
    ) {
        (Some(signature), Some(keys)) => {
            let messages: Vec<&[u8]> = groups.keys().copied().collect();
            let keys: Vec<_> = keys.iter().collect();
            verify_sums(&messages, &keys, &signature).is_ok()
        }
        _ => false,
    }
}

fn scalars(items: &[Item<'_>], secret: &[u8; 32]) -> Vec<u8> {
    use rand_core::Rng;

    let mut stream = Coefficients::new(secret, items.iter().map(|item| &item.digest));
    let mut scalars = vec![0; items.len() * COEFFICIENT_BYTES];
    stream.fill_bytes(&mut scalars);
    for scalar in scalars.chunks_mut(COEFFICIENT_BYTES) {
        if let Some(lowest) = scalar.first_mut() {
            *lowest |= 1;
        }
    }
    scalars
}

fn sum_signatures(points: &[min_sig::Signature], scalars: &[u8]) -> Option<min_sig::Signature> {
    let bits = COEFFICIENT_BITS;
    min_sig::AggregateSignature::aggregate_with_randomness(points, scalars, bits, false)
        .ok()
        .map(|sum| sum.to_signature())
}

fn sum_keys<'a>(groups: impl Iterator<Item = &'a Group>) -> Option<Vec<min_sig::PublicKey>> {
    let sum = |group: &Group| {
        let (keys, scalars) = (&group.keys, &group.scalars);
        min_sig::AggregatePublicKey::aggregate_with_randomness(
            keys,
            scalars,
            COEFFICIENT_BITS,
            false,
        )
        .ok()
        .map(|sum| sum.to_public_key())
    };
    groups.map(sum).collect()
}

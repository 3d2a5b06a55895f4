//! Tests of threshold signatures.

use super::*;
use crate::bls::{Signature, SignatureError};

mod cheat;
mod combine;
mod complaint;
mod dealing;
mod drand;
mod encryption;
mod sums;

const SECRET: [u8; 32] = [9; 32];

fn seat(number: u16) -> Seat {
    Seat::new(number).unwrap()
}

fn group_of(threshold: u16, seats: u16) -> (GroupKey, Vec<Share>) {
    let (commitment, shares) = deal_trusted(&[1; 32], threshold, seats).unwrap();
    (GroupKey::new(&commitment, seats).unwrap(), shares)
}

fn sign(shares: &[Share], message: &[u8]) -> Vec<PartialSignature> {
    shares.iter().map(|share| share.sign(message)).collect()
}

/// The identity as it would travel.
fn identity<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    bytes[0] = 0xc0;
    bytes
}

/// Points of the curve outside the group.
fn outside<const N: usize>(accepts: impl Fn(&[u8; N]) -> SignatureError) -> [u8; N] {
    let point = |x: u8| {
        let mut bytes = [0; N];
        (bytes[0], bytes[N - 1]) = (0x80, x);
        bytes
    };
    let found = (0..64).map(point);
    let mut found = found.filter(|bytes| accepts(bytes) == SignatureError::NotInGroup);
    found.next().unwrap()
}

fn outside_g2() -> [u8; 96] {
    outside(|bytes| super::point::decode_g2(bytes).unwrap_err())
}

fn outside_g1() -> [u8; 48] {
    outside(|bytes| super::point::decode_g1(bytes).unwrap_err())
}

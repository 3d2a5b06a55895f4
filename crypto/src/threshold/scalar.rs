//! Scalars: from hashes, and secret ones that are wiped.

use std::ops::Deref;

use blstrs::Scalar;
use group::ff::Field;
use zeroize::{DefaultIsZeroes, Zeroizing};

use crate::hash::{Domain, hash_borsh};

/// Bytes of each half of a hashed scalar.
const HALF: usize = 31;

#[derive(Clone, Copy, Default)]
struct Wiped(Scalar);

impl DefaultIsZeroes for Wiped {}

/// A scalar that nobody else may learn: wiped from memory when dropped.
///
/// Arithmetic on it leaves copies on the stack that nothing wipes, as in every library of curves.
#[derive(Clone)]
pub(super) struct SecretScalar(Zeroizing<Wiped>);

impl SecretScalar {
    pub(super) fn new(scalar: Scalar) -> Self {
        Self(Zeroizing::new(Wiped(scalar)))
    }
}

impl Deref for SecretScalar {
    type Target = Scalar;

    fn deref(&self) -> &Scalar {
        &self.0.0
    }
}

/// A scalar from 496 bits of hash over `parts`, one item each: off uniform by 2^-241.
pub(super) fn hash_to_scalar(domain: Domain, parts: &[&[u8]]) -> Scalar {
    let half = |which: u8| {
        let digest = hash_borsh(domain, &(which, parts));
        let mut bytes = Zeroizing::new([0; 32]);
        bytes[..HALF].copy_from_slice(&digest.as_bytes()[..HALF]);
        below_order(&bytes)
    };
    half(0) + half(1) * two_to_the_248()
}

/// The scalar of 248 bits, little-endian: less than the order of the groups.
fn below_order(bytes: &[u8; 32]) -> Scalar {
    match Option::from(Scalar::from_bytes_le(bytes)) {
        Some(scalar) => scalar,
        None => unreachable!("248 bits are below the order"),
    }
}

fn two_to_the_248() -> Scalar {
    Scalar::from(1 << 62).square().square()
}

//! Partial signatures and what becomes of enough of them.

use std::collections::BTreeSet;

use blstrs::{G1Affine, G1Projective, Scalar};
use borsh::{BorshDeserialize, BorshSerialize};
use group::ff::Field;
use group::prime::PrimeCurveAffine;
use serde::{Deserialize, Serialize};

use super::{Seat, ThresholdError};
use crate::bls::{Signature, SignatureError};

/// A seat's signature with its share: 50 bytes.
///
/// An ordinary signature under the seat's key, see
/// [`GroupCommitment::share_public_keys`](super::GroupCommitment::share_public_keys).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
pub struct PartialSignature {
    /// Who made it.
    pub seat: Seat,
    /// The signature.
    pub signature: Signature,
}

/// The group's signature from the first `threshold` of `partials`, interpolated at zero.
///
/// Whichever seats they are of, good ones make the same bytes: an ordinary signature under the
/// group's key. [T5] A bad one makes another, so the result is verified before it is used;
/// [`GroupKey::combine`](super::GroupKey::combine) does both.
///
/// # Errors
/// Fewer than `threshold`, a seat twice among those used, or one that is no point of the curve.
pub fn combine(threshold: u16, partials: &[PartialSignature]) -> Result<Signature, ThresholdError> {
    let got = partials.len();
    let used = partials.get(..usize::from(threshold));
    let used = used.filter(|used| !used.is_empty());
    let used = used.ok_or(ThresholdError::TooFew { threshold, got })?;
    refuse_twice(used)?;
    let points = used.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
    let seats: Vec<Scalar> = used.iter().map(|partial| partial.seat.scalar()).collect();
    let sum = G1Projective::multi_exp(&points, &at_zero(&seats));
    Ok(Signature::from(G1Affine::from(sum).to_compressed()))
}

/// The point, on the curve: whether the sum is in the group is checked when it is verified, and
/// [`bls::verify_each`](crate::bls::verify_each) then says whose point was not.
fn decode(partial: &PartialSignature) -> Result<G1Projective, ThresholdError> {
    let bytes = partial.signature.as_bytes();
    let point: Option<G1Affine> = G1Affine::from_compressed_unchecked(bytes).into();
    let point = point.ok_or(SignatureError::Encoding);
    // The sum below can't take the identity.
    let point = point.and_then(|point| match bool::from(point.is_identity()) {
        true => Err(SignatureError::Identity),
        false => Ok(point.into()),
    });
    point.map_err(|error| ThresholdError::partial(partial.seat, error))
}

fn refuse_twice(partials: &[PartialSignature]) -> Result<(), ThresholdError> {
    let mut seen = BTreeSet::new();
    match partials.iter().find(|partial| !seen.insert(partial.seat)) {
        None => Ok(()),
        Some(PartialSignature { seat, .. }) => Err(ThresholdError::WrongSeat {
            seat: seat.number(),
        }),
    }
}

/// Lagrange's coefficients at zero for distinct places: Π over m ≠ j of m / (m − j).
///
/// With P = Π m, that of j is P / (j · Π (m − j)): one inversion for each.
fn at_zero(places: &[Scalar]) -> Vec<Scalar> {
    let product: Scalar = places.iter().product();
    let coefficient = |j: &Scalar| {
        let others = places.iter().filter(|m| *m != j).map(|m| m - j);
        let denominator = others.product::<Scalar>() * j;
        let inverse: Option<Scalar> = denominator.invert().into();
        match inverse {
            Some(inverse) => product * inverse,
            None => unreachable!("seats are distinct and not zero"),
        }
    };
    places.iter().map(coefficient).collect()
}

//! Points as they travel, and their way to and from the types of [`crate::bls`].
//!
//! [T1] Everything decoded here from others' bytes is on the curve, in the prime-order group and
//! not the identity.

use blst::min_sig;
use blstrs::{G1Affine, G2Affine, G2Projective};
use group::prime::PrimeCurveAffine;

use crate::bls::{PublicKey, SignatureError};

/// A checked point of G1 from its compressed encoding.
pub(super) fn decode_g1(bytes: &[u8; 48]) -> Result<G1Affine, SignatureError> {
    let point: Option<G1Affine> = G1Affine::from_compressed_unchecked(bytes).into();
    let point = point.ok_or(SignatureError::Encoding)?;
    let in_group = bool::from(point.is_torsion_free());
    check(point.is_identity().into(), in_group).map(|()| point)
}

/// A checked point of G2 from its compressed encoding.
pub(super) fn decode_g2(bytes: &[u8; 96]) -> Result<G2Affine, SignatureError> {
    let point: Option<G2Affine> = G2Affine::from_compressed_unchecked(bytes).into();
    let point = point.ok_or(SignatureError::Encoding)?;
    let in_group = bool::from(point.is_torsion_free());
    check(point.is_identity().into(), in_group).map(|()| point)
}

/// The uncompressed point of G1, from what this node's own state keeps: on the curve and not the
/// identity, the group taken on trust.
pub(super) fn restore_g1(bytes: &[u8; 96]) -> Result<G1Affine, SignatureError> {
    let point: Option<G1Affine> = G1Affine::from_uncompressed_unchecked(bytes).into();
    let point = point.ok_or(SignatureError::Encoding)?;
    check(point.is_identity().into(), true).map(|()| point)
}

/// The uncompressed point of G2, as [`restore_g1`].
pub(super) fn restore_g2(bytes: &[u8; 192]) -> Result<G2Affine, SignatureError> {
    let point: Option<G2Affine> = G2Affine::from_uncompressed_unchecked(bytes).into();
    let point = point.ok_or(SignatureError::Encoding)?;
    check(point.is_identity().into(), true).map(|()| point)
}

fn check(identity: bool, in_group: bool) -> Result<(), SignatureError> {
    match (identity, in_group) {
        (true, _) => Err(SignatureError::Identity),
        (_, false) => Err(SignatureError::NotInGroup),
        _ => Ok(()),
    }
}

/// The public key at a point of the group; `None` at the identity.
pub(super) fn to_key(point: &G2Projective) -> Option<PublicKey> {
    let affine = G2Affine::from(point);
    let key = || PublicKey::from_point(min_sig::PublicKey::from(*affine.as_ref()));
    (!bool::from(affine.is_identity())).then(key)
}

//! Secret polynomials.

use blstrs::{G2Affine, G2Projective, Scalar};
use group::ff::Field;
use group::prime::PrimeCurveAffine;

use super::scalar::{SecretScalar, hash_to_scalar};
use super::seat::check_sizes;
use super::{Commitment, Seat, Share, ThresholdError};
use crate::hash::Domain;

const COEFFICIENT: Domain = Domain::new("thinkey.threshold.coefficient");

/// A secret polynomial a(x) of degree threshold − 1 over the scalars: a(0) is the secret, a(j) the
/// share of seat j. Its coefficients are wiped when it is dropped.
pub struct Polynomial(Vec<SecretScalar>);

impl Polynomial {
    /// The polynomial of 32 bytes of good randomness: threshold coefficients, none of them zero.
    ///
    /// A seed makes one polynomial per threshold, and these have nothing in common.
    ///
    /// # Errors
    /// [`ThresholdError::Sizes`] for a threshold of zero or above [`super::MAX_SEATS`].
    pub fn from_seed(seed: &[u8; 32], threshold: u16) -> Result<Self, ThresholdError> {
        check_sizes(threshold, usize::from(threshold))?;
        let coefficients = (0..threshold).map(|index| coefficient(seed, threshold, index));
        Ok(Self(coefficients.collect()))
    }

    /// Shares that determine it.
    pub fn threshold(&self) -> u16 {
        self.0.len() as u16
    }

    /// What binds to it: each coefficient times the generator of G2.
    pub fn commit(&self) -> Commitment {
        let generator = G2Affine::generator();
        let points = self.0.iter().map(|a| G2Affine::from(generator * **a));
        Commitment::from_points(points.collect())
    }

    /// The share of a seat: a(j), by Horner's rule.
    ///
    /// # Errors
    /// [`ThresholdError::Scalar`] where it is zero, which chance does not do.
    pub fn share(&self, seat: Seat) -> Result<Share, ThresholdError> {
        let j = seat.scalar();
        let horner = |sum: Scalar, a: &SecretScalar| sum * j + **a;
        Share::new(seat, self.0.iter().rev().fold(Scalar::ZERO, horner))
    }

    /// a(0).
    pub(super) fn secret(&self) -> SecretScalar {
        match self.0.first() {
            Some(secret) => secret.clone(),
            None => unreachable!("a threshold is at least 1"),
        }
    }
}

impl std::fmt::Debug for Polynomial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Polynomial of threshold {}", self.0.len())
    }
}

/// Coefficient `index`; the next try where the hash gives zero.
fn coefficient(seed: &[u8; 32], threshold: u16, index: u16) -> SecretScalar {
    let (threshold, index) = (threshold.to_le_bytes(), index.to_le_bytes());
    let tries = (0..=u8::MAX).map(|again| {
        let parts: [&[u8]; 4] = [seed, &threshold, &index, &[again]];
        hash_to_scalar(COEFFICIENT, &parts)
    });
    match tries.into_iter().find(|a| !a.is_zero_vartime()) {
        Some(a) => SecretScalar::new(a),
        None => unreachable!("256 hashes that are all zero"),
    }
}

/// The public value at a seat of the polynomial committed to, Σ j^i·C_i by Horner's rule: seats
/// are small numbers, so multiplying by one takes a tenth of a full multiplication.
pub(super) fn evaluate(points: &[G2Affine], seat: Seat) -> G2Projective {
    use group::Group;

    let horner = |sum: G2Projective, point: &G2Affine| times(&sum, seat.number()) + point;
    points.iter().rev().fold(G2Projective::identity(), horner)
}

/// A multiple of a point by a public number: doubles and adds.
fn times(point: &G2Projective, number: u16) -> G2Projective {
    use group::Group;

    let bits = (0..u16::BITS - number.leading_zeros()).rev();
    bits.fold(G2Projective::identity(), |sum, bit| {
        let sum = sum.double();
        if number >> bit & 1 == 1 {
            sum + point
        } else {
            sum
        }
    })
}

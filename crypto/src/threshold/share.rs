//! Shares: what a seat signs with.

use blstrs::{G2Affine, Scalar};
use group::ff::Field;
use group::prime::PrimeCurveAffine;
use zeroize::Zeroizing;

use super::polynomial::evaluate;
use super::scalar::SecretScalar;
use super::{Commitment, PartialSignature, Seat, ThresholdError};
use crate::bls::SecretKey;

/// A seat's value of a polynomial, of one dealer or of the group: secret, never zero, wiped when
/// dropped.
#[derive(Clone)]
pub struct Share {
    seat: Seat,
    secret: SecretScalar,
}

impl Share {
    /// The group's share of a seat: the sum of what all qualified dealers dealt to it.
    ///
    /// # Errors
    /// No shares, shares of several seats, or a sum that is zero.
    pub fn sum(shares: &[Self]) -> Result<Self, ThresholdError> {
        let seat = shares.first().ok_or(ThresholdError::Empty)?.seat;
        if let Some(other) = shares.iter().find(|share| share.seat != seat) {
            let seat = other.seat.number();
            return Err(ThresholdError::WrongSeat { seat });
        }
        let sum = shares.iter().map(|share| *share.secret).sum();
        Self::new(seat, sum)
    }

    /// Whose it is.
    pub fn seat(&self) -> Seat {
        self.seat
    }

    /// The scalar, 32 bytes big-endian, to be kept encrypted.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.to_bytes_be())
    }

    /// A share kept by [`Share::to_bytes`].
    ///
    /// # Errors
    /// [`ThresholdError::Scalar`] for zero and for scalars not below the group order.
    pub fn from_bytes(seat: Seat, bytes: &[u8; 32]) -> Result<Self, ThresholdError> {
        let scalar: Option<Scalar> = Scalar::from_bytes_be(bytes).into();
        Self::new(seat, scalar.ok_or(ThresholdError::Scalar)?)
    }

    /// Checks that it is the committed polynomial's value at its seat: a(j)·G2 = Σ j^i·C_i.
    ///
    /// # Errors
    /// [`ThresholdError::Share`] where it is not.
    pub fn verify(&self, commitment: &Commitment) -> Result<(), ThresholdError> {
        let claimed = G2Affine::generator() * *self.secret;
        if claimed == evaluate(commitment.points(), self.seat) {
            Ok(())
        } else {
            let seat = self.seat.number();
            Err(ThresholdError::Share { seat })
        }
    }

    /// Signs `message`; [`super::combine`] makes the group's signature of enough of these.
    pub fn sign(&self, message: &[u8]) -> PartialSignature {
        let signature = self.key().sign(message);
        let seat = self.seat;
        PartialSignature { seat, signature }
    }

    /// A share of a scalar; a zero would sign nothing, so it is none.
    pub(super) fn new(seat: Seat, scalar: Scalar) -> Result<Self, ThresholdError> {
        let secret = SecretScalar::new(scalar);
        if secret.is_zero().into() {
            return Err(ThresholdError::Scalar);
        }
        Ok(Self { seat, secret })
    }

    fn key(&self) -> SecretKey {
        match SecretKey::from_bytes(&self.to_bytes()) {
            Ok(key) => key,
            Err(_) => unreachable!("a share is a scalar and not zero"),
        }
    }
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Share of seat {}", self.seat)
    }
}

//! Why sharing, combining and dealing fail.

use super::Seat;
use crate::bls::SignatureError;

/// What is wrong with sizes, commitments or partial signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdError {
    /// A threshold of zero, above the seats, or more seats than [`super::MAX_SEATS`].
    #[error("no group has threshold {threshold} of {seats} seats")]
    Sizes {
        /// Shares that sign.
        threshold: u16,
        /// Seats.
        seats: usize,
    },
    /// A commitment to a polynomial of another degree.
    #[error("commitment of {got} points, the threshold is {threshold}")]
    Degree {
        /// Points asked for.
        threshold: u16,
        /// Points found.
        got: usize,
    },
    /// A point of a commitment that is none, or the identity, or outside the group.
    #[error("point {index}: {error}")]
    Point {
        /// Its position.
        index: usize,
        /// What is wrong with it.
        error: SignatureError,
    },
    /// Nothing to add up.
    #[error("no commitments")]
    Empty,
    /// Commitments whose points at a position, or whose values at a seat, add up to the identity.
    #[error("a sum of commitments is the identity")]
    Identity,
    /// A seat that the group does not have.
    #[error("seat {seat} of {seats}")]
    NoSuchSeat {
        /// Its number.
        seat: u16,
        /// Seats of the group.
        seats: usize,
    },
    /// Two partial signatures or shares of one seat where one is meant, or shares of two seats.
    #[error("seat {seat} stands where another is meant")]
    WrongSeat {
        /// Its number.
        seat: u16,
    },
    /// Fewer partial signatures than the threshold.
    #[error("{got} partial signatures, the threshold is {threshold}")]
    TooFew {
        /// Partial signatures needed.
        threshold: u16,
        /// Good ones found.
        got: usize,
    },
    /// A partial signature that is not a point, or is the identity.
    #[error("partial signature of seat {seat}: {error}")]
    Partial {
        /// Who made it.
        seat: u16,
        /// What is wrong with it.
        error: SignatureError,
    },
    /// A scalar that is zero or not below the order of the groups.
    #[error("not a secret scalar")]
    Scalar,
    /// A share that is not the value of the committed polynomial at its seat.
    #[error("share of seat {seat} is not on the committed polynomial")]
    Share {
        /// Whose it is.
        seat: u16,
    },
}

impl ThresholdError {
    pub(super) fn no_such_seat(seat: Seat, seats: usize) -> Self {
        let seat = seat.number();
        Self::NoSuchSeat { seat, seats }
    }

    pub(super) fn partial(seat: Seat, error: SignatureError) -> Self {
        let seat = seat.number();
        Self::Partial { seat, error }
    }
}

/// Why a dealing is refused: the dealer's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DealingError {
    /// Not one ciphertext for each seat.
    #[error("{got} ciphertexts for {seats} seats")]
    Ciphertexts {
        /// Seats of the group.
        seats: usize,
        /// Ciphertexts found.
        got: usize,
    },
    /// The ephemeral key is no point of the group, or the identity.
    #[error("ephemeral key: {0}")]
    Ephemeral(SignatureError),
    /// The dealer does not know the secrets, or something was changed.
    #[error("the dealer's proof does not hold")]
    Proof,
    /// Sizes, or a point of the commitment.
    #[error(transparent)]
    Commitment(#[from] ThresholdError),
}

/// What is wrong with a share that was dealt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadShare {
    /// It does not decrypt.
    #[error("the ciphertext does not open")]
    Ciphertext,
    /// What is encrypted is zero or no scalar.
    #[error("no scalar is encrypted")]
    Scalar,
    /// The share is not the committed polynomial's value at the seat.
    #[error("the share is not on the committed polynomial")]
    Polynomial,
    /// The dealing has no such seat: the asker's fault, not the dealer's.
    #[error("the dealing has no such seat")]
    NoSuchSeat,
}

/// Why a complaint says nothing: the fault of who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComplaintError {
    /// The shared point is no point of the group, or the identity.
    #[error("shared point: {0}")]
    Point(SignatureError),
    /// The proof does not hold for this dealing, recipient and seat.
    #[error("the proof does not hold")]
    Proof,
    /// The dealing has no such seat.
    #[error("the dealing has no such seat")]
    NoSuchSeat,
}

//! Why a declaration about a key generation is refused.

use crypto::bls::SignatureError;
use crypto::threshold::{ComplaintError, DealingError};
use types::{Blame, Epoch};

/// Why a dealing, a complaint or a readiness is refused; then nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeygenError {
    /// No such thing is taken now.
    #[error("attempt {attempt} at the key of term {epoch} takes no such thing now")]
    Closed {
        /// The term.
        epoch: Epoch,
        /// The attempt.
        attempt: u32,
    },
    /// The committee has no such member, or it does not deal.
    #[error("member {member} does not deal")]
    NoDealer {
        /// Its number.
        member: u16,
    },
    /// The member said this before.
    #[error("member {member} has said so")]
    Repeated {
        /// Its number.
        member: u16,
    },
    /// Nothing is known of it, or it is out already.
    #[error("no dealing of member {member} counts")]
    NoDealing {
        /// Its number.
        member: u16,
    },
    /// No such seat.
    #[error("the committee has no seat {seat}")]
    NoSeat {
        /// Its number, counted from 1.
        seat: u16,
    },
    /// More or fewer bytes than such a dealing has.
    #[error("a dealing of {found} bytes; it must have {needed}")]
    Size {
        /// Its bytes.
        found: usize,
        /// What they must be.
        needed: usize,
    },
    /// Not one signature for each seat of the member.
    #[error("{found} signatures for {seats} seats")]
    Signatures {
        /// Signatures.
        found: usize,
        /// Seats of the member.
        seats: usize,
    },
    /// The member did not sign it, or not with its share.
    #[error("the signature does not hold: {0}")]
    Signature(#[from] SignatureError),
    /// The dealing is malformed.
    #[error(transparent)]
    Dealing(#[from] DealingError),
    /// The complaint proves nothing.
    #[error(transparent)]
    Complaint(#[from] ComplaintError),
    /// It is groundless, and its maker was punished for that or has nothing to lose.
    #[error("the complaint is groundless")]
    Groundless,
}

impl KeygenError {
    /// What depends on how far the root is, is nobody's fault.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Closed { .. } | Self::Repeated { .. } | Self::NoDealing { .. } => Blame::Nobody,
            _ => Blame::Sender,
        }
    }
}

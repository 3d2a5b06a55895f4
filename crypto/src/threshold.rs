//! Threshold signatures: any `threshold` seats of a group sign for it, fewer can't, and nobody
//! ever holds the group's secret.
//!
//! ```text
//!  seed, Terms ─▶ Dealing ──verify──▶ CheckedDealing ──open──▶ Share ─┐ of each qualified dealer
//!                                      │     │                        ├─ Share::sum ─▶ Share
//!                          commitment  │     └ bad share              ┘                 │ sign
//!                                      ▼         ▼                                      ▼
//!    GroupKey ◀── GroupCommitment ◀── sum    Complaint ──judge──▶ Verdict     PartialSignature
//!        └───────────── verify, combine threshold of them ◀─────────────────────────────┘
//!                                      ▼
//!                        bls::Signature under GroupKey::public
//! ```
//!
//! Key generation is Joint-Feldman (Pedersen 1991) with encrypted shares and complaints that prove
//! themselves (as in ETHDKG, ePrint 2019/985): every dealer shares a polynomial of his own, the
//! group's is the sum of those who were not caught. Who deals last can bias the *key* (Gennaro,
//! Jarecki, Krawczyk, Rabin 1999), never a signature that he can't compute; for unforgeability
//! that is enough. Signatures are those of Boldyreva 2003: Lagrange interpolation at zero of
//! ordinary signatures with the shares. There is one per message and group, whoever signs: nothing
//! in it can be chosen.
//!
//! [`deal_trusted`] replaces all dealers by one who knows everything, on networks of no worth.

mod commitment;
mod complaint;
mod dealing;
mod encryption;
mod error;
mod group_key;
mod kept;
mod partial;
mod point;
mod polynomial;
mod proof;
mod scalar;
mod sealed;
mod seat;
mod share;
#[cfg(test)]
mod tests;
mod trusted;

pub use commitment::{Commitment, GroupCommitment};
pub use complaint::{Complaint, Verdict};
pub use dealing::{CheckedDealing, Dealing, Terms};
pub use encryption::{DecryptionKey, EncryptionKey};
pub use error::{BadShare, ComplaintError, DealingError, ThresholdError};
pub use group_key::{Combined, GroupKey};
pub use kept::KeptDealing;
pub use partial::{PartialSignature, combine};
pub use polynomial::Polynomial;
pub use proof::{DealerProof, KeyProof};
pub use seat::{MAX_SEATS, Seat};
pub use share::Share;
pub use trusted::deal_trusted;

//! Threshold signatures: any `threshold` seats of a group sign for it, fewer can't.
mod commitment;
mod error;
mod group_key;
mod partial;
mod point;
mod polynomial;
mod scalar;
mod seat;
mod share;
#[cfg(test)]
mod tests;
mod trusted;

pub use commitment::{Commitment, GroupCommitment};
pub use error::ThresholdError;
pub use group_key::{Combined, GroupKey};
pub use partial::{PartialSignature, combine};
pub use polynomial::Polynomial;
pub use seat::{MAX_SEATS, Seat};
pub use share::Share;
pub use trusted::deal_trusted;

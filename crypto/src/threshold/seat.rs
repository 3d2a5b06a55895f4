//! Seats: who holds which share.

use std::num::NonZeroU16;

use blstrs::Scalar;
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::ThresholdError;

/// Seats at most. Bounds what a decoder takes memory for, and what a dealing weighs.
pub const MAX_SEATS: u16 = 1_024;

/// A seat's number, counted from 1: the place where its polynomial is evaluated.
///
/// Never 0, where the secret is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Seat(NonZeroU16);

impl Seat {
    /// Seat `number`, counted from 1; `None` for 0.
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The seat at a position of a list, counted from 0; `None` beyond [`MAX_SEATS`].
    pub fn at(position: usize) -> Option<Self> {
        let number = u16::try_from(position).ok()?.checked_add(1)?;
        Self::new(number).filter(|seat| seat.number() <= MAX_SEATS)
    }

    /// Its number, counted from 1.
    pub const fn number(self) -> u16 {
        self.0.get()
    }

    /// Its position in a list, counted from 0.
    pub fn position(self) -> usize {
        usize::from(self.number() - 1)
    }

    /// Seats 1 to `seats`.
    pub fn all(seats: u16) -> impl Iterator<Item = Self> {
        (1..=seats).filter_map(Self::new)
    }

    pub(super) fn scalar(self) -> Scalar {
        Scalar::from(u64::from(self.number()))
    }
}

impl std::fmt::Display for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Refuses thresholds that no group can have.
pub(super) fn check_sizes(threshold: u16, seats: usize) -> Result<u16, ThresholdError> {
    let count = u16::try_from(seats)
        .ok()
        .filter(|&count| (1..=count).contains(&threshold) && count <= MAX_SEATS);
    count.ok_or(ThresholdError::Sizes { threshold, seats })
}

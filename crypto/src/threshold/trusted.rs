//! Dealing by one who is trusted, for networks that hold nothing of worth.

use super::seat::check_sizes;
use super::{GroupCommitment, Polynomial, Seat, Share, ThresholdError};

/// A group's commitment and the shares of all its seats, from one seed.
///
/// Who knows the seed knows every signature beforehand: for devnets and tests only.
///
/// # Errors
/// [`ThresholdError::Sizes`] where no group has such a threshold.
pub fn deal_trusted(
    seed: &[u8; 32],
    threshold: u16,
    seats: u16,
) -> Result<(GroupCommitment, Vec<Share>), ThresholdError> {
    check_sizes(threshold, usize::from(seats))?;
    let polynomial = Polynomial::from_seed(seed, threshold)?;
    let shares = Seat::all(seats).map(|seat| polynomial.share(seat));
    let shares = shares.collect::<Result<_, _>>()?;
    Ok((polynomial.commit().into(), shares))
}

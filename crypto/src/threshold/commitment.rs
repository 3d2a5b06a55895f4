//! Commitments to polynomials, of one dealer and of the group.

use blstrs::{G2Affine, G2Projective};
use borsh::io::{Error, ErrorKind, Read, Result as IoResult, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use rayon::prelude::*;

use super::point::{decode_g2, to_key};
use super::polynomial::evaluate;
use super::seat::check_sizes;
use super::{MAX_SEATS, Seat, ThresholdError};
use crate::bls::PublicKey;

/// Points that one thread decodes or evaluates at least.
const TOGETHER: usize = 8;

/// What binds to a polynomial: C_i = a_i·G2 for its threshold coefficients (Feldman).
///
/// [T1] Each point is in the prime-order group and none is the identity: an honest coefficient is
/// never zero, and a zero secret is everybody's. One encoding a value: a length, then compressed
/// points of 96 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment(Vec<G2Affine>);

impl Commitment {
    /// Decodes and checks points, which is nearly all of what checking a dealing costs.
    ///
    /// # Errors
    /// Not `threshold` points, [T2], or one that is not in the group or is the identity.
    pub fn decode(points: &[[u8; 96]], threshold: u16) -> Result<Self, ThresholdError> {
        if points.len() != usize::from(threshold) && !cfg!(feature = "plant-any-degree") {
            let got = points.len();
            return Err(ThresholdError::Degree { threshold, got });
        }
        check_sizes(threshold, points.len())?;
        let decoded = points.par_iter().with_min_len(TOGETHER).enumerate();
        let decoded: Vec<_> = decoded
            .map(|(index, bytes)| {
                decode_g2(bytes).map_err(|error| ThresholdError::Point { index, error })
            })
            .collect();
        decoded.into_iter().collect::<Result<_, _>>().map(Self)
    }

    /// Shares that determine the polynomial: its degree and one.
    pub fn threshold(&self) -> u16 {
        self.0.len() as u16
    }

    /// The points as they travel.
    pub fn to_points(&self) -> Vec<[u8; 96]> {
        self.0.iter().map(G2Affine::to_compressed).collect()
    }

    /// a(j)·G2 for the seat's share a(j); `None` where that is the identity.
    pub fn share_public_key(&self, seat: Seat) -> Option<PublicKey> {
        to_key(&evaluate(&self.0, seat))
    }

    pub(super) fn from_points(points: Vec<G2Affine>) -> Self {
        Self(points)
    }

    pub(super) fn points(&self) -> &[G2Affine] {
        &self.0
    }
}

impl BorshSerialize for Commitment {
    fn serialize<W: Write>(&self, writer: &mut W) -> IoResult<()> {
        self.to_points().serialize(writer)
    }
}

impl BorshDeserialize for Commitment {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let points = read_points(reader)?;
        Self::decode(&points, points.len() as u16).map_err(|error| invalid(&error))
    }
}

/// At most [`MAX_SEATS`] encoded points; the length is checked before memory is taken, [L1].
pub(super) fn read_points<const N: usize>(reader: &mut impl Read) -> IoResult<Vec<[u8; N]>> {
    let length = u32::deserialize_reader(reader)?;
    if length > u32::from(MAX_SEATS) {
        return Err(Error::new(ErrorKind::InvalidData, "too many points"));
    }
    let points = (0..length).map(|_| <[u8; N]>::deserialize_reader(reader));
    points.collect()
}

fn invalid(error: &ThresholdError) -> Error {
    Error::new(ErrorKind::InvalidData, error.to_string())
}

/// The commitment of a group: the sum of those of its dealers, coefficient by coefficient.
///
/// Public: the group's key and the key of every seat's share follow from it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct GroupCommitment(Commitment);

impl GroupCommitment {
    /// The sum of the commitments of all qualified dealers, in any order.
    ///
    /// # Errors
    /// No commitments, different thresholds, or a sum that is the identity.
    pub fn sum(commitments: &[&Commitment]) -> Result<Self, ThresholdError> {
        let (first, others) = commitments.split_first().ok_or(ThresholdError::Empty)?;
        let mut sums: Vec<G2Projective> = first.points().iter().map(Into::into).collect();
        for commitment in others {
            same_degree(first, commitment)?;
            for (sum, point) in sums.iter_mut().zip(commitment.points()) {
                *sum += point;
            }
        }
        let points = sums.iter().map(finite).collect::<Option<_>>();
        let points = points.ok_or(ThresholdError::Identity)?;
        Ok(Self(Commitment(points)))
    }

    /// The key that the group signs under: the sum of all C_0.
    pub fn public_key(&self) -> PublicKey {
        let first = self.0.points().first().map(G2Projective::from);
        match first.as_ref().and_then(to_key) {
            Some(key) => key,
            None => unreachable!("[T1] a commitment has points that are not the identity"),
        }
    }

    /// Partial signatures that make a signature.
    pub fn threshold(&self) -> u16 {
        self.0.threshold()
    }

    /// The key that the seat's partial signatures hold under; `None` where it is the identity. [T7]
    pub fn share_public_key(&self, seat: Seat) -> Option<PublicKey> {
        self.0.share_public_key(seat)
    }

    /// The keys of seats 1 to `seats`, computed on rayon's threads, as
    /// [`Self::share_public_key`] gives them.
    ///
    /// # Errors
    /// Fewer seats than the threshold or too many.
    pub fn share_public_keys(&self, seats: u16) -> Result<Vec<Option<PublicKey>>, ThresholdError> {
        check_sizes(self.threshold(), usize::from(seats))?;
        let seats: Vec<Seat> = Seat::all(seats).collect();
        let keys = seats.par_iter().with_min_len(TOGETHER);
        Ok(keys.map(|seat| self.share_public_key(*seat)).collect())
    }
}

impl From<Commitment> for GroupCommitment {
    /// The group of one dealer.
    fn from(commitment: Commitment) -> Self {
        Self(commitment)
    }
}

fn finite(sum: &G2Projective) -> Option<G2Affine> {
    use group::Group;

    (!bool::from(sum.is_identity())).then(|| sum.into())
}

fn same_degree(first: &Commitment, other: &Commitment) -> Result<(), ThresholdError> {
    let (threshold, got) = (first.threshold(), other.0.len());
    if usize::from(threshold) == got {
        Ok(())
    } else {
        Err(ThresholdError::Degree { threshold, got })
    }
}

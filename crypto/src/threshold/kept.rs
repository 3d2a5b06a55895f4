//! Checked dealings as a chain's state keeps them.
//!
//! Key generation ends with a sum over all dealings, in one block. Decoding them again as they
//! travelled would cost as much as checking them all did; uncompressed points whose group was
//! checked once cost a hundredth of it.

use blstrs::G2Affine;
use borsh::io::{Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};

use super::commitment::read_points;
use super::point::{restore_g1, restore_g2};
use super::sealed::Sealed;
use super::{CheckedDealing, Commitment, DealingError, ThresholdError};
use crate::hash::Hash;

/// A [`CheckedDealing`] in bytes: for state that a node computed or checked against a state root,
/// never for what a peer says.
///
/// [T1] does not hold for these bytes by themselves: [`KeptDealing::restore`] sees whether points
/// are on the curve, not whether they are in the group.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct KeptDealing {
    context: Hash,
    dealer: u16,
    commitment: Vec<[u8; 192]>,
    ephemeral: [u8; 96],
    ciphertexts: Vec<Sealed>,
}

impl KeptDealing {
    /// The dealing as it was checked.
    ///
    /// # Errors
    /// Bytes that [`CheckedDealing::keep`] never wrote.
    pub fn restore(&self) -> Result<CheckedDealing, DealingError> {
        Ok(CheckedDealing {
            context: self.context,
            dealer: self.dealer,
            commitment: self.commitment()?,
            ephemeral: restore_g1(&self.ephemeral).map_err(DealingError::Ephemeral)?,
            ciphertexts: self.ciphertexts.clone(),
        })
    }

    /// The commitment alone, for the sum of all.
    ///
    /// # Errors
    /// As [`KeptDealing::restore`].
    pub fn commitment(&self) -> Result<Commitment, ThresholdError> {
        let points = self.commitment.iter().enumerate();
        let points = points.map(|(index, bytes)| {
            restore_g2(bytes).map_err(|error| ThresholdError::Point { index, error })
        });
        let points = points.collect::<Result<Vec<_>, _>>()?;
        if points.is_empty() {
            return Err(ThresholdError::Empty);
        }
        Ok(Commitment::from_points(points))
    }

    /// Who dealt.
    pub fn dealer(&self) -> u16 {
        self.dealer
    }
}

impl CheckedDealing {
    /// What a chain's state keeps of it.
    pub fn keep(&self) -> KeptDealing {
        let points = self.commitment.points().iter();
        KeptDealing {
            context: self.context,
            dealer: self.dealer,
            commitment: points.map(G2Affine::to_uncompressed).collect(),
            ephemeral: self.ephemeral.to_uncompressed(),
            ciphertexts: self.ciphertexts.clone(),
        }
    }
}

impl BorshDeserialize for KeptDealing {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        Ok(Self {
            context: BorshDeserialize::deserialize_reader(reader)?,
            dealer: BorshDeserialize::deserialize_reader(reader)?,
            commitment: read_points(reader)?,
            ephemeral: BorshDeserialize::deserialize_reader(reader)?,
            ciphertexts: read_points(reader)?,
        })
    }
}

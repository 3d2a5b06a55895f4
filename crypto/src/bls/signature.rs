//! Signatures and proofs of possession as they travel.

use blst::min_sig;
use borsh::{BorshDeserialize, BorshSerialize};

use super::{AggregateError, SignatureError, proved};
use crate::hex_text::plain_bytes;

/// A signature, single or aggregate: a compressed point of G1, decoded and checked each time it
/// is verified. Any 48 bytes travel as one; only verification says whether they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub(super) [u8; 48]);

plain_bytes!(Signature, 48);

impl Signature {
    /// The sum of `signatures`.
    ///
    /// Parts are only checked to be on the curve: what the sum proves is known when the sum is
    /// verified, which checks the group, and what a part proves when the part is.
    ///
    /// # Errors
    /// No signatures, one that is malformed or the identity, or a sum that is the identity.
    pub fn aggregate(signatures: &[Self]) -> Result<Self, AggregateError> {
        let points = signatures
            .iter()
            .map(Self::on_curve)
            .collect::<Result<Vec<_>, _>>()?;
        let points: Vec<_> = points.iter().collect();
        let sum = min_sig::AggregateSignature::aggregate(&points, false)
            .map_err(|_| AggregateError::Empty)?;
        let point = sum.to_signature();
        let sum = Self(point.to_bytes());
        if sum.is_identity() {
            return Err(SignatureError::Identity.into());
        }
        proved::note_point(sum.0, &point);
        Ok(sum)
    }

    /// The point, in the group and not the identity.
    pub(crate) fn decode(&self) -> Result<min_sig::Signature, SignatureError> {
        // [B1] `true` refuses the identity; the group is checked in any case.
        let point = min_sig::Signature::uncompress(&self.0)?;
        point.validate(true)?;
        Ok(point)
    }

    /// The point, on the curve and not the identity.
    fn on_curve(&self) -> Result<min_sig::Signature, SignatureError> {
        if let Some(point) = proved::point(&self.0) {
            return Ok(point);
        }
        let point = min_sig::Signature::uncompress(&self.0)?;
        if self.is_identity() {
            return Err(SignatureError::Identity);
        }
        Ok(point)
    }

    /// Whether these bytes say that they are the identity, or no point at all.
    pub(super) const fn is_identity(&self) -> bool {
        self.0[0] & super::IDENTITY_FLAG != 0
    }
}

/// A signature of the key itself under a tag of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct ProofOfPossession(pub(super) [u8; 48]);

plain_bytes!(ProofOfPossession, 48);

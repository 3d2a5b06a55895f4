//! Keys that shares are encrypted to.

use blstrs::{G1Affine, Scalar};
use borsh::io::{Error, ErrorKind, Read, Result as IoResult, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use group::ff::Field;
use group::prime::PrimeCurveAffine;
use zeroize::Zeroizing;

use super::ThresholdError;
use super::point::decode_g1;
use super::proof::{self, KeyProof};
use super::scalar::{SecretScalar, hash_to_scalar};
use crate::bls::SignatureError;
use crate::hash::{Domain, Hash};
use crate::hex_text::{FixedBytes, hex_text};

const SECRET: Domain = Domain::new("thinkey.encryption.secret");
const POSSESSION: Domain = Domain::new("thinkey.encryption.possession");

/// Opens what is dealt to its owner: a scalar, wiped from memory when dropped.
#[derive(Clone)]
pub struct DecryptionKey {
    secret: SecretScalar,
    public: EncryptionKey,
}

impl DecryptionKey {
    /// The key of 32 bytes of good randomness.
    ///
    /// # Panics
    /// For the seeds that hash to zero, of which none is known.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        match Self::new(hash_to_scalar(SECRET, &[seed])) {
            Ok(key) => key,
            Err(_) => unreachable!("a hash that is zero"),
        }
    }

    /// The scalar, 32 bytes big-endian, to be kept encrypted.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.to_bytes_be())
    }

    /// A key kept by [`DecryptionKey::to_bytes`].
    ///
    /// # Errors
    /// [`ThresholdError::Scalar`] for zero and for scalars not below the group order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, ThresholdError> {
        let scalar: Option<Scalar> = Scalar::from_bytes_be(bytes).into();
        Self::new(scalar.ok_or(ThresholdError::Scalar)?)
    }

    /// What others encrypt to.
    pub fn public(&self) -> &EncryptionKey {
        &self.public
    }

    /// Proves that the secret is known to whoever `context` names, such as the hash of a staker's
    /// key and an election: a proof copied for another context does not hold.
    pub fn prove_possession(&self, context: &Hash) -> KeyProof {
        let key = &self.public.bytes;
        proof::prove_log(POSSESSION, &self.secret, &[context.as_bytes(), key])
    }

    /// The point that only this key and whoever chose `ephemeral` compute.
    pub(super) fn agree(&self, ephemeral: &G1Affine) -> G1Affine {
        (ephemeral * *self.secret).into()
    }

    pub(super) fn secret(&self) -> &SecretScalar {
        &self.secret
    }

    fn new(scalar: Scalar) -> Result<Self, ThresholdError> {
        let secret = SecretScalar::new(scalar);
        if secret.is_zero().into() {
            return Err(ThresholdError::Scalar);
        }
        let public = EncryptionKey::from_point((G1Affine::generator() * *secret).into());
        Ok(Self { secret, public })
    }
}

impl std::fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DecryptionKey of {}", self.public)
    }
}

/// What shares are encrypted to: a point of G1, checked when it was decoded ([T1]).
#[derive(Clone, Copy)]
pub struct EncryptionKey {
    bytes: [u8; 48],
    point: G1Affine,
}

impl EncryptionKey {
    /// Decodes and checks a compressed point.
    ///
    /// # Errors
    /// The bytes don't encode a point, or a point that is no key.
    pub fn from_bytes(bytes: &[u8; 48]) -> Result<Self, SignatureError> {
        let (bytes, point) = (*bytes, decode_g1(bytes)?);
        Ok(Self { bytes, point })
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; 48] {
        self.bytes
    }

    /// Checks that whoever `context` names knows the secret.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`] where the proof does not hold.
    pub fn verify_possession(
        &self,
        context: &Hash,
        proof: &KeyProof,
    ) -> Result<(), SignatureError> {
        let statement: [&[u8]; 2] = [context.as_bytes(), &self.bytes];
        if proof::verify_log(POSSESSION, &self.point, &statement, proof) {
            Ok(())
        } else {
            Err(SignatureError::Mismatch)
        }
    }

    pub(super) fn point(&self) -> &G1Affine {
        &self.point
    }

    fn from_point(point: G1Affine) -> Self {
        let bytes = point.to_compressed();
        Self { bytes, point }
    }
}

impl FixedBytes<48> for EncryptionKey {
    fn to_wire(&self) -> [u8; 48] {
        self.bytes
    }

    fn from_wire(bytes: [u8; 48]) -> Option<Self> {
        Self::from_bytes(&bytes).ok()
    }
}

hex_text!(EncryptionKey);

impl PartialEq for EncryptionKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for EncryptionKey {}

impl BorshSerialize for EncryptionKey {
    fn serialize<W: Write>(&self, writer: &mut W) -> IoResult<()> {
        writer.write_all(&self.bytes)
    }
}

impl BorshDeserialize for EncryptionKey {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let bytes = <[u8; 48]>::deserialize_reader(reader)?;
        Self::from_bytes(&bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error))
    }
}

//! Secret and public keys.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use blst::min_sig;
use borsh::io::{Error, ErrorKind, Read, Result as IoResult, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use zeroize::Zeroize;

use super::{MESSAGE_DST, POSSESSION_DST, ProofOfPossession, Signature, SignatureError, proved};
use crate::hex_text::{FixedBytes, hex_text};

/// A secret key: a scalar, wiped from memory when dropped, and the public key that belongs to it.
#[derive(Clone)]
pub struct SecretKey {
    scalar: min_sig::SecretKey,
    public: PublicKey,
}

impl SecretKey {
    /// KeyGen of the IETF draft from 32 bytes of good randomness.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        match min_sig::SecretKey::key_gen(seed, &[]) {
            Ok(scalar) => Self::of(scalar),
            Err(_) => unreachable!("32 bytes are enough for KeyGen"),
        }
    }

    /// The scalar, 32 bytes big-endian. The caller wipes it.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.scalar.to_bytes()
    }

    fn of(scalar: min_sig::SecretKey) -> Self {
        let public = PublicKey::from_point(scalar.sk_to_pk());
        Self { scalar, public }
    }

    /// The key of a scalar in big-endian bytes.
    ///
    /// # Errors
    /// [`SignatureError::Encoding`] for zero and for scalars not below the group order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SignatureError> {
        min_sig::SecretKey::from_bytes(bytes)
            .map(Self::of)
            .map_err(|_| SignatureError::Encoding)
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// Signs `message`: one signature per key and message, no randomness.
    pub fn sign(&self, message: &[u8]) -> Signature {
        self.sign_with(message, MESSAGE_DST)
    }

    /// Proves that the secret of [`public`](Self::public) is known: signs the public key.
    pub fn prove_possession(&self) -> ProofOfPossession {
        let proof = self.sign_with(&self.public.bytes, POSSESSION_DST);
        ProofOfPossession(*proof.as_bytes())
    }

    pub(crate) fn sign_with(&self, message: &[u8], dst: &[u8]) -> Signature {
        let point = self.scalar.sign(message, dst, &[]);
        proved::signed(&self.public.bytes, message, &point, dst);
        Signature(point.to_bytes())
    }
}

impl Zeroize for SecretKey {
    fn zeroize(&mut self) {
        self.scalar.zeroize();
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey of {}", self.public())
    }
}

/// A public key: a point of G2, checked when it was decoded.
///
/// No value of this type is off the curve, outside the prime-order group or the identity.
/// Compared by its 96 compressed bytes.
#[derive(Clone)]
pub struct PublicKey {
    bytes: [u8; 96],
    point: min_sig::PublicKey,
}

impl PublicKey {
    /// Decodes and checks a compressed point.
    ///
    /// # Errors
    /// The bytes don't encode a point, or a point that is no key (see [`SignatureError`]).
    pub fn from_bytes(bytes: &[u8; 96]) -> Result<Self, SignatureError> {
        let bytes = *bytes;
        if let Some(point) = proved::key(&bytes) {
            return Ok(Self { bytes, point });
        }
        // [B1] On the curve, then in the group and not the identity.
        let point = min_sig::PublicKey::uncompress(&bytes)?;
        point.validate()?;
        proved::note_key(bytes, &point);
        Ok(Self { bytes, point })
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; 96] {
        self.bytes
    }

    /// Checks one signature on `message`.
    ///
    /// # Errors
    /// What is wrong with the signature; see [`SignatureError`].
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        self.verify_with(message, signature, MESSAGE_DST)
    }

    /// Checks that the owner of this key knows its secret. Before this held, the key must not be
    /// aggregated with others.
    ///
    /// # Errors
    /// What is wrong with the proof; see [`SignatureError`].
    pub fn verify_possession(&self, proof: &ProofOfPossession) -> Result<(), SignatureError> {
        self.verify_with(&self.bytes, &Signature(proof.0), POSSESSION_DST)
    }

    pub(crate) fn verify_with(
        &self,
        message: &[u8],
        signature: &Signature,
        dst: &[u8],
    ) -> Result<(), SignatureError> {
        let statement = proved::single(&self.bytes, message, signature.as_bytes(), dst);
        if proved::holds(statement.as_ref()) {
            return Ok(());
        }
        let point = signature.decode()?;
        // [B1] The key was validated when decoded, the signature just now.
        match point.verify(false, message, dst, &[], &self.point, false) {
            blst::BLST_ERROR::BLST_SUCCESS => {
                proved::note(statement);
                Ok(())
            }
            error => Err(error.into()),
        }
    }

    /// The decoded point.
    pub(crate) fn point(&self) -> &min_sig::PublicKey {
        &self.point
    }

    /// The key of a point known to be in the group and not the identity.
    pub(crate) fn from_point(point: min_sig::PublicKey) -> Self {
        Self {
            bytes: point.to_bytes(),
            point,
        }
    }
}

impl FixedBytes<96> for PublicKey {
    fn to_wire(&self) -> [u8; 96] {
        self.bytes
    }

    fn from_wire(bytes: [u8; 96]) -> Option<Self> {
        Self::from_bytes(&bytes).ok()
    }
}

hex_text!(PublicKey);

impl BorshSerialize for PublicKey {
    fn serialize<W: Write>(&self, writer: &mut W) -> IoResult<()> {
        writer.write_all(&self.bytes)
    }
}

impl BorshDeserialize for PublicKey {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let bytes = <[u8; 96]>::deserialize_reader(reader)?;
        Self::from_bytes(&bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error))
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

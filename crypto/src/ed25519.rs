//! Ed25519 signatures of accounts, by the rules of ZIP-215.
//!
//! ZIP-215 decides exactly which signatures are valid: `s` below the group order, `R` and `A` any
//! points that decompress (also non-canonical and small-order ones), and the equation multiplied
//! by the cofactor. With these rules single and batch verification can't disagree, which a chain
//! needs: otherwise one block would be valid or not depending on how a node checked it.
//!
//! Signatures are malleable by the holder of the key and, for small-order keys, one signature fits
//! many messages: identifiers must never contain signature bytes.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_zebra::{SigningKey, VerificationKey, VerificationKeyBytes};
use zeroize::Zeroize;

use crate::hex_text::plain_bytes;

mod batch;
#[cfg(test)]
mod tests;

pub use batch::Batch;

/// A signature that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key or the signature is malformed, or the equation does not hold.
    #[error("invalid ed25519 signature")]
    Invalid,
}

/// A signing key; wiped from memory when dropped.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of RFC 8032's 32-byte secret.
    pub fn from_seed(mut seed: [u8; 32]) -> Self {
        let key = SigningKey::from(seed);
        seed.zeroize();
        Self(key)
    }

    /// The 32-byte secret, for storage. The caller wipes it.
    pub fn seed(&self) -> [u8; 32] {
        self.0.into()
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        PublicKey(VerificationKey::from(&self.0).into())
    }

    /// The signature of RFC 8032 on `message`, deterministic.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey of {}", self.public())
    }
}

/// A public key, 32 bytes, not checked until it verifies something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct PublicKey(pub [u8; 32]);

plain_bytes!(PublicKey, 32);

impl PublicKey {
    /// Checks one signature on `message`.
    ///
    /// # Errors
    /// [`SignatureError::Invalid`] by the rules of ZIP-215.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        VerificationKey::try_from(VerificationKeyBytes::from(self.0))
            .and_then(|key| key.verify(&signature.decoded(), message))
            .map_err(|_| SignatureError::Invalid)
    }
}

/// A signature, 64 bytes: `R ‖ s`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 64]);

plain_bytes!(Signature, 64);

impl Signature {
    fn decoded(&self) -> ed25519_zebra::Signature {
        ed25519_zebra::Signature::from_bytes(&self.0)
    }
}

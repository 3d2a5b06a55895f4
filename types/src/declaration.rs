//! What validators declare to the root: elections, keys, seeds, evidence.

use borsh::{BorshDeserialize, BorshSerialize, io};
use bytes::Bytes;
use crypto::{Hash, hash};

use crate::{domain, limits};

/// An encoded declaration. Carries its own proof of who makes it, so anyone may pass it on; only
/// the root's system reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Declaration(Bytes);

/// A declaration longer than [`limits::DECLARATION_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a declaration of {bytes} bytes; at most 65536 are allowed")]
pub struct DeclarationSize {
    /// Its bytes.
    pub bytes: usize,
}

impl Declaration {
    /// Wraps an encoding.
    pub fn new(encoded: Vec<u8>) -> Result<Self, DeclarationSize> {
        let bytes = encoded.len();
        if bytes > limits::DECLARATION_BYTES {
            return Err(DeclarationSize { bytes });
        }
        Ok(Self(encoded.into()))
    }

    /// The encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The leaf in a root block's inputs.
    pub fn hash(&self) -> Hash {
        hash(domain::DECLARATION, &[&self.0])
    }
}

impl BorshDeserialize for Declaration {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let encoded = Vec::deserialize_reader(reader)?;
        Self::new(encoded).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

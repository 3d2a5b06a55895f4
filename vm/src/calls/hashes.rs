//! Hashes and signatures.

use crypto::{bls, ed25519};
use sha2::Sha256;
use sha3::{Digest, Sha3_256};

use super::Work;
use super::storage::Place;
use crate::Trap;

/// Bytes of a signature: a compressed point of G1.
const BLS_SIGNATURE: u64 = 48;

impl Work<'_, '_, '_> {
    pub(super) fn sha3(&mut self, data: u64, length: u64, out: u64) -> Result<u64, Trap> {
        self.bytes(length)?;
        let digest = Sha3_256::digest(self.scope.read(data, length)?);
        self.put_out(out, &digest)
    }

    pub(super) fn sha2(&mut self, data: u64, length: u64, out: u64) -> Result<u64, Trap> {
        self.bytes(length)?;
        let digest = Sha256::digest(self.scope.read(data, length)?);
        self.put_out(out, &digest)
    }

    pub(super) fn ed25519(&mut self, key: u64, signature: u64, text: Place) -> Result<u64, Trap> {
        self.bytes(text.1)?;
        let key = ed25519::PublicKey(self.scope.read_array(key)?);
        let signature = ed25519::Signature(self.scope.read_array(signature)?);
        let text = self.scope.read(text.0, text.1)?;
        Ok(key.verify(text, &signature).is_ok().into())
    }

    pub(super) fn bls(&mut self, key: u64, signature: u64, text: Place) -> Result<u64, Trap> {
        self.bytes(text.1)?;
        let key = bls::PublicKey::from_bytes(&self.scope.read_array(key)?);
        let signature = self.scope.read(signature, BLS_SIGNATURE)?;
        let signature = borsh::from_slice::<bls::Signature>(signature);
        let text = self.scope.read(text.0, text.1)?;
        let (Ok(key), Ok(signature)) = (key, signature) else {
            return Ok(0);
        };
        Ok(key.verify(text, &signature).is_ok().into())
    }
}

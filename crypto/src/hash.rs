//! SHA3-256 with domain separation.
//!
//! Every hash of the protocol is `SHA3-256(len(tag) ‖ tag ‖ data)`, `len(tag)` one byte. The
//! length in front makes the pair (tag, data) decodable, so two domains can't collide, whatever
//! the data. Tags have at least two characters; the lengths 0 and 1 are the leaf and node
//! prefixes of [`merkle`](crate::merkle), which therefore collide with no domain either.

use borsh::{BorshDeserialize, BorshSerialize};
use sha3::{Digest, Sha3_256};

use crate::hex_text::plain_bytes;

#[cfg(test)]
mod tests;

/// A SHA3-256 output.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize,
)]
pub struct Hash([u8; 32]);

plain_bytes!(Hash, 32);

impl Hash {
    /// Thirty-two zero bytes: "none", never the hash of anything known.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash with these bytes, usable in constants.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What a hash is for. One constant per use, for example `Domain::new("thinkey.block")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain(&'static str);

impl Domain {
    /// The domain with this tag, 2 to 255 bytes.
    ///
    /// # Panics
    /// On any other length; in a constant that is a compile error.
    pub const fn new(tag: &'static str) -> Self {
        assert!(
            tag.len() >= 2 && tag.len() <= 255,
            "a tag has 2 to 255 bytes"
        );
        Self(tag)
    }

    /// The tag.
    pub const fn tag(&self) -> &'static str {
        self.0
    }
}

/// A hash under way.
#[derive(Clone)]
pub struct Hasher(Sha3_256);

impl Hasher {
    /// Starts a hash in `domain`.
    pub fn new(domain: Domain) -> Self {
        let mut state = Sha3_256::new();
        state.update([domain.0.len() as u8]);
        state.update(domain.0);
        Self(state)
    }

    /// Appends `data`; boundaries between calls are not hashed.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// Ends the hash.
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

impl borsh::io::Write for Hasher {
    fn write(&mut self, data: &[u8]) -> borsh::io::Result<usize> {
        self.update(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> borsh::io::Result<()> {
        Ok(())
    }
}

/// The hash of the plain concatenation of `parts`.
///
/// Nothing marks where one part ends: callers pass parts of fixed sizes, or use
/// [`hash_borsh`] or another encoding that has one reading.
pub fn hash(domain: Domain, parts: &[&[u8]]) -> Hash {
    let mut hasher = Hasher::new(domain);
    for part in parts {
        hasher.update(part);
    }
    hasher.finish()
}

/// The hash of a value's borsh encoding, without building the encoding in memory.
///
/// # Panics
/// When the value can't be encoded: a collection longer than `u32::MAX`.
pub fn hash_borsh(domain: Domain, value: &impl BorshSerialize) -> Hash {
    let mut hasher = Hasher::new(domain);
    let encoded = value.serialize(&mut hasher);
    assert!(encoded.is_ok(), "a hashed value has an encoding");
    hasher.finish()
}

/// SHA3-256 of the concatenation of `parts`, without a domain.
pub(crate) fn sha3_256(parts: &[&[u8]]) -> Hash {
    let mut state = Sha3_256::new();
    for part in parts {
        state.update(part);
    }
    Hash(state.finalize().into())
}

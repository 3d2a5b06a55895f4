//! What can be the key of a map.
//!
//! Keys of at most 30 bytes stand in the storage as they are, in the order of the values; of longer
//! ones their hash does, without order, and they can't be read back.

use alloc::string::String;
use alloc::vec::Vec;

use super::SLOT;
use crate::AccountId;

/// A key of a [`super::Map`].
pub trait Key {
    /// Appends the key's bytes. Types of several lengths never make `out` 31 bytes long, which is
    /// the length of a hash.
    fn write(&self, out: &mut Vec<u8>);
}

/// A key that iteration can read back.
pub trait ReadKey: Sized {
    /// The key with these bytes.
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! integers {
    ($($type:ty),*) => { $(
        /// Big endian, so that keys have the order of numbers.
        impl Key for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        }

        impl ReadKey for $type {
            fn read(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self::from_be_bytes)
            }
        }
    )* };
}

integers!(u8, u16, u32, u64, u128);

/// The last 30 bytes. Ids of accounts are hashes, and those of system accounts differ at their
/// end, so no two accounts meet; whoever needs the id back stores it in the value.
impl Key for AccountId {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.split_at(2).1);
    }
}

/// A hash; its last 30 bytes.
impl Key for [u8; 32] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.split_at(2).1);
    }
}

impl Key for String {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
        // A text that is as long as a hash could be one: no text ends with this byte.
        if out.len() == SLOT {
            out.push(0xff);
        }
    }
}

impl ReadKey for String {
    fn read(bytes: &[u8]) -> Option<Self> {
        core::str::from_utf8(bytes).ok().map(Self::from)
    }
}

macro_rules! pairs {
    ($($first:ty: $size:literal),*) => { $(
        impl<B: Key> Key for ($first, B) {
            fn write(&self, out: &mut Vec<u8>) {
                self.0.write(out);
                self.1.write(out);
            }
        }

        impl<B: ReadKey> ReadKey for ($first, B) {
            fn read(bytes: &[u8]) -> Option<Self> {
                let (first, second) = bytes.split_at_checked($size)?;
                Some((<$first>::read(first)?, B::read(second)?))
            }
        }
    )* };
}

pairs!(u8: 1, u16: 2, u32: 4, u64: 8, u128: 16);

//! Fixed-size byte strings as hexadecimal text.
//!
//! One text form for every key, hash and signature: exactly two digits a byte, no prefix.
//! Lower case is written, both cases are read.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserializer, Serializer};

/// Why a hexadecimal text is not a value of the wanted type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The text does not have two digits for each byte.
    #[error("expected {expected} hexadecimal digits")]
    Length {
        /// Digits the type asks for.
        expected: usize,
    },
    /// A character is not a hexadecimal digit.
    #[error("not a hexadecimal digit")]
    Digit,
    /// The bytes are not a valid value of the type, such as a point off the curve.
    #[error("not a valid value")]
    Value,
}

/// A type that is exactly `N` bytes on the wire.
pub(crate) trait FixedBytes<const N: usize>: Sized {
    /// The wire bytes.
    fn to_wire(&self) -> [u8; N];

    /// The value, or `None` where not every byte string is one.
    fn from_wire(bytes: [u8; N]) -> Option<Self>;
}

pub(crate) fn parse<T: FixedBytes<N>, const N: usize>(text: &str) -> Result<T, ParseError> {
    if text.len() != 2 * N {
        return Err(ParseError::Length { expected: 2 * N });
    }
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseError::Digit)?;
    T::from_wire(bytes).ok_or(ParseError::Value)
}

pub(crate) fn serialize<T: FixedBytes<N>, S: Serializer, const N: usize>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let bytes = value.to_wire();
    if serializer.is_human_readable() {
        serializer.serialize_str(&hex::encode(bytes))
    } else {
        serializer.serialize_bytes(&bytes)
    }
}

pub(crate) fn deserialize<'de, T: FixedBytes<N>, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<T, D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(BytesVisitor(PhantomData))
    } else {
        deserializer.deserialize_bytes(BytesVisitor(PhantomData))
    }
}

struct BytesVisitor<T, const N: usize>(PhantomData<T>);

impl<'de, T: FixedBytes<N>, const N: usize> Visitor<'de> for BytesVisitor<T, N> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes, as hexadecimal digits in text formats")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        let bytes = bytes
            .try_into()
            .map_err(|_| E::invalid_length(bytes.len(), &self))?;
        T::from_wire(bytes).ok_or_else(|| E::custom(ParseError::Value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let mut bytes = [0; N];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let next = seq.next_element()?;
            *byte = next.ok_or_else(|| A::Error::invalid_length(at, &self))?;
        }
        if seq.next_element::<u8>()?.is_some() {
            return Err(A::Error::invalid_length(N + 1, &self));
        }
        T::from_wire(bytes).ok_or_else(|| A::Error::custom(ParseError::Value))
    }
}

/// Text and serde forms of a [`FixedBytes`] type.
macro_rules! hex_text {
    ($type:ty) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex::encode($crate::hex_text::FixedBytes::to_wire(self)))
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::hex_text::parse(text)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::hex_text::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::hex_text::deserialize(from)
            }
        }
    };
}

/// [`FixedBytes`], text and serde forms of a newtype over any `[u8; N]`.
macro_rules! plain_bytes {
    ($type:ident, $len:expr) => {
        impl $crate::hex_text::FixedBytes<{ $len }> for $type {
            fn to_wire(&self) -> [u8; $len] {
                self.0
            }

            fn from_wire(bytes: [u8; $len]) -> Option<Self> {
                Some(Self(bytes))
            }
        }

        impl From<[u8; $len]> for $type {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl $type {
            /// The bytes, as they travel.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        $crate::hex_text::hex_text!($type);
    };
}

pub(crate) use {hex_text, plain_bytes};

//! The encoding of arguments, answers and state: that of borsh, in a fraction of its code.
//!
//! | Type | Bytes |
//! |---|---|
//! | `u8` … `u128`, `i8` … `i128` | little endian |
//! | `bool` | 0 or 1 |
//! | `[T; N]`, tuples, structs | one after another |
//! | `Vec<T>`, `String` | count as `u32`, then the items |
//! | `Option<T>` | 0, or 1 and the value |
//! | enums | number of the variant as `u8`, then its fields |
//!
//! Decoding refuses trailing bytes and counts above what is there, so nothing from outside makes
//! code allocate more than it was sent.

use alloc::string::String;
use alloc::vec::Vec;

pub use crate::name::Name;

/// What can be written as bytes and be described.
pub trait Encode {
    /// The type as the ABI writes it; what the topics of logs tell.
    const NAME: Name;

    /// The lines that describe this type and those in it in a module's ABI; see [`crate::abi`].
    const SCHEMA: &'static str = "";

    /// Appends the bytes.
    fn encode(&self, out: &mut Vec<u8>);

    /// Appends the bytes of several.
    #[doc(hidden)]
    fn encode_all(items: &[Self], out: &mut Vec<u8>)
    where
        Self: Sized,
    {
        items.iter().for_each(|item| item.encode(out));
    }

    /// The bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

/// What can be read back from bytes.
pub trait Decode: Sized {
    /// Takes the value from the front; `None` when it is malformed.
    fn decode(from: &mut &[u8]) -> Option<Self>;

    /// Takes so many from the front; the caller has compared the count with what is there.
    #[doc(hidden)]
    fn decode_all(from: &mut &[u8], count: usize) -> Option<Vec<Self>> {
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(Self::decode(from)?);
        }
        Some(items)
    }

    /// The value, if the bytes are one and nothing else.
    fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let value = Self::decode(&mut bytes)?;
        bytes.is_empty().then_some(value)
    }
}

fn take<'a>(from: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (head, tail) = from.split_at_checked(count)?;
    *from = tail;
    Some(head)
}

macro_rules! integers {
    ($($type:ty),*) => { $(
        impl Encode for $type {
            const NAME: Name = Name::new(stringify!($type));

            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }

        impl Decode for $type {
            fn decode(from: &mut &[u8]) -> Option<Self> {
                let bytes = take(from, size_of::<Self>())?;
                Some(Self::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    )* };
}

impl Encode for u8 {
    const NAME: Name = Name::new("u8");

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn encode_all(items: &[Self], out: &mut Vec<u8>) {
        out.extend_from_slice(items);
    }
}

impl Decode for u8 {
    fn decode(from: &mut &[u8]) -> Option<Self> {
        take(from, 1)?.first().copied()
    }

    fn decode_all(from: &mut &[u8], count: usize) -> Option<Vec<Self>> {
        take(from, count).map(Vec::from)
    }
}

integers!(u16, u32, u64, u128, i8, i16, i32, i64, i128);

impl Encode for bool {
    const NAME: Name = Name::new("bool");

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Decode for bool {
    fn decode(from: &mut &[u8]) -> Option<Self> {
        match u8::decode(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Encode> Encode for [T] {
    const NAME: Name = Name::new("Vec<").and(&T::NAME).then(">");
    const SCHEMA: &'static str = T::SCHEMA;

    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() as u32).encode(out);
        T::encode_all(self, out);
    }
}

impl<T: Encode> Encode for Vec<T> {
    const NAME: Name = <[T]>::NAME;
    const SCHEMA: &'static str = T::SCHEMA;

    fn encode(&self, out: &mut Vec<u8>) {
        self.as_slice().encode(out);
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(from: &mut &[u8]) -> Option<Self> {
        let count = u32::decode(from)? as usize;
        // Items without bytes would let a count stand for endless work.
        if count > from.len() {
            return None;
        }
        T::decode_all(from, count)
    }
}

impl Encode for str {
    const NAME: Name = Name::new("String");

    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() as u32).encode(out);
        out.extend_from_slice(self.as_bytes());
    }
}

impl Encode for String {
    const NAME: Name = str::NAME;

    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().encode(out);
    }
}

impl Decode for String {
    fn decode(from: &mut &[u8]) -> Option<Self> {
        let count = u32::decode(from)? as usize;
        let bytes = take(from, count)?;
        core::str::from_utf8(bytes).ok().map(Self::from)
    }
}

impl<const N: usize> Encode for [u8; N] {
    const NAME: Name = Name::new("[u8;").number(N).then("]");

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl<const N: usize> Decode for [u8; N] {
    fn decode(from: &mut &[u8]) -> Option<Self> {
        take(from, N)?.try_into().ok()
    }
}

impl<T: Encode> Encode for Option<T> {
    const NAME: Name = Name::new("Option<").and(&T::NAME).then(">");
    const SCHEMA: &'static str = T::SCHEMA;

    fn encode(&self, out: &mut Vec<u8>) {
        self.is_some().encode(out);
        if let Some(value) = self {
            value.encode(out);
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(from: &mut &[u8]) -> Option<Self> {
        let some = bool::decode(from)?;
        if some {
            T::decode(from).map(Some)
        } else {
            Some(None)
        }
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    const NAME: Name = T::NAME;
    const SCHEMA: &'static str = T::SCHEMA;

    fn encode(&self, out: &mut Vec<u8>) {
        (**self).encode(out);
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => { $(
        #[allow(non_snake_case, unused_variables, reason = "one macro for all lengths")]
        impl<$($name: Encode),*> Encode for ($($name,)*) {
            const NAME: Name = Name::new("(")$(.item(&$name::NAME))*.then(")");

            fn encode(&self, out: &mut Vec<u8>) {
                let ($($name,)*) = self;
                $($name.encode(out);)*
            }
        }

        #[allow(unused_variables, reason = "one macro for all lengths")]
        impl<$($name: Decode),*> Decode for ($($name,)*) {
            fn decode(from: &mut &[u8]) -> Option<Self> {
                Some(($($name::decode(from)?,)*))
            }
        }
    )* };
}

tuples! {
    ;
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}

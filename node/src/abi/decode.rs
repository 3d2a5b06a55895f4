//! Bytes of answers, arguments and logs as values.

use types::{AccountId, Address};

use super::{Abi, DEPTH, Kind, Shape, Value};

/// Values in what is decoded at once: types without bytes could stand for any number of them.
const VALUES: usize = 100_000;

/// Why bytes are not of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Too few, or not what the type has.
    #[error("not an encoding of its type")]
    Malformed,
    /// Bytes are left over.
    #[error("{left} bytes are left over")]
    Trailing {
        /// How many.
        left: usize,
    },
    /// A type that the description does not describe, or that contains itself too often.
    #[error("of a type that the code does not describe")]
    Unknown,
}

impl Abi {
    /// Reads a value; addresses get the network's name.
    ///
    /// # Errors
    /// When the bytes are not one of the kind and nothing else.
    pub fn decode(&self, kind: &Kind, bytes: &[u8], network: &str) -> Result<Value, DecodeError> {
        let all = self.decode_all(std::slice::from_ref(kind), bytes, network)?;
        all.into_iter().next().ok_or(DecodeError::Malformed)
    }

    /// Reads values that stand one after another.
    ///
    /// # Errors
    /// When the bytes are not those and nothing else.
    pub fn decode_all<'a>(
        &self,
        kinds: impl IntoIterator<Item = &'a Kind>,
        bytes: &[u8],
        network: &str,
    ) -> Result<Vec<Value>, DecodeError> {
        let mut reader = Reader {
            abi: self,
            bytes,
            network,
            left: VALUES,
        };
        let values = kinds.into_iter().map(|kind| reader.value(kind, 0));
        let values = values.collect::<Result<_, _>>()?;
        match reader.bytes.len() {
            0 => Ok(values),
            left => Err(DecodeError::Trailing { left }),
        }
    }
}

struct Reader<'a> {
    abi: &'a Abi,
    bytes: &'a [u8],
    network: &'a str,
    /// Values that may still be made.
    left: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, kind: &Kind, depth: usize) -> Result<Value, DecodeError> {
        self.left = self.left.checked_sub(1).ok_or(DecodeError::Malformed)?;
        if depth > DEPTH {
            return Err(DecodeError::Unknown);
        }
        Ok(match kind {
            Kind::Number { signed, bytes } => self.number(*signed, *bytes)?,
            Kind::Bool => match self.byte()? {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                _ => return Err(DecodeError::Malformed),
            },
            Kind::Text => {
                let length = self.count()?;
                let bytes = self.take(length)?;
                let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::Malformed)?;
                Value::Text(text.to_owned())
            }
            Kind::Account => {
                let id: [u8; 32] = self.array()?;
                let account = AccountId(id.into());
                Value::Account(Address::new(self.network, account).to_string())
            }
            Kind::Array(of, length) if of.is_byte() => Value::Bytes(self.take(*length)?.to_vec()),
            Kind::Array(of, length) => Value::List(self.several(of, *length, depth)?),
            Kind::List(of) => {
                let length = self.count()?;
                match of.is_byte() {
                    true => Value::Bytes(self.take(length)?.to_vec()),
                    false => Value::List(self.several(of, length, depth)?),
                }
            }
            Kind::Option(of) => match self.byte()? {
                0 => Value::None,
                1 => self.value(of, depth + 1)?,
                _ => return Err(DecodeError::Malformed),
            },
            Kind::Tuple(all) => Value::Tuple(self.each(all, depth)?),
            Kind::Named(name) => self.named(name, depth)?,
        })
    }

    fn named(&mut self, name: &str, depth: usize) -> Result<Value, DecodeError> {
        let abi = self.abi;
        match abi.types.get(name).ok_or(DecodeError::Unknown)? {
            Shape::Fields(fields) => {
                let values = self.each(fields.iter().map(|(_, kind)| kind), depth)?;
                let names = fields.iter().map(|(name, _)| name.clone());
                Ok(Value::Fields(names.zip(values).collect()))
            }
            Shape::Variants(variants) => {
                let number = usize::from(self.byte()?);
                let (name, kinds) = variants.get(number).ok_or(DecodeError::Malformed)?;
                Ok(Value::Variant(name.clone(), self.each(kinds, depth)?))
            }
        }
    }

    fn each<'k>(
        &mut self,
        kinds: impl IntoIterator<Item = &'k Kind>,
        depth: usize,
    ) -> Result<Vec<Value>, DecodeError> {
        let kinds = kinds.into_iter();
        kinds.map(|kind| self.value(kind, depth + 1)).collect()
    }

    /// So many of a kind, each of which takes a byte at least.
    fn several(
        &mut self,
        of: &Kind,
        count: usize,
        depth: usize,
    ) -> Result<Vec<Value>, DecodeError> {
        let mut values = Vec::new();
        for _ in 0..count {
            let before = self.bytes.len();
            values.push(self.value(of, depth + 1)?);
            if self.bytes.len() == before {
                return Err(DecodeError::Malformed);
            }
        }
        Ok(values)
    }

    fn number(&mut self, signed: bool, bytes: usize) -> Result<Value, DecodeError> {
        let mut wide = [0; 16];
        let number = self.take(bytes)?;
        let negative = signed && number.last().is_some_and(|last| last & 0x80 != 0);
        if negative {
            wide = [0xff; 16];
        }
        let place = wide.get_mut(..bytes).ok_or(DecodeError::Malformed)?;
        place.copy_from_slice(number);
        Ok(match signed {
            true => Value::Signed(i128::from_le_bytes(wide)),
            false => Value::Number(u128::from_le_bytes(wide)),
        })
    }

    fn count(&mut self) -> Result<usize, DecodeError> {
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| DecodeError::Malformed)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.take(N)?.try_into().map_err(|_| DecodeError::Malformed)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let split = self.bytes.split_at_checked(count);
        let (taken, rest) = split.ok_or(DecodeError::Malformed)?;
        self.bytes = rest;
        Ok(taken)
    }
}

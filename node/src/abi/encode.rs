//! Arguments as people write them, as the bytes of a message.
//!
//! | type | written |
//! |---|---|
//! | numbers | `7`, `1_000_000`, `-5` |
//! | `bool` | `true`, `false` |
//! | `String` | `hello`; inside of others also `"hello, you"` |
//! | `AccountId` | an address, or 64 hexadecimal digits |
//! | `Vec<u8>`, `[u8; N]` | `0x01ff`, `01ff` |
//! | `Option<T>` | `none`, or the value |
//! | `Vec<T>`, `[T; N]` | `[1, 2]` |
//! | tuples | `(1, true)` |
//! | structs | `{price: 5, to: devnet1…}` |
//! | enums | `Close`, `Pay(devnet1…, 5)` |
//!
//! A type that the code does not describe is written as its encoding, `0x…`.

use types::{AccountId, Address};

use super::text::Cursor;
use super::{Abi, DEPTH, Kind, Method, Shape};

/// An argument as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its name; without one, it is the next in order.
    pub name: Option<String>,
    /// What was written.
    pub text: String,
}

/// Why arguments do not fit a method.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// More than it has.
    #[error("{given} arguments for {method}, which has {wanted}")]
    TooMany {
        /// The method.
        method: Box<str>,
        /// How many it has.
        wanted: usize,
        /// How many were given.
        given: usize,
    },
    /// One is not given.
    #[error("argument `{name}` ({kind}) of {method} is missing")]
    Missing {
        /// Its name.
        name: Box<str>,
        /// Its type.
        kind: Kind,
        /// The method.
        method: Box<str>,
    },
    /// There is none of this name, or it was given before.
    #[error("{method} has no argument `{name}` that is not given already")]
    Name {
        /// The name.
        name: Box<str>,
        /// The method.
        method: Box<str>,
    },
    /// One is not of its type.
    #[error("argument `{name}` ({kind}): {fault}")]
    Value {
        /// Its name.
        name: Box<str>,
        /// Its type.
        kind: Kind,
        /// What is wrong.
        fault: ValueFault,
    },
}

/// Why a text is not of a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueFault {
    /// No number, or too large for its type.
    #[error("\"{text}\" is no whole number of type {kind}")]
    Number {
        /// The text.
        text: Box<str>,
        /// The type.
        kind: Kind,
    },
    /// Neither true nor false.
    #[error("\"{text}\" is neither true nor false")]
    Bool {
        /// The text.
        text: Box<str>,
    },
    /// No account.
    #[error("\"{text}\" is no address")]
    Account {
        /// The text.
        text: Box<str>,
    },
    /// An account of another network.
    #[error("an address of network \"{found}\", this is \"{network}\"")]
    Network {
        /// The address's.
        found: Box<str>,
        /// The node's.
        network: Box<str>,
    },
    /// No bytes.
    #[error("\"{text}\" is not bytes in hexadecimal digits")]
    Bytes {
        /// The text.
        text: Box<str>,
    },
    /// Too few or too many of an array.
    #[error("{found} items instead of {wanted}")]
    Length {
        /// How many.
        found: usize,
        /// How many there should be.
        wanted: usize,
    },
    /// A mark is not where it should be.
    #[error("\"{mark}\" is missing before \"{rest}\"")]
    Mark {
        /// The mark.
        mark: &'static str,
        /// What is there.
        rest: Box<str>,
    },
    /// A text in quotation marks that does not end.
    #[error("a text in quotation marks does not end")]
    Quotes,
    /// A field that the type does not have, or has already.
    #[error("{of} has no field \"{name}\" that is not given already")]
    Field {
        /// The type.
        of: Box<str>,
        /// The field.
        name: Box<str>,
    },
    /// A field is not given.
    #[error("the field \"{name}\" of {of} is missing")]
    NoField {
        /// The type.
        of: Box<str>,
        /// The field.
        name: Box<str>,
    },
    /// A case that the type does not have.
    #[error("{of} is one of {known}, not \"{name}\"")]
    Variant {
        /// The type.
        of: Box<str>,
        /// What was written.
        name: Box<str>,
        /// What there is.
        known: Box<str>,
    },
    /// The code does not describe the type.
    #[error("the code does not describe the type {of}: write its encoding, 0x…")]
    Unknown {
        /// The type.
        of: Box<str>,
    },
    /// Something follows the value.
    #[error("\"{rest}\" follows the value")]
    Trailing {
        /// What.
        rest: Box<str>,
    },
    /// Types in types in types.
    #[error("nested too deep")]
    Deep,
}

impl Abi {
    /// Encodes a method's arguments.
    ///
    /// # Errors
    /// When they do not fit, naming the argument and its type.
    pub fn encode(
        &self,
        method: &Method,
        given: &[Given],
        network: &str,
    ) -> Result<Vec<u8>, ValueError> {
        let signature = || method.signature().into_boxed_str();
        if given.len() > method.args.len() {
            return Err(ValueError::TooMany {
                method: signature(),
                wanted: method.args.len(),
                given: given.len(),
            });
        }
        let mut texts = vec![None; method.args.len()];
        for one in given {
            let place = match &one.name {
                Some(name) => method.args.iter().position(|(known, _)| known == name),
                None => texts.iter().position(Option::is_none),
            };
            let place = place.and_then(|at| texts.get_mut(at));
            let free = place.filter(|place| place.is_none());
            let free = free.ok_or_else(|| ValueError::Name {
                name: one.name.clone().unwrap_or_default().into(),
                method: signature(),
            })?;
            *free = Some(&*one.text);
        }
        let mut out = Vec::new();
        for ((name, kind), text) in method.args.iter().zip(texts) {
            let text = text.ok_or_else(|| ValueError::Missing {
                name: name.as_str().into(),
                kind: kind.clone(),
                method: signature(),
            })?;
            let written = self.write(kind, text, network, &mut out);
            written.map_err(|fault| ValueError::Value {
                name: name.as_str().into(),
                kind: kind.clone(),
                fault,
            })?;
        }
        Ok(out)
    }

    /// Encodes one value.
    fn write(
        &self,
        kind: &Kind,
        text: &str,
        network: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), ValueFault> {
        let mut writer = Writer {
            abi: self,
            from: Cursor::new(text),
            network,
            out,
        };
        if *kind == Kind::Text && !writer.from.is_at("\"") {
            writer.counted(text.as_bytes());
            return Ok(());
        }
        writer.value(kind, 0)?;
        match writer.from.is_at_end() {
            true => Ok(()),
            false => Err(ValueFault::Trailing {
                rest: short(writer.from.rest()),
            }),
        }
    }
}

struct Writer<'a> {
    abi: &'a Abi,
    from: Cursor<'a>,
    network: &'a str,
    out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    fn value(&mut self, kind: &Kind, depth: usize) -> Result<(), ValueFault> {
        if depth > DEPTH {
            return Err(ValueFault::Deep);
        }
        match kind {
            Kind::Number { signed, bytes } => self.number(kind, *signed, *bytes),
            Kind::Bool => match self.from.plain() {
                "true" => self.push(&[1]),
                "false" => self.push(&[0]),
                text => Err(ValueFault::Bool { text: short(text) }),
            },
            Kind::Text => self.text(),
            Kind::Account => self.account(),
            Kind::Array(of, length) if of.is_byte() && !self.from.is_at("[") => {
                let bytes = self.bytes()?;
                same_length(bytes.len(), *length)?;
                self.push(&bytes)
            }
            Kind::Array(of, length) => {
                let found = self.items(of, depth)?;
                same_length(found, *length)
            }
            Kind::List(of) if of.is_byte() && !self.from.is_at("[") => {
                let bytes = self.bytes()?;
                self.counted(&bytes);
                Ok(())
            }
            Kind::List(of) => {
                let at = self.out.len();
                self.push(&[0; 4])?;
                let count = self.items(of, depth)? as u32;
                self.out[at..at + 4].copy_from_slice(&count.to_le_bytes());
                Ok(())
            }
            Kind::Option(of) => {
                let mut ahead = self.from.clone();
                if ahead.word() == "none" {
                    self.from = ahead;
                    return self.push(&[0]);
                }
                self.push(&[1])?;
                self.value(of, depth + 1)
            }
            Kind::Tuple(all) => self.each("(", all, ")", depth),
            Kind::Named(name) => self.named(name, depth),
        }
    }

    fn named(&mut self, name: &str, depth: usize) -> Result<(), ValueFault> {
        let abi = self.abi;
        match abi.types.get(name) {
            None if self.from.is_at("0x") => {
                let bytes = self.bytes()?;
                self.push(&bytes)
            }
            None => Err(ValueFault::Unknown { of: name.into() }),
            Some(Shape::Fields(fields)) => {
                if self.from.is_at("(") {
                    return self.each("(", fields.iter().map(|(_, kind)| kind), ")", depth);
                }
                self.fields(name, fields, depth)
            }
            Some(Shape::Variants(variants)) => {
                let case = self.from.word();
                let found = variants.iter().position(|(known, _)| known == case);
                let number = found.and_then(|at| Some((u8::try_from(at).ok()?, variants.get(at)?)));
                let Some((number, (_, kinds))) = number else {
                    let known: Vec<_> = variants.iter().map(|(name, _)| name.as_str()).collect();
                    return Err(ValueFault::Variant {
                        of: name.into(),
                        name: short(case),
                        known: known.join(", ").into(),
                    });
                };
                self.push(&[number])?;
                match kinds.is_empty() {
                    true => Ok(()),
                    false => self.each("(", kinds, ")", depth),
                }
            }
        }
    }

    /// Fields in any order; what they encode stands in that of the type.
    fn fields(
        &mut self,
        of: &str,
        fields: &[(String, Kind)],
        depth: usize,
    ) -> Result<(), ValueFault> {
        self.mark("{")?;
        let mut found: Vec<Option<Vec<u8>>> = vec![None; fields.len()];
        while !self.from.take("}") {
            let name = match self.from.is_at("\"") {
                true => self.from.quoted().ok_or(ValueFault::Quotes)?,
                false => self.from.word().to_owned(),
            };
            let at = fields.iter().position(|(known, _)| *known == name);
            let at = at.filter(|at| found.get(*at).is_some_and(Option::is_none));
            let Some((at, (_, kind))) = at.and_then(|at| Some((at, fields.get(at)?))) else {
                let (of, name) = (of.into(), short(&name));
                return Err(ValueFault::Field { of, name });
            };
            self.mark(":")?;
            let before = self.out.len();
            self.value(kind, depth + 1)?;
            found[at] = Some(self.out.split_off(before));
            if !self.from.take(",") {
                self.mark("}")?;
                break;
            }
        }
        for ((name, _), bytes) in fields.iter().zip(found) {
            let (of, name) = (of.into(), name.as_str().into());
            self.out
                .extend(bytes.ok_or(ValueFault::NoField { of, name })?);
        }
        Ok(())
    }

    /// One value of each kind, with commas between them.
    fn each<'k>(
        &mut self,
        begin: &'static str,
        kinds: impl IntoIterator<Item = &'k Kind>,
        end: &'static str,
        depth: usize,
    ) -> Result<(), ValueFault> {
        self.mark(begin)?;
        for (at, kind) in kinds.into_iter().enumerate() {
            if at > 0 {
                self.mark(",")?;
            }
            self.value(kind, depth + 1)?;
        }
        self.mark(end)
    }

    /// Any number of one kind in brackets; how many there were.
    fn items(&mut self, of: &Kind, depth: usize) -> Result<usize, ValueFault> {
        self.mark("[")?;
        let mut count = 0;
        while !self.from.take("]") {
            self.value(of, depth + 1)?;
            count += 1;
            if !self.from.take(",") {
                self.mark("]")?;
                break;
            }
        }
        Ok(count)
    }

    fn number(&mut self, kind: &Kind, signed: bool, bytes: usize) -> Result<(), ValueFault> {
        let text = self.from.plain();
        let plain = text.replace('_', "");
        let unused = 128 - 8 * bytes as u32;
        let wide = match signed {
            true => plain.parse::<i128>().ok().and_then(|number| {
                let fits = (number << unused) >> unused == number;
                fits.then(|| number.to_le_bytes())
            }),
            false => plain.parse::<u128>().ok().and_then(|number| {
                let fits = (number << unused) >> unused == number;
                fits.then(|| number.to_le_bytes())
            }),
        };
        let encoded = wide.as_ref().and_then(|wide| wide.get(..bytes));
        let fault = || ValueFault::Number {
            text: short(text),
            kind: kind.clone(),
        };
        self.push(encoded.ok_or_else(fault)?)
    }

    fn text(&mut self) -> Result<(), ValueFault> {
        if self.from.is_at("\"") {
            let text = self.from.quoted().ok_or(ValueFault::Quotes)?;
            self.counted(text.as_bytes());
        } else {
            let text = self.from.plain();
            self.counted(text.as_bytes());
        }
        Ok(())
    }

    fn account(&mut self) -> Result<(), ValueFault> {
        let text = self.from.plain();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut id = [0; 32];
        if hex::decode_to_slice(digits, &mut id).is_ok() {
            return self.push(AccountId(id.into()).as_bytes());
        }
        let address = text.parse::<Address>();
        let address = address.map_err(|_| ValueFault::Account { text: short(text) })?;
        if address.network != self.network {
            return Err(ValueFault::Network {
                found: address.network.into(),
                network: self.network.into(),
            });
        }
        self.push(address.account.as_bytes())
    }

    fn bytes(&mut self) -> Result<Vec<u8>, ValueFault> {
        let text = self.from.plain();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        hex::decode(digits).map_err(|_| ValueFault::Bytes { text: short(text) })
    }

    fn mark(&mut self, mark: &'static str) -> Result<(), ValueFault> {
        let rest = short(self.from.rest());
        let there = self.from.take(mark);
        there.then_some(()).ok_or(ValueFault::Mark { mark, rest })
    }

    fn counted(&mut self, bytes: &[u8]) {
        self.out.extend((bytes.len() as u32).to_le_bytes());
        self.out.extend(bytes);
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), ValueFault> {
        self.out.extend(bytes);
        Ok(())
    }
}

const fn same_length(found: usize, wanted: usize) -> Result<(), ValueFault> {
    match found == wanted {
        true => Ok(()),
        false => Err(ValueFault::Length { found, wanted }),
    }
}

/// Enough of a text to recognise it.
fn short(text: &str) -> Box<str> {
    text.trim().chars().take(60).collect::<String>().into()
}

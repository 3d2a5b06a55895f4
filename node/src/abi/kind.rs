//! Types of arguments and answers, in the words of Rust.

use std::fmt;
use std::str::FromStr;

use super::DEPTH;
use super::text::Cursor;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An integer.
    Number {
        /// Whether it can be below zero.
        signed: bool,
        /// 1, 2, 4, 8 or 16.
        bytes: usize,
    },
    /// True or false.
    Bool,
    /// Text.
    Text,
    /// An account's name.
    Account,
    /// So many of a kind.
    Array(Box<Self>, usize),
    /// Any number of a kind.
    List(Box<Self>),
    /// One or none.
    Option(Box<Self>),
    /// Several, one after another; none of them is nothing.
    Tuple(Vec<Self>),
    /// A type of the contract's own.
    Named(String),
}

/// Why a text is no type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no type that arguments can have")]
pub struct KindError {
    /// The text.
    pub text: Box<str>,
}

impl Kind {
    /// `u8` … `u128`, `i8` … `i128`.
    fn number(word: &str) -> Option<Self> {
        let signed = word.starts_with('i');
        let bytes = match word.get(1..)? {
            "8" => 1,
            "16" => 2,
            "32" => 4,
            "64" => 8,
            "128" => 16,
            _ => return None,
        };
        (signed || word.starts_with('u')).then_some(Self::Number { signed, bytes })
    }

    /// Whether it is bytes, which people write as hexadecimal digits.
    pub fn is_byte(&self) -> bool {
        let byte = Self::Number {
            signed: false,
            bytes: 1,
        };
        *self == byte
    }

    fn read(from: &mut Cursor<'_>, depth: usize) -> Option<Self> {
        if depth > DEPTH {
            return None;
        }
        if from.take("(") {
            let inner = Self::list(from, ")", depth)?;
            return Some(Self::Tuple(inner));
        }
        if from.take("[") {
            let inner = Self::read(from, depth + 1)?;
            if from.take("]") {
                return Some(Self::List(inner.into()));
            }
            let length = from.take(";").then(|| from.word().parse().ok())??;
            return from.take("]").then(|| Self::Array(inner.into(), length));
        }
        if from.take("&") {
            // A text that lives as long as it needs.
            from.take("'static");
            return Self::read(from, depth + 1);
        }
        let mut word = from.word();
        while from.take("::") {
            word = from.word();
        }
        let mut inner = match from.take("<") {
            true => Self::list(from, ">", depth)?,
            false => Vec::new(),
        };
        let of = inner.pop();
        Some(match (word, of) {
            ("Vec", Some(of)) if inner.is_empty() => Self::List(of.into()),
            ("Option", Some(of)) if inner.is_empty() => Self::Option(of.into()),
            (_, Some(_)) | ("", _) => return None,
            ("bool", None) => Self::Bool,
            ("String" | "str", None) => Self::Text,
            ("AccountId", None) => Self::Account,
            ("Amount", None) => Self::number("u128")?,
            (word, None) => Self::number(word).unwrap_or_else(|| Self::Named(word.to_owned())),
        })
    }

    /// Types with commas between them up to `end`.
    fn list(from: &mut Cursor<'_>, end: &str, depth: usize) -> Option<Vec<Self>> {
        let mut all = Vec::new();
        while !from.take(end) {
            all.push(Self::read(from, depth + 1)?);
            if !from.take(",") {
                return from.take(end).then_some(all);
            }
        }
        Some(all)
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        let mut from = Cursor::new(text);
        let kind = Self::read(&mut from, 0).filter(|_| from.is_at_end());
        kind.ok_or_else(|| KindError {
            text: text.chars().take(80).collect::<String>().into(),
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { signed, bytes } => {
                write!(f, "{}{}", if *signed { 'i' } else { 'u' }, 8 * bytes)
            }
            Self::Bool => f.write_str("bool"),
            Self::Text => f.write_str("String"),
            Self::Account => f.write_str("AccountId"),
            Self::Array(of, length) => write!(f, "[{of}; {length}]"),
            Self::List(of) => write!(f, "Vec<{of}>"),
            Self::Option(of) => write!(f, "Option<{of}>"),
            Self::Tuple(all) => {
                let all: Vec<_> = all.iter().map(Self::to_string).collect();
                write!(f, "({})", all.join(", "))
            }
            Self::Named(name) => f.write_str(name),
        }
    }
}

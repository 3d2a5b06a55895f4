//! Values, for people and for scripts.

use std::fmt;

use serde_json::json;

/// A value that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number without sign.
    Number(u128),
    /// A number with sign.
    Signed(i128),
    /// True or false.
    Bool(bool),
    /// Text.
    Text(String),
    /// An account: its address.
    Account(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Several.
    List(Vec<Self>),
    /// Several of kinds of their own.
    Tuple(Vec<Self>),
    /// Nothing, of an option.
    None,
    /// With names.
    Fields(Vec<(String, Self)>),
    /// A case of several.
    Variant(String, Vec<Self>),
}

impl Value {
    /// For scripts: numbers are strings, as everywhere; a case is an object with its name.
    pub fn json(&self) -> serde_json::Value {
        let all = |values: &[Self]| values.iter().map(Self::json).collect::<Vec<_>>();
        match self {
            Self::Number(number) => json!(number.to_string()),
            Self::Signed(number) => json!(number.to_string()),
            Self::Bool(is) => json!(is),
            Self::Text(text) | Self::Account(text) => json!(text),
            Self::Bytes(bytes) => json!(hex::encode(bytes)),
            Self::List(values) | Self::Tuple(values) => json!(all(values)),
            Self::None => serde_json::Value::Null,
            Self::Fields(fields) => {
                let fields = fields.iter();
                fields
                    .map(|(name, value)| (name.clone(), value.json()))
                    .collect()
            }
            Self::Variant(name, values) if values.is_empty() => json!(name),
            Self::Variant(name, values) => json!({ name: all(values) }),
        }
    }

    /// Whether there is nothing to show.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Tuple(none) if none.is_empty())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Signed(number) => number.fmt(f),
            Self::Bool(is) => is.fmt(f),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Account(address) => f.write_str(address),
            Self::Bytes(bytes) => write!(f, "0x{}", hex::encode(bytes)),
            Self::List(values) => write!(f, "[{}]", joined(values)),
            Self::Tuple(values) => write!(f, "({})", joined(values)),
            Self::None => f.write_str("none"),
            Self::Fields(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}"));
                write!(f, "{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
            Self::Variant(name, values) if values.is_empty() => f.write_str(name),
            Self::Variant(name, values) => write!(f, "{name}({})", joined(values)),
        }
    }
}

fn joined(values: &[Value]) -> String {
    let texts: Vec<_> = values.iter().map(Value::to_string).collect();
    texts.join(", ")
}

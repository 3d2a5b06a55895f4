//! Arguments of methods on the command line.

use std::str::FromStr;

use types::Address;

/// An argument with its type, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value(Vec<u8>);

/// Why an argument is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ValueError {
    /// No colon.
    #[error("write TYPE:VALUE, as in u64:7 or text:hello")]
    Form,
    /// Not one of ours.
    #[error("the type is u8, u16, u32, u64, u128, i64, bool, text, bytes or account")]
    Type,
    /// Not of the type.
    #[error("the value is not of its type")]
    Value,
}

/// What a method is given.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ValueArgs {
    /// An argument, in the order of the method: TYPE:VALUE, where TYPE is u8, u16, u32, u64, u128,
    /// i64, bool, text, bytes (hexadecimal) or account (an address).
    #[arg(long = "arg", value_name = "TYPE:VALUE")]
    args: Vec<Value>,
    /// All arguments encoded, hexadecimal, instead of --arg.
    #[arg(long, value_name = "HEX", conflicts_with = "args", value_parser = hexadecimal)]
    data: Option<Data>,
}

/// Bytes that are given in hexadecimal digits.
#[derive(Clone, Debug)]
struct Data(Vec<u8>);

fn hexadecimal(text: &str) -> Result<Data, hex::FromHexError> {
    hex::decode(text).map(Data)
}

impl ValueArgs {
    /// The encoded arguments: one after another.
    pub(super) fn encoded(&self) -> Vec<u8> {
        match &self.data {
            Some(Data(bytes)) => bytes.clone(),
            None => self.args.iter().flat_map(Value::bytes).copied().collect(),
        }
    }
}

impl FromStr for Value {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (kind, value) = text.split_once(':').ok_or(ValueError::Form)?;
        let bytes = match kind {
            "u8" => number::<u8>(value)?.to_le_bytes().to_vec(),
            "u16" => number::<u16>(value)?.to_le_bytes().to_vec(),
            "u32" => number::<u32>(value)?.to_le_bytes().to_vec(),
            "u64" => number::<u64>(value)?.to_le_bytes().to_vec(),
            "u128" => number::<u128>(value)?.to_le_bytes().to_vec(),
            "i64" => number::<i64>(value)?.to_le_bytes().to_vec(),
            "bool" => vec![u8::from(number::<bool>(value)?)],
            "text" => counted(value.as_bytes()),
            "bytes" => counted(&hex::decode(value).map_err(|_| ValueError::Value)?),
            "account" => number::<Address>(value)?.account.as_bytes().to_vec(),
            _ => return Err(ValueError::Type),
        };
        Ok(Self(bytes))
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, ValueError> {
    let plain = text.replace('_', "");
    plain.parse().map_err(|_| ValueError::Value)
}

fn counted(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes()[..], bytes].concat()
}

impl Value {
    /// The encoding.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An answer for people: its digits, and what it is as text or as a number.
pub(super) fn describe(answer: &[u8]) -> String {
    let digits = hex::encode(answer);
    let text = answer.get(4..).and_then(|rest| {
        let counted = counted(rest) == answer && !rest.is_empty();
        std::str::from_utf8(rest).ok().filter(|_| counted)
    });
    if let Some(text) = text {
        return format!("{digits}  {text:?}");
    }
    match answer.len() {
        1 | 2 | 4 | 8 | 16 => {
            let mut wide = [0; 16];
            wide[..answer.len()].copy_from_slice(answer);
            format!("{digits}  {}", u128::from_le_bytes(wide))
        }
        _ => digits,
    }
}

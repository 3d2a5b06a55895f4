//! Arguments of methods on the command line.

use std::path::PathBuf;
use std::str::FromStr;

use types::Address;

use super::code::Described;
use crate::abi::{Given, Method, Role};
use crate::exit::{Exit, Failure};

/// An argument with its type, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value(Vec<u8>);

/// Why an argument is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ValueError {
    /// No colon.
    #[error("write NAME=VALUE, or TYPE:VALUE as in u64:7 or text:hello")]
    Form,
    /// Not one of ours.
    #[error("the type is u8, u16, u32, u64, u128, i64, bool, text, bytes or account")]
    Type,
    /// Not of the type.
    #[error("the value is not of its type")]
    Value,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// With its name; the code tells its type.
    Named(String, String),
    /// With its type.
    Typed(Value),
}

/// What a method is given.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ValueArgs {
    /// The arguments in the order of the method, or as NAME=VALUE, as people write them: 1_000,
    /// true, an address, 0x01ff, "a text", none, [1, 2], {price: 5}. The code tells their types.
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    values: Vec<String>,
    /// An argument by name, NAME=VALUE, in any order; or with its type, TYPE:VALUE, for code that
    /// does not describe itself: u8, u16, u32, u64, u128, i64, bool, text, bytes (hexadecimal) or
    /// account (an address).
    #[arg(long = "arg", value_name = "NAME=VALUE|TYPE:VALUE")]
    args: Vec<Argument>,
    /// All arguments encoded, hexadecimal.
    #[arg(long, value_name = "HEX", conflicts_with_all = ["args", "values"],
        value_parser = hexadecimal)]
    data: Option<Data>,
    /// A module whose description of methods counts, instead of that of the account's code.
    #[arg(long, value_name = "FILE")]
    pub(super) abi: Option<PathBuf>,
    /// Send or ask even what the code does not describe.
    #[arg(long)]
    pub(super) unchecked: bool,
}

/// Bytes that are given in hexadecimal digits.
#[derive(Clone, Debug)]
struct Data(Vec<u8>);

fn hexadecimal(text: &str) -> Result<Data, hex::FromHexError> {
    hex::decode(text.strip_prefix("0x").unwrap_or(text)).map(Data)
}

impl ValueArgs {
    /// The encoded arguments of a method: one after another. `None` is a method that nothing
    /// describes.
    pub(super) fn encoded(
        &self,
        code: &Described,
        method: Option<&Method>,
        network: &str,
    ) -> Result<Vec<u8>, Failure> {
        let plain = self.args.iter().filter_map(Argument::named);
        let typed = self.args.iter().filter_map(Argument::typed);
        let unnamed = self.values.iter().map(|text| positional(text, method));
        let given: Vec<_> = plain.chain(unnamed).collect();
        let typed: Vec<_> = typed.collect();
        if !given.is_empty() && !typed.is_empty() {
            let message = "some arguments have their type with them, others do not";
            return Err(wrong(
                message,
                "write all as NAME=VALUE, or all as TYPE:VALUE",
            ));
        }
        let (Some(abi), Some(method)) = (&code.abi, method) else {
            if !given.is_empty() {
                let hint = "write them with their types, --arg TYPE:VALUE, or name a module that \
                            describes them: --abi FILE";
                return Err(wrong("the code does not describe its arguments", hint));
            }
            return Ok(self.raw(&typed));
        };
        let hint = || match method.role {
            Role::Init => format!("it begins with {}", method.signature()),
            _ => format!("it is {}", method.signature()),
        };
        if self.data.is_none() && typed.is_empty() {
            let encoded = abi.encode(method, &given, network);
            return encoded.map_err(|error| wrong(error, hint()));
        }
        let bytes = self.raw(&typed);
        let kinds = method.args.iter().map(|(_, kind)| kind);
        match abi.decode_all(kinds, &bytes, network) {
            Err(error) if !self.unchecked => {
                let message = format!("these are no arguments of {}: {error}", method.name);
                Err(wrong(message, hint()))
            }
            _ => Ok(bytes),
        }
    }

    fn raw(&self, typed: &[&Value]) -> Vec<u8> {
        match &self.data {
            Some(Data(bytes)) => bytes.clone(),
            None => typed
                .iter()
                .flat_map(|value| value.bytes())
                .copied()
                .collect(),
        }
    }

    /// Whether there is anything.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.args.is_empty() && self.data.is_none()
    }
}

/// The next argument; or, written NAME=VALUE with a name that the method knows, that one.
fn positional(text: &str, method: Option<&Method>) -> Given {
    let known = |name: &str| {
        let mut args = method.into_iter().flat_map(|method| &method.args);
        args.any(|(known, _)| known == name)
    };
    let named = text.split_once('=').filter(|(name, _)| known(name));
    let (name, text) = match named {
        Some((name, text)) => (Some(name.to_owned()), text),
        None => (None, text),
    };
    let text = text.to_owned();
    Given { name, text }
}

/// The command line does not fit the code.
pub(super) fn wrong(message: impl std::fmt::Display, hint: impl std::fmt::Display) -> Failure {
    Failure::new("wrong_arguments", message, hint).with(Exit::Usage)
}

impl Argument {
    fn named(&self) -> Option<Given> {
        match self {
            Self::Named(name, text) => Some(Given {
                name: Some(name.clone()),
                text: text.clone(),
            }),
            Self::Typed(_) => None,
        }
    }

    const fn typed(&self) -> Option<&Value> {
        match self {
            Self::Named(..) => None,
            Self::Typed(value) => Some(value),
        }
    }
}

impl FromStr for Argument {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let named = text.split_once('=');
        let named = named.filter(|(name, _)| !name.is_empty() && name.chars().all(letter));
        match named {
            Some((name, value)) => Ok(Self::Named(name.to_owned(), value.to_owned())),
            None => text.parse().map(Self::Typed),
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

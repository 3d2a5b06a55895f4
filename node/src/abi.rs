//! What code says of itself: the description of its methods in the section `thinkey.abi`, and
//! values as people write and read them.
//!
//! ```text
//!  module ─▶ section ─▶ Abi ─┬─ encode: "7", "devnet1…", "[1, 2]" ─▶ bytes of a message
//!                            └─ decode: bytes of answers and logs ─▶ Value ─▶ text or JSON
//! ```
//!
//! Descriptions come from whoever deployed the code: reading one never panics, never recurses
//! deeper than [`DEPTH`], and a value takes no more memory than a small multiple of its bytes.

use std::collections::BTreeMap;

use serde::Deserialize;

mod decode;
mod encode;
mod kind;
mod section;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use decode::DecodeError;
pub use encode::{Given, ValueError, ValueFault};
pub use kind::{Kind, KindError};
pub use section::{HEADER, Section, sections};
pub use value::Value;

/// How deep types and values are nested at most.
pub const DEPTH: usize = 16;

/// What a method is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The code's first run.
    Init,
    /// What accounts and users call.
    Message,
    /// A question.
    View,
    /// Takes the answer to a call.
    Reply,
    /// Runs when a call failed.
    Bounce,
    /// Runs when a call was not executed by its deadline.
    Timeout,
}

/// A method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// What it is for.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// For handlers: the method whose answer it takes.
    pub of: Option<String>,
    /// What its author says of it.
    pub doc: String,
    /// Whether it takes value.
    pub payable: bool,
    /// Its arguments.
    pub args: Vec<(String, Kind)>,
    /// What it answers.
    pub returns: Kind,
}

/// What a type of the contract's own is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Fields with names; numbers if it is a tuple.
    Fields(Vec<(String, Kind)>),
    /// Cases with their fields, numbered by their order.
    Variants(Vec<(String, Vec<Kind>)>),
}

/// A description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abi {
    /// The contract's name.
    pub contract: String,
    /// What its author says of it.
    pub doc: String,
    /// All methods.
    pub methods: Vec<Method>,
    /// Types of its own.
    pub types: BTreeMap<String, Shape>,
}

/// Why a text is no description.
#[derive(Debug, thiserror::Error)]
pub enum AbiError {
    /// Not UTF-8.
    #[error("the description is no text")]
    Text,
    /// A line is not what it should be.
    #[error("line {line} of the description: {why}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What serde says.
        why: serde_json::Error,
    },
    /// A type can't be read.
    #[error("line {line} of the description: {why}")]
    Kind {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        why: KindError,
    },
    /// No line names the contract.
    #[error("the description has no contract")]
    NoContract,
}

/// A line, as it is written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Contract {
        contract: String,
        #[serde(default)]
        doc: String,
        methods: Vec<MethodLine>,
    },
    Struct {
        r#type: String,
        fields: Vec<(String, String)>,
    },
    Enum {
        r#type: String,
        variants: Vec<Vec<String>>,
    },
}

#[derive(Deserialize)]
struct MethodLine {
    kind: Role,
    name: String,
    of: Option<String>,
    #[serde(default)]
    doc: String,
    #[serde(default)]
    payable: bool,
    args: Vec<(String, String)>,
    returns: String,
}

impl Abi {
    /// The description in a module; `None` when it has none.
    ///
    /// # Errors
    /// When the section is there but can't be read.
    pub fn of_module(code: &[u8]) -> Result<Option<Self>, AbiError> {
        let Some(bytes) = Self::section(code) else {
            return Ok(None);
        };
        Self::read(std::str::from_utf8(bytes).map_err(|_| AbiError::Text)?).map(Some)
    }

    /// The bytes of the section in a module.
    pub fn section(code: &[u8]) -> Option<&[u8]> {
        let mut all = sections(code)?.into_iter();
        all.find_map(|section| section.custom(vm::abi::ABI_SECTION))
    }

    /// Reads a description.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, AbiError> {
        let mut abi = None;
        let mut types = BTreeMap::new();
        for (line, text) in (1..).zip(text.lines()) {
            let kind_error = |why| AbiError::Kind { line, why };
            let read = serde_json::from_str(text);
            match read.map_err(|why| AbiError::Line { line, why })? {
                Line::Contract {
                    contract,
                    doc,
                    methods,
                } => {
                    let methods = methods.into_iter().map(MethodLine::read);
                    abi = Some(Self {
                        contract,
                        doc,
                        methods: methods.collect::<Result<_, _>>().map_err(kind_error)?,
                        types: BTreeMap::new(),
                    });
                }
                Line::Struct { r#type, fields } => {
                    let fields = named(fields).map_err(kind_error)?;
                    types.insert(r#type, Shape::Fields(fields));
                }
                Line::Enum { r#type, variants } => {
                    let variants = variants.into_iter().filter_map(variant);
                    let variants = variants.collect::<Result<_, _>>().map_err(kind_error)?;
                    types.insert(r#type, Shape::Variants(variants));
                }
            }
        }
        let abi = abi.ok_or(AbiError::NoContract)?;
        Ok(Self { types, ..abi })
    }

    /// The method with a role and a name.
    pub fn method(&self, role: Role, name: &str) -> Option<&Method> {
        let mut methods = self.methods.iter();
        methods.find(|method| method.role == role && method.name == name)
    }

    /// The first run's method.
    pub fn init(&self) -> Option<&Method> {
        let mut methods = self.methods.iter();
        methods.find(|method| method.role == Role::Init)
    }

    /// The handler for the end of a call of a method: a time-out without one of its own goes to
    /// the handler of bounces.
    pub fn handler(&self, role: Role, of: &str) -> Option<&Method> {
        let found = |role| {
            let mut methods = self.methods.iter();
            methods.find(|method| method.role == role && method.of.as_deref() == Some(of))
        };
        match role {
            Role::Timeout => found(Role::Timeout).or_else(|| found(Role::Bounce)),
            role => found(role),
        }
    }
}

impl Method {
    /// Name and arguments, as a person would call it.
    pub fn signature(&self) -> String {
        let args = self
            .args
            .iter()
            .map(|(name, kind)| format!("{name}: {kind}"));
        let args = args.collect::<Vec<_>>().join(", ");
        match &self.returns {
            Kind::Tuple(none) if none.is_empty() => format!("{}({args})", self.name),
            returns => format!("{}({args}) -> {returns}", self.name),
        }
    }
}

impl MethodLine {
    fn read(self) -> Result<Method, KindError> {
        Ok(Method {
            role: self.kind,
            name: self.name,
            of: self.of,
            doc: self.doc,
            payable: self.payable,
            args: named(self.args)?,
            returns: self.returns.parse()?,
        })
    }
}

fn named(pairs: Vec<(String, String)>) -> Result<Vec<(String, Kind)>, KindError> {
    let pairs = pairs.into_iter();
    pairs
        .map(|(name, kind)| Ok((name, kind.parse()?)))
        .collect()
}

/// A case: its name, then the types of its fields.
fn variant(words: Vec<String>) -> Option<Result<(String, Vec<Kind>), KindError>> {
    let mut words = words.into_iter();
    let name = words.next()?;
    let kinds = words.map(|kind| kind.parse()).collect::<Result<_, _>>();
    Some(kinds.map(|kinds| (name, kinds)))
}

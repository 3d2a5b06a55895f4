//! Why a module may not be deployed.

use std::fmt;

use types::Blame;
use wasmparser::{BinaryReaderError, KnownCustom, Name, Parser, Payload};

/// Why a module may not be deployed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Offset in the module's bytes.
    pub offset: usize,
    /// The function, when it is one function's fault.
    pub function: Option<FunctionName>,
    /// What is wrong.
    pub reason: Reason,
}

/// A function of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionName {
    /// Its index, imports counted.
    pub index: u32,
    /// Its name, if the module has names.
    pub name: Option<Box<str>>,
}

/// What has a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the texts of `describe` say it")]
pub enum What {
    ModuleBytes,
    Types,
    Params,
    Results,
    Imports,
    Functions,
    Locals,
    Operands,
    Constants,
    Nesting,
    BranchTargets,
    Globals,
    Exports,
    ExportName,
    Tables,
    TableElements,
    Memories,
    Pages,
    ElementSegments,
    DataSegments,
    CustomSections,
    AbiBytes,
}

impl What {
    const fn describe(self) -> &'static str {
        match self {
            Self::ModuleBytes => "bytes of code",
            Self::Types => "types",
            Self::Params => "parameters of a type",
            Self::Results => "results of a type",
            Self::Imports => "imports",
            Self::Functions => "functions",
            Self::Locals => "local variables",
            Self::Operands => "values on the operand stack",
            Self::Constants => "constants of a function",
            Self::Nesting => "nested blocks",
            Self::BranchTargets => "targets of a br_table",
            Self::Globals => "globals",
            Self::Exports => "exports",
            Self::ExportName => "bytes of an export's name",
            Self::Tables => "tables",
            Self::TableElements => "elements of a table",
            Self::Memories => "memories",
            Self::Pages => "pages of memory",
            Self::ElementSegments => "element segments",
            Self::DataSegments => "data segments",
            Self::CustomSections => "custom sections",
            Self::AbiBytes => "bytes of the section that describes methods",
        }
    }
}

/// What is wrong with a module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Not a valid module.
    #[error("not valid: {message}")]
    Malformed {
        /// What the parser or validator says.
        message: Box<str>,
    },
    /// More than there may be.
    #[error("{found} {}, at most {limit} are allowed", what.describe())]
    TooMany {
        /// Of what.
        what: What,
        /// How many.
        found: u64,
        /// The bound.
        limit: u64,
    },
    /// An instruction that contracts may not use.
    #[error("instruction {instruction} of the feature {feature} is not allowed")]
    Instruction {
        /// Its name.
        instruction: &'static str,
        /// The proposal that added it to Wasm.
        feature: &'static str,
    },
    /// A value, local, global, segment or table that holds anything but numbers or functions.
    #[error("reference and vector types are not allowed")]
    Type,
    /// 64-bit, shared or custom-page memories and tables.
    #[error("memories and tables are plain ones of 32 bits")]
    MemoryKind,
    /// The host has no such function.
    #[error("the host has no function {module}.{name}")]
    UnknownImport {
        /// Import module.
        module: Box<str>,
        /// Import name.
        name: Box<str>,
    },
    /// The host's function has another signature, or the import is no function.
    #[error("the import {name} has the wrong type")]
    ImportType {
        /// Import name.
        name: &'static str,
    },
    /// Modules have no start function: code runs only when a message arrives.
    #[error("a start function is not allowed")]
    Start,
    /// Something must be exported that is not.
    #[error("the export {name} is missing or of the wrong kind")]
    Export {
        /// The export.
        name: &'static str,
    },
    /// An export with a name that is reserved.
    #[error("the export name {name} is reserved")]
    ReservedExport {
        /// The export.
        name: Box<str>,
    },
    /// A function that is too long for some of its jumps.
    #[error("{instruction} in a function that may take {words} words; split the function")]
    Far {
        /// The jump.
        instruction: &'static str,
        /// How long its translation may become.
        words: u64,
    },
    /// The engine can't compile a function.
    #[error("the engine refuses it: {message}")]
    Engine {
        /// What the engine says.
        message: Box<str>,
    },
    /// The description of the methods occurs twice.
    #[error("two sections describe methods")]
    TwoAbis,
    /// A data segment does not fit into the memory it starts with.
    #[error("a data segment lies outside of the memory")]
    DataOutOfBounds,
    /// An element segment does not fit into the table.
    #[error("an element segment lies outside of the table")]
    ElementsOutOfBounds,
}

impl Invalid {
    pub(crate) const fn at(offset: usize, reason: Reason) -> Self {
        let function = None;
        Self {
            offset,
            function,
            reason,
        }
    }

    pub(super) fn in_function(mut self, index: u32) -> Self {
        let name = None;
        self.function = Some(FunctionName { index, name });
        self
    }

    /// With the function's name, looked up only once something is wrong.
    pub(super) fn named(mut self, code: &[u8]) -> Self {
        if let Some(function) = &mut self.function {
            function.name = name_of(code, function.index);
        }
        self
    }

    /// Whose fault it is: always that of whoever sent the module.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(FunctionName { index, name }) = &self.function {
            write!(f, "function {index}")?;
            if let Some(name) = name {
                write!(f, " ({name})")?;
            }
            f.write_str(", ")?;
        }
        write!(f, "offset {:#x}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for Invalid {}

impl From<BinaryReaderError> for Invalid {
    fn from(error: BinaryReaderError) -> Self {
        let message = error.message();
        // A reader that is built without vectors knows their instructions by this alone.
        let reason = match message.contains("SIMD") {
            true => Reason::Type,
            false => Reason::Malformed {
                message: message.into(),
            },
        };
        Self::at(error.offset(), reason)
    }
}

/// The name of a function in the module's name section, at most 128 characters.
fn name_of(code: &[u8], index: u32) -> Option<Box<str>> {
    let payloads = Parser::new(0).parse_all(code).map_while(Result::ok);
    let custom = payloads.filter_map(|payload| match payload {
        Payload::CustomSection(section) => Some(section),
        _ => None,
    });
    for section in custom {
        let KnownCustom::Name(names) = section.as_known() else {
            continue;
        };
        for map in names.into_iter().map_while(Result::ok) {
            let Name::Function(functions) = map else {
                continue;
            };
            let mut functions = functions.into_iter().map_while(Result::ok);
            if let Some(naming) = functions.find(|naming| naming.index == index) {
                return Some(naming.name.chars().take(128).collect::<String>().into());
            }
        }
    }
    None
}

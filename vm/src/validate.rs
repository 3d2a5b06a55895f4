//! Is this module one that may be deployed? Decided before anything is compiled. [V1] [V2]
//!
//! ```text
//! bytes ─ size ─▶ for each section: counts ─▶ types, segments ─▶ wasmparser's validation
//!                 for each function: locals ─▶ each instruction: class, nesting, operands
//!                                                     │
//!            Invalid { offset, function, reason } ◀───┴──▶ Checked (for `instrument`)
//! ```

mod constants;
mod counts;
mod error;
mod functions;
mod sections;
mod words;

use std::ops::Range;

use wasmparser::{FuncType, Parser, Payload, ValidPayload, Validator, WasmFeatures};

pub use error::{FunctionName, Invalid, Reason, What};

use crate::abi::{Entry, HostCall};
use crate::limits;
use counts::at_most;

/// The features of Wasm that modules may use. Of reference types their encoding of indirect calls
/// is tolerated, which compilers write; "GC types" are needed for tables of functions.
pub(crate) const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::GC_TYPES);

/// What is known of a module that may be deployed.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The host functions that it imports, by index.
    pub(crate) imports: Vec<HostCall>,
    /// All function types.
    pub(crate) types: Vec<FuncType>,
    /// Type of each own function.
    pub(crate) functions: Vec<u32>,
    /// What `instrument` needs of each own function.
    pub(crate) bodies: Vec<Body>,
    /// Number of globals.
    pub(crate) globals: u32,
    /// The sections, in order: number and place of the contents.
    pub(crate) sections: Vec<(u8, Range<usize>)>,
    /// Memory: pages at first and at most.
    pub(crate) memory: Option<(u64, u64)>,
    /// Elements of the table.
    pub(crate) table: u64,
    /// Place of the section that describes the methods.
    pub(crate) abi: Option<Range<usize>>,
    /// Entries that are exported.
    pub(crate) entries: Vec<Entry>,
    /// Whether the memory is exported as it must be.
    pub(crate) exports_memory: bool,
    /// Number of custom sections.
    pub(crate) customs: u64,
    /// Bytes of data that an instance starts with.
    pub(crate) initial_bytes: u64,
    /// Number of exports.
    pub(crate) exports: u64,
    /// Bytes of their names.
    pub(crate) export_bytes: u64,
    /// Number of segments, of data and of elements.
    pub(crate) segments: u64,
    /// Elements of all segments.
    pub(crate) segment_elements: u64,
}

impl Checked {
    /// Whether the module answers this kind of message.
    pub fn has(&self, entry: Entry) -> bool {
        self.entries.contains(&entry)
    }

    /// The description of the contract's methods, as its author's tools wrote it.
    pub fn abi<'a>(&self, code: &'a [u8]) -> Option<&'a [u8]> {
        code.get(self.abi.clone()?)
    }

    /// The host functions that it imports.
    pub fn imports(&self) -> &[HostCall] {
        &self.imports
    }

    /// Parameters and results of a function, imports counted.
    pub(crate) fn type_of_index(&self, index: u32) -> Option<(u64, u64)> {
        if let Some(call) = self.imports.get(index as usize) {
            let import = call.import();
            let results = u64::from(import.result.is_some());
            return Some((import.params.len() as u64, results));
        }
        let ty = self.type_of(index as usize - self.imports.len())?;
        Some((ty.params().len() as u64, ty.results().len() as u64))
    }

    /// The type of an own function.
    pub(crate) fn type_of(&self, function: usize) -> Option<&FuncType> {
        let index = *self.functions.get(function)?;
        self.types.get(index as usize)
    }
}

/// A function's body.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    /// Place of the body, locals included.
    pub(crate) range: Range<usize>,
    /// Groups of locals: how many of which type, as encoded.
    pub(crate) locals: Vec<(u32, wasmparser::ValType)>,
    /// Slots of the parameters, locals and operands.
    pub(crate) slots: u64,
    /// Constants that an engine may keep in the frame. [V5]
    pub(crate) constants: u64,
    /// Whether it calls.
    pub(crate) calls: bool,
    /// Whether it needs scratch locals for instructions that work on ranges.
    pub(crate) ranges: bool,
    /// Whether it needs scratch locals for instructions that can make a NaN.
    pub(crate) nans: bool,
    /// Whether the interpreter's conditional jumps may not reach over all of it.
    pub(crate) far: bool,
}

impl Body {
    /// Slots of the counted stack that a call takes. [V5]
    pub(crate) const fn frame(&self) -> u64 {
        limits::FRAME + self.slots + self.constants
    }
}

/// Checks a module. Takes time linear in its size.
///
/// # Errors
/// What is wrong, where, and in which function.
pub fn validate(code: &[u8]) -> Result<Checked, Invalid> {
    check(code)
        .and_then(|checked| {
            sections::check_exports(&checked, code.len())?;
            Ok(checked)
        })
        .map_err(|invalid| invalid.named(code))
}

/// Checks everything but that the module is a contract.
///
/// # Errors
/// What is wrong, and where.
pub fn check(code: &[u8]) -> Result<Checked, Invalid> {
    at_most(
        What::ModuleBytes,
        code.len() as u64,
        limits::MODULE as u64,
        0,
    )?;
    let mut checked = Checked::default();
    let mut validator = Validator::new_with_features(FEATURES);
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    for payload in parser.parse_all(code) {
        let payload = payload?;
        sections::check(&mut checked, &payload)?;
        count_locals(&checked, &payload)?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            let index = function.index;
            let mut function = function.into_validator(allocations);
            let body = functions::check(&mut function, &body, &checked);
            let body = body.map_err(|invalid| invalid.in_function(index))?;
            checked.bodies.push(body);
            allocations = function.into_allocations();
        }
    }
    Ok(checked)
}

/// Locals are bounded before the validator sees them.
fn count_locals(checked: &Checked, payload: &Payload<'_>) -> Result<(), Invalid> {
    let Payload::CodeSectionEntry(body) = payload else {
        return Ok(());
    };
    let index = checked.imports.len() + checked.bodies.len();
    functions::count_locals(body).map_err(|invalid| invalid.in_function(index as u32))
}

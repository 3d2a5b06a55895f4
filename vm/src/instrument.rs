//! Puts the metering into a checked module, so that every engine meters alike. [V4] [V5]
//!
//! Two globals are added: gas and stack, both counting down, both below zero once exceeded.
//!
//! ```text
//! function                       becomes
//!   locals                         locals, scratch
//!                                  stack -= frame            (only if it calls)
//!                                  gas -= first block; if (gas | stack) < 0 { unreachable }
//!   body … br_if … loop …          block  body, where
//!                                    each metered block starts with   gas -= its cost
//!                                    each loop also with              if gas < 0 { unreachable }
//!                                    ranges (copy, fill, grow) with   gas -= length; check
//!                                    floats that may be NaN are made canonical
//!                                    return is a branch to the block's end
//!                                  end
//!                                  stack += frame; check     (only if it calls)
//! ```
//!
//! A metered block is charged as a whole where it is entered. Between two checks code only runs
//! forwards, through a function that calls nothing and back into its caller: at most two functions'
//! code is executed unpaid, and without any effect. A call's frame is part of its first block's
//! cost, so that at most one frame is written unpaid. Whoever runs the module looks at `gas` first,
//! when it ends as well as when a host function is called.
//!
//! Indices of functions, types, globals and locals stay: additions come last.

mod body;
mod charge;

use wasm_encoder::{
    ConstExpr, Encode, ExportKind, GlobalType, MemorySection, MemoryType, Module, RawSection,
    ValType,
};
use wasmparser::BinaryReader;

use crate::limits;
use crate::schedule::GasSchedule;
use crate::validate::{Checked, Invalid};
use body::Bodies;

/// Prefix of the exports that are added.
pub(crate) const OWN_EXPORTS: &str = "thinkey:";
/// The exported global that counts gas down.
pub const GAS_EXPORT: &str = "thinkey:gas";
/// The exported global that counts free slots of the stack down.
pub const STACK_EXPORT: &str = "thinkey:stack";

const TYPE: u8 = 1;
const TABLE: u8 = 4;
const MEMORY: u8 = 5;
const GLOBAL: u8 = 6;
const EXPORT: u8 = 7;
const CODE: u8 = 10;

/// The order of sections in a module; the count of data segments stands before the code.
const SECTIONS: [u8; 12] = [
    TYPE, 2, 3, TABLE, MEMORY, GLOBAL, EXPORT, 8, 9, 12, CODE, 11,
];

/// The module with metering, without custom sections.
///
/// # Errors
/// None if `checked` is what [`validate`](crate::validate()) said of `code`.
pub fn instrument(
    code: &[u8],
    checked: &Checked,
    schedule: &GasSchedule,
) -> Result<Vec<u8>, Invalid> {
    let bodies = Bodies::of(code, checked, schedule)?;
    let sections = Sections { code, checked };
    let mut module = Module::new();
    for id in SECTIONS {
        match id {
            TYPE => sections.extend(&mut module, id, &bodies.types),
            MEMORY => {
                module.section(&memory(checked));
            }
            GLOBAL => sections.extend(&mut module, id, &globals()),
            EXPORT => sections.extend(&mut module, id, &exports(checked)),
            CODE => {
                module.section(&bodies.section);
            }
            _ => sections.copy(&mut module, id),
        }
    }
    Ok(module.finish())
}

/// The memory, with a maximum that every engine enforces alike.
fn memory(checked: &Checked) -> MemorySection {
    let mut section = MemorySection::new();
    if let Some((minimum, maximum)) = checked.memory {
        section.memory(MemoryType {
            minimum,
            maximum: Some(maximum),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    section
}

/// The counters. Both end a run when they fall below zero.
fn globals() -> [Vec<u8>; 2] {
    [0, limits::STACK.cast_signed()].map(|value| {
        let mut item = Vec::new();
        let (val_type, mutable, shared) = (ValType::I64, true, false);
        let ty = GlobalType {
            val_type,
            mutable,
            shared,
        };
        ty.encode(&mut item);
        ConstExpr::i64_const(value).encode(&mut item);
        item
    })
}

fn exports(checked: &Checked) -> [Vec<u8>; 2] {
    [(GAS_EXPORT, 0), (STACK_EXPORT, 1)].map(|(name, index)| {
        let mut item = Vec::new();
        name.encode(&mut item);
        ExportKind::Global.encode(&mut item);
        (checked.globals + index).encode(&mut item);
        item
    })
}

/// The sections of the module as it came.
struct Sections<'a> {
    code: &'a [u8],
    checked: &'a Checked,
}

impl<'a> Sections<'a> {
    fn find(&self, id: u8) -> Option<&'a [u8]> {
        let mut sections = self.checked.sections.iter();
        let (_, range) = sections.find(|(found, _)| *found == id)?;
        self.code.get(range.clone())
    }

    fn copy(&self, module: &mut Module, id: u8) {
        if let Some(data) = self.find(id) {
            module.section(&RawSection { id, data });
        }
    }

    /// The section with more items at its end.
    fn extend(&self, module: &mut Module, id: u8, items: &[Vec<u8>]) {
        let (count, rest) = self.find(id).map_or((0, &[][..]), split_count);
        let count = count + items.len() as u32;
        if count == 0 {
            return;
        }
        let mut data = Vec::with_capacity(rest.len() + 64);
        count.encode(&mut data);
        data.extend_from_slice(rest);
        data.extend(items.iter().flatten());
        module.section(&RawSection { id, data: &data });
    }
}

/// A section's number of items, and the items.
fn split_count(section: &[u8]) -> (u32, &[u8]) {
    let mut reader = BinaryReader::new(section, 0);
    let count = reader.read_var_u32().unwrap_or_default();
    let at = reader.original_position();
    (count, section.get(at..).unwrap_or_default())
}

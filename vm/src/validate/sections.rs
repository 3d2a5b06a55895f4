//! Checks of sections: counts before contents. [V2]

use wasmparser::{
    ConstExpr, Data, DataKind, Element, ElementItems, ElementKind, Export, ExternalKind,
    FromReader, FuncType, Import, MemoryType, Operator, Payload, RefType, SectionLimited,
    TableType, TypeRef, ValType,
};

use super::counts::at_most;
use super::functions::is_number;
use super::{Checked, Invalid, Reason, What};
use crate::abi::{ABI_SECTION, Entry, HostCall, MEMORY, MODULE, Type};
use crate::instrument::OWN_EXPORTS;
use crate::limits;

/// Prefix of the exports that are entries.
const ENTRIES: &str = "thinkey_";

/// Checks a section before the validator sees it, and remembers what matters.
pub(super) fn check(checked: &mut Checked, payload: &Payload<'_>) -> Result<(), Invalid> {
    if let (Some((id, range)), false) = (payload.as_section(), is_custom(payload)) {
        checked.sections.push((id, range));
    }
    match payload {
        Payload::TypeSection(section) => types(checked, section),
        Payload::ImportSection(section) => each(section, What::Imports, IMPORTS, |import, at| {
            self::import(checked, &import, at)
        }),
        Payload::FunctionSection(section) => {
            each(section, What::Functions, limits::FUNCTIONS, |ty, _| {
                checked.functions.push(ty);
                Ok(())
            })
        }
        Payload::TableSection(section) => each(section, What::Tables, 1, |table, at| {
            self::table(checked, &table.ty, at)
        }),
        Payload::MemorySection(section) => each(section, What::Memories, 1, |memory, at| {
            self::memory(checked, &memory, at)
        }),
        Payload::GlobalSection(section) => {
            each(section, What::Globals, limits::GLOBALS, |global, at| {
                checked.globals += 1;
                number(global.ty.content_type, at)
            })
        }
        Payload::ExportSection(section) => {
            each(section, What::Exports, limits::EXPORTS, |export, at| {
                self::export(checked, &export, at)
            })
        }
        Payload::StartSection { range, .. } => Err(Invalid::at(range.start, Reason::Start)),
        Payload::ElementSection(section) => {
            let limit = limits::ELEMENT_SEGMENTS;
            each(section, What::ElementSegments, limit, |element, at| {
                elements(checked, element, at)
            })
        }
        Payload::DataSection(section) => {
            let limit = limits::DATA_SEGMENTS;
            each(section, What::DataSegments, limit, |data, at| {
                self::data(checked, data, at)
            })
        }
        Payload::CodeSectionStart { count, range, .. } => {
            let found = (*count).into();
            at_most(What::Functions, found, limits::FUNCTIONS, range.start)
        }
        Payload::CustomSection(section) => custom(checked, section),
        _ => Ok(()),
    }
}

const IMPORTS: u64 = HostCall::COUNT as u64;

const fn is_custom(payload: &Payload<'_>) -> bool {
    matches!(payload, Payload::CustomSection(_))
}

/// Checks the number of items, then each item.
fn each<'a, T: FromReader<'a>>(
    section: &SectionLimited<'a, T>,
    what: What,
    limit: u64,
    mut check: impl FnMut(T, usize) -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    let start = section.range().start;
    at_most(what, section.count().into(), limit, start)?;
    for item in section.clone().into_iter_with_offsets() {
        let (offset, item) = item?;
        check(item, offset)?;
    }
    Ok(())
}

fn number(ty: ValType, offset: usize) -> Result<(), Invalid> {
    match is_number(ty) {
        true => Ok(()),
        false => Err(Invalid::at(offset, Reason::Type)),
    }
}

fn types(
    checked: &mut Checked,
    section: &wasmparser::TypeSectionReader<'_>,
) -> Result<(), Invalid> {
    let start = section.range().start;
    at_most(What::Types, section.count().into(), limits::TYPES, start)?;
    for ty in section.clone().into_iter_err_on_gc_types() {
        let ty: FuncType = ty?;
        at_most(
            What::Params,
            ty.params().len() as u64,
            limits::PARAMS,
            start,
        )?;
        at_most(
            What::Results,
            ty.results().len() as u64,
            limits::RESULTS,
            start,
        )?;
        for value in ty.params().iter().chain(ty.results()) {
            number(*value, start)?;
        }
        checked.types.push(ty);
    }
    Ok(())
}

/// An import is a host function with its signature, and nothing else.
fn import(checked: &mut Checked, import: &Import<'_>, offset: usize) -> Result<(), Invalid> {
    let call = HostCall::of_name(import.name).filter(|_| import.module == MODULE);
    let Some(call) = call else {
        let (module, name) = (import.module.into(), import.name.into());
        return Err(Invalid::at(offset, Reason::UnknownImport { module, name }));
    };
    let known = call.import();
    let ty = match import.ty {
        TypeRef::Func(index) => checked.types.get(index as usize),
        _ => None,
    };
    if !ty.is_some_and(|ty| {
        is_same(ty.params(), known.params) && is_same(ty.results(), known.result.as_slice())
    }) {
        return Err(Invalid::at(offset, Reason::ImportType { name: known.name }));
    }
    checked.imports.push(call);
    Ok(())
}

fn is_same(found: &[ValType], known: &[Type]) -> bool {
    let known = known.iter().map(|ty| match ty {
        Type::I32 => ValType::I32,
        Type::I64 => ValType::I64,
    });
    known.eq(found.iter().copied())
}

fn table(checked: &mut Checked, ty: &TableType, offset: usize) -> Result<(), Invalid> {
    if ty.table64 || ty.shared {
        return Err(Invalid::at(offset, Reason::MemoryKind));
    }
    if ty.element_type != RefType::FUNCREF {
        return Err(Invalid::at(offset, Reason::Type));
    }
    // Nothing can grow it, so its maximum does not matter.
    at_most(What::TableElements, ty.initial, limits::TABLE, offset)?;
    checked.table = ty.initial;
    Ok(())
}

fn memory(checked: &mut Checked, ty: &MemoryType, offset: usize) -> Result<(), Invalid> {
    if ty.memory64 || ty.shared || ty.page_size_log2.is_some() {
        return Err(Invalid::at(offset, Reason::MemoryKind));
    }
    at_most(What::Pages, ty.initial, limits::PAGES, offset)?;
    let most = ty.maximum.unwrap_or(limits::PAGES).min(limits::PAGES);
    checked.memory = Some((ty.initial, most));
    Ok(())
}

fn export(checked: &mut Checked, export: &Export<'_>, offset: usize) -> Result<(), Invalid> {
    let length = export.name.len() as u64;
    at_most(What::ExportName, length, limits::EXPORT_NAME, offset)?;
    checked.exports += 1;
    checked.export_bytes += length;
    checked.exports_memory |= export.name == MEMORY && export.kind == ExternalKind::Memory;
    if let Some(entry) = Entry::of_export(export.name) {
        if !is_entry(checked, export) {
            let name = entry.export();
            return Err(Invalid::at(offset, Reason::Export { name }));
        }
        checked.entries.push(entry);
    } else if export.name.starts_with(OWN_EXPORTS) || export.name.starts_with(ENTRIES) {
        let name = export.name.into();
        return Err(Invalid::at(offset, Reason::ReservedExport { name }));
    }
    Ok(())
}

fn elements(checked: &mut Checked, element: Element<'_>, offset: usize) -> Result<(), Invalid> {
    let ElementItems::Functions(items) = element.items else {
        return Err(Invalid::at(offset, Reason::Type));
    };
    let count = u64::from(items.count());
    at_most(What::TableElements, count, limits::TABLE, offset)?;
    match element.kind {
        ElementKind::Passive => {}
        ElementKind::Declared => return Err(Invalid::at(offset, Reason::Type)),
        ElementKind::Active { offset_expr, .. } => {
            if !fits(&offset_expr, count, checked.table)? {
                return Err(Invalid::at(offset, Reason::ElementsOutOfBounds));
            }
        }
    }
    checked.segments += 1;
    checked.segment_elements += count;
    Ok(())
}

fn data(checked: &mut Checked, data: Data<'_>, offset: usize) -> Result<(), Invalid> {
    let count = data.data.len() as u64;
    if let DataKind::Active { offset_expr, .. } = data.kind {
        let (pages, _) = checked.memory.unwrap_or_default();
        if !fits(&offset_expr, count, pages << 16)? {
            return Err(Invalid::at(offset, Reason::DataOutOfBounds));
        }
    }
    checked.segments += 1;
    checked.initial_bytes += count;
    Ok(())
}

/// Whether a segment at a constant offset fits; other offsets the validator refuses.
fn fits(offset: &ConstExpr<'_>, count: u64, size: u64) -> Result<bool, Invalid> {
    let mut operators = offset.get_operators_reader();
    let Operator::I32Const { value } = operators.read()? else {
        return Ok(false);
    };
    let start = u64::from(value.cast_unsigned());
    Ok(start + count <= size)
}

fn custom(
    checked: &mut Checked,
    section: &wasmparser::CustomSectionReader<'_>,
) -> Result<(), Invalid> {
    let offset = section.range().start;
    checked.customs += 1;
    let found = checked.customs;
    at_most(What::CustomSections, found, limits::CUSTOM_SECTIONS, offset)?;
    if section.name() != ABI_SECTION {
        return Ok(());
    }
    if checked.abi.is_some() {
        return Err(Invalid::at(offset, Reason::TwoAbis));
    }
    let length = section.data().len();
    at_most(What::AbiBytes, length as u64, limits::ABI, offset)?;
    let start = section.data_offset();
    checked.abi = Some(start..start + length);
    Ok(())
}

/// Is everything exported that must be?
pub(super) fn check_exports(checked: &Checked, end: usize) -> Result<(), Invalid> {
    let missing = match (checked.exports_memory, checked.has(Entry::Call)) {
        (false, _) => MEMORY,
        (true, false) => Entry::Call.export(),
        (true, true) => return Ok(()),
    };
    Err(Invalid::at(end, Reason::Export { name: missing }))
}

/// Entries are functions of the module without parameters and results.
fn is_entry(checked: &Checked, export: &Export<'_>) -> bool {
    let index = (export.index as usize).checked_sub(checked.imports.len());
    let ty = index.and_then(|index| checked.type_of(index));
    export.kind == ExternalKind::Func
        && ty.is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty())
}

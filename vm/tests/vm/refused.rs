//! What may not be deployed, and what the refusal says. [V1] [V2]

use vm::validate::{Reason, What};
use vm::{Invalid, validate};

use crate::support::wat;

const MEMORY: &str = "(memory (export \"memory\") 1)";
const CALL: &str = "(func (export \"thinkey_call\"))";

/// Why a text is refused.
fn refused(text: &str) -> Invalid {
    match validate(&wat(text)) {
        Ok(_) => panic!("allowed: {text}"),
        Err(invalid) => invalid,
    }
}

fn whole(fields: &str) -> String {
    format!("(module {MEMORY} {CALL} {fields})")
}

/// What a count was compared with, if that is why a text is refused.
fn too_many(text: &str) -> Option<(What, u64, u64)> {
    match refused(text).reason {
        Reason::TooMany { what, found, limit } => Some((what, found, limit)),
        _ => None,
    }
}

#[test]
fn the_smallest_contract() {
    let checked = validate(&wat(&whole(""))).expect("allowed");
    assert!(checked.has(vm::Entry::Call) && !checked.has(vm::Entry::View));
    assert_eq!(checked.imports(), []);
}

/// Compilers make vectors of plain loops when they may, in functions whose types show none.
#[test]
fn vectors_are_named() {
    let why = refused(&whole("(func (drop (v128.const i64x2 0 0)))"));
    assert!(matches!(why.reason, Reason::Type), "{why}");
    assert!(why.to_string().contains("vector types are not allowed"));
}

/// Features, and fields that use them.
const REFUSED: &[(&str, &str)] = &[
    // Vectors, threads, exceptions, tail calls.
    ("simd", "(func (drop (v128.const i64x2 0 0)))"),
    ("simd type", "(func (param v128))"),
    ("simd global", "(global v128 (v128.const i64x2 0 0))"),
    (
        "relaxed simd",
        "(func (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0)))",
    ),
    ("threads", "(func (drop (i32.atomic.load (i32.const 0))))"),
    ("fence", "(func (atomic.fence))"),
    ("exceptions", "(tag)"),
    ("throw", "(func (throw_ref (unreachable)))"),
    ("tail call", "(func $f (return_call $f))"),
    (
        "indirect tail call",
        "(table 1 funcref) (func (return_call_indirect (i32.const 0)))",
    ),
    // References.
    ("reference type", "(func (param externref))"),
    ("reference local", "(func (local funcref))"),
    ("reference global", "(global funcref (ref.null func))"),
    ("reference table", "(table 1 externref)"),
    ("ref.null", "(func (drop (ref.null func)))"),
    (
        "ref.func",
        "(func $f (drop (ref.func $f))) (elem declare func $f)",
    ),
    (
        "ref.is_null",
        "(func (drop (ref.is_null (ref.null extern))))",
    ),
    (
        "table.get",
        "(table 1 funcref) (func (drop (table.get 0 (i32.const 0))))",
    ),
    (
        "table.set",
        "(table 1 funcref) (func (table.set 0 (i32.const 0) (ref.null func)))",
    ),
    (
        "table.grow",
        "(table 1 funcref) (func (drop (table.grow 0 (ref.null func) (i32.const 1))))",
    ),
    (
        "table.size",
        "(table 1 funcref) (func (drop (table.size 0)))",
    ),
    (
        "table.fill",
        "(table 1 funcref) (func (table.fill 0 (i32.const 0) (ref.null func) (i32.const 1)))",
    ),
    (
        "typed select",
        "(func (drop (select (result i32) (i32.const 0) (i32.const 0) (i32.const 0))))",
    ),
    (
        "element expressions",
        "(table 1 funcref) (elem (i32.const 0) funcref (ref.null func))",
    ),
    ("declared elements", "(func $f) (elem declare func $f)"),
    (
        "typed references",
        "(type $t (func)) (func (param (ref $t)))",
    ),
    (
        "call_ref",
        "(type $t (func)) (func (call_ref $t (unreachable)))",
    ),
    (
        "table with initial value",
        "(func $f) (table 1 (ref func) (ref.func $f))",
    ),
    // Collected types, stack switching.
    ("struct", "(type (struct (field i32)))"),
    ("array", "(type (array i32))"),
    ("i31", "(func (drop (ref.i31 (i32.const 0))))"),
    ("recursive types", "(rec (type (func)) (type (func)))"),
    ("continuations", "(type $f (func)) (type (cont $f))"),
    // Memories and constants.
    ("two memories", "(memory 1)"),
    (
        "extended constants",
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
    ),
    (
        "global of a global",
        "(global $a i32 (i32.const 1)) (global i32 (global.get $a))",
    ),
    (
        "wide arithmetic",
        "(func (param i64) (result i64 i64) (i64.mul_wide_s (local.get 0) (local.get 0)))",
    ),
    ("two tables", "(table 1 funcref) (table 1 funcref)"),
    ("64-bit table", "(table i64 1 funcref)"),
    ("start", "(func $f) (start $f)"),
];

#[test]
fn every_feature_that_is_not_named() {
    for (feature, fields) in REFUSED {
        let code = wat(&whole(fields));
        assert!(validate(&code).is_err(), "{feature} is allowed");
    }
    for memory in [
        "(memory (export \"memory\") i64 1)",
        "(memory (export \"memory\") 1 2 shared)",
        "(memory (export \"memory\") 1 (pagesize 1))",
    ] {
        let code = wat(&format!("(module {memory} {CALL})"));
        assert!(validate(&code).is_err(), "{memory} is allowed");
    }
    assert!(
        validate(b"\0asm\x0d\0\x01\0").is_err(),
        "components are allowed"
    );
}

#[test]
fn every_feature_that_is_named() {
    let fields = "
        (type $two (func (result i32 i64)))
        (table 2 2 funcref) (elem (i32.const 0) $swap) (elem $e func $swap)
        (data $d \"passive\") (global $g (export \"g\") (mut i32) (i32.const 5))
        (func $swap (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
        (func (result f32)
            (drop (i32.extend8_s (i32.const 200))) (drop (i64.extend32_s (i64.const 200)))
            (drop (i32.trunc_sat_f32_s (f32.const 1e30)))
            (memory.init $d (i32.const 0) (i32.const 0) (i32.const 7)) (data.drop $d)
            (memory.copy (i32.const 0) (i32.const 8) (i32.const 7))
            (memory.fill (i32.const 0) (i32.const 8) (i32.const 7))
            (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $e)
            (table.copy (i32.const 0) (i32.const 1) (i32.const 1))
            (block (type $two) (i32.const 1) (i64.const 2)) (call $swap) (drop) (drop)
            (f32.div (f32.const 1) (f32.sqrt (f32.const 2))))";
    let checked = validate(&wat(&whole(fields)));
    assert!(checked.is_ok(), "{checked:?}");
}

#[test]
fn an_overlong_table_index_is_tolerated() {
    let text = whole("(table 1 funcref) (func (call_indirect (i32.const 1)))");
    let mut code = wat(&text);
    // call_indirect (type 0) (table 0), the table as compilers with reference types write it.
    let at = code
        .windows(3)
        .position(|bytes| bytes == [0x11, 0, 0])
        .expect("the call");
    let body = code[..at]
        .iter()
        .rposition(|byte| *byte == 0)
        .expect("locals")
        - 1;
    let section = (0..body)
        .rev()
        .find(|i| code[*i] == 10)
        .expect("code section");
    code.splice(at + 2..at + 3, [0x80, 0x80, 0x80, 0x80, 0]);
    (code[body], code[section + 1]) = (code[body] + 4, code[section + 1] + 4);
    let checked = validate(&code).expect("tolerated");
    assert!(vm::instrument(&code, &checked, &vm::GasSchedule::V1).is_ok());
    assert!(vm::Engine::compile(&vm::Interpreter, &code, &vm::GasSchedule::V1).is_ok());
}

#[test]
fn what_must_be_exported() {
    let missing = |text: &str| match refused(text).reason {
        Reason::Export { name } => name,
        reason => panic!("{reason}"),
    };
    assert_eq!(missing("(module)"), "memory");
    assert_eq!(missing(&format!("(module (memory 1) {CALL})")), "memory");
    assert_eq!(
        missing(&format!(
            "(module (global (export \"memory\") i32 (i32.const 0)) {CALL})"
        )),
        "memory"
    );
    assert_eq!(missing(&format!("(module {MEMORY})")), "thinkey_call");
    assert_eq!(
        missing(&format!(
            "(module {MEMORY} (func (export \"thinkey_call\") (param i32)))"
        )),
        "thinkey_call"
    );
    assert_eq!(
        missing(&format!(
            "(module {MEMORY} (global (export \"thinkey_call\") i32 (i32.const 0)))"
        )),
        "thinkey_call"
    );
    assert_eq!(
        missing(&whole(
            "(func (export \"thinkey_view\") (result i32) (i32.const 0))"
        )),
        "thinkey_view"
    );
}

#[test]
fn names_of_ours_are_reserved() {
    for name in ["thinkey_vieww", "thinkey_", "thinkey:gas"] {
        let text = whole(&format!("(func (export \"{name}\"))"));
        assert_eq!(
            refused(&text).reason,
            Reason::ReservedExport { name: name.into() }
        );
    }
}

#[test]
fn imports_come_from_the_table() {
    let import = |module: &str, name: &str, ty: &str| {
        let text = format!("(module (import \"{module}\" \"{name}\" {ty}) {MEMORY} {CALL})");
        validate(&wat(&text))
            .map(|_| ())
            .map_err(|invalid| invalid.reason)
    };
    assert_eq!(import("thinkey", "height", "(func (result i64))"), Ok(()));
    let unknown = |module: &str, name: &str| {
        Err(Reason::UnknownImport {
            module: module.into(),
            name: name.into(),
        })
    };
    assert_eq!(
        import("env", "height", "(func (result i64))"),
        unknown("env", "height")
    );
    assert_eq!(
        import("thinkey", "clock", "(func (result i64))"),
        unknown("thinkey", "clock")
    );
    let wrong = Err(Reason::ImportType { name: "height" });
    for ty in [
        "(func (result i32))",
        "(func (param i32) (result i64))",
        "(func)",
        "(global i64)",
        "(memory 1)",
        "(table 1 funcref)",
    ] {
        assert_eq!(import("thinkey", "height", ty), wrong, "{ty}");
    }
}

/// A count at its bound is allowed, one more is refused and named.
fn bounded(what: What, limit: u64, text: impl Fn(u64) -> String) {
    let at_bound = validate(&wat(&text(limit)));
    assert!(at_bound.is_ok(), "{what:?}: {at_bound:?}");
    assert_eq!(too_many(&text(limit + 1)), Some((what, limit + 1, limit)));
}

fn times(what: &str, count: u64) -> String {
    what.repeat(count as usize)
}

#[test]
fn bounds_of_modules() {
    // The call's own type, function and export count too.
    let func = |i: u64| format!("(type (func (param i32) (result {})))", times("i32 ", i));
    bounded(What::Types, 1024, |n| whole(&times(&func(1), n - 1)));
    bounded(What::Params, 32, |n| {
        whole(&format!("(type (func (param {})))", times("i32 ", n)))
    });
    bounded(What::Results, 16, |n| {
        whole(&format!("(type (func (result {})))", times("i32 ", n)))
    });
    bounded(What::Functions, 4096, |n| whole(&times("(func)", n - 1)));
    bounded(What::Globals, 256, |n| {
        whole(&times("(global i32 (i32.const 0))", n))
    });
    let export = |i| format!("(export \"e{i}\" (memory 0))");
    bounded(What::Exports, 256, |n| {
        whole(&(2..n).map(export).collect::<String>())
    });
    bounded(What::ExportName, 256, |n| {
        whole(&format!("(export \"{}\" (memory 0))", times("e", n)))
    });
    bounded(What::TableElements, 8192, |n| {
        whole(&format!("(table {n} funcref)"))
    });
    bounded(What::ElementSegments, 64, |n| {
        whole(&times("(elem func)", n))
    });
    bounded(What::DataSegments, 1024, |n| {
        whole(&times("(data \"\")", n))
    });
    bounded(What::Pages, 64, |n| {
        format!("(module (memory (export \"memory\") {n}) {CALL})")
    });
    bounded(What::CustomSections, 16, |n| {
        whole(&times("(@custom \"x\" \"\")", n))
    });
    bounded(What::AbiBytes, 32 * 1024, |n| {
        whole(&format!("(@custom \"thinkey.abi\" \"{}\")", times("x", n)))
    });
    let two = whole(&times("(@custom \"thinkey.abi\" \"\")", 2));
    assert_eq!(refused(&two).reason, Reason::TwoAbis);
    let call = "(import \"thinkey\" \"height\" (func (result i64)))";
    let most = vm::HostCall::COUNT as u64;
    bounded(What::Imports, most, |n| {
        format!("(module {} {MEMORY} {CALL})", times(call, n))
    });
    let large = whole(&format!("(data \"{}\")", times("x", 112 * 1024)));
    assert!(matches!(
        too_many(&large),
        Some((What::ModuleBytes, _, 114_688))
    ));
}

#[test]
fn bounds_of_functions() {
    let body = |body: &str| whole(&format!("(func {body})"));
    bounded(What::Locals, 1024, |n| {
        body(&format!("(local {})", times("i32 ", n)))
    });
    bounded(What::Operands, 2048, |n| {
        body(&format!(
            "{} {}",
            times("i32.const 0 ", n),
            times("drop ", n)
        ))
    });
    bounded(What::Constants, 16 * 1024, |n| {
        body(&times("i32.const 0 drop ", n))
    });
    // The function itself is one.
    bounded(What::Nesting, 1024, |n| {
        body(&format!(
            "{} {}",
            times("block ", n - 1),
            times("end ", n - 1)
        ))
    });
    bounded(What::BranchTargets, 1024, |n| {
        body(&format!("(br_table {} 0 (i32.const 0))", times("0 ", n)))
    });
}

#[test]
fn segments_lie_inside() {
    let data = |at: i64| whole(&format!("(data (i32.const {at}) \"xy\")"));
    assert!(validate(&wat(&data(65534))).is_ok());
    for at in [65535, 65536, -1] {
        assert_eq!(refused(&data(at)).reason, Reason::DataOutOfBounds);
    }
    let elements = |at: i64| {
        whole(&format!(
            "(func $f) (table 4 funcref) (elem (i32.const {at}) $f $f)"
        ))
    };
    assert!(validate(&wat(&elements(2))).is_ok());
    for at in [3, 4, -1] {
        assert_eq!(refused(&elements(at)).reason, Reason::ElementsOutOfBounds);
    }
}

#[test]
fn the_refusal_names_the_function_and_the_place() {
    let text = whole("(func $fine) (func $pay_out (drop (i32.atomic.load (i32.const 0))))");
    let invalid = refused(&text);
    let function = invalid.function.clone().expect("a function");
    assert_eq!(
        (function.index, function.name.as_deref()),
        (2, Some("pay_out"))
    );
    let text = invalid.to_string();
    assert!(
        text.starts_with("function 2 (pay_out), offset 0x"),
        "{text}"
    );
    assert!(
        text.ends_with("instruction I32AtomicLoad of the feature threads is not allowed"),
        "{text}"
    );
    // A type error is found by the validator, and placed alike.
    let invalid = refused(&whole(
        "(func $fine) (func $wrong (i64.const 0) (i32.eqz) (drop))",
    ));
    assert!(
        invalid
            .to_string()
            .starts_with("function 2 (wrong), offset 0x"),
        "{invalid}"
    );
}

//! Frames of calls: what is counted, and that it is as much as the engine takes.

use super::{Metered, PLENTY};
use crate::instrument::STACK_EXPORT;
use crate::{Trap, limits, validate};

/// Constants of the only function of a module with these fields.
fn constants(fields: &str, body: &str) -> u64 {
    let text = format!("(module {fields} (func {body}))");
    let code = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let checked = validate::check(&code);
    let checked = checked.unwrap_or_else(|error| panic!("{error}\n{text}"));
    checked.bodies.last().expect("a function").constants
}

#[test]
fn values_that_code_names_are_constants() {
    let steps = [
        ("", 0),
        ("(drop (i32.const 1)) (drop (i64.const 2))", 2),
        ("(drop (f32.const 1)) (drop (f64.const 2))", 2),
        // Equal ones too.
        ("(drop (i32.const 1)) (drop (i32.const 1))", 2),
        ("(drop (global.get $fixed))", 1),
        ("(drop (global.get $changing))", 0),
        ("(drop (i64.load (i32.const 70000)))", 1),
        // Also where no code comes.
        ("unreachable (drop (i32.const 1))", 1),
    ];
    let globals = "(memory 1) (global $fixed i64 (i64.const 1))
        (global $changing (mut i64) (i64.const 1))";
    for (body, expected) in steps {
        assert_eq!(constants(globals, body), expected, "{body}");
    }
}

#[test]
fn values_that_follow_from_constants_are_constants() {
    let steps = [
        ("(drop (i32.eqz (i32.const 1)))", 2),
        ("(drop (i32.add (i32.const 1) (i32.const 2)))", 3),
        ("(drop (f64.neg (f64.convert_i32_s (i32.const 1))))", 3),
        ("(drop (i32.eqz (local.tee $l (i32.const 1))))", 2),
        // One of the two is one of them.
        (
            "(drop (i32.eqz (select (local.get $l) (i32.const 1) (local.get $l))))",
            2,
        ),
        // What follows from anything else is none.
        ("(drop (i32.add (local.get $l) (i32.const 2)))", 1),
        ("(drop (i32.eqz (i32.load (i32.const 2))))", 1),
        ("(drop (i32.eqz (memory.grow (i32.const 2))))", 1),
        ("(drop (i32.eqz (call $f (i32.const 2))))", 1),
        // They pass through blocks, ...
        ("(drop (i32.eqz (block (result i32) (i32.const 1))))", 2),
        ("(i32.const 1) (block (param i32) (drop (i32.eqz)))", 2),
        (
            "(i32.const 1) (if (param i32) (local.get $l) (then (drop (i32.eqz)))
                (else (drop (i32.eqz))))",
            3,
        ),
        // ... past branches, ...
        (
            "(block (result i32) (i32.const 1) (br_if 0 (local.get $l)) (i32.eqz)) (drop)",
            2,
        ),
        // ... and below blocks whose code takes what is not there.
        (
            "(i32.const 1) (block (unreachable) (i32.add) (drop)) (drop (i32.eqz))",
            3,
        ),
    ];
    let fields = "(memory 1) (func $f (param i32) (result i32) (local.get 0))";
    for (body, expected) in steps {
        let body = format!("(local $l i32) {body}");
        assert_eq!(constants(fields, &body), expected, "{body}");
    }
}

/// Recursion through a function with this inside: what it ends with, and the slots that are left.
fn recurse(fields: &str, inside: &str) -> (Trap, i64) {
    let text = format!("(module {fields} (func $f (export \"f\") {inside} (call $f)))");
    let code = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let metered = Metered::new(&code);
    let mut metered = metered.unwrap_or_else(|error| panic!("{error}\n{text}"));
    let (result, _) = metered.call("f", &[], PLENTY);
    let trap = result.expect_err("endless");
    (trap, metered.counter(STACK_EXPORT))
}

#[test]
fn the_counted_stack_is_full_before_the_engines() {
    let most = limits::CONSTANTS as usize - 1_000;
    // Each of them is one that the interpreter copies into the frame.
    let different: String = (0..most)
        .map(|value| format!("(global.set $g (i32.const {}))", 70_000 + value))
        .collect();
    let away = format!("(block (br_if 0 (i32.eqz (global.get $g))) {different})");
    // Hardly named and much computed.
    let chain = "(i64.sub (i64.const 1)) (f64.convert_i64_u) (f64.neg) (i64.reinterpret_f64)
        (local.tee $l)"
        .repeat(3_000);
    let computed = format!("(local $l i64) (i64.const 99999999999) {chain} (drop)");
    let fields = "(global $g (mut i32) (i32.const 0))";
    for inside in ["", "(local i64 i64 i64 i64 i64)", &away, &computed] {
        let (trap, left) = recurse(fields, inside);
        assert_eq!(trap, Trap::StackOverflow);
        assert!(left < 0, "the engine's own was full: {left} slots are left");
    }
}

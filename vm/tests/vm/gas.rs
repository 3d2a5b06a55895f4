//! Prices, by hand: schedule 1 never changes.

use vm::{Entry, GasSchedule, HostCall, Outcome};

use crate::support::{Desk, PLENTY, run_entry};

/// Instance with one page, one function, two exports and no imports; function entry.
const START: u64 = 250 + 1_500 + 10 + 2 * 100 + 18 / 3 + 6;

fn gas(fields: &str, body: &str) -> u64 {
    let text = format!(
        "(module {fields} (memory (export \"memory\") 1) (func (export \"thinkey_call\") {body}))"
    );
    let outcome = run_entry(&text, Entry::Call, &mut Desk::default(), PLENTY);
    assert_eq!(outcome.result, Ok(Vec::new()), "{body}");
    outcome.gas_used
}

#[test]
fn instructions() {
    let steps = [
        ("", 0),
        ("(drop (i32.const 1))", 0),
        ("(drop (i32.add (i32.const 1) (i32.const 2)))", 1),
        ("(drop (i32.div_u (i32.const 1) (i32.const 2)))", 2),
        ("(drop (i32.load (i32.const 1)))", 2),
        ("(i32.store (i32.const 1) (i32.const 2))", 2),
        ("(drop (f32.add (f32.const 1) (f32.const 2)))", 7),
        ("(drop (f32.sqrt (f32.const 1)))", 10),
        ("(drop (i32.trunc_f32_s (f32.const 1)))", 2),
        // Branch, entry of the arm with one store, nothing after.
        (
            "(if (i32.const 1) (then (i32.store (i32.const 0) (i32.const 0))))",
            2 + 6 + 2,
        ),
        (
            "(if (i32.const 0) (then (i32.store (i32.const 0) (i32.const 0))))",
            2,
        ),
        // A block without branches costs nothing, nor does what is jumped over.
        (
            "(block (block (drop (i32.add (i32.const 1) (i32.const 2)))))",
            1,
        ),
        (
            "(block (br 0) (drop (i32.div_u (i32.const 1) (i32.const 0))))",
            2,
        ),
        // Ten turns of: loop entry, add, set, compare, branch.
        (
            "(local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get 0) (i32.const 10))))",
            10 * (6 + 5),
        ),
        // 20 for the instruction, 2 for each whole 64 bytes.
        (
            "(memory.fill (i32.const 0) (i32.const 0) (i32.const 63))",
            20,
        ),
        (
            "(memory.fill (i32.const 0) (i32.const 0) (i32.const 640))",
            20 + 20,
        ),
        (
            "(memory.copy (i32.const 0) (i32.const 0) (i32.const 64))",
            20 + 2,
        ),
        // 2200 for each page, if it grows.
        ("(drop (memory.grow (i32.const 2)))", 50 + 4_400),
        ("(drop (memory.grow (i32.const 64)))", 50),
        ("(drop (memory.grow (i32.const -1)))", 50),
    ];
    for (body, expected) in steps {
        assert_eq!(gas("", body), START + expected, "{body}");
    }
}

#[test]
fn calls() {
    let f = "(func $f (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))";
    let direct = "(drop (call $f (i32.const 1)))";
    assert_eq!(gas(f, direct), START + 10 + 14 + 6 + 1);
    let table = format!("{f} (table 2 funcref) (elem (i32.const 0) $f)");
    let indirect = "(drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))";
    let (instance, call) = (10 + 2 + 15 + 8, 24 + 6 + 1);
    assert_eq!(gas(&table, indirect), START + instance + call);
    let import = "(import \"thinkey\" \"height\" (func $height (result i64)))";
    assert_eq!(gas(import, "(drop (call $height))"), START + 155 + 14 + 30);
    let reply = "(import \"thinkey\" \"storage_put\" (func $put (param i32 i32 i32 i32)))";
    let put = "(call $put (i32.const 0) (i32.const 3) (i32.const 0) (i32.const 100))";
    // One for each four constants.
    assert_eq!(gas(reply, put), START + 1 + 155 + 14 + 5_000 + 2 + 1_000);
}

#[test]
fn instances() {
    // Two for each begun 64 bytes, 15 for each segment, 8 for each of its elements.
    assert_eq!(gas("(data (i32.const 0) \"12345\")", ""), START + 15 + 2);
    let table = "(func $f) (table 20 funcref)";
    let elements = |kind: &str| gas(&format!("{table} (elem {kind} func $f $f $f)"), "");
    assert_eq!(elements("(i32.const 0)"), START + 10 + 6 + 15 + 24);
    // Passive ones are evaluated too.
    assert_eq!(elements(""), START + 10 + 6 + 15 + 24);
    let many = |field: &str, count: usize| gas(&field.repeat(count), "");
    assert_eq!(many("(func)", 4_000), START + 4_000 * 10);
    assert_eq!(many("(global i32 (i32.const 0))", 200), START + 200 * 12);
    assert_eq!(many("(data \"\")", 1_000), START + 1_000 * 15);
    // One for three bytes of the names.
    let exports = |length: usize| {
        let names = (0..200).map(|name| format!("(export \"{name:0length$}\" (memory 0))"));
        gas(&names.collect::<String>(), "") - START
    };
    assert_eq!(exports(3), 200 * 100 + 200);
    assert_eq!(exports(240), 200 * 100 + 200 * 80);
}

/// What a call of a function costs for its frame: locals, and code that it has but does not run.
fn frame(locals: &str, code: &str) -> u64 {
    let called = |locals: &str, code: &str| {
        let skipped = format!("(block (br_if 0 (memory.size)) {code})");
        gas(&format!("(func $f {locals} {skipped})"), "(call $f)")
    };
    called(locals, code) - called("", "")
}

#[test]
fn calls_pay_for_their_frames() {
    // One for 16 locals and operands, of which the condition is one.
    let locals = |count: usize| frame(&format!("(local {})", "i64 ".repeat(count)), "");
    assert_eq!([0, 14, 15, 159, 1_023].map(locals), [0, 0, 1, 10, 64]);
    let operands = |count: usize| {
        let (push, drop) = ("memory.size ".repeat(count), "drop ".repeat(count));
        frame("", &format!("{push} {drop}"))
    };
    assert_eq!([1, 15, 16, 160, 2_048].map(operands), [0, 0, 1, 10, 128]);
    // One for four constants, equal or not.
    let constants = |count: usize| frame("", &"(drop (i64.const 9))".repeat(count));
    assert_eq!([0, 3, 4, 400, 16_000].map(constants), [0, 0, 1, 100, 4_000]);
    let different = (0..400).map(|value| format!("(drop (f64.const {value}))"));
    assert_eq!(frame("", &different.collect::<String>()), 100);
}

#[test]
fn gas_is_exact() {
    let text = "(module (memory (export \"memory\") 1) (func (export \"thinkey_call\")
        (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get 0) (i32.const 10))))))";
    let run = |gas| run_entry(text, Entry::Call, &mut Desk::default(), gas);
    let all = run(PLENTY).gas_used;
    let Outcome {
        gas_used, result, ..
    } = run(all);
    assert_eq!((gas_used, result), (all, Ok(Vec::new())));
    for less in [all - 1, all - 7, START + 1, START - 1, 1, 0] {
        let outcome = run(less);
        assert_eq!(
            (outcome.gas_used, outcome.result),
            (less, Err(vm::Trap::OutOfGas))
        );
    }
    assert_eq!(run(u64::MAX).gas_used, all);
}

#[test]
fn schedule_1() {
    let prices = HostCall::ALL.iter().map(|call| {
        let price = GasSchedule::V1.call(*call);
        format!(
            "{} {} {} {} {}",
            call.import().name,
            price.base,
            price.line,
            price.state,
            price.state_byte
        )
    });
    let table = prices.collect::<Vec<_>>().join("\n");
    let known = include_str!("schedule_1.txt");
    assert_eq!(
        table,
        known.trim_end(),
        "a schedule that was used never changes"
    );
    assert_eq!(GasSchedule::V1.deploy(1000), 45_000);
}

//! Every way to end early has its code, and the codes never change.

use vm::{Entry, Refusal, Trap};

use crate::support::{Desk, PLENTY, module, run, run_entry};

/// Runs a body that must trap.
fn trap(fields: &str, body: &str) -> Trap {
    let outcome = run(&module(fields, body), &mut Desk::default());
    assert_eq!(outcome.gas_given, 0);
    outcome.result.expect_err(body)
}

/// A table with one function.
const TABLE: &str = "(type $v (func)) (type $i (func (param i32)))
        (func $f) (table 4 funcref) (elem (i32.const 0) $f)";

/// Fields, a body, and the code of its trap.
const TRAPS: &[(&str, &str, u8)] = &[
    ("", "(loop (br 0))", 1),
    ("", "unreachable", 2),
    ("", "(drop (i32.load (i32.const 65533)))", 3),
    (
        "",
        "(i32.store8 offset=1 (i32.const 65535) (i32.const 0))",
        3,
    ),
    (
        "",
        "(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))",
        3,
    ),
    (
        "",
        "(memory.copy (i32.const 0) (i32.const 65535) (i32.const 2))",
        3,
    ),
    ("", "(call $own_id (i32.const 65505))", 3),
    ("", "(call $own_id (i32.const -1))", 3),
    (TABLE, "(call_indirect (type $v) (i32.const 4))", 4),
    (
        TABLE,
        "(table.copy (i32.const 3) (i32.const 0) (i32.const 2))",
        4,
    ),
    (TABLE, "(call_indirect (type $v) (i32.const 1))", 5),
    (
        TABLE,
        "(call_indirect (type $i) (i32.const 7) (i32.const 0))",
        6,
    ),
    ("", "(drop (i32.div_u (i32.const 1) (i32.const 0)))", 7),
    ("", "(drop (i64.rem_s (i64.const 1) (i64.const 0)))", 7),
    (
        "",
        "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
        8,
    ),
    ("", "(drop (i32.trunc_f64_s (f64.const 1e10)))", 8),
    ("", "(drop (i32.trunc_f64_s (f64.const nan)))", 9),
    ("(func $f (call $f))", "(call $f)", 10),
    (
        "",
        "(drop (call $storage_get (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))",
        13,
    ),
    (
        "",
        "(drop (call $storage_get (i32.const 0) (i32.const 32) (i32.const 0) (i32.const 0)))",
        13,
    ),
    (
        "",
        "(call $storage_put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 16385))",
        13,
    ),
    (
        "",
        "(call $input (i32.const 99) (i32.const 0) (i32.const 2))",
        13,
    ),
    ("", "(call $reply (i32.const 0) (i32.const 65537))", 13),
    (
        "",
        "(call $emit (i32.const 0) (i32.const 65) (i32.const 0) (i32.const 0))",
        13,
    ),
    ("", "(call $abort (i32.const 0) (i32.const 0))", 14),
    ("", "(call $output_id (i32.const 0) (i32.const 0))", 64 + 6),
];

#[test]
fn every_trap_has_its_code() {
    for (fields, body, code) in TRAPS {
        assert_eq!(trap(fields, body).code(), *code, "{body}");
    }
}

#[test]
fn a_missing_entry_costs_nothing() {
    let text = module("", "");
    for entry in Entry::ALL.into_iter().filter(|entry| *entry != Entry::Call) {
        let outcome = run_entry(&text, entry, &mut Desk::default(), PLENTY);
        assert_eq!((outcome.result, outcome.gas_used), (Err(Trap::NoEntry), 0));
        assert_eq!(Trap::NoEntry.code(), 11);
    }
}

#[test]
fn a_view_changes_nothing() {
    let acts = vm::HostCall::ALL
        .iter()
        .filter(|call| !call.import().in_views);
    let mut names = Vec::new();
    for call in acts {
        let import = call.import();
        let arguments: String = import
            .params
            .iter()
            .map(|ty| match ty {
                vm::abi::Type::I32 => "(i32.const 0)",
                vm::abi::Type::I64 => "(i64.const 0)",
            })
            .collect();
        let call = format!("(call ${} {arguments})", import.name);
        let body = if import.result.is_some() {
            format!("(drop {call})")
        } else {
            call
        };
        let text = module(&format!("(func (export \"thinkey_view\") {body})"), "");
        let mut desk = Desk::default();
        let outcome = run_entry(&text, Entry::View, &mut desk, PLENTY);
        assert_eq!(outcome.result, Err(Trap::ReadOnly), "{body}");
        assert_eq!(desk, Desk::default());
        names.push(import.name);
    }
    let all = [
        "storage_put",
        "storage_delete",
        "send",
        "create",
        "output_id",
        "remember",
        "become",
        "drop_code",
        "emit",
    ];
    assert_eq!(names, all);
    assert_eq!(Trap::ReadOnly.code(), 12);
}

#[test]
fn what_the_account_model_refuses_has_a_code() {
    let refusals = [
        Refusal::Balance,
        Refusal::Gas,
        Refusal::Depth,
        Refusal::Deposit,
        Refusal::UnknownCode,
        Refusal::NoSuchOutput,
        Refusal::TooMany,
        Refusal::Recipient,
        Refusal::Exists,
        Refusal::Deadline,
        Refusal::Forbidden,
    ];
    let body = "(call $storage_put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0))";
    for (index, refusal) in refusals.into_iter().enumerate() {
        let mut desk = Desk {
            deposit: Err(refusal),
            ..Desk::default()
        };
        let outcome = run(&module("", body), &mut desk);
        let trap = outcome.result.expect_err("refused");
        assert_eq!(trap.code(), 65 + index as u8);
        assert_eq!(trap, Trap::HostRefused(refusal));
    }
}

#[test]
fn an_abort_carries_its_text_cut_to_a_kilobyte() {
    let body = "(memory.fill (i32.const 15) (i32.const 0x61) (i32.const 5000))
        (call $abort (i32.const 0) (i32.const 4000))";
    let text = module("(data (i32.const 0) \"no bid: \\ff 16 B!\")", body);
    let outcome = run(&text, &mut Desk::default());
    let Err(Trap::Abort(text)) = outcome.result else {
        panic!("{outcome:?}")
    };
    assert!(text.starts_with("no bid: \u{fffd} 16 B!aaa"), "{text}");
    assert_eq!(text.chars().count(), 1024);
}

#[test]
fn whatever_trapped_nothing_was_sent() {
    let send = "(drop (call $send (i32.const 0) (i32.const 64) (i64.const 20000) (i64.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))";
    let well = run(&module("", send), &mut Desk::default());
    let ill = run(
        &module("", &format!("{send} unreachable")),
        &mut Desk::default(),
    );
    assert_eq!((well.result, well.gas_given), (Ok(Vec::new()), 23_000));
    assert_eq!((ill.result, ill.gas_given), (Err(Trap::Unreachable), 0));
    assert_eq!(well.gas_used, ill.gas_used);
}

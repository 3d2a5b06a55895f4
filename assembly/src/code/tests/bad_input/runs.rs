//! Code that is made to hurt whoever runs it, in the methods of one module.

use types::{AccountId, FailureCode};

use super::super::bench::Bench;
use super::{Failed, VALUE, call, fails};

/// Each method writes, logs and sends value before it misbehaves as its first letter says.
const BOMBS: &str = r#"(module
  (import "thinkey" "storage_put" (func $put (param i32 i32 i32 i32)))
  (import "thinkey" "emit" (func $emit (param i32 i32 i32 i32)))
  (import "thinkey" "method" (func $method (param i32 i32) (result i32)))
  (import "thinkey" "own_id" (func $own_id (param i32)))
  (import "thinkey" "balance" (func $balance (param i32)))
  (import "thinkey" "reply" (func $reply (param i32 i32)))
  (import "thinkey" "become" (func $become (param i32)))
  (import "thinkey" "send"
    (func $send (param i32 i32 i64 i64 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "k")
  (table 2 funcref)
  (func $credit (param $value i32)
    (drop (call $send (i32.const 128) (local.get $value) (i64.const 0) (i64.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
  (func $deep (call $deep))
  (func $is (param i32) (result i32)
    (i32.eq (i32.load8_u (i32.const 64)) (local.get 0)))
  (func (export "thinkey_call")
    (drop (call $method (i32.const 64) (i32.const 1)))
    (call $put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8))
    (call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1))
    (call $own_id (i32.const 128))
    (call $credit (i32.const 256))
    (if (call $is (i32.const 0x6c)) (then (loop $l (br $l)))) ;; l
    (if (call $is (i32.const 0x72)) (then (call $deep))) ;; r
    (if (call $is (i32.const 0x67)) ;; g: grows without end
      (then (loop $l (drop (memory.grow (i32.const 1))) (br $l))))
    (if (call $is (i32.const 0x6d)) ;; m: believes that it grew
      (then (drop (memory.grow (i32.const 100000)))
        (i32.store (i32.const 0x4000000) (i32.const 1))))
    (if (call $is (i32.const 0x66)) ;; f: all memory, filled over and over
      (then (drop (memory.grow (i32.const 63)))
        (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x400000)) (br $l))))
    (if (call $is (i32.const 0x73)) ;; s: stores more than it can pay for
      (then (loop $l
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
        (call $put (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 16384)) (br $l))))
    (if (call $is (i32.const 0x6f)) ;; o: outputs without end
      (then (loop $l (call $credit (i32.const 256)) (br $l))))
    (if (call $is (i32.const 0x65)) ;; e: events without end
      (then (loop $l (call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1))
        (br $l))))
    (if (call $is (i32.const 0x76)) ;; v: sends all that it has, its deposit too
      (then (call $balance (i32.const 256)) (call $credit (i32.const 256))))
    (if (call $is (i32.const 0x70)) (then (call $own_id (i32.const -1)))) ;; p
    (if (call $is (i32.const 0x61)) ;; a: an event that is too large
      (then (call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 5000))))
    (if (call $is (i32.const 0x74)) ;; t: through an empty slot of the table
      (then (call_indirect (i32.const 1))))
    (if (call $is (i32.const 0x64)) ;; d
      (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
    (if (call $is (i32.const 0x62)) (then (call $become (i32.const 128)))) ;; b: code it lacks
    (if (call $is (i32.const 0x79)) (then (call $reply (i32.const 0) (i32.const 60000)))) ;; y
  ))"#;

/// Method, failure code, trap code, and what the receipt says behind the method's name.
const TABLE: &[(&str, FailureCode, Option<u8>, &str)] = &[
    ("loop", FailureCode::OutOfGas, Some(1), "out of gas"),
    (
        "recurse",
        FailureCode::Trap,
        Some(10),
        "calls nested too deeply",
    ),
    ("grow", FailureCode::OutOfGas, Some(1), "out of gas"),
    (
        "more",
        FailureCode::Trap,
        Some(3),
        "access outside of the memory",
    ),
    ("fill", FailureCode::OutOfGas, Some(1), "out of gas"),
    (
        "store",
        FailureCode::Deposit,
        Some(68),
        "the balance does not cover the storage deposit",
    ),
    (
        "outputs",
        FailureCode::Trap,
        Some(71),
        "too many outputs or events",
    ),
    (
        "events",
        FailureCode::Trap,
        Some(71),
        "too many outputs or events",
    ),
    (
        "value",
        FailureCode::Balance,
        Some(65),
        "the balance is too small",
    ),
    (
        "pointer",
        FailureCode::Trap,
        Some(3),
        "access outside of the memory",
    ),
    (
        "argument",
        FailureCode::Trap,
        Some(13),
        "argument of a host function out of bounds",
    ),
    (
        "table",
        FailureCode::Trap,
        Some(5),
        "indirect call of an empty table slot",
    ),
    ("divide", FailureCode::Trap, Some(7), "division by zero"),
    (
        "become",
        FailureCode::Trap,
        Some(69),
        "no code has this hash",
    ),
    (
        "yell",
        FailureCode::Rejected,
        None,
        "the answer is too long",
    ),
];

fn bombs(bench: &mut Bench) -> AccountId {
    bench.deploy(1, &wat::parse_str(BOMBS).expect("parses"), Vec::new())
}

#[test]
fn a_call_of_code_that_is_made_to_hurt() {
    let mut bench = Bench::new();
    let id = bombs(&mut bench);
    let user = bench.user;
    assert_eq!(
        super::super::bench::failures(&bench.call(id, "quiet", Vec::new())),
        []
    );
    for (method, code, trap, why) in TABLE {
        let failed = fails(&mut bench, user, id, VALUE, call(method, &[]));
        let expected = Failed {
            code: *code,
            trap: *trap,
            text: format!("in {method}: {why}"),
        };
        assert_eq!(failed, expected);
    }
}

/// However much gas it brings, a call ends, and takes no more than half a block.
#[test]
fn a_loop_with_all_gas_that_there_is() {
    let mut bench = Bench::new();
    let id = bombs(&mut bench);
    let user = bench.user;
    bench.limit = 1_000_000_000;
    for method in ["loop", "grow", "fill"] {
        let failed = fails(&mut bench, user, id, VALUE, call(method, &[]));
        assert_eq!(failed.text, format!("in {method}: out of gas"));
    }
}

/// A view may not change anything, and what it costs is bounded.
#[test]
fn a_question_to_code_without_views() {
    let mut bench = Bench::new();
    let id = bombs(&mut bench);
    let fault = bench.ask(&id, "loop", &[]).expect_err("refused");
    let told = "in loop: the code does not handle this kind of message";
    assert_eq!((fault.code, fault.text.as_str()), (FailureCode::Trap, told));
}

//! Whatever the bytes are, the answer is a refusal or a module that runs.

use proptest::prelude::*;

use crate::{Engine, GasSchedule, Interpreter, validate};

/// A contract with a section of every kind.
fn contract() -> Vec<u8> {
    let text = r#"(module
        (import "thinkey" "height" (func (result i64)))
        (import "thinkey" "reply" (func $reply (param i32 i32)))
        (table 4 funcref) (memory (export "memory") 1) (global (mut i32) (i32.const 3))
        (elem (i32.const 0) $f $g) (data $passive "hello") (data (i32.const 8) "world")
        (func $f (param i32) (result i32) (local i64)
            (block (br_table 0 0 (local.get 0)))
            (loop (br_if 0 (i32.eqz (local.get 0))))
            (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 5))
            (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))
        (func $g (result i32 i64) (i32.const 1) (i64.const 2))
        (func (export "thinkey_call")
            (drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))
            (call $reply (i32.const 0) (i32.const 5)))
        (@custom "thinkey.abi" "methods"))"#;
    wat::parse_str(text).expect("a module")
}

/// Refused, or compiled.
fn try_it(code: &[u8]) -> bool {
    let valid = validate(code).is_ok();
    let compiled = Interpreter.compile(code, &GasSchedule::V1);
    assert_eq!(compiled.is_ok(), valid, "{:?}", compiled.err());
    valid
}

#[test]
fn every_flipped_bit_and_every_cut() {
    let code = contract();
    assert!(try_it(&code));
    let mut survived = 0;
    for bit in 0..8 * code.len() {
        let mut flipped = code.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        survived += u32::from(try_it(&flipped));
    }
    assert!(
        survived > 20,
        "some bits are data, or another valid instruction"
    );
    for end in 0..code.len() {
        // Whole sections may be missing at the end, but none that a contract needs.
        try_it(&code[..end]);
    }
    assert!(!try_it(&code[..code.len() / 2]));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn bytes_written_over(
        at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        let mut code = contract();
        let at = at.index(code.len());
        let end = (at + with.len()).min(code.len());
        code.splice(at..end, with);
        try_it(&code);
    }

    #[test]
    fn bytes_after_a_header(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut code = b"\0asm\x01\0\0\0".to_vec();
        code.extend(tail);
        try_it(&code);
    }
}

//! Modules that no account may have.

use types::{FailureCode, Input};

use super::super::bench::Bench;
use super::{HELLO, TOKEN, VALUE, fails, hello};

/// Everything that a module needs.
const WHOLE: &str = r#"(memory (export "memory") 1) (func (export "thinkey_call"))"#;

/// Texts around nothing that is missing: fields, and what the refusal says.
const FIELDS: &[(&str, &[&str])] = &[
    // Floats may be computed with, alike on all machines; they may not cross to the host, and
    // vectors of them not be.
    (
        r#"(import "thinkey" "height" (func (result f64)))"#,
        &["offset 0x", "the import height has the wrong type"],
    ),
    (
        r#"(import "thinkey" "reply" (func (param f32 f32)))"#,
        &["offset 0x", "the import reply has the wrong type"],
    ),
    (
        "(func $price (drop (f32x4.splat (f32.const 1))))",
        &[
            "function 1 (price), offset 0x",
            "vector types are not allowed",
        ],
    ),
    (
        "(func $price (param v128))",
        &["reference and vector types are not allowed"],
    ),
    // Imports that we don't have.
    (
        r#"(import "env" "print" (func (param i32)))"#,
        &["offset 0x", "the host has no function env.print"],
    ),
    (
        r#"(import "wasi_snapshot_preview1" "fd_write" (func (result i32)))"#,
        &["the host has no function wasi_snapshot_preview1.fd_write"],
    ),
    (
        r#"(import "thinkey" "clock" (func (result i64)))"#,
        &["the host has no function thinkey.clock"],
    ),
    (
        r#"(import "env" "memory" (memory 1))"#,
        &["the host has no function env.memory"],
    ),
    // Counts that are written out.
    (
        "(func $wide (local i64) (call $wide)) (table 8193 funcref)",
        &["8193 elements of a table, at most 8192 are allowed"],
    ),
    ("(memory 65)", &["memories"]),
    // What is well formed and means nothing.
    (
        "(func $pay (i64.const 1) (i32.eqz) (drop))",
        &["function 1 (pay), offset 0x", "not valid: type mismatch"],
    ),
    (
        "(func $begin) (start $begin)",
        &["a start function is not allowed"],
    ),
    (
        r#"(func (export "thinkey_cal"))"#,
        &["the export name thinkey_cal is reserved"],
    ),
    (
        r#"(func (export "thinkey_view") (param i32))"#,
        &["the export thinkey_view is missing or of the wrong kind"],
    ),
    (
        r#"(data (i32.const 65535) "xy")"#,
        &["a data segment lies outside of the memory"],
    ),
];

/// A section's number and contents.
type Section = (u8, &'static [u8]);

/// The largest number that a count can be.
const HUGE: [u8; 5] = [255, 255, 255, 255, 15];
/// A type without parameters and results, and a function of it.
const TYPE: Section = (1, &[1, 0x60, 0, 0]);
const FUNCTION: Section = (3, &[1, 0]);

/// Sections, by number and contents, and what the refusal says.
const SECTIONS: &[(&[Section], &[&str])] = &[
    (&[(1, &HUGE)], &["4294967295 types, at most 1024"]),
    (&[(2, &HUGE)], &["4294967295 imports, at most"]),
    (&[(3, &HUGE)], &["4294967295 functions, at most 4096"]),
    (&[(4, &HUGE)], &["4294967295 tables, at most 1"]),
    (&[(5, &HUGE)], &["4294967295 memories, at most 1"]),
    (&[(6, &HUGE)], &["4294967295 globals, at most 256"]),
    (&[(7, &HUGE)], &["4294967295 exports, at most 256"]),
    (&[(9, &HUGE)], &["4294967295 element segments, at most 64"]),
    (&[(10, &HUGE)], &["offset 0x", "not valid", "code section"]),
    (&[(11, &HUGE)], &["4294967295 data segments, at most 1024"]),
    // A function with that many local variables, and one of that many bytes.
    (
        &[
            TYPE,
            FUNCTION,
            (10, &[1, 8, 1, 255, 255, 255, 255, 15, 0x7f, 0x0b]),
        ],
        &["function 0, offset 0x", "4294967295 local variables"],
    ),
    (
        &[TYPE, FUNCTION, (10, &[1, 255, 255, 255, 255, 15, 0, 0x0b])],
        &["offset 0x", "not valid"],
    ),
    // Sections that are cut, unknown, out of order, or without what they announce.
    (&[TYPE, (3, &[2, 0])], &["offset 0x", "not valid"]),
    (&[(99, &[0])], &["offset 0x", "not valid"]),
    (&[FUNCTION, TYPE], &["offset 0x", "not valid"]),
    (&[TYPE, FUNCTION], &["offset 0x", "not valid"]),
    (&[(1, &[1, 0x61, 0, 0])], &["offset 0x", "not valid"]),
    (&[(1, &[1, 0x60, 0, 0, 0])], &["offset 0x", "not valid"]),
];

fn binary(sections: &[Section]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    for (number, contents) in sections {
        bytes.extend([*number, contents.len() as u8]);
        bytes.extend(*contents);
    }
    bytes
}

/// Every module of this page, and what its refusal says.
fn all() -> Vec<(Vec<u8>, Vec<&'static str>)> {
    let imports = |fields: &str| fields.starts_with("(import");
    let fields = FIELDS.iter().map(|(fields, told)| {
        let text = match imports(fields) {
            true => format!("(module {fields} {WHOLE})"),
            false => format!("(module {WHOLE} {fields})"),
        };
        (wat::parse_str(text).expect("parses"), told.to_vec())
    });
    let sections = SECTIONS
        .iter()
        .map(|(sections, told)| (binary(sections), told.to_vec()));
    let pages = r#"(module (memory (export "memory") 65) (func (export "thinkey_call")))"#;
    let last = HELLO.len() - 1;
    let bytes = [
        (
            wat::parse_str(pages).expect("parses"),
            vec!["65 pages of memory, at most 64"],
        ),
        (Vec::new(), vec!["not valid"]),
        (vec![0; 10], vec!["not valid"]),
        (b"#!/bin/sh\n".to_vec(), vec!["not valid"]),
        (HELLO[..last].to_vec(), vec!["offset 0x", "not valid"]),
        ([HELLO, &[1]].concat(), vec!["offset 0x", "not valid"]),
        ([HELLO, HELLO].concat(), vec!["offset 0x", "not valid"]),
    ];
    fields.chain(sections).chain(bytes).collect()
}

#[test]
fn a_deploy_of_a_module_that_is_none() {
    let mut bench = Bench::new();
    let user = bench.user;
    for (code, told) in all() {
        let (id, input) = bench.deployment(1, &code, Vec::new());
        let failed = fails(&mut bench, user, id, VALUE, input);
        assert_eq!(failed.code, FailureCode::BadCode, "{}", failed.text);
        for word in &told {
            assert!(failed.text.contains(word), "{word}: {}", failed.text);
        }
        assert_eq!(bench.state.account(&id), None, "{}", failed.text);
    }
}

/// Not even the owner gets such a module into an account, whether to run or to hold.
#[test]
fn an_upgrade_to_a_module_that_is_none() {
    let mut bench = Bench::new();
    let user = bench.user;
    let id = hello(&mut bench);
    for (at, (code, told)) in all().into_iter().enumerate() {
        let (code, adopt) = (code.into(), at % 2 == 0);
        let failed = fails(&mut bench, user, id, VALUE, Input::Upgrade { code, adopt });
        assert_eq!(failed.code, FailureCode::BadCode, "{}", failed.text);
        assert!(failed.text.contains(told[0]), "{}", failed.text);
    }
}

/// A module with one wrong byte is refused, or it is another module: nothing else happens.
#[test]
fn a_deploy_of_a_module_with_a_wrong_byte() {
    let mut bench = Bench::new();
    let user = bench.user;
    let mut refused = 0;
    for at in (0..TOKEN.len()).step_by(TOKEN.len() / 60) {
        let mut code = TOKEN.to_vec();
        code[at] ^= 0x55;
        let (id, input) = bench.deployment(1, &code, Vec::new());
        // Too little for the deposit, so that what is valid ends here too.
        let failed = fails(&mut bench, user, id, VALUE, input);
        let known = [FailureCode::BadCode, FailureCode::Deposit];
        assert!(
            known.contains(&failed.code) && !failed.text.is_empty(),
            "{at}: {failed:?}"
        );
        refused += usize::from(failed.code == FailureCode::BadCode);
    }
    assert!(refused > 20, "{refused}");
}

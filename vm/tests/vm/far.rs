//! Jumps over long code: those that the interpreter gets wrong are rewritten or refused.

use vm::validate::Reason;
use vm::{Engine, GasSchedule, Interpreter, validate};

use crate::support::{Desk, module, run, wat};

/// Code of more words than the interpreter's conditional jumps reach: one for each byte.
fn far() -> String {
    format!("local.get $i {} drop ", "i32.clz ".repeat(40_000))
}

fn compiles(what: &str, text: &str) {
    let compiled = Interpreter.compile(&wat(text), &GasSchedule::V1);
    assert!(compiled.is_ok(), "{what}: {:?}", compiled.err());
}

/// The instruction on whose account a module is refused.
fn refused(text: &str) -> Option<&'static str> {
    let error = validate(&wat(text)).err()?;
    assert!(error.function.is_some());
    match error.reason {
        Reason::Far { instruction, .. } => Some(instruction),
        other => panic!("{other}"),
    }
}

/// Conditions that the interpreter fuses with the jump behind them.
const CONDITIONS: [&str; 12] = [
    "(i32.lt_u (local.get $i) (i32.const 5))",
    "(i32.eqz (local.get $i))",
    "(i64.le_s (i64.extend_i32_u (local.get $i)) (i64.const 70000))",
    "(f64.lt (f64.convert_i32_u (local.get $i)) (f64.const 9))",
    "(i32.and (local.get $i) (i32.const 7))",
    "(i32.xor (local.get $i) (i32.const 7))",
    "(i32.eqz (i32.and (local.get $i) (i32.const 7)))",
    "(i32.eqz (i32.or (local.get $i) (i32.const 7)))",
    "(i64.eqz (i64.and (i64.extend_i32_u (local.get $i)) (i64.const 7)))",
    "(i64.ne (i64.or (i64.extend_i32_u (local.get $i)) (i64.const 7)) (i64.const 0))",
    "(local.get $i)",
    "(i32.const 1)",
];

#[test]
fn far_jumps_compile() {
    let filler = far();
    for condition in CONDITIONS {
        let back = format!("(local $i i32) (loop {filler} (br_if 0 {condition}))");
        compiles("a far jump back", &module("", &back));
        let forth = format!("(local $i i32) (block (br_if 0 {condition}) {filler})");
        compiles("a far jump forth", &module("", &forth));
    }
    let table = format!("(local $i i32) (loop {filler} (br_table 0 0 1 0 (local.get $i)))");
    compiles("a far table of branches", &module("", &table));
}

#[test]
fn far_jumps_go_where_they_should() {
    let filler = far();
    let body = format!(
        "(local $i i32) (loop
            (block (br_if 0 (i32.and (local.get $i) (i32.const 1))) {filler}
                (local.set $i (i32.add (local.get $i) (i32.const 3))))
            (local.set $i (i32.add (local.get $i) (i32.const 2)))
            (br_if 0 (i32.lt_u (local.get $i) (i32.const 9))))
        (i32.store (i32.const 0) (local.get $i)) (call $reply (i32.const 0) (i32.const 4))"
    );
    let ran = run(&module("", &body), &mut Desk::default());
    assert_eq!(ran.result, Ok(vec![9, 0, 0, 0]), "0, 5, 7, 9");
}

/// An `if` around code, and a jump back over it that carries a value and is taken once.
fn shapes(code: &str) -> [String; 2] {
    let functions = "(global $g (mut i32) (i32.const 0))
        (func $many (param i64 i64 i64 i64) (result i32) (i32.const 1))
        (type $values (func (param i32 i64 i32 i64)))";
    let locals = "(local $i i32) (local $j i64) (local $k i32)";
    let arm =
        format!("{locals} (if (i32.eqz (i32.or (local.get $i) (i32.const 7))) (then {code}))");
    let back = format!(
        "{locals} (i32.const 3) (loop (param i32) {code}
            (local.set $k (i32.add (local.get $k) (i32.const 1)))
            (br_if 0 (i32.and (local.get $k) (i32.const 1))) (drop))"
    );
    [arm, back].map(|body| module(functions, &body))
}

#[test]
fn far_jumps_that_cannot_be_rewritten_are_refused() {
    let found = shapes(&far()).map(|text| refused(&text));
    assert_eq!(found, [Some("if"), Some("br_if with values")]);
}

/// The longest code that counts as near, of instructions that become as many words as any: the
/// interpreter's conditional jumps reach over it.
#[test]
fn what_counts_as_near_is_near() {
    let chains = [
        "f32.demote_f64 f64.promote_f32 ",
        "f64.sqrt ",
        "f64.neg f64.floor ",
        "local.get $f f64.div ",
    ];
    let chains = chains.map(|chain| format!("local.get $f {} drop ", chain.repeat(6)));
    let units = [
        "local.get $i i32.clz drop ",
        "i32.const 70000 drop ",
        "(drop (i64.load offset=40000 (i32.const 1)))",
        "(i64.store offset=40000 (i32.const 1) (i64.const 5000000000))",
        "(global.set $g (i32.add (global.get $g) (i32.const 70000)))",
        "(drop (f64.add (f64.const 1.5) (local.get $f)))",
        "(local.set $f (f64.promote_f32 (f32.demote_f64 (local.get $f))))",
        "(local.set $f (f64.sqrt (local.get $f)))",
        "(drop (f32.nearest (f32.convert_i64_u (local.get $j))))",
        "(drop (memory.grow (i32.const 0)))",
        "(memory.fill (local.get $k) (local.get $k) (local.get $k))",
        "(br_if 0 (local.get $i))",
        "(block (br_if 0 (local.get $i)))",
        "(loop (drop (i32.const 1)))",
        "(if (local.get $i) (then (nop)) (else (nop)))",
        "(local.get $i) (local.get $j) (local.get $i) (local.get $j)
            (block (type $values) (drop) (drop) (drop) (drop))",
        "(block (result i64 i64 i64) (local.get $j) (i64.const 70000) (local.get $j)
            (br_if 0 (local.get $i))) (drop) (drop) (drop)",
        "(drop (call $many (local.get $j) (i64.const 70000) (local.get $j) (i64.const 80000)))",
        "(local.get $i) (local.set $i (i32.const 0)) (drop)",
        "(drop (select (local.get $j) (i64.const 5000000000) (local.get $i)))",
        "(block (br_table 0 0 0 0 0 0 0 0 (local.get $i)))",
    ];
    for unit in units.into_iter().chain(chains.iter().map(String::as_str)) {
        for shape in 0..2 {
            let text = |count: usize| {
                let code = unit.repeat(count);
                let text = shapes(&code)[shape].clone();
                text.replace("(local $k i32)", "(local $k i32) (local $f f64)")
            };
            let (mut near, mut far) = (0, 4_100);
            while far - near > 1 {
                let middle = (near + far) / 2;
                if refused(&text(middle)).is_some() {
                    far = middle;
                } else {
                    near = middle;
                }
            }
            let ran = run(&text(near), &mut Desk::default());
            assert_eq!(ran.result, Ok(vec![]), "{near} times {unit}");
        }
    }
}

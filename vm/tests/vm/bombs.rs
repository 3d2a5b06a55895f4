//! Code that is made to hurt: refused or stopped, and quickly.

use std::time::Duration;

use vm::{Engine, Entry, GasSchedule, Interpreter, Trap, limits};

use crate::support::{Desk, PLENTY, module, run, run_entry, wat};

/// Seconds of processor that one hostile module may take; more where nothing is optimized.
const SECONDS: u64 = if cfg!(debug_assertions) { 5 } else { 1 };
/// Bytes that the process may have had at most.
const MEMORY: u64 = 256 << 20;

/// Runs and fails if it takes much time or memory.
fn quick<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = processor_time();
    let result = run();
    let took = processor_time() - start;
    assert!(took < Duration::from_secs(SECONDS), "{what} took {took:?}");
    // Where each test has a process of its own.
    if std::env::var_os("NEXTEST").is_some() {
        let peak = peak_memory();
        assert!(peak < MEMORY, "{what}: {peak} bytes");
    }
    result
}

/// What this thread has run; nothing where the system does not tell.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().and_then(|text| text.parse().ok());
    Duration::from_nanos(first.unwrap_or_default())
}

/// The most memory that the process had; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = text.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    1024 * kib.unwrap_or(0_u64)
}

fn traps(fields: &str, body: &str, gas: u64) -> Trap {
    let text = module(fields, body);
    let run = || run_entry(&text, Entry::Call, &mut Desk::default(), gas);
    let outcome = quick(body, run);
    let trap = outcome.result.expect_err(body);
    if trap == Trap::OutOfGas {
        assert_eq!(outcome.gas_used, gas, "out of gas uses all of it");
    }
    trap
}

#[test]
fn loops_end() {
    let gas = 10_000_000;
    let bodies = [
        "(loop (br 0))",
        "(loop (br_if 0 (i32.const 1)))",
        "(loop (br_table 0 0 (i32.const 7)))",
        "(loop (block (br 1)))",
        "(loop (if (i32.const 1) (then (br 1))))",
        "(loop (drop (memory.grow (i32.const 0))) (br 0))",
        "(loop (drop (memory.grow (i32.const -1))) (br 0))",
        "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0))",
        "(loop (memory.copy (i32.const 0) (i32.const 1) (i32.const 65535)) (br 0))",
        "(loop (call $sha3_256 (i32.const 0) (i32.const 65536) (i32.const 0)) (br 0))",
        "(loop (drop (call $ed25519_verify (i32.const 0) (i32.const 0) (i32.const 0)
            (i32.const 0))) (br 0))",
        "(loop (drop (call $storage_get (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0)))
            (br 0))",
        "(loop (call $reply (i32.const 0) (i32.const 65536)) (br 0))",
    ];
    for body in bodies {
        assert_eq!(traps("", body, gas), Trap::OutOfGas, "{body}");
    }
}

#[test]
fn recursion_ends() {
    let steps = [
        ("(func $f (call $f))", "(call $f)"),
        // Not by the gas that unwinding would take.
        ("(func $f (call $f) (call $f))", "(call $f)"),
        (
            "(func $f (param i32) (result i32) (i32.add (call $f (local.get 0)) (call $f
                (local.get 0))))",
            "(drop (call $f (i32.const 0)))",
        ),
        (
            "(table 1 funcref) (elem (i32.const 0) $f) (func $f (call_indirect (i32.const 0)))",
            "(call $f)",
        ),
        ("(func $f (call $g)) (func $g (call $f))", "(call $f)"),
        (
            "(func $f (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
                (call $f))",
            "(call $f)",
        ),
    ];
    for (fields, body) in steps {
        assert_eq!(traps(fields, body, PLENTY), Trap::StackOverflow, "{fields}");
    }
    let wide = format!("(func $f (local {}) (call $f))", "i64 ".repeat(1024));
    assert_eq!(traps(&wide, "(call $f)", PLENTY), Trap::StackOverflow);
    let high = format!(
        "(func $f {} (call $f) {})",
        "(i64.const 1)".repeat(2000),
        "drop ".repeat(2000)
    );
    assert_eq!(traps(&high, "(call $f)", PLENTY), Trap::StackOverflow);
}

#[test]
fn recursion_stops_where_the_slots_say() {
    // A call of $f takes 8 slots, one parameter, one constant and what its operands and further
    // constants need; that of its caller an operand and a constant.
    let depth = |operands: u64, constants: u64| {
        let more = "(local.get 0)".repeat(operands as usize - 2);
        let drops = "drop ".repeat(operands as usize - 2);
        let named = "(drop (i32.const 1))".repeat(constants as usize);
        let fields = format!(
            "(global $depth (mut i32) (i32.const 0))
            (func $f (param i32) {named} {more}
                (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                (if (i32.ne (global.get $depth) (local.get 0)) (then (call $f
                    (local.get 0)))) {drops})"
        );
        let deepest = (vm::limits::STACK - (8 + 2)) / (8 + 2 + operands + constants);
        let call = |depth: u64| {
            let text = module(&fields, &format!("(call $f (i32.const {depth}))"));
            run(&text, &mut Desk::default()).result
        };
        assert_eq!(call(deepest), Ok(Vec::new()), "{operands} {constants}");
        assert_eq!(
            call(deepest + 1),
            Err(Trap::StackOverflow),
            "{operands} {constants}"
        );
    };
    for operands in [2, 3, 50, 1000] {
        depth(operands, 0);
    }
    for constants in [1, 50, 4000] {
        depth(2, constants);
    }
}

#[test]
fn what_is_unpaid_ends_when_recursion_unwinds() {
    // Much code after the recursive call, which a deep call leaves to be run once gas is gone.
    let much = "(global.set $g (i32.eqz (global.get $g)))".repeat(2000);
    let fields = format!(
        "(global $g (mut i32) (i32.const 0))
        (func $f (param i32)
            (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))
            {much})"
    );
    let text = module(&fields, "(call $f (i32.const 5000))");
    let gas = 200_000;
    let outcome = quick("unwinding", || {
        run_entry(&text, Entry::Call, &mut Desk::default(), gas)
    });
    assert_eq!(
        (outcome.result, outcome.gas_used),
        (Err(Trap::OutOfGas), gas)
    );
}

#[test]
fn memory_stops_growing_at_its_bound() {
    let body = "(i32.store (i32.const 0) (memory.grow (i32.const 63)))
        (i32.store (i32.const 4) (memory.grow (i32.const 1)))
        (i32.store (i32.const 8) (memory.size))
        (call $reply (i32.const 0) (i32.const 12))";
    let outcome = run(&module("", body), &mut Desk::default());
    assert_eq!(
        outcome.result,
        Ok([1u32, u32::MAX, 64].map(u32::to_le_bytes).concat())
    );
    let smaller = "(module (memory (export \"memory\") 1 2) (func (export \"thinkey_call\")
        (if (i32.ne (memory.grow (i32.const 2)) (i32.const -1)) (then unreachable))
        (if (i32.ne (memory.grow (i32.const 1)) (i32.const 1)) (then unreachable))))";
    assert_eq!(run(smaller, &mut Desk::default()).result, Ok(Vec::new()));
}

/// Compiles a text, as large as a module may be.
fn compiles(what: &str, text: &str) {
    compiles_binary(what, &wat(text));
}

fn compiles_binary(what: &str, code: &[u8]) {
    let compiled = quick(what, || Interpreter.compile(code, &GasSchedule::V1));
    assert!(compiled.is_ok(), "{what}: {:?}", compiled.err());
}

/// A contract with as many functions and locals as there may be. Not from text, which takes more
/// memory to read than the module to compile.
fn all_locals() -> Vec<u8> {
    use wasm_encoder::{
        CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction,
        MemorySection, MemoryType, Module, TypeSection, ValType,
    };
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let (mut functions, mut bodies) = (FunctionSection::new(), CodeSection::new());
    for _ in 0..limits::FUNCTIONS {
        functions.function(0);
        let mut body = Function::new([(limits::LOCALS as u32, ValType::I64)]);
        body.instruction(&Instruction::End);
        bodies.function(&body);
    }
    let mut memory = MemorySection::new();
    memory.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("thinkey_call", ExportKind::Func, 0);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&memory)
        .section(&exports)
        .section(&bodies);
    module.finish()
}

#[test]
fn large_modules_compile_quickly() {
    let fill = |what: &str, bytes: usize| what.repeat(100_000 / bytes);
    compiles("many functions", &module(&"(func)".repeat(4000), ""));
    compiles(
        "many locals",
        &module(&"(func (local i32 i64 f32 f64))".repeat(4000), ""),
    );
    compiles_binary("all locals of all functions", &all_locals());
    compiles(
        "one long function",
        &module("", &fill("(drop (i32.load (memory.size)))", 6)),
    );
    let branches = format!("(block {})", fill("(br_if 0 (memory.size))", 4));
    compiles("many metered blocks", &module("", &branches));
    let table = format!("(br_table {} 0 (i32.const 0))", "0 ".repeat(1024));
    compiles("many tables of branches", &module("", &fill(&table, 1030)));
    let nested = format!("{} {}", "block ".repeat(1000), "end ".repeat(1000));
    compiles("nested blocks", &module("", &nested.repeat(30)));
    let ifs = format!("{} {}", "memory.size if ".repeat(900), "end ".repeat(900));
    compiles(
        "nested ifs",
        &module(&format!("(func {ifs})").repeat(20), &ifs),
    );
    let results = "(block (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)";
    let many = format!(
        "{results} {} (br_table {} 0 (i32.const 0))) {}",
        "(i32.const 0)".repeat(16),
        "0 ".repeat(1024),
        "drop ".repeat(16)
    );
    compiles(
        "tables of branches with results",
        &module("", &many.repeat(90)),
    );
    let params = format!("(func $f (param {}))", "i64 ".repeat(32));
    let calls = format!("{} (call $f)", "(local.get 0)".repeat(32)).repeat(1400);
    compiles(
        "calls with many parameters",
        &module(&params, &format!("(local i64) {calls}")),
    );
    let bulk = "(memory.copy (memory.size) (memory.size) (memory.size))";
    compiles("bulk instructions", &module("", &fill(bulk, 10)));
    let named = (0..16_000).map(|value| format!("(global.set $g (i32.const {}))", 70_000 + value));
    compiles(
        "constants",
        &module(
            "(global $g (mut i32) (i32.const 0))",
            &named.collect::<String>(),
        ),
    );
}

#[test]
fn calls_of_large_frames_end() {
    let named = (0..16_000).map(|value| format!("(global.set $g (i32.const {}))", 70_000 + value));
    let fields = format!(
        "(global $g (mut i32) (i32.const 0))
            (func $f (block (br_if 0 (i32.eqz (global.get $g))) {}))",
        named.collect::<String>()
    );
    let endless = "(loop (call $f) (br 0))";
    assert_eq!(traps(&fields, endless, 100_000_000), Trap::OutOfGas);
}

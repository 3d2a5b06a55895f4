//! Measures what every host function and class of instructions takes, and how many units of gas
//! it costs for each microsecond: the prices are right when all lines show about the same.
//!
//! `cargo run --release -p thinkey-vm --example gas_costs`
#![allow(
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "a benchmark measures time"
)]

#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/vm/support.rs"]
mod support;

use std::time::Instant;

use support::{Desk, PLENTY, imports, wat};
use vm::{Engine, Entry, GasSchedule, HostCall, Interpreter};

/// Turns of a measured loop.
const TURNS: u64 = 2_000;
/// Runs of which the quickest counts: many short ones, of which some are not interrupted even on a
/// busy machine.
const RUNS: usize = 40;
/// Nanoseconds that a run may take, about.
const SHORT: u64 = 500_000;

/// A line of the table: nanoseconds and gas of one operation.
struct Line {
    name: String,
    nanoseconds: f64,
    gas: f64,
}

impl Line {
    fn rate(&self) -> f64 {
        1_000.0 * self.gas / self.nanoseconds
    }

    fn print(&self) {
        let (name, ns, gas) = (&self.name, self.nanoseconds, self.gas);
        println!("{name:<28} {ns:>12.1} {gas:>12.1} {:>10.0}", self.rate());
    }
}

/// The quickest of several runs: nanoseconds and gas.
fn measure(text: &str, desk: &Desk) -> (f64, f64) {
    let module = Interpreter
        .compile(&wat(text), &GasSchedule::V1)
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let run = |_| {
        let mut desk = desk.clone();
        let start = Instant::now();
        let outcome = Interpreter.run(&module, Entry::Call, &mut desk, PLENTY * 100);
        let took = start.elapsed().as_nanos() as f64;
        assert!(outcome.result.is_ok(), "{outcome:?}\n{text}");
        (took, (outcome.gas_used) as f64)
    };
    let runs = (0..RUNS).map(run);
    runs.reduce(|a, b| if a.0 < b.0 { a } else { b })
        .expect("some runs")
}

fn looped(turns: u64, body: &str) -> String {
    format!(
        "(module {} (memory (export \"memory\") 4) (table 4 funcref) (elem (i32.const 0) $f $f)
            (global $g (mut i64) (i64.const 1))
            (func $f (param i32) (result i32) (local.get 0))
            (func (export \"thinkey_call\") (local $n i64) (local $a i32) (local $b i64)
                (local $x f64) (local $y f32)
                (local.set $a (i32.const 77)) (local.set $b (i64.const 99))
                (loop {body}
                    (local.set $n (i64.add (local.get $n) (i64.const 1)))
                    (br_if 0 (i64.lt_u (local.get $n) (i64.const {turns}))))))",
        imports()
    )
}

/// What `count` operations in a body cost each, beyond an empty loop.
fn line(name: &str, body: &str, count: u64, turns: u64, desk: &Desk) -> Line {
    let empty = measure(&looped(turns, ""), desk);
    let full = measure(&looped(turns, body), desk);
    let operations = (count * turns) as f64;
    Line {
        name: name.to_owned(),
        nanoseconds: ((full.0 - empty.0) / operations).max(0.01),
        gas: (full.1 - empty.1) / operations,
    }
}

fn desk() -> Desk {
    let mut desk = Desk {
        input: vec![7; 4096],
        balance: u128::MAX,
        ..Desk::default()
    };
    for name in 1..=50u8 {
        let key = vm::StorageKey::new(&[name]).expect("short");
        desk.storage.insert(key, vec![name; 1024].into());
    }
    desk
}

/// Host functions, arguments, and how many results they have.
const CALLS: &[(&str, &str, u8)] = &[
    ("own_id", "(i32.const 0)", 0),
    ("chain", "", 1),
    ("balance", "(i32.const 0)", 0),
    ("deposit", "(i32.const 0)", 0),
    ("height", "", 1),
    ("root_height", "", 1),
    ("time", "", 1),
    ("seed", "(i32.const 0)", 1),
    ("sender", "(i32.const 0)", 0),
    ("value", "(i32.const 0)", 0),
    ("method", "(i32.const 0) (i32.const 64)", 1),
    ("input_length", "", 1),
    ("input", "(i32.const 0) (i32.const 0) (i32.const 32)", 0),
    ("input", "(i32.const 0) (i32.const 0) (i32.const 4096)", 0),
    ("gas_left", "", 1),
    ("trace", "(i32.const 0)", 0),
    ("about", "(i32.const 0)", 1),
    ("failure", "", 1),
    (
        "storage_get",
        "(i32.const 200) (i32.const 1) (i32.const 0) (i32.const 32)",
        1,
    ),
    (
        "storage_get",
        "(i32.const 201) (i32.const 1) (i32.const 0) (i32.const 1024)",
        1,
    ),
    (
        "storage_put",
        "(i32.const 200) (i32.const 1) (i32.const 0) (i32.const 32)",
        0,
    ),
    (
        "storage_put",
        "(i32.const 200) (i32.const 1) (i32.const 0) (i32.const 4096)",
        0,
    ),
    ("storage_delete", "(i32.const 202) (i32.const 1)", 1),
    (
        "storage_next",
        "(i32.const 201) (i32.const 0) (i32.const 201) (i32.const 0) (i32.const 0)",
        1,
    ),
    ("remembered", "(i32.const 0) (i32.const 64)", 1),
    ("become", "(i32.const 0)", 0),
    ("drop_code", "(i32.const 0)", 0),
    ("reply", "(i32.const 0) (i32.const 32)", 0),
    ("reply", "(i32.const 0) (i32.const 4096)", 0),
    ("sha3_256", "(i32.const 0) (i32.const 32) (i32.const 0)", 0),
    (
        "sha3_256",
        "(i32.const 0) (i32.const 4096) (i32.const 0)",
        0,
    ),
    ("sha2_256", "(i32.const 0) (i32.const 32) (i32.const 0)", 0),
    (
        "sha2_256",
        "(i32.const 0) (i32.const 4096) (i32.const 0)",
        0,
    ),
];

/// Each host function with small and, where bytes count, with large arguments.
fn host_functions(desk: &Desk) -> Vec<Line> {
    let data =
        "(i32.store8 (i32.const 200) (i32.const 60)) (i32.store8 (i32.const 201) (i32.const 9))";
    let each = CALLS.iter().map(|(name, arguments, result)| {
        let call = format!("(call ${name} {arguments})");
        let call = if *result == 1 {
            format!("(drop {call})")
        } else {
            call
        };
        let price = HostCall::of_name(name).expect("known").import().price;
        let large = if arguments.contains("4096") {
            64 * price.line
        } else {
            price.line
        };
        let turns = (SHORT / (4 * (price.base + large))).clamp(2, TURNS);
        let mut line = line(name, &format!("{data} {}", call.repeat(4)), 4, turns, desk);
        line.gas -= of_state(name, arguments);
        line
    });
    each.collect()
}

/// The state tree's share of a call, which is the account model's to measure.
fn of_state(name: &str, arguments: &str) -> f64 {
    let price = HostCall::of_name(name).expect("known").import().price;
    let bytes = match (name, arguments.contains("4096")) {
        // The other one reads a key without a value.
        ("storage_get", _) if arguments.contains("1024") => 1024,
        ("storage_put" | "send", true) => 4096,
        ("storage_put" | "send", false) => 32,
        ("emit", true) => 4096 + 8,
        ("emit", false) => 32 + 8,
        _ => 0,
    };
    (price.state + price.state_byte * bytes) as f64
}

/// Functions of which one run may call a few only.
fn outputs(desk: &Desk) -> Vec<Line> {
    let send = |length: u32| {
        format!(
            "(drop (call $send (i32.const 0) (i32.const 900) (i64.const 0) (i64.const 0)
            (i32.const 0) (i32.const 4) (i32.const 0) (i32.const {length}) (i32.const 0)))"
        )
    };
    let create = "(drop (call $create (i32.const 0) (i32.const 0) (i32.const 900) (i64.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0)))";
    let emit = |length: u32| {
        format!("(call $emit (i32.const 0) (i32.const 8) (i32.const 0) (i32.const {length}))")
    };
    let steps = [
        ("send", send(32), 250),
        ("send", send(4096), 200),
        ("create", create.to_owned(), 250),
        ("emit", emit(32), 60),
        ("emit", emit(4096), 60),
    ];
    let each = steps.iter().map(|(name, body, turns)| {
        let mut line = line(name, body, 1, *turns, desk);
        line.gas -= of_state(name, body);
        line
    });
    each.collect()
}

fn signatures() -> Vec<Line> {
    let message = [7; 32];
    let key = crypto::ed25519::SecretKey::from_seed([3; 32]);
    let ed25519 = [&key.public().0[..], &key.sign(&message).0, &message].concat();
    let key = crypto::bls::SecretKey::from_seed(&[3; 32]);
    let signature = borsh::to_vec(&key.sign(&message)).expect("bytes");
    let bls = [&key.public().to_bytes()[..], &signature, &message].concat();
    let verify = |name: &str, input: Vec<u8>, signature: u32, turns: u64| {
        let (length, message) = (input.len(), input.len() - 32);
        let body = format!(
            "(call $input (i32.const 0) (i32.const 0) (i32.const {length}))
            (if (i32.eqz (call ${name} (i32.const 0) (i32.const {signature}) (i32.const {message})
                (i32.const 32))) (then unreachable))"
        );
        line(
            name,
            &body,
            1,
            turns,
            &Desk {
                input,
                ..Desk::default()
            },
        )
    };
    vec![
        verify("ed25519_verify", ed25519, 32, 10),
        verify("bls_verify", bls, 96, 1),
    ]
}

/// Instructions, and how often a loop repeats them.
const INSTRUCTIONS: &[(&str, &str, u64)] = &[
    (
        "add, set",
        "(local.set $a (i32.add (local.get $a) (i32.const 3)))",
        20,
    ),
    (
        "mul, xor, set",
        "(local.set $b (i64.mul (i64.xor (local.get $b) (local.get $n)) (i64.const 7)))",
        20,
    ),
    (
        "divide",
        "(local.set $b (i64.div_u (local.get $n) (i64.const 7)))",
        20,
    ),
    (
        "global get, add, set",
        "(global.set $g (i64.add (global.get $g) (i64.const 1)))",
        20,
    ),
    ("load", "(local.set $a (i32.load (i32.const 64)))", 20),
    ("store", "(i32.store (i32.const 64) (local.get $a))", 20),
    (
        "if taken",
        "(if (local.get $a) (then (local.set $b (local.get $n))))",
        20,
    ),
    (
        "br_table",
        "(block (block (br_table 0 1 (local.get $a))))",
        20,
    ),
    ("call", "(local.set $a (call $f (local.get $a)))", 20),
    (
        "call_indirect",
        "(local.set $a (call_indirect (param i32) (result i32) (local.get $a) (i32.const 1)))",
        20,
    ),
    (
        "float add",
        "(local.set $x (f64.add (local.get $x) (f64.const 3)))",
        20,
    ),
    ("float sqrt", "(local.set $x (f64.sqrt (local.get $x)))", 20),
    (
        "float divide",
        "(local.set $y (f32.div (local.get $y) (f32.const 3)))",
        20,
    ),
    (
        "convert",
        "(local.set $x (f64.convert_i64_s (local.get $n)))",
        20,
    ),
    (
        "memory.fill 64",
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 64))",
        20,
    ),
    (
        "memory.copy 64 KiB",
        "(memory.copy (i32.const 65536) (i32.const 0) (i32.const 65536))",
        1,
    ),
    (
        "memory.fill 64 KiB",
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))",
        1,
    ),
    (
        "table.copy 2",
        "(table.copy (i32.const 2) (i32.const 0) (i32.const 2))",
        20,
    ),
];

fn instructions(desk: &Desk) -> Vec<Line> {
    let each = INSTRUCTIONS
        .iter()
        .map(|(name, body, count)| line(name, &body.repeat(*count as usize), *count, TURNS, desk));
    each.collect()
}

/// Calls of functions with large frames, of which only the first instruction is run.
fn frames(desk: &Desk) -> Vec<Line> {
    let locals = |count: usize| format!("(local {})", "i64 ".repeat(count));
    let skipped = |code: String| format!("(block (br_if 0 (memory.size)) {code})");
    let operands = |count: usize| {
        let (push, drop) = ("memory.size ".repeat(count), "drop ".repeat(count));
        skipped(format!("{push} {drop}"))
    };
    let constants = |count: u64| {
        let wide =
            (70_000..70_000 + count).map(|wide| format!("(global.set $g (i64.const {wide}))"));
        skipped(wide.collect())
    };
    let functions = [
        ("call, 100 locals", locals(100)),
        ("call, 1024 locals", locals(1_024)),
        ("call, 100 operands", operands(100)),
        ("call, 2048 operands", operands(2_048)),
        ("call, 100 constants", constants(100)),
        ("call, 1024 constants", constants(1_024)),
        ("call, 16000 constants", constants(16_000)),
    ];
    let each = functions.iter().map(|(name, function)| {
        let text = |call: &str| {
            let global = "(global $g (mut i64) (i64.const 1))";
            let turn = "(local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if 0 (i32.lt_u (local.get $n) (i32.const 200)))";
            format!(
                "(module (memory (export \"memory\") 1) {global} (func $f {function})
                    (func (export \"thinkey_call\") (local $n i32) (loop {call} {turn})))"
            )
        };
        let (empty, full) = (measure(&text(""), desk), measure(&text("(call $f)"), desk));
        Line {
            name: (*name).to_owned(),
            nanoseconds: (full.0 - empty.0) / 200.0,
            gas: (full.1 - empty.1) / 200.0,
        }
    });
    each.collect()
}

/// A module without imports, one page of memory and an entry that does nothing.
fn idle(fields: &str) -> String {
    format!("(module (memory (export \"memory\") 1) {fields} (func $f (export \"thinkey_call\")))")
}

/// A run that does nothing, with many of what a module can have many of.
fn populous() -> Vec<Line> {
    let exports = |stem: &str| {
        let names = (0..250).map(|name| format!("(export \"{stem}{name}\" (func $f))"));
        idle(&names.collect::<String>())
    };
    let elements = |kind: &str| {
        let segment = format!("(elem {kind} func {})", "$f ".repeat(8_000));
        idle(&format!("(table 8192 funcref) {}", segment.repeat(12)))
    };
    let texts = [
        ("4000 functions", idle(&"(func)".repeat(4_000))),
        ("250 exports", exports("e")),
        ("250 exports, long names", exports(&"e".repeat(250))),
        (
            "250 globals",
            idle(&"(global (mut i64) (i64.const 1))".repeat(250)),
        ),
        ("8192 slots of a table", idle("(table 8192 funcref)")),
        ("96000 elements", elements("(i32.const 0)")),
        ("96000 passive elements", elements("")),
        ("64 element segments", idle(&"(elem func)".repeat(64))),
        ("1000 data segments", idle(&"(data \"\")".repeat(1_000))),
    ];
    texts.iter().map(|(name, text)| run(name, text)).collect()
}

/// A line of a whole run.
fn run(name: &str, text: &str) -> Line {
    let (nanoseconds, gas) = measure(text, &Desk::default());
    Line {
        name: name.to_owned(),
        nanoseconds,
        gas,
    }
}

/// A run that does nothing, with few and many pages and imports.
fn instances() -> Vec<Line> {
    let texts = [
        (
            "instance",
            "(module (memory (export \"memory\") 1) (func
            (export \"thinkey_call\")))"
                .to_owned(),
        ),
        (
            "instance, 17 pages",
            "(module (memory (export \"memory\") 17) (func
            (export \"thinkey_call\")))"
                .to_owned(),
        ),
        (
            "instance, 64 pages",
            "(module (memory (export \"memory\") 64) (func
            (export \"thinkey_call\")))"
                .to_owned(),
        ),
        (
            "instance, all imports",
            format!(
                "(module {} (memory (export \"memory\") 1) (func
            (export \"thinkey_call\")))",
                imports()
            ),
        ),
        (
            "instance, 32 KiB of data",
            format!(
                "(module (memory (export \"memory\") 1) (data (i32.const 0) \"{}\") (func
                (export \"thinkey_call\")))",
                "x".repeat(32768)
            ),
        ),
        (
            "grow by 60 pages",
            "(module (memory (export \"memory\") 1) (func
            (export \"thinkey_call\") (drop (memory.grow (i32.const 60)))))"
                .to_owned(),
        ),
    ];
    let mut lines: Vec<_> = texts.iter().map(|(name, text)| run(name, text)).collect();
    let mut small = run("read and write", &read_and_write());
    small.gas -= of_state("storage_get", "") + of_state("storage_put", "");
    lines.push(small);
    lines.extend(populous());
    lines
}

/// A call as small contracts make it: read the method, a slot, add, write it, reply.
fn read_and_write() -> String {
    "(module
        (import \"thinkey\" \"method\" (func $method (param i32 i32) (result i32)))
        (import \"thinkey\" \"storage_get\" (func $get (param i32 i32 i32 i32) (result i32)))
        (import \"thinkey\" \"storage_put\" (func $put (param i32 i32 i32 i32)))
        (import \"thinkey\" \"reply\" (func $reply (param i32 i32)))
        (memory (export \"memory\") 1)
        (func (export \"thinkey_call\")
            (drop (call $method (i32.const 0) (i32.const 64)))
            (drop (call $get (i32.const 0) (i32.const 5) (i32.const 100) (i32.const 8)))
            (i64.store (i32.const 100) (i64.add (i64.load (i32.const 100)) (i64.const 1)))
            (call $put (i32.const 0) (i32.const 5) (i32.const 100) (i32.const 8))
            (call $reply (i32.const 100) (i32.const 8))))"
        .to_owned()
}

/// Checking, metering and compiling large modules.
fn deploys() -> Vec<Line> {
    let body = "(local.set $a (i32.add (i32.load (local.get $a)) (i32.const 3)))
        (if (local.get $a) (then (local.set $b (local.get $n)))) (drop (call $g (local.get $a)))";
    let callee = "(func $g (param i32) (result i32) (local.get 0))";
    let locals = "(param $a i32) (local $n i64) (local $b i64)";
    let ordinary = format!("(func {locals} {})", body.repeat(48));
    let constants = (0..14_000).map(|value| format!("(drop (i32.const {value}))"));
    vec![
        deploy(
            "ordinary code",
            &idle(&format!("{callee} {}", ordinary.repeat(77))),
        ),
        deploy("constants", &looped(1, &constants.collect::<String>())),
        deploy("types of results", &types_of_results()),
    ]
}

/// Functions that call, of as many types as there may be.
fn types_of_results() -> String {
    let of = |ty: usize| {
        let bits = (0..10).map(|bit| if ty >> bit & 1 == 0 { "i32 " } else { "i64 " });
        bits.collect::<String>()
    };
    let types = (0..1_000).map(|ty| format!("(type $t{ty} (func (result {})))", of(ty)));
    let functions = (0..4_000).map(|function| {
        let ty = function % 1_000;
        format!("(func (type $t{ty}) (call $f) (unreachable))")
    });
    idle(&types.chain(functions).collect::<String>())
}

fn deploy(what: &str, text: &str) -> Line {
    let code = wat(text);
    let run = |_| {
        let start = Instant::now();
        let compiled = Interpreter.compile(&code, &GasSchedule::V1);
        let took = start.elapsed().as_nanos() as f64;
        assert!(compiled.is_ok(), "{:?}", compiled.err());
        took
    };
    let nanoseconds = (0..RUNS).map(run).reduce(f64::min).expect("some runs");
    Line {
        name: format!("{what}, {} bytes", code.len()),
        nanoseconds,
        gas: GasSchedule::V1.deploy(code.len()) as f64,
    }
}

/// Prints lines and how far apart the cheapest and the dearest are.
fn table(title: &str, lines: &[Line]) {
    println!("\n{title:<28} {:>12} {:>12} {:>10}", "ns", "gas", "gas/µs");
    lines.iter().for_each(Line::print);
    let rates = || lines.iter().map(Line::rate);
    let least = rates().reduce(f64::min).unwrap_or(1.0);
    let most = rates().reduce(f64::max).unwrap_or(1.0);
    println!("spread: {:.1}", most / least);
}

fn main() {
    let desk = desk();
    let mut host = host_functions(&desk);
    host.extend(outputs(&desk));
    host.extend(signatures());
    table("host functions, no state", &host);
    let mut code = instructions(&desk);
    code.extend(frames(&desk));
    table("instructions", &code);
    table("instances, no state", &instances());
    table("deploy", &deploys());
}

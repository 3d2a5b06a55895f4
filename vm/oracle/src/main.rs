//! Compares the node's engine with a second one, wasmtime, on generated modules.
//!
//! ```text
//! cargo run --release --manifest-path vm/oracle/Cargo.toml -- [SEEDS [FIRST]]
//!
//!                 ┌─ metering ─▶ wasmi     what a node runs
//! seed ─▶ module ─┼─ metering ─▶ wasmtime  same gas, same trap
//!                 └────────────▶ wasmtime  as generated: the metering changes nothing else
//! ```
//!
//! For each module all exported functions are called in turn, in the same three instances. After
//! each call the results, the kind of trap, the gas, all globals and a hash of the memory must be
//! the same, bit for bit. Where gas or stack ran out, which the module as it was generated does
//! not count, instances begin anew. There wasmtime makes NaNs canonical by its own means.
//!
//! The last lines tell what was compared. A difference is reported with its seed, its module is
//! written to the working directory, and the command fails. It is no part of the tests: building
//! wasmtime takes minutes.

mod compare;
mod first;
#[path = "../../src/tests/generate.rs"]
mod generate;
mod second;
mod tally;

use std::process::ExitCode;
use std::thread;

use tally::Tally;

/// Seeds in a run that does not say how many: more than a hundred thousand are modules for us.
const SEEDS: u64 = 150_000;
/// Bytes of native stack: compiled code recurses on it, as deep as the metering lets it.
const STACK: usize = 16 << 20;

#[expect(
    clippy::disallowed_methods,
    reason = "compiled code needs a larger stack"
)]
fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let (seeds, first) = match (numbers.next(), numbers.next()) {
        (None, _) => (SEEDS, 0),
        (Some(Ok(seeds)), None) => (seeds, 0),
        (Some(Ok(seeds)), Some(Ok(first))) => (seeds, first),
        _ => {
            eprintln!("usage: thinkey-vm-oracle [SEEDS [FIRST]]");
            return ExitCode::from(2);
        }
    };
    let run = move || compare_all(first, seeds);
    let worker = thread::Builder::new().stack_size(STACK).spawn(run);
    let tally = worker.map(thread::JoinHandle::join);
    let Ok(Ok(tally)) = tally else {
        return ExitCode::FAILURE;
    };
    println!("{tally}");
    ExitCode::from(u8::from(tally.differences > 0))
}

fn compare_all(first: u64, seeds: u64) -> Tally {
    let second = second::Second::new();
    let mut tally = Tally::default();
    for seed in first..first.saturating_add(seeds) {
        let code = generate::module(seed, false);
        let result = code.map(|code| (compare::module(seed, &code, &second, &mut tally), code));
        if let Some((Err(difference), code)) = result {
            tally.differences += 1;
            println!("seed {seed}: {difference}");
            let name = format!("difference-{seed}.wasm");
            if let Err(error) = std::fs::write(&name, code) {
                println!("{name}: {error}");
            }
        }
        if (seed + 1 - first).is_multiple_of(10_000) {
            println!("{} seeds: {tally}", seed + 1 - first);
        }
    }
    tally
}

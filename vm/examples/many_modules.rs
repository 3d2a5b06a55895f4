//! Ten thousand distinct contracts on one chain: what the cache of compiled modules takes.
//!
//! `cargo run --release -p thinkey-vm --example many_modules -- [modules] [bound in MiB]`
//!
//! Deploys modules that differ in a number, calls each once with whatever the cache kept, and
//! prints what the cache says that it takes beside what the process grew by.
#![allow(clippy::disallowed_methods, reason = "it measures time")]

#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/vm/support.rs"]
mod support;

use std::time::Instant;

use crypto::{Domain, hash};
use support::{Desk, wat};
use vm::{Bounds, Entry, GasSchedule, Interpreter, Vm};

/// A contract as an author builds one, about 18 KiB.
const TOKEN: &[u8] = include_bytes!("../contracts/built/token.wasm");

/// The contract with a custom section of its own, and so with another hash.
fn distinct(number: u32) -> Vec<u8> {
    let section = [&[0, 9, 4][..], b"nonc", &number.to_le_bytes()].concat();
    [TOKEN, &section].concat()
}

/// Bytes of memory that the process has.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    4096 * pages.unwrap_or(0_usize)
}

fn main() {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse().ok());
    let modules = numbers.next().flatten().unwrap_or(10_000_u32);
    let bound = numbers.next().flatten().unwrap_or(256) as usize * (1 << 20);
    let vm = Vm::new(Interpreter, GasSchedule::V1, Bounds::of(bound));
    let _ = wat("(module)");
    let (before, start) = (resident(), Instant::now());
    let mut most = 0;
    let domain = Domain::new("thinkey.example.code");
    for number in 0..modules {
        let code = distinct(number);
        let deployed = vm.deploy(&hash(domain, &[&code]), &code);
        assert!(deployed.is_ok(), "{deployed:?}");
        most = most.max(resident());
    }
    let took = start.elapsed();
    let [(kept, bytes), (metered, metered_bytes)] = vm.kept();
    let mib = |bytes: usize| bytes >> 20;
    println!(
        "{modules} modules of {} bytes, deployed in {took:.1?}",
        TOKEN.len()
    );
    println!(
        "kept {kept} ready to run, {} MiB by its own count, of a bound of {} MiB",
        mib(bytes),
        mib(bound)
    );
    println!("and {metered} metered, {} MiB", mib(metered_bytes));
    println!("the process grew by {} MiB at most", mib(most - before));
    // What fell out is translated again, and does the same.
    let run = |number: u32| {
        let code = distinct(number);
        let mut desk = Desk::default();
        vm.run(
            &hash(domain, &[&code]),
            &code,
            Entry::Init,
            &mut desk,
            1_000_000,
        )
    };
    let start = Instant::now();
    let expected = run(modules - 1);
    for number in (0..modules).step_by(101) {
        assert_eq!(run(number), expected);
    }
    println!(
        "{} calls of every 101st did the same in {:.1?}",
        modules.div_ceil(101),
        start.elapsed()
    );
}

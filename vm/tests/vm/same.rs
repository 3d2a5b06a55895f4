//! The same outcome with a cold and a warm cache, with one thread and with many.

use std::sync::Arc;
use std::thread;

use crypto::Hash;
use vm::{Bounds, Entry, GasSchedule, Interpreter, Outcome, Vm};

use crate::support::{Desk, module, wat};

/// Contracts that end in every way, and those whose gas depends on storage and input.
fn contracts() -> Vec<Vec<u8>> {
    let bodies = [
        "(call $storage_put (i32.const 0) (i32.const 4) (i32.const 100) (i32.const 50))",
        "(local $n i32) (loop (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (i32.store (local.get $n) (local.get $n)) (br_if 0 (i32.lt_u (local.get $n)
                (i32.const 999))))
            (call $sha3_256 (i32.const 0) (i32.const 1000) (i32.const 0))
            (call $reply (i32.const 0) (i32.const 32))",
        "(drop (memory.grow (i32.const 3))) (call $reply (i32.const 0) (i32.const 60000))",
        "(loop (br 0))",
        "unreachable",
        "(drop (f64.div (f64.const 0) (f64.const 0))) (f32.store (i32.const 0) (f32.sqrt
            (f32.const -1)))
            (call $reply (i32.const 0) (i32.const 4))",
        "(call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 99))
            (drop (call $send (i32.const 0) (i32.const 64) (i64.const 500) (i64.const 0)
                (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))",
        "(call $abort (i32.const 0) (i32.const 5))",
        "(drop (call $storage_get (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 9)))",
        "(call $recurse)",
    ];
    let fields = "(data (i32.const 0) \"some text\") (func $recurse (call $recurse))";
    bodies
        .iter()
        .map(|body| wat(&module(fields, body)))
        .collect()
}

/// What each contract does to a fresh desk, in the order of `turns`.
fn outcomes(vm: &Vm, codes: &[Vec<u8>], turns: &[usize]) -> Vec<(usize, Outcome, Desk)> {
    let run = |turn: &usize| {
        let mut desk = Desk::default();
        let hash = Hash::new([*turn as u8; 32]);
        let outcome = vm.run(&hash, &codes[*turn], Entry::Call, &mut desk, 3_000_000);
        (*turn, outcome.expect("valid"), desk)
    };
    turns.iter().map(run).collect()
}

const CACHE: usize = 1 << 30;

fn vm(modules: usize, metered: usize) -> Vm {
    let bounds = Bounds { modules, metered };
    Vm::new(Interpreter, GasSchedule::V1, bounds)
}

#[test]
fn cold_warm_and_with_half_a_cache_or_none() {
    let codes = contracts();
    let turns: Vec<_> = (0..codes.len()).collect();
    let vm_ = vm(CACHE, CACHE);
    let metered = vm(0, CACHE);
    let cold = outcomes(&vm_, &codes, &turns);
    let warm = outcomes(&vm_, &codes, &turns);
    let none = outcomes(&vm(0, 0), &codes, &turns);
    assert_eq!(vm_.kept().map(|kept| kept.0), [codes.len(); 2]);
    assert_eq!((&cold, &cold), (&warm, &none));
    for _ in 0..2 {
        assert_eq!(cold, outcomes(&metered, &codes, &turns));
    }
    assert_eq!(metered.kept().map(|kept| kept.0), [0, codes.len()]);
    // They do end in different ways.
    let traps = cold
        .iter()
        .filter(|(_, outcome, _)| outcome.result.is_err())
        .count();
    assert_eq!(traps, 4, "{cold:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test is about threads")]
fn one_to_sixteen_threads() {
    let codes = Arc::new(contracts());
    let turns: Vec<_> = (0..codes.len()).collect();
    let expected = outcomes(&vm(CACHE, CACHE), &codes, &turns);
    for threads in [1, 2, 3, 4, 8, 16] {
        // A cache that is too small for all, so that threads compile and drop all the time.
        let vm = Arc::new(vm(100_000, 10_000));
        let handles: Vec<_> = (0..threads)
            .map(|thread| {
                let (vm, codes) = (vm.clone(), codes.clone());
                let mut turns = turns.clone();
                turns.rotate_left(thread % codes.len());
                thread::spawn(move || outcomes(&vm, &codes, &turns))
            })
            .collect();
        for handle in handles {
            let mut found = handle.join().expect("no panic");
            found.sort_by_key(|(turn, ..)| *turn);
            assert_eq!(found, expected, "{threads} threads");
        }
    }
}

/// A contract that answers with its number.
fn numbered(number: u32) -> Vec<u8> {
    wat(&format!(
        "(module (import \"thinkey\" \"reply\" (func $reply (param i32 i32)))
            (memory (export \"memory\") 1) (func (export \"thinkey_call\")
            (i32.store (i32.const 0) (i32.const {number}))
            (call $reply (i32.const 0) (i32.const 4))))"
    ))
}

/// The cache holds its bound, and what it dropped does what it did before, for the same gas.
#[test]
fn ten_thousand_contracts_within_the_bound_of_the_cache() {
    const BOUND: usize = 16 << 20;
    let vm = vm(BOUND, BOUND);
    let run = |number: u32| {
        let code = numbered(number);
        let hash = crypto::hash(crypto::Domain::new("thinkey.test.code"), &[&code]);
        let mut desk = Desk::default();
        let outcome = vm.run(&hash, &code, Entry::Call, &mut desk, 100_000);
        outcome.expect("valid")
    };
    let first = run(0);
    for number in 0..10_000 {
        let outcome = run(number);
        assert_eq!(outcome.result, Ok(number.to_le_bytes().to_vec()));
        assert_eq!(outcome.gas_used, first.gas_used);
        assert!(vm.kept().iter().all(|kept| kept.1 <= BOUND));
    }
    assert!((100..5_000).contains(&vm.kept()[0].0), "{:?}", vm.kept());
    // The first are gone, and as good as new.
    assert_eq!(run(0), first);
}

//! The same results, gas and traps in every build: what generated modules do, written down.
//!
//! `corpus.txt` is part of the protocol as [`GasSchedule::V1`](crate::GasSchedule::V1) is. It is
//! the same for builds with and without optimization (`cargo test -p thinkey-vm --lib corpus`, and
//! the same with `--release`). A test that fails writes what it found to the temporary folder.

use std::fmt::Write as _;

use wasmi::{ExternType, Val, ValType};

use super::generate::{bytes, fold, module};
use super::{Metered, bits};
use crate::{Extent, Trap};

/// Seeds with a line each.
const SEEDS: u64 = 400;
/// Gas for each call.
const GAS: i64 = 1 << 18;

/// Functions that the module exports, and their parameters.
fn functions(metered: &Metered) -> Vec<(String, Vec<ValType>)> {
    let exports = metered.instance.exports(&metered.store);
    let functions = exports.filter_map(|export| match export.ty(&metered.store) {
        ExternType::Func(ty) => Some((export.name().to_owned(), ty.params().to_vec())),
        _ => None,
    });
    functions.collect()
}

fn argument(ty: ValType, bits: u64) -> Val {
    match ty {
        ValType::I32 => Val::I32((bits as u32).cast_signed()),
        ValType::I64 => Val::I64(bits.cast_signed()),
        ValType::F32 => Val::F32(f32::from_bits(bits as u32).into()),
        _ => Val::F64(f64::from_bits(bits).into()),
    }
}

/// All that calls left behind, the counters included.
fn state(metered: &Metered, mut hash: u64) -> u64 {
    for export in metered.instance.exports(&metered.store) {
        if let Some(global) = export.clone().into_global() {
            hash = value(&global.get(&metered.store), hash);
        } else if let Some(memory) = export.into_memory() {
            hash = fold(hash, memory.data(&metered.store));
        }
    }
    hash
}

fn value(value: &Val, hash: u64) -> u64 {
    fold(hash, &bits(value).to_le_bytes())
}

/// Seed, calls, gas of all of them, the traps' codes (0: none), and a hash of the results and
/// the state.
fn line(seed: u64, extent: Extent) -> String {
    let Some(code) = module(seed, false) else {
        return format!("{seed} none");
    };
    let Ok(mut metered) = Metered::translated(&code, extent) else {
        return format!("{seed} refused");
    };
    let mut hash = 0;
    let (mut gas, mut codes) = (0, Vec::new());
    for (name, params) in functions(&metered) {
        let words = bytes(seed ^ 0x5eed, 8 * params.len());
        let words = words.as_chunks::<8>().0.iter().copied();
        let typed = params.into_iter().zip(words.map(u64::from_le_bytes));
        let arguments: Vec<_> = typed.map(|(ty, word)| argument(ty, word)).collect();
        let (result, used) = metered.call(&name, &arguments, GAS);
        gas += used;
        codes.push(result.as_ref().map_or_else(Trap::code, |_| 0));
        match result {
            // State is void, and engines may stop at different places.
            Err(Trap::OutOfGas | Trap::StackOverflow) => {
                let anew = Metered::translated(&code, extent);
                metered = anew.expect("as before");
                continue;
            }
            Err(_) => {}
            Ok(values) => hash = values.iter().fold(hash, |hash, bits| value(bits, hash)),
        }
        hash = state(&metered, hash);
    }
    format!("{seed} {} {gas} {codes:?} {hash:016x}", codes.len())
}

fn lines(extent: Extent) -> String {
    (0..SEEDS).fold(String::new(), |mut all, seed| {
        let written = writeln!(all, "{}", line(seed, extent));
        assert!(written.is_ok());
        all
    })
}

fn check(found: &str) {
    let known = include_str!("corpus.txt");
    if found != known {
        let path = std::env::temp_dir().join("thinkey-vm-corpus.txt");
        std::fs::write(&path, found).expect("written");
        let mut pairs = found.lines().zip(known.lines());
        let first = pairs.find(|(found, known)| found != known);
        panic!("{first:?}; all of it is in {}", path.display());
    }
}

/// [V6]
#[test]
fn functions_that_are_translated_when_called_do_the_same() {
    check(&lines(Extent::Called));
}

#[test]
fn every_build_has_these_results_gas_and_traps() {
    let found = lines(Extent::All);
    check(&found);
    // It shows something: calls that return, and the traps that code makes often.
    let lines = found.lines().filter_map(|line| line.split_once('['));
    let codes: Vec<_> = lines
        .filter_map(|(_, rest)| Some(rest.split_once(']')?.0))
        .flat_map(|codes| codes.split(", ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for code in ["0", "1", "2", "3", "4", "7", "8", "9", "10"] {
        assert!(codes.iter().any(|found| found == code), "no {code}");
    }
}

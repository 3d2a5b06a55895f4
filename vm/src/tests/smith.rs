//! Generated modules behave the same with metering and without.

use arbitrary::Unstructured;
use wasm_smith::{Config, Module};
use wasmi::{Engine, Instance, Linker, Store, TrapCode, Val, ValType};
use wasmparser::Operator;

use super::{Metered, PLENTY, bits, results};
use crate::interpreter::{self, counted};
use crate::{GasSchedule, Trap, instrument, limits, validate};

/// Modules in an ordinary run of the tests; `VM_MODULES` asks for more.
const MODULES: u64 = 1_500;
/// Fuel for the module without metering.
const FUEL: u64 = 1_000_000;

/// Bytes that depend on a seed alone (SplitMix64).
fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    });
    let bytes = words.flat_map(u64::to_le_bytes);
    bytes.take(count).collect()
}

/// A valid module that imports nothing; every second seed avoids traps, and so runs longer.
fn module(seed: u64) -> Option<Vec<u8>> {
    let config = Config {
        bulk_memory_enabled: true,
        // As the metering does, so that the plain module does too.
        canonicalize_nans: true,
        disallow_traps: seed.is_multiple_of(2),
        exceptions_enabled: false,
        export_everything: true,
        extended_const_enabled: false,
        gc_enabled: false,
        max_imports: 0,
        max_instructions: 400,
        max_memory32_bytes: limits::PAGES << 16,
        max_table_elements: 100,
        memory64_enabled: false,
        min_funcs: 1,
        min_memories: 1,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        allow_start_export: false,
        ..Config::default()
    };
    let bytes = bytes(seed, 4096);
    let module = Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    Some(module.to_bytes())
}

/// The module as it is.
struct Plain {
    store: Store<()>,
    instance: Instance,
}

impl Plain {
    fn new(code: &[u8]) -> Self {
        let engine = Engine::new(interpreter::config().consume_fuel(true));
        let module = wasmi::Module::new(&engine, code).expect("valid");
        let mut store = Store::new(&engine, ());
        store.set_fuel(FUEL).expect("counted");
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module);
        let instance = instance.expect("an instance");
        Self { store, instance }
    }

    /// `None` when it ran out of fuel or stack, which the metering counts in its own way.
    fn call(&mut self, name: &str, arguments: &[Val]) -> Option<Result<Vec<Val>, Trap>> {
        self.store.set_fuel(FUEL).expect("counted");
        let function = self.instance.get_func(&self.store, name)?;
        let mut results = results(&function.ty(&self.store));
        match function.call(&mut self.store, arguments, &mut results) {
            Ok(()) => Some(Ok(results)),
            Err(error) => match error.as_trap_code() {
                Some(TrapCode::OutOfFuel | TrapCode::StackOverflow) => None,
                _ => Some(Err(counted(&error, 0, 0))),
            },
        }
    }
}

impl Plain {
    /// Pages of its memory.
    fn pages(&self) -> u64 {
        let exports = self.instance.exports(&self.store);
        let mut memories = exports.filter_map(|export| export.into_memory());
        memories.next().map_or(0, |memory| memory.size(&self.store))
    }
}

fn exports(plain: &Plain) -> Vec<(String, Vec<ValType>)> {
    let exports = plain.instance.exports(&plain.store);
    let functions = exports.filter_map(|export| {
        let function = export.clone().into_func()?;
        let params = function.ty(&plain.store).params().to_vec();
        Some((export.name().to_owned(), params))
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

/// All memories and globals of the module, the counters left out.
fn state(store: &Store<()>, instance: &Instance) -> Vec<Vec<u8>> {
    let exports = instance.exports(store);
    let others = exports.filter(|export| !export.name().starts_with("thinkey:"));
    let values = others.filter_map(|export| match export.clone().into_global() {
        Some(global) => Some(bits(&global.get(store)).to_le_bytes().to_vec()),
        None => Some(export.into_memory()?.data(store).to_vec()),
    });
    values.collect()
}

/// Whether a module converts floats to floats: the generator leaves the NaNs of that as they come.
fn converts_floats(code: &[u8]) -> bool {
    let payloads = wasmparser::Parser::new(0).parse_all(code);
    let bodies = payloads.filter_map(|payload| match payload {
        Ok(wasmparser::Payload::CodeSectionEntry(body)) => body.get_operators_reader().ok(),
        _ => None,
    });
    bodies.flatten().any(|op| {
        let op = op.expect("valid");
        matches!(op, Operator::F32DemoteF64 | Operator::F64PromoteF32)
    })
}

/// Compares one module; how many calls were compared, `None` if it is not one for us.
fn compare(seed: u64) -> Option<u32> {
    let code = module(seed).filter(|code| !converts_floats(code))?;
    let mut metered = Metered::new(&code).ok()?;
    let mut again = Metered::new(&code).ok()?;
    let mut plain = Plain::new(&code);
    let mut compared = 0;
    for (name, params) in exports(&plain) {
        let words = bytes(seed ^ 0x5eed, 8 * params.len());
        let words = words
            .chunks_exact(8)
            .map(|word| u64::from_le_bytes(word.try_into().expect("8")));
        let arguments: Vec<_> = params
            .iter()
            .zip(words)
            .map(|(ty, word)| argument(*ty, word))
            .collect();
        let expected = plain
            .call(&name, &arguments)?
            .map(|values| values.iter().map(bits).collect::<Vec<_>>());
        let (found, used) = metered.call(&name, &arguments, PLENTY);
        let found = found.map(|values| values.iter().map(bits).collect::<Vec<_>>());
        if found == Err(Trap::StackOverflow) {
            return Some(compared);
        }
        assert_eq!(found, expected, "seed {seed}, {name}");
        if plain.pages() > limits::PAGES {
            // It grew by more than contracts may; the other one could not.
            return Some(compared);
        }
        let same = state(&metered.store, &metered.instance) == state(&plain.store, &plain.instance);
        assert!(same, "seed {seed}, {name}: memory or globals differ");
        // With exactly the gas that it used it ends alike; with less it is out of gas.
        if found.is_ok() {
            let (result, exact) = again.call(&name, &arguments, used);
            assert!(
                result.is_ok() && exact == used,
                "seed {seed}, {name}: {result:?}"
            );
            let short = Metered::new(&code)
                .ok()?
                .call(&name, &arguments, used - 1)
                .0;
            // Earlier calls may have left other globals: only the first is sure to use as much.
            assert!(
                compared > 0 || short.err() == Some(Trap::OutOfGas),
                "seed {seed}, {name}"
            );
        } else {
            again.call(&name, &arguments, PLENTY).0.expect_err("again");
        }
        compared += 1;
    }
    Some(compared)
}

#[test]
fn metering_changes_nothing_but_the_counters() {
    let count = std::env::var("VM_MODULES")
        .ok()
        .and_then(|count| count.parse().ok());
    let count = count.unwrap_or(MODULES);
    let compared: Vec<_> = (0..count).filter_map(compare).collect();
    let calls: u32 = compared.iter().sum();
    println!(
        "{count} seeds: {} modules, {calls} calls compared",
        compared.len()
    );
    assert!(compared.len() as u64 > count / 4, "most modules are for us");
    assert!(u64::from(calls) > count / 20, "most have something to call");
}

/// A line for another engine: the metered module, and what each call of it did here.
fn line(seed: u64) -> Option<String> {
    let code = module(seed)?;
    let checked = validate::check(&code).ok()?;
    let wasm = instrument(&code, &checked, &GasSchedule::V1).ok()?;
    let mut metered = Metered::new(&code).ok()?;
    let hex: String = wasm.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut calls = Vec::new();
    for (name, params) in exports(&Plain::new(&code)) {
        // Small numbers: other engines can't take every NaN.
        let words = bytes(seed ^ 0x5eed, params.len());
        let typed = params.iter().zip(&words);
        let arguments: Vec<_> = typed.clone().map(|(ty, byte)| small(*ty, *byte)).collect();
        let shown: Vec<_> = typed
            .map(|(ty, byte)| format!("[\"{ty:?}\",{byte}]"))
            .collect();
        let (result, gas) = metered.call(&name, &arguments, 1 << 24);
        let result = match result {
            Ok(values) => values
                .iter()
                .map(|value| format!("\"{}\"", bits(value)))
                .collect(),
            Err(trap) => vec![format!("{{\"trap\":{}}}", trap.code())],
        };
        let exports = metered.instance.exports(&metered.store);
        let memories = exports.filter_map(|export| export.into_memory());
        // There is one memory, though it may have several names.
        let bytes = memories.flat_map(|memory| memory.data(&metered.store));
        let sum = bytes.fold(7u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
        });
        let name = name.escape_unicode();
        let name = name.to_string().replace("\\u{", "&#x").replace('}', ";");
        calls.push(format!(
            "{{\"name\":\"{name}\",\"arguments\":[{}],\"results\":[{}],\"gas\":{gas},\"state\":{sum}}}",
            shown.join(","),
            result.join(",")
        ));
        // Where the counters ended a call, state is void.
        if result
            .first()
            .is_some_and(|first| first.ends_with(":1}") || first.ends_with(":10}"))
        {
            break;
        }
    }
    Some(format!(
        "{{\"seed\":{seed},\"wasm\":\"{hex}\",\"calls\":[{}]}}\n",
        calls.join(",")
    ))
}

fn small(ty: ValType, byte: u8) -> Val {
    match ty {
        ValType::I32 => Val::I32(byte.into()),
        ValType::I64 => Val::I64(byte.into()),
        ValType::F32 => Val::F32(f32::from(byte).into()),
        _ => Val::F64(f64::from(byte).into()),
    }
}

/// Writes the file `VM_ORACLE` for `tests/oracle.mjs`, if asked to.
#[test]
fn write_for_another_engine() {
    let Ok(path) = std::env::var("VM_ORACLE") else {
        return;
    };
    let count = std::env::var("VM_MODULES")
        .ok()
        .and_then(|count| count.parse().ok());
    let lines: String = (0..count.unwrap_or(MODULES)).filter_map(line).collect();
    std::fs::write(path, lines).expect("written");
}

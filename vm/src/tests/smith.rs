//! Generated modules behave the same with metering and without.

use wasmi::{Engine, Instance, Linker, Store, TrapCode, Val, ValType};
use wasmparser::Operator;

use super::generate::{bytes, module};
use super::{Metered, PLENTY, bits, results};
use crate::interpreter::{self, counted};
use crate::{Extent, GasSchedule, Trap, instrument, limits, validate};

/// Modules in an ordinary run of the tests; `VM_MODULES` asks for more.
const MODULES: u64 = 1_000;
/// Fuel for the module without metering.
const FUEL: u64 = 1_000_000;

/// The module as it is.
struct Plain {
    store: Store<()>,
    instance: Instance,
}

impl Plain {
    fn new(code: &[u8]) -> Self {
        let engine = Engine::new(interpreter::config(Extent::All).consume_fuel(true));
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

/// A module's instances: with metering twice, and as it is.
struct Trio {
    metered: Metered,
    again: Metered,
    plain: Plain,
}

impl Trio {
    fn new(code: &[u8]) -> Option<Self> {
        Some(Self {
            metered: Metered::new(code).ok()?,
            again: Metered::new(code).ok()?,
            plain: Plain::new(code),
        })
    }

    /// Whether one of them met a bound of its own, so that there is nothing to compare.
    fn stopped(&self, found: &Result<Vec<u64>, Trap>) -> bool {
        // It grew by more than contracts may; the others could not.
        *found == Err(Trap::StackOverflow) || self.plain.pages() > limits::PAGES
    }

    fn same_state(&self) -> bool {
        let metered = state(&self.metered.store, &self.metered.instance);
        metered == state(&self.plain.store, &self.plain.instance)
    }
}

/// Compares one module; how many calls were compared, `None` if it is not one for us.
fn compare(seed: u64) -> Option<u32> {
    let code = module(seed, true).filter(|code| !converts_floats(code))?;
    let mut trio = Trio::new(&code)?;
    let (mut compared, mut is_new) = (0, true);
    for (name, params) in exports(&trio.plain) {
        let words = bytes(seed ^ 0x5eed, 8 * params.len());
        let words = words.as_chunks::<8>().0.iter().copied();
        let typed = params.iter().zip(words.map(u64::from_le_bytes));
        let arguments: Vec<_> = typed.map(|(ty, word)| argument(*ty, word)).collect();
        let raw = |values: Vec<Val>| values.iter().map(bits).collect::<Vec<_>>();
        // First as it is: metered with plenty of gas it may not end.
        let ended = trio.plain.call(&name, &arguments).and_then(|expected| {
            let (found, used) = trio.metered.call(&name, &arguments, PLENTY);
            let found = found.map(raw);
            (!trio.stopped(&found)).then_some((expected, found, used))
        });
        let Some((expected, found, used)) = ended else {
            trio = Trio::new(&code)?;
            is_new = true;
            continue;
        };
        assert_eq!(found, expected.map(raw), "seed {seed}, {name}");
        let same = trio.same_state();
        assert!(same, "seed {seed}, {name}: memory or globals differ");
        // With exactly the gas that it used it ends alike; with less it is out of gas.
        if found.is_ok() {
            let (result, exact) = trio.again.call(&name, &arguments, used);
            let alike = result.is_ok() && exact == used;
            assert!(alike, "seed {seed}, {name}: {result:?}");
        } else {
            let (result, _) = trio.again.call(&name, &arguments, PLENTY);
            result.expect_err("again");
        }
        // Earlier calls may have left other globals: only the first is sure to use as much.
        if is_new && found.is_ok() {
            let mut short = Metered::new(&code).ok()?;
            let (result, _) = short.call(&name, &arguments, used - 1);
            assert_eq!(result.err(), Some(Trap::OutOfGas), "seed {seed}, {name}");
        }
        is_new = false;
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
    assert!(
        compared.len() as u64 > count / 12,
        "some modules are for us"
    );
    assert!(u64::from(calls) > count / 6, "they have something to call");
}

/// A line for another engine: the metered module, and what each call of it did here.
fn line(seed: u64) -> Option<String> {
    let code = module(seed, true)?;
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

//! The engine of version 1: wasmi 1.1, an interpreter that translates in linear time.
//!
//! Not wasmi 2.0.0: it computed a generated module wrong (a division trapped whose divisor a
//! `select` had made 1; V8 and wasmtime agree with 1.1, see `src/tests/known.rs`), and its dispatch
//! by tail calls, which the optimizer may or may not make, overflowed the native stack.
//! NaNs are made canonical by the metering, so that no engine has to be asked to. [V3]
//!
//! Each module has a wasmi engine of its own: an engine never frees code, so that dropping a
//! module must drop its engine, and no lock is shared between modules.

mod link;

use std::sync::Arc;

use wasmi::errors::ErrorKind;
use wasmi::{
    CompilationMode, Config, Extern, Func, Global, Instance, Memory, Store, TrapCode, Val,
};

use crate::abi::{HostCall, MEMORY};
use crate::instrument::{GAS_EXPORT, STACK_EXPORT};
use crate::scope::Run;
use crate::validate::Reason;
use crate::{
    Engine, Entry, Extent, GasSchedule, Host, Invalid, Outcome, Trap, instrument, limits, validate,
};

/// Calls that wasmi nests at most. Ours takes eight slots a call at least, so the stack of the
/// metering is full long before. [V5]
const DEPTH: usize = limits::STACK as usize;
/// Bytes that wasmi's stack takes at most: twice what the metering lets code use, and room for a
/// function that calls nothing, which the metering does not count.
const STACK_BYTES: usize = 2 * 8 * limits::STACK as usize + 8 * limits::LARGEST_FRAME as usize;

/// The interpreter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter;

/// Metered code, and what was found when it was checked.
#[derive(Debug)]
pub struct Metered {
    code: Box<[u8]>,
    imports: Box<[HostCall]>,
    entries: Box<[Entry]>,
    schedule: GasSchedule,
    /// Gas that a fresh instance costs.
    start: u64,
}

/// Code that the interpreter can run.
#[derive(Debug)]
pub struct Compiled {
    module: wasmi::Module,
    of: Arc<Metered>,
}

/// Wasmi with the features of `validate`, and bounds that the metering never lets code reach.
pub fn config(extent: Extent) -> Config {
    let mode = match extent {
        Extent::All => CompilationMode::Eager,
        Extent::Called => CompilationMode::Lazy,
    };
    let mut config = Config::default();
    config
        .compilation_mode(mode)
        .ignore_custom_sections(true)
        .wasm_mutable_global(true)
        .wasm_sign_extension(true)
        .wasm_saturating_float_to_int(true)
        .wasm_multi_value(true)
        .wasm_bulk_memory(true)
        .wasm_reference_types(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .floats(true)
        .set_min_stack_height(4096)
        .set_max_stack_height(STACK_BYTES)
        .set_max_recursion_depth(DEPTH)
        // A stack that recursion made large must not stay with the module.
        .set_max_cached_stacks(0);
    config
}

impl Engine for Interpreter {
    type Metered = Arc<Metered>;
    type Module = Compiled;

    const VERSION: u32 = 1;

    fn meter(&self, code: &[u8], schedule: &GasSchedule) -> Result<Arc<Metered>, Invalid> {
        let checked = validate(code)?;
        Ok(Arc::new(Metered {
            code: instrument(code, &checked, schedule)?.into(),
            start: schedule.instance_of(&checked),
            imports: checked.imports.into(),
            entries: checked.entries.into(),
            schedule: schedule.clone(),
        }))
    }

    fn translate(&self, code: &Arc<Metered>, extent: Extent) -> Result<Compiled, Invalid> {
        let engine = wasmi::Engine::new(&config(extent));
        let module = wasmi::Module::new(&engine, &code.code).map_err(|error| {
            let message = error.to_string().into();
            Invalid::at(0, Reason::Engine { message })
        })?;
        let of = Arc::clone(code);
        Ok(Compiled { module, of })
    }

    fn run(&self, code: &Compiled, entry: Entry, host: &mut dyn Host, gas: u64) -> Outcome {
        if !code.of.entries.contains(&entry) {
            return Outcome::trapped(Trap::NoEntry, 0);
        }
        let gas = gas.min(limits::GAS);
        let Some(left) = gas.checked_sub(code.of.start) else {
            return Outcome::trapped(Trap::OutOfGas, gas);
        };
        let state = State {
            run: Run::new(host, entry),
            schedule: &code.of.schedule,
            parts: None,
        };
        let mut store = Store::new(code.module.engine(), state);
        let ended = start(code, &mut store, entry, left);
        let left = counters(&store);
        outcome(ended, gas, left, store.into_data().run)
    }

    fn has(&self, code: &Compiled, entry: Entry) -> bool {
        code.of.entries.contains(&entry)
    }

    fn metered_size(&self, code: &Arc<Metered>) -> usize {
        SIZE_FIXED / 8 + code.code.len()
    }

    fn size(&self, code: &Compiled) -> usize {
        SIZE_FIXED + SIZE_FACTOR * code.of.code.len()
    }
}

/// What a module takes besides what grows with its size.
const SIZE_FIXED: usize = 16 * 1024;
/// Bytes of memory for each byte of metered code.
const SIZE_FACTOR: usize = 6;

/// What the store holds: the run, and handles into the instance.
struct State<'h> {
    run: Run<'h>,
    schedule: &'h GasSchedule,
    parts: Option<Parts>,
}

/// The parts of an instance that host functions and the end of a run look at.
#[derive(Clone, Copy)]
struct Parts {
    memory: Memory,
    gas: Global,
    stack: Global,
}

/// Makes an instance and runs it.
fn start<'h>(
    code: &'h Compiled,
    store: &mut Store<State<'h>>,
    entry: Entry,
    gas: u64,
) -> Result<(), wasmi::Error> {
    let imports: Vec<Extern> = code
        .of
        .imports
        .iter()
        .map(|call| Extern::Func(link::function(store, *call)))
        .collect();
    let instance = Instance::new(&mut *store, &code.module, &imports)?;
    let missing = || wasmi::Error::new("an export of a checked module is missing");
    let parts = parts(&instance, store).ok_or_else(missing)?;
    parts.gas.set(&mut *store, Val::I64(gas.cast_signed()))?;
    store.data_mut().parts = Some(parts);
    let function: Func = instance
        .get_func(&*store, entry.export())
        .ok_or_else(missing)?;
    function.call(&mut *store, &[], &mut [])
}

fn parts(instance: &Instance, store: &Store<State<'_>>) -> Option<Parts> {
    Some(Parts {
        memory: instance.get_memory(store, MEMORY)?,
        gas: instance.get_global(store, GAS_EXPORT)?,
        stack: instance.get_global(store, STACK_EXPORT)?,
    })
}

/// Gas and stack slots that are left; below zero when used up.
fn counters(store: &Store<State<'_>>) -> (i64, i64) {
    let Some(parts) = store.data().parts else {
        return (0, 0);
    };
    let value = |global: Global| global.get(store).i64().unwrap_or_default();
    (value(parts.gas), value(parts.stack))
}

/// Why a run ended: a host function's trap, else the counters, else the instruction's. [V4]
fn outcome(
    ended: Result<(), wasmi::Error>,
    gas: u64,
    (left, stack): (i64, i64),
    run: Run<'_>,
) -> Outcome {
    let Ok(left) = u64::try_from(left) else {
        return Outcome::trapped(Trap::OutOfGas, gas);
    };
    let used = gas - left.min(gas);
    let trap = match (run.trap, ended) {
        (Some(Trap::OutOfGas), _) => return Outcome::trapped(Trap::OutOfGas, gas),
        (Some(trap), _) => trap,
        (None, Err(error)) => counted(&error, 0, stack),
        (None, Ok(())) => {
            return Outcome {
                gas_used: used - run.given,
                gas_given: run.given,
                result: Ok(run.reply),
            };
        }
    };
    Outcome::trapped(trap, used - run.given)
}

/// The trap of an error that no host function made, with so much gas and stack left.
pub fn counted(error: &wasmi::Error, gas: i64, stack: i64) -> Trap {
    if gas < 0 {
        return Trap::OutOfGas;
    }
    if stack < 0 {
        return Trap::StackOverflow;
    }
    match error.as_trap_code() {
        Some(TrapCode::MemoryOutOfBounds) => Trap::MemoryOutOfBounds,
        Some(TrapCode::TableOutOfBounds) => Trap::TableOutOfBounds,
        Some(TrapCode::IndirectCallToNull) => Trap::IndirectCallNull,
        Some(TrapCode::BadSignature) => Trap::IndirectCallType,
        Some(TrapCode::IntegerDivisionByZero) => Trap::DivideByZero,
        Some(TrapCode::IntegerOverflow) => Trap::IntegerOverflow,
        Some(TrapCode::BadConversionToInteger) => Trap::BadConversion,
        Some(TrapCode::StackOverflow) => Trap::StackOverflow,
        _ => match error.kind() {
            // Of instructions that work on ranges.
            ErrorKind::Memory(_) => Trap::MemoryOutOfBounds,
            ErrorKind::Table(_) => Trap::TableOutOfBounds,
            _ => Trap::Unreachable,
        },
    }
}

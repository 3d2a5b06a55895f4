//! The second engine: wasmtime, which compiles to native code with Cranelift.

use eyre::{Result, eyre};
use vm::instrument::{GAS_EXPORT, STACK_EXPORT};
use vm::{Trap, limits};
use wasmtime::{
    Config, Engine, Extern, Instance, Module, OptLevel, RegallocAlgorithm, Store, StoreLimits,
    StoreLimitsBuilder, Val,
};

use crate::compare::{Ended, State, Type};
use crate::generate::fold;

/// Bytes of native stack that compiled code may take, the most that wasmtime allows: four times
/// what the metering counts.
const STACK: usize = 2 << 20;

/// The engine, in two settings.
pub(crate) struct Second {
    /// For metered modules: they end by themselves and make their NaNs canonical.
    metered: Engine,
    /// For modules as they are generated.
    plain: Engine,
}

/// An instance in the second engine.
pub(crate) struct Instanced {
    module: Module,
    store: Store<StoreLimits>,
    instance: Instance,
    /// Whether it has counters.
    counts: bool,
}

impl Second {
    pub(crate) fn new() -> Self {
        let engine = |nans| {
            let mut config = Config::new();
            config
                .cranelift_opt_level(OptLevel::None)
                .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)
                .cranelift_nan_canonicalization(nans)
                .memory_init_cow(false)
                .max_wasm_stack(STACK);
            Engine::new(&config)
        };
        // Both are among what this build supports.
        let [metered, plain] = [false, true].map(|nans| match engine(nans) {
            Ok(engine) => engine,
            Err(error) => panic!("wasmtime: {error}"),
        });
        Self { metered, plain }
    }

    /// An instance of a metered module.
    pub(crate) fn metered(&self, code: &[u8]) -> Result<Instanced> {
        Instanced::new(&self.metered, code, true)
    }

    /// An instance of a module as it was generated.
    pub(crate) fn plain(&self, code: &[u8]) -> Result<Instanced> {
        Instanced::new(&self.plain, code, false)
    }
}

impl Instanced {
    fn new(engine: &Engine, code: &[u8], counts: bool) -> Result<Self> {
        let module = Module::new(engine, code).map_err(|error| eyre!("wasmtime: {error:?}"))?;
        let (store, instance) = instance(&module)?;
        Ok(Self {
            module,
            store,
            instance,
            counts,
        })
    }

    /// Begins anew.
    pub(crate) fn restart(&mut self) -> Result<()> {
        (self.store, self.instance) = instance(&self.module)?;
        Ok(())
    }

    /// Calls a function: how it ended, and what it used, 0 without counters.
    pub(crate) fn call(
        &mut self,
        name: &str,
        arguments: &[(Type, u64)],
        gas: i64,
    ) -> Result<Ended> {
        if self.counts {
            self.set(GAS_EXPORT, gas)?;
            self.set(STACK_EXPORT, limits::STACK.cast_signed())?;
        }
        let function = self.instance.get_func(&mut self.store, name);
        let function = function.ok_or_else(|| eyre!("no function {name}"))?;
        let ty = function.ty(&self.store);
        let mut results = vec![Val::I32(0); ty.results().len()];
        let arguments: Vec<_> = arguments
            .iter()
            .map(|(ty, bits)| value(*ty, *bits))
            .collect();
        let ended = function.call(&mut self.store, &arguments, &mut results);
        let (left, stack) = match self.counts {
            true => (self.get(GAS_EXPORT)?, self.get(STACK_EXPORT)?),
            false => (gas, 0),
        };
        let result = match ended {
            _ if left < 0 => Err(Trap::OutOfGas.code()),
            Ok(()) => Ok(results.iter().map(bits).collect::<Result<_>>()?),
            Err(_) if stack < 0 => Err(Trap::StackOverflow.code()),
            Err(error) => Err(trap(&error)?.code()),
        };
        Ok(Ended {
            result,
            gas: gas - left,
        })
    }

    /// All globals but the counters, by name, and the memory's size and hash.
    pub(crate) fn state(&mut self) -> Result<State> {
        let mut state = State::default();
        let exports: Vec<_> = self
            .instance
            .exports(&mut self.store)
            .map(|export| (export.name().to_owned(), export.into_extern()))
            .collect();
        for (name, export) in exports {
            match export {
                Extern::Global(global) if !name.starts_with("thinkey:") => {
                    let bits = bits(&global.get(&mut self.store))?;
                    state.globals.push((name, bits));
                }
                Extern::Memory(memory) => {
                    let bytes = memory.data(&self.store);
                    state.memory = (bytes.len(), fold(7, bytes));
                }
                _ => {}
            }
        }
        state.globals.sort();
        Ok(state)
    }

    fn set(&mut self, counter: &str, value: i64) -> Result<()> {
        let global = self.instance.get_global(&mut self.store, counter);
        let global = global.ok_or_else(|| eyre!("no {counter}"))?;
        let set = global.set(&mut self.store, Val::I64(value));
        set.map_err(|error| eyre!("{counter}: {error}"))
    }

    fn get(&mut self, counter: &str) -> Result<i64> {
        let global = self.instance.get_global(&mut self.store, counter);
        let value = global.and_then(|global| global.get(&mut self.store).i64());
        value.ok_or_else(|| eyre!("no {counter}"))
    }
}

fn instance(module: &Module) -> Result<(Store<StoreLimits>, Instance)> {
    // The metering writes this maximum into the module.
    let memory = StoreLimitsBuilder::new().memory_size((limits::PAGES as usize) << 16);
    let mut store = Store::new(module.engine(), memory.build());
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, module, &[]);
    let instance = instance.map_err(|error| eyre!("wasmtime: {error:?}"))?;
    Ok((store, instance))
}

fn trap(error: &wasmtime::Error) -> Result<Trap> {
    let trap = error.downcast_ref::<wasmtime::Trap>();
    match trap {
        Some(wasmtime::Trap::UnreachableCodeReached) => Ok(Trap::Unreachable),
        Some(wasmtime::Trap::MemoryOutOfBounds) => Ok(Trap::MemoryOutOfBounds),
        Some(wasmtime::Trap::TableOutOfBounds) => Ok(Trap::TableOutOfBounds),
        Some(wasmtime::Trap::IndirectCallToNull) => Ok(Trap::IndirectCallNull),
        Some(wasmtime::Trap::BadSignature) => Ok(Trap::IndirectCallType),
        Some(wasmtime::Trap::IntegerDivisionByZero) => Ok(Trap::DivideByZero),
        Some(wasmtime::Trap::IntegerOverflow) => Ok(Trap::IntegerOverflow),
        Some(wasmtime::Trap::BadConversionToInteger) => Ok(Trap::BadConversion),
        Some(wasmtime::Trap::StackOverflow) => Ok(Trap::StackOverflow),
        _ => Err(eyre!("wasmtime ended by {error:?}")),
    }
}

fn value(ty: Type, bits: u64) -> Val {
    match ty {
        Type::I32 => Val::I32((bits as u32).cast_signed()),
        Type::I64 => Val::I64(bits.cast_signed()),
        Type::F32 => Val::F32(bits as u32),
        Type::F64 => Val::F64(bits),
    }
}

fn bits(value: &Val) -> Result<u64> {
    match value {
        Val::I32(value) => Ok(value.cast_unsigned().into()),
        Val::I64(value) => Ok(value.cast_unsigned()),
        Val::F32(bits) => Ok((*bits).into()),
        Val::F64(bits) => Ok(*bits),
        _ => Err(eyre!("not a number")),
    }
}

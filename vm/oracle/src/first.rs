//! The engine that nodes run: wasmi, configured by the virtual machine's crate.

use eyre::{Result, eyre};
use vm::instrument::{GAS_EXPORT, STACK_EXPORT};
use vm::{Extent, Trap, interpreter, limits};
use wasmi::{Engine, Extern, Instance, Linker, Module, Store, Val, ValType};

use crate::compare::{Ended, State, Type};
use crate::generate::fold;

/// An instance of a metered module.
pub(crate) struct First {
    module: Module,
    store: Store<()>,
    instance: Instance,
}

impl First {
    pub(crate) fn new(metered: &[u8]) -> Result<Self> {
        let engine = Engine::new(&interpreter::config(Extent::All));
        let module = Module::new(&engine, metered)?;
        let (store, instance) = instance(&module)?;
        Ok(Self {
            module,
            store,
            instance,
        })
    }

    /// Begins anew.
    pub(crate) fn restart(&mut self) -> Result<()> {
        (self.store, self.instance) = instance(&self.module)?;
        Ok(())
    }

    /// Exported functions and their parameters.
    pub(crate) fn functions(&self) -> Vec<(String, Vec<Type>)> {
        let exports = self.instance.exports(&self.store);
        let functions = exports.filter_map(|export| {
            let function = export.clone().into_func()?;
            let ty = function.ty(&self.store);
            let params = ty.params().iter().map(|ty| match ty {
                ValType::I32 => Type::I32,
                ValType::I64 => Type::I64,
                ValType::F32 => Type::F32,
                _ => Type::F64,
            });
            Some((export.name().to_owned(), params.collect()))
        });
        functions.collect()
    }

    /// Calls a function with so much gas: how it ended, and what it used.
    pub(crate) fn call(
        &mut self,
        name: &str,
        arguments: &[(Type, u64)],
        gas: i64,
    ) -> Result<Ended> {
        self.set(GAS_EXPORT, gas)?;
        self.set(STACK_EXPORT, limits::STACK.cast_signed())?;
        let function = self.instance.get_func(&self.store, name);
        let function = function.ok_or_else(|| eyre!("no function {name}"))?;
        let ty = function.ty(&self.store);
        let mut results: Vec<_> = ty.results().iter().map(|ty| Val::default(*ty)).collect();
        let arguments: Vec<_> = arguments
            .iter()
            .map(|(ty, bits)| value(*ty, *bits))
            .collect();
        let ended = function.call(&mut self.store, &arguments, &mut results);
        let (left, stack) = (self.get(GAS_EXPORT)?, self.get(STACK_EXPORT)?);
        let result = match ended {
            _ if left < 0 => Err(Trap::OutOfGas.code()),
            Ok(()) => Ok(results.iter().map(bits).collect::<Result<_>>()?),
            Err(error) => Err(interpreter::counted(&error, left, stack).code()),
        };
        Ok(Ended {
            result,
            gas: gas - left,
        })
    }

    /// All globals but the counters, by name, and the memory's size and hash.
    pub(crate) fn state(&self) -> Result<State> {
        let mut state = State::default();
        for export in self.instance.exports(&self.store) {
            match export.clone().into_extern() {
                Extern::Global(global) if !export.name().starts_with("thinkey:") => {
                    let bits = bits(&global.get(&self.store))?;
                    state.globals.push((export.name().to_owned(), bits));
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
        let global = self.instance.get_global(&self.store, counter);
        let global = global.ok_or_else(|| eyre!("no {counter}"))?;
        global.set(&mut self.store, Val::I64(value))?;
        Ok(())
    }

    fn get(&self, counter: &str) -> Result<i64> {
        let global = self.instance.get_global(&self.store, counter);
        let value = global.and_then(|global| global.get(&self.store).i64());
        value.ok_or_else(|| eyre!("no {counter}"))
    }
}

fn instance(module: &Module) -> Result<(Store<()>, Instance)> {
    let mut store = Store::new(module.engine(), ());
    let instance = Linker::new(module.engine()).instantiate_and_start(&mut store, module)?;
    Ok((store, instance))
}

fn value(ty: Type, bits: u64) -> Val {
    match ty {
        Type::I32 => Val::I32((bits as u32).cast_signed()),
        Type::I64 => Val::I64(bits.cast_signed()),
        Type::F32 => Val::F32(f32::from_bits(bits as u32).into()),
        Type::F64 => Val::F64(f64::from_bits(bits).into()),
    }
}

fn bits(value: &Val) -> Result<u64> {
    match value {
        Val::I32(value) => Ok(value.cast_unsigned().into()),
        Val::I64(value) => Ok(value.cast_unsigned()),
        Val::F32(value) => Ok(value.to_bits().into()),
        Val::F64(value) => Ok(value.to_bits()),
        _ => Err(eyre!("not a number")),
    }
}

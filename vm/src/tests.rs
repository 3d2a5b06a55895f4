//! Tests that look inside: modules that are no contracts, run as they are and metered.

mod corpus;
mod frames;
mod generate;
mod known;
mod malformed;
mod smith;
mod spec;

use wasmi::{Engine, Global, Instance, Linker, Module, Store, Val};

use crate::instrument::{GAS_EXPORT, STACK_EXPORT};
use crate::interpreter::{self, counted};
use crate::{Extent, GasSchedule, Invalid, Trap, instrument, limits, validate};

/// Gas for calls that are not about gas.
const PLENTY: i64 = 1 << 50;

/// A metered instance of any module that imports nothing, contract or not.
struct Metered {
    store: Store<()>,
    instance: Instance,
}

impl Metered {
    fn new(code: &[u8]) -> Result<Self, Invalid> {
        Self::translated(code, Extent::All)
    }

    fn translated(code: &[u8], extent: Extent) -> Result<Self, Invalid> {
        let checked = validate::check(code)?;
        let metered = instrument(code, &checked, &GasSchedule::V1)?;
        let engine = Engine::new(&interpreter::config(extent));
        let module = Module::new(&engine, &metered);
        let module = module.unwrap_or_else(|error| panic!("the engine refuses: {error}"));
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module);
        let instance = instance.unwrap_or_else(|error| panic!("no instance: {error}"));
        Ok(Self { store, instance })
    }

    fn global(&self, name: &str) -> Global {
        let global = self.instance.get_global(&self.store, name);
        global.expect("added by the metering")
    }

    fn counter(&self, name: &str) -> i64 {
        let value = self.global(name).get(&self.store);
        value.i64().expect("a counter")
    }

    /// Calls an export with so much gas; its results and the gas that it used.
    fn call(&mut self, name: &str, arguments: &[Val], gas: i64) -> (Result<Vec<Val>, Trap>, i64) {
        let function = self.instance.get_func(&self.store, name);
        let function = function.unwrap_or_else(|| panic!("no export {name}"));
        let mut results = results(&function.ty(&self.store));
        for (counter, value) in [(GAS_EXPORT, gas), (STACK_EXPORT, limits::STACK as i64)] {
            let set = self.global(counter).set(&mut self.store, Val::I64(value));
            set.expect("mutable");
        }
        let ended = function.call(&mut self.store, arguments, &mut results);
        let (left, stack) = (self.counter(GAS_EXPORT), self.counter(STACK_EXPORT));
        if ended.is_ok() && left >= 0 {
            assert_eq!(stack, limits::STACK as i64, "a call gives its slots back");
        }
        let result = match ended {
            Ok(()) if left < 0 => Err(Trap::OutOfGas),
            Ok(()) => Ok(results),
            Err(error) => Err(counted(&error, left, stack)),
        };
        (result, gas - left)
    }
}

/// Room for the results of a function.
fn results(ty: &wasmi::FuncType) -> Vec<Val> {
    let types = ty.results().iter();
    types.map(|ty| Val::default(*ty)).collect()
}

/// A value's bits.
fn bits(value: &Val) -> u64 {
    match value {
        Val::I32(value) => u64::from(value.cast_unsigned()),
        Val::I64(value) => value.cast_unsigned(),
        Val::F32(value) => u64::from(value.to_bits()),
        Val::F64(value) => value.to_bits(),
        other => panic!("not a number: {other:?}"),
    }
}

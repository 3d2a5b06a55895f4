//! Host functions as wasmi wants them.

use wasmi::{Caller, Error, Func, Store, TrapCode, Val};

use super::State;
use crate::Trap;
use crate::abi::{HostCall, Type};
use crate::calls;
use crate::scope::Scope;

/// A number that crosses the border, as raw bits.
trait Raw {
    fn to_raw(self) -> u64;
    fn of_raw(raw: u64) -> Self;
}

impl Raw for i32 {
    fn to_raw(self) -> u64 {
        self.cast_unsigned().into()
    }

    fn of_raw(raw: u64) -> Self {
        (raw as u32).cast_signed()
    }
}

impl Raw for i64 {
    fn to_raw(self) -> u64 {
        self.cast_unsigned()
    }

    fn of_raw(raw: u64) -> Self {
        raw.cast_signed()
    }
}

impl Raw for () {
    fn to_raw(self) -> u64 {
        0
    }

    fn of_raw(_: u64) -> Self {}
}

macro_rules! shapes {
    ($store:ident, $call:ident, $(
        ($($type:ident)*) -> $result:ident => ($($arg:ident: $param:ty),*) -> $output:ty;
    )*) => {
        match ($call.import().params, $call.import().result) {
            $(
                ([$(Type::$type),*], shapes!(@result $result)) => Func::wrap(
                    $store,
                    move |caller: Caller<'_, State<'h>>, $($arg: $param),*|
                        -> Result<$output, Error> {
                        call(caller, $call, &[$($arg.to_raw()),*]).map(<$output>::of_raw)
                    },
                ),
            )*
            // A test makes one of every host function.
            _ => unreachable!("a host function of another shape"),
        }
    };
    (@result None) => { None };
    (@result $result:ident) => { Some(Type::$result) };
}

/// A host function for a store.
pub(super) fn function<'h>(store: &mut Store<State<'h>>, id: HostCall) -> Func {
    shapes!(store, id,
        () -> I32 => () -> i32;
        () -> I64 => () -> i64;
        (I32) -> None => (a: i32) -> ();
        (I32) -> I32 => (a: i32) -> i32;
        (I32 I32) -> None => (a: i32, b: i32) -> ();
        (I32 I32) -> I32 => (a: i32, b: i32) -> i32;
        (I32 I32 I32) -> None => (a: i32, b: i32, c: i32) -> ();
        (I32 I32 I32 I32) -> None => (a: i32, b: i32, c: i32, d: i32) -> ();
        (I32 I32 I32 I32) -> I32 => (a: i32, b: i32, c: i32, d: i32) -> i32;
        (I32 I32 I32 I32 I32) -> I32 => (a: i32, b: i32, c: i32, d: i32, e: i32) -> i32;
        (I32 I32 I32 I64 I32 I32 I32) -> I32
            => (a: i32, b: i32, c: i32, d: i64, e: i32, f: i32, g: i32) -> i32;
        (I32 I32 I64 I64 I32 I32 I32 I32 I32) -> I32
            => (a: i32, b: i32, c: i64, d: i64, e: i32, f: i32, g: i32, h: i32, i: i32) -> i32;
    )
}

/// Calls a host function with the instance's memory and gas.
fn call(mut caller: Caller<'_, State<'_>>, id: HostCall, arguments: &[u64]) -> Result<u64, Error> {
    let Some(parts) = caller.data().parts else {
        return Err(TrapCode::UnreachableCodeReached.into());
    };
    let gas = parts.gas.get(&caller).i64().unwrap_or_default();
    // [V4] What was executed unpaid must not have an effect.
    let Ok(gas) = u64::try_from(gas) else {
        return Err(TrapCode::UnreachableCodeReached.into());
    };
    let (memory, state) = parts.memory.data_and_store_mut(&mut caller);
    let mut scope = Scope {
        memory,
        gas,
        run: &mut state.run,
    };
    let result = calls::call(id, state.schedule, arguments, &mut scope);
    let left = scope.gas;
    parts.gas.set(&mut caller, Val::I64(left.cast_signed()))?;
    result.map_err(|trap: Trap| {
        caller.data_mut().run.trap = Some(trap);
        TrapCode::UnreachableCodeReached.into()
    })
}

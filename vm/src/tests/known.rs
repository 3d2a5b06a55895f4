//! Modules that an engine once computed wrong: a change of engine starts here.

use wasmi::{Engine, Linker, Module, Store, Val};

use crate::{Extent, interpreter};

#[test]
fn a_select_that_makes_a_divisor_one() {
    let code = wat::parse_str(include_str!("divisor.wat")).expect("a module");
    let engine = Engine::new(&interpreter::config(Extent::All));
    let module = Module::new(&engine, &code).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module);
    let function = instance.expect("an instance").get_func(&store, "");
    let arguments = [Val::F32(0.0.into()), Val::I64(0), Val::F64(0.0.into())];
    // Division by zero in wasmi 2.0.0; no trap in V8 12, wasmtime and wasmi 1.1.
    let ended = function
        .expect("the export")
        .call(&mut store, &arguments, &mut []);
    assert!(ended.is_ok(), "{ended:?}");
}

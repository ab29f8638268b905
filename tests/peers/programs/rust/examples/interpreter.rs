//! Compiles a small module to the code of an interpreter and runs it there: wasmi, an engine within the engine.

use wasmi::{Engine, Instance, Module, Store};

programs::program!(work);

/// `(func (export "f") (param i32) (result i32) ...)`: Fibonacci numbers, by recursion.
const MODULE: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x06\x01\x60\x01\x7f\x01\x7f\
    \x03\x02\x01\0\
    \x07\x05\x01\x01f\0\0\
    \x0a\x1e\x01\x1c\0\
    \x20\0\x41\x02\x48\x04\x40\x20\0\x0f\x0b\
    \x20\0\x41\x01\x6b\x10\0\x20\0\x41\x02\x6b\x10\0\x6a\x0b";

fn work(number: u32) -> u64 {
    let engine = Engine::default();
    let module = Module::new(&engine, MODULE).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let fibonacci = instance.get_typed_func::<i32, i32>(&store, "f").unwrap();
    fibonacci.call(&mut store, 16 + (number % 2) as i32).unwrap() as u64
}

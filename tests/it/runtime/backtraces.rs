//! A frame of a backtrace points at the operator that the function was in, not at the next one.

use super::engine;
use tinkerbox_wasm::*;

#[test]
fn the_innermost_frame_points_at_the_call_of_the_host_function_that_failed() -> Result<()> {
    let engine = engine(|_| {});
    let text = r#"(module
        (import "" "fail" (func $fail))
        (memory 1)
        (func (export "run") nop (call $fail) nop nop nop nop nop)
        (func (export "fill") (memory.fill (i32.const 65535) (i32.const 0) (i32.const 9)) nop nop nop))"#;
    let bytes = wat::parse_str(text)?;
    let module = Module::new(&engine, &bytes)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(100)?;
    let fail = Func::wrap(&mut store, || -> Result<()> { Err(format_err!("no")) });
    let instance = Instance::new(&mut store, &module, &[fail.into()])?;
    for (name, operator) in [("run", &[0x10, 0x00, 0x01][..]), ("fill", &[0xfc, 0x0b, 0x00][..])] {
        let func = instance.get_typed_func::<(), ()>(&mut store, name)?;
        let error = func.call(&mut store, ()).unwrap_err();
        let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a backtrace is attached");
        let at = backtrace.frames()[0].module_offset().expect("the offset is known");
        assert_eq!(&bytes[at..at + 3], operator, "{name} at {at:#x}");
    }
    Ok(())
}

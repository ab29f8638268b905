//! The maximum numbers of parameters and results that WebAssembly allows cross between host and guest in both
//! directions, and a trap beneath such a call leaves everything intact.

use crate::runtime::engine;
use tinkerbox_wasm::*;

const COUNT: usize = 1_000;

#[test]
fn a_thousand_values_go_in_and_out() -> Result<()> {
    let engine = engine(|_| {});
    let list = |word: &str| format!("({word}{})", " i32 i64 f32 f64 v128".repeat(COUNT / 5));
    let (params, results) = (list("param"), list("result"));
    let gets: String = (0..COUNT).map(|local| format!("(local.get {local})")).collect();
    let module = Module::new(
        &engine,
        format!(
            r#"(module
            (import "" "host" (func $host {params} {results}))
            (func (export "through") {params} {results} {gets} (call $host))
            (func $trap {params} {results} unreachable)
            (func (export "trap") {params} {results} {gets} (call $trap)))"#
        ),
    )?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(100_000)?;
    let types = [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];
    let types: Vec<ValType> = types.repeat(COUNT / 5);
    let ty = FuncType::new(&engine, types.clone(), types.clone());
    let host = Func::new(&mut store, ty, |_, params, results| {
        results.copy_from_slice(params);
        Ok(())
    });
    let instance = Instance::new(&mut store, &module, &[host.into()])?;
    let params: Vec<Val> = (0..COUNT as u32)
        .map(|n| match n % 5 {
            0 => Val::I32(n as i32),
            1 => Val::I64(i64::from(n)),
            2 => Val::F32(n),
            3 => Val::F64(u64::from(n)),
            _ => Val::V128(V128::from(u128::from(n) << 64 | u128::from(!n))),
        })
        .collect();
    for _ in 0..2 {
        let mut results = vec![Val::I32(0); COUNT];
        let through = instance.get_func(&mut store, "through").expect("it is exported");
        through.call(&mut store, &params, &mut results)?;
        assert_eq!(format!("{results:?}"), format!("{params:?}"));
        let trap = instance.get_func(&mut store, "trap").expect("it is exported");
        let error = trap.call(&mut store, &params, &mut results).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    }
    Ok(())
}

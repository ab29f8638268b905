//! Parameters and results of every type and count cross unchanged.

use super::{instance, metered};
use tinkerbox_wasm::*;

#[test]
fn sixteen_parameters_of_all_types_arrive_in_order() -> Result<()> {
    let engine = metered();
    let mut linker = Linker::<Vec<f64>>::new(&engine);
    #[rustfmt::skip]
    linker.func_wrap("host", "take", |
        mut caller: Caller<'_, Vec<f64>>,
        a: i32, b: i64, c: f32, d: f64, e: u32, f: u64, g: f32, h: f64,
        i: i32, j: i64, k: f32, l: f64, m: i32, n: i64, o: f32, p: f64,
    | {
        *caller.data_mut() = vec![
            f64::from(a), b as f64, f64::from(c), d, f64::from(e), f as f64, f64::from(g), h,
            f64::from(i), j as f64, f64::from(k), l, f64::from(m), n as f64, f64::from(o), p,
        ];
    })?;
    let types = "i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64";
    let gets: String = (0..16).map(|at| format!("(local.get {at})")).collect();
    let module = format!(
        r#"(module (import "host" "take" (func $take (param {types})))
            (func (export "pass") (param {types}) (call $take {gets})))"#
    );
    let module = Module::new(&engine, module)?;
    let mut store = Store::new(&engine, Vec::new());
    store.set_fuel(1_000)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let pass = instance.get_func(&mut store, "pass").expect("it is exported");
    let params: Vec<Val> = (0..16)
        .map(|at| match at % 4 {
            0 => Val::I32(at + 1),
            1 => Val::I64(i64::from(at) + 1),
            2 => Val::from(at as f32 + 1.0),
            _ => Val::from(f64::from(at) + 1.0),
        })
        .collect();
    pass.call(&mut store, &params, &mut [])?;
    let expected: Vec<f64> = (1..=16).map(f64::from).collect();
    assert_eq!(*store.data(), expected);
    Ok(())
}

#[test]
fn more_results_than_registers_come_back() -> Result<()> {
    let types = "i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 i64";
    let values: Vec<String> =
        types.split(' ').enumerate().map(|(at, ty)| format!("({ty}.const {})", at + 1)).collect();
    let module = format!(
        r#"(module (func $many (export "many") (result {types}) {})
            (func (export "through") (result {types}) (call $many)))"#,
        values.join(" ")
    );
    let (mut store, instance) = instance(&metered(), &module);
    for name in ["many", "through"] {
        let func = instance.get_func(&mut store, name).expect("it is exported");
        let mut results = vec![Val::I32(0); 23];
        func.call(&mut store, &[], &mut results)?;
        for (at, result) in results.iter().enumerate() {
            let value = match result {
                Val::I32(value) => f64::from(*value),
                Val::I64(value) => *value as f64,
                Val::F32(bits) => f64::from(f32::from_bits(*bits)),
                Val::F64(bits) => f64::from_bits(*bits),
                other => panic!("unexpected {other:?}"),
            };
            assert_eq!(value, at as f64 + 1.0, "result {at} of {name}");
        }
    }
    Ok(())
}

#[test]
fn function_references_pass_both_doors() -> Result<()> {
    let engine = metered();
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "same" (func $same (param funcref) (result funcref)))
            (func $seven (export "seven") (result i32) (i32.const 7))
            (table $table 1 funcref)
            (func (export "pass") (param funcref) (result funcref) (call $same (local.get 0)))
            (func (export "own") (result funcref) (call $same (ref.func $seven)))
            (func (export "run") (param funcref) (result i32)
                (table.set $table (i32.const 0) (local.get 0))
                (call_indirect $table (result i32) (i32.const 0))))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "same", |func: Option<Func>| func)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let pass = instance.get_typed_func::<Option<Func>, Option<Func>>(&mut store, "pass")?;
    let own = instance.get_typed_func::<(), Option<Func>>(&mut store, "own")?;
    let run = instance.get_typed_func::<Option<Func>, i32>(&mut store, "run")?;
    let nine = Func::wrap(&mut store, || 9);

    assert_eq!(pass.call(&mut store, None)?, None);
    assert_eq!(pass.call(&mut store, Some(nine))?, Some(nine));
    assert_eq!(own.call(&mut store, ())?, instance.get_func(&mut store, "seven"));
    let seven = own.call(&mut store, ())?;
    assert_eq!((run.call(&mut store, seven)?, run.call(&mut store, Some(nine))?), (7, 9));

    let foreign = Func::wrap(Store::new(&engine, ()), || 1);
    let error = pass.call(&mut store, Some(foreign)).expect_err("it belongs to another store");
    assert_eq!(error.downcast_ref(), Some(&StoreError::WrongStore));
    Ok(())
}

#[test]
fn the_caller_is_whoever_calls() -> Result<()> {
    let engine = metered();
    let mut store = Store::new(&engine, ());
    store.set_fuel(10_000)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "mark", |mut caller: Caller<'_, ()>| -> i32 {
        let mark = caller.get_export("mark").and_then(Extern::into_global);
        mark.and_then(|mark| mark.get(&mut caller).i32()).unwrap_or(-1)
    })?;
    let module = |mark: i32, from: &str| {
        Module::new(
            &engine,
            format!(
                r#"(module (import "{from}" "mark" (func $mark (result i32)))
                    (global (export "mark") i32 (i32.const {mark}))
                    (export "mark_fn" (func $mark))
                    (table funcref (elem $mark))
                    (func (export "direct") (result i32) (call $mark))
                    (func (export "indirect") (result i32) (call_indirect (result i32) (i32.const 0))))"#
            ),
        )
    };
    let first = linker.instantiate(&mut store, &module(1, "host")?)?;
    let reexport = first.get_func(&mut store, "mark_fn").expect("it is exported");
    linker.define(&store, "first", "mark", reexport)?;
    let second = linker.instantiate(&mut store, &module(2, "first")?)?;
    for (instance, mark) in [(first, 1), (second, 2)] {
        for name in ["direct", "indirect"] {
            let func = instance.get_typed_func::<(), i32>(&mut store, name)?;
            assert_eq!(func.call(&mut store, ())?, mark, "{name}");
        }
    }
    // A call from the host has no caller, even through a module's re-export.
    assert_eq!(reexport.typed::<(), i32>(&store)?.call(&mut store, ())?, -1);
    Ok(())
}

#[test]
fn what_is_wrong_about_a_call_is_said() -> Result<()> {
    let (mut store, instance) = instance(&metered(), r#"(module (func (export "f") (param i32)))"#);
    let f = instance.get_func(&mut store, "f").expect("it is exported");
    let wrong = f.typed::<i64, ()>(&store).err().expect("the parameter has another type");
    assert_eq!(wrong.to_string(), "type mismatch: expected (i64) -> (), found (i32) -> ()");
    let wrong = f.call(&mut store, &[], &mut []).expect_err("a parameter is missing");
    assert!(wrong.to_string().contains("expected 1 parameters and 0 results"), "{wrong}");
    let wrong = f.call(&mut store, &[Val::I64(1)], &mut []).expect_err("the parameter has another type");
    assert_eq!(wrong.to_string(), "type mismatch: expected i32, found i64");
    let missing = instance.get_typed_func::<(), ()>(&mut store, "g").err().expect("there is no g");
    assert_eq!(missing.to_string(), "failed to find function export `g`");
    Ok(())
}

#[test]
fn vectors_pass_both_doors_and_globals() -> Result<()> {
    let engine = metered();
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "swap" (func $swap (param v128 i32 v128) (result v128 v128)))
            (import "host" "start" (global $start v128))
            (global (export "kept") (mut v128) (global.get $start))
            (global (export "own") v128 (v128.const i64x2 1 2))
            (func (export "through") (param v128 v128) (result v128 v128)
                (call $swap (local.get 0) (i32.const 1) (local.get 1)))
            (func (export "kept?") (result v128) (global.get 1)))"#,
    )?;
    let [a, b] = [1_u128 << 127 | 7, u128::MAX - 5].map(V128::from);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "swap", |x: V128, _: i32, y: V128| -> (V128, V128) { (y, x) })?;
    let start = Global::new(&mut store, GlobalType::new(ValType::V128, Mutability::Const), a.into())?;
    linker.define(&store, "host", "start", start)?;
    let instance = linker.instantiate(&mut store, &module)?;

    let through = instance.get_typed_func::<(V128, V128), (V128, V128)>(&mut store, "through")?;
    assert_eq!(through.call(&mut store, (a, b))?, (b, a));
    let mut results = [Val::V128(V128::from(0)); 2];
    let through = instance.get_func(&mut store, "through").expect("it is exported");
    through.call(&mut store, &[a.into(), b.into()], &mut results)?;
    assert_eq!(results.map(|result| result.v128()), [Some(b), Some(a)]);

    let own = instance.get_global(&mut store, "own").expect("it is exported");
    assert_eq!(own.get(&mut store).v128(), Some(V128::from(2 << 64 | 1)));
    let global = instance.get_global(&mut store, "kept").expect("it is exported");
    assert_eq!(global.get(&mut store).v128(), Some(a));
    global.set(&mut store, b.into())?;
    let kept = instance.get_typed_func::<(), V128>(&mut store, "kept?")?;
    assert_eq!(kept.call(&mut store, ())?, b);
    assert!(global.set(&mut store, Val::I64(1)).is_err());
    assert!(instance.get_typed_func::<(), u64>(&mut store, "kept?").is_err());
    Ok(())
}

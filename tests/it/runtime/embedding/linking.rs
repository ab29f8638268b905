//! Linkers: which items can be linked, how often, and the errors if they cannot.

use crate::runtime::engine;
use tinkerbox_wasm::*;

#[test]
fn all_that_is_missing_is_named_at_once() -> Result<()> {
    let engine = engine(|_| ());
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("host", "other", |_: i64| ())?;
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "gone" (func (param i32)))
            (import "host" "other" (func (param i32)))
            (import "host" "memory" (memory 1)))"#,
    )?;
    let expected = [
        "unknown import: `host::gone` (function (i32) -> ()) has not been defined",
        "incompatible import type for `host::other`: expected function (i32) -> (), found function (i64) -> ()",
        "unknown import: `host::memory` (memory with pages 1..) has not been defined",
    ];
    let mut store = Store::new(&engine, ());
    let errors = [
        linker.instantiate(&mut store, &module).map(drop).expect_err("two things are missing"),
        linker.instantiate_pre(&module).map(drop).expect_err("two things are missing"),
    ];
    for error in errors {
        assert_eq!(error.downcast_ref::<LinkError>().expect("it is about imports").problems(), expected);
        let unknown = error.downcast_ref::<UnknownImportError>().expect("one is not defined");
        assert_eq!((unknown.module(), unknown.name()), ("host", "gone"));
    }
    Ok(())
}

#[test]
fn a_host_function_is_in_a_store_once_however_often_it_is_linked() -> Result<()> {
    let engine = engine(|_| ());
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("host", "f", || 1)?.func_wrap("host", "g", || 2)?;
    linker.alias("host", "f", "again", "f")?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "f" (func $f (result i32))) (export "f" (func $f)))"#,
    )?;
    let ready = linker.instantiate_pre(&module)?;
    let mut store = Store::new(&engine, ());
    let first = linker.get(&mut store, "host", "f").and_then(Extern::into_func).expect("it is defined");
    for _ in 0..100 {
        let (pre, plain) = (ready.instantiate(&mut store)?, linker.instantiate(&mut store, &module)?);
        for instance in [pre, plain] {
            assert_eq!(instance.get_func(&mut store, "f"), Some(first));
        }
        let clone = linker.clone();
        let [f, g] = [("again", "f"), ("host", "g")]
            .map(|(module, name)| clone.get(&mut store, module, name).and_then(Extern::into_func));
        assert_eq!((f == Some(first), g == Some(first)), (true, false));
    }
    // A shadowing definition is a different item, and the old one is not used in its place.
    linker.allow_shadowing(true).func_wrap("host", "f", || 3)?;
    let shadow = linker.get(&mut store, "host", "f").and_then(Extern::into_func).expect("it is defined");
    assert_ne!(shadow, first);
    assert_eq!(ready.instantiate(&mut store)?.get_func(&mut store, "f"), Some(first));
    assert_eq!(shadow.typed::<(), i32>(&store)?.call(&mut store, ())?, 3);
    Ok(())
}

#[test]
fn what_belongs_to_a_store_is_linked_there_only() -> Result<()> {
    let engine = engine(|_| ());
    let mut store = Store::new(&engine, ());
    let mut other = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(4)))?;
    assert!(linker.define(&other, "host", "memory", memory).is_err());
    linker.define(&store, "host", "memory", memory)?;
    let module =
        |pages| Module::new(&engine, format!(r#"(module (import "host" "memory" (memory {pages})))"#));
    let ready = linker.instantiate_pre(&module(1)?)?;
    for _ in 0..2 {
        ready.instantiate(&mut store)?;
        let error = ready.instantiate(&mut other).expect_err("the memory is of the first store");
        assert_eq!(error.downcast_ref(), Some(&StoreError::WrongStore));
        let error = linker.instantiate(&mut other, &module(1)?).expect_err("as before");
        assert_eq!(error.downcast_ref(), Some(&StoreError::WrongStore));
    }
    // A memory or table that has grown can be imported with its current size.
    assert!(linker.instantiate(&mut store, &module(2)?).is_err());
    memory.grow(&mut store, 1)?;
    linker.instantiate(&mut store, &module(2)?)?;
    assert!(linker.instantiate_pre(&module(2)?).is_err(), "it had one page when it was defined");
    assert!(linker.instantiate(&mut store, &module(3)?).is_err());
    Ok(())
}

#[test]
fn engines_are_not_mixed() -> Result<()> {
    let [own, other] = [engine(|_| ()), engine(|_| ())];
    let mut linker = Linker::<()>::new(&own);
    let module = Module::new(&own, "(module)")?;
    let foreign = Module::new(&other, "(module)")?;
    let mut store = Store::new(&own, ());
    let mut foreign_store = Store::new(&other, ());
    assert!(linker.instantiate(&mut store, &foreign).is_err());
    assert!(linker.instantiate_pre(&foreign).is_err());
    assert!(linker.instantiate_pre(&module)?.instantiate(&mut foreign_store).is_err());
    assert!(linker.module(&mut foreign_store, "m", &module).is_err());
    assert!(linker.module(&mut store, "m", &foreign).is_err());
    Ok(())
}

#[test]
fn commands_and_reactors_are_told_apart() -> Result<()> {
    let engine = engine(|_| ());
    let define = |text: &str| -> Result<Vec<String>> {
        let mut linker = Linker::new(&engine);
        let mut store = Store::new(&engine, ());
        store.set_fuel(1_000)?;
        linker.module(&mut store, "m", &Module::new(&engine, text)?)?;
        Ok(linker.iter(&mut store).map(|(_, name, _)| name.to_string()).collect())
    };
    let memory = r#"(memory (export "memory") 1)"#;
    let start = r#"(func (export "_start")) (func (export "f"))"#;
    let initialize = r#"(func (export "_initialize"))"#;
    assert_eq!(define(&format!("(module {memory} {start})"))?, ["_start", "f"]);
    assert_eq!(define(&format!("(module {memory} {initialize})"))?, ["memory", "_initialize"]);
    assert_eq!(define(&format!("(module {memory})"))?, ["memory"]);
    for (text, problem) in [
        (format!("(module {start} {initialize})"), "cannot be both a command"),
        (r#"(module (memory (export "_start") 1))"#.to_string(), "`_start` must be a function"),
        (format!(r#"(module {start} (table (export "t") 1 funcref))"#), "command export `t`"),
        (
            r#"(module (func (export "_initialize") unreachable))"#.to_string(),
            "calling the Reactor initialization function",
        ),
        (
            r#"(module (func (export "_initialize") (param i32)))"#.to_string(),
            "calling the Reactor initialization function",
        ),
    ] {
        let error = define(&text).expect_err("it cannot be defined");
        assert!(format!("{error:#}").contains(problem), "{error:#}");
    }
    Ok(())
}

#[test]
fn a_commands_trap_reaches_its_caller_and_its_next_call_is_fresh() -> Result<()> {
    let engine = engine(|_| ());
    let mut linker = Linker::new(&engine);
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    let command = Module::new(
        &engine,
        r#"(module
            (global $used (mut i32) (i32.const 0))
            (func (export "_start"))
            (func (export "once") (param i32) (result i32)
                (if (global.get $used) (then unreachable))
                (global.set $used (i32.const 1))
                (if (i32.eqz (local.get 0)) (then unreachable))
                (local.get 0)))"#,
    )?;
    linker.module(&mut store, "command", &command)?;
    let once = linker.get(&mut store, "command", "once").and_then(Extern::into_func).expect("defined");
    let once = once.typed::<i32, i32>(&store)?;
    for value in [5, 0, 6] {
        let result = once.call(&mut store, value);
        assert_eq!(result.ok(), (value != 0).then_some(value));
    }
    Ok(())
}

#[test]
fn what_is_unknown_is_made_up_as_asked() -> Result<()> {
    let engine = engine(|_| ());
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "f" (func $f (param i32) (result i64 funcref)))
            (import "host" "known" (func $known (result i32)))
            (import "host" "memory" (memory 2 5))
            (import "host" "table" (table 3 funcref))
            (import "host" "global" (global $global (mut f64)))
            (func (export "known") (result i32) (call $known))
            (func (export "run") (result i64 funcref) (call $f (i32.const 1))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "known", || 9)?;
    let mut traps = linker.clone();
    linker.define_unknown_imports_as_default_values(&mut store, &module)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), (i64, Option<Func>)>(&mut store, "run")?;
    assert_eq!(run.call(&mut store, ())?, (0, None));
    assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "known")?.call(&mut store, ())?, 9);

    traps.define_unknown_imports_as_traps(&module)?;
    let error = traps.instantiate(&mut store, &module).expect_err("only functions are made up");
    let problems = error.downcast_ref::<LinkError>().expect("it is about imports").problems();
    assert!(problems.len() == 3 && problems.iter().all(|problem| !problem.contains("::f`")), "{problems:?}");
    Ok(())
}

#[test]
fn imports_match_by_subtyping() -> Result<()> {
    let engine = engine(|_| ());
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "f" (func $f (result funcref)))
            (func (export "is null") (result i32) (ref.is_null (call $f))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(1_000)?;
    let never_null = ValType::Ref(RefType::new(false, HeapType::Func));
    let mut linker = Linker::new(&engine);
    let ty = FuncType::new(&engine, [], [never_null]);
    linker.func_new("host", "f", ty, |_, _, _| bail!("it has no function to return"))?;
    let func = linker.get(&mut store, "host", "f").and_then(Extern::into_func).expect("it is defined");
    assert!(func.typed::<(), Option<Func>>(&store)?.call(&mut store, ()).is_err());
    assert!(func.matches_ty(&store, &FuncType::new(&engine, [], [ValType::FUNCREF])));
    let instance = linker.instantiate(&mut store, &module)?;
    let is_null = instance.get_typed_func::<(), i32>(&mut store, "is null")?;
    assert!(is_null.call(&mut store, ()).is_err());

    // In the opposite direction it could be null where the type excludes null.
    let takes = Func::new(&mut store, FuncType::new(&engine, [never_null], []), |_, _, _| Ok(()));
    assert!(takes.typed::<Option<Func>, ()>(&store).is_err());
    Ok(())
}

//! Programs written for wasmtime's core API: only the `use` line names the runtime.

use tinkerbox_wasm as wasmtime;

use crate::doors::tasks::{finish, finish_across_threads, turns};

use wasmtime::error::Context as _;
use wasmtime::{
    AsContextMut, Caller, Config, Engine, Error, Export, Extern, ExternType, Func, FuncType, Global,
    GlobalType, Instance, InstancePre, Linker, Memory, MemoryType, MemoryTypeBuilder, Module, ModuleExport,
    Mutability, RefType, Result, Store, StoreContextMut, StoreLimits, StoreLimitsBuilder, Table, TableType,
    Trap, TypedFunc, Val, ValType, bail, ensure, format_err,
};

/// Hello: a host function with the store's data, called from the guest.
#[test]
fn hello() -> Result<()> {
    struct State {
        greeting: String,
        calls: usize,
    }
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "" "greet" (func $greet))
            (func (export "run") (call $greet)))"#,
    )?;
    let mut store = Store::new(&engine, State { greeting: "hello".to_owned(), calls: 0 });
    let greet = Func::wrap(&mut store, |mut caller: Caller<'_, State>| {
        assert_eq!(caller.data().greeting, "hello");
        caller.data_mut().calls += 1;
    });
    let instance = Instance::new(&mut store, &module, &[greet.into()])?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    run.call(&mut store, ())?;
    run.call(&mut store, ())?;
    assert_eq!(store.into_data().calls, 2);
    Ok(())
}

/// Greatest common divisor: a typed function and a dynamic one give the same result.
#[test]
fn gcd() -> Result<()> {
    let mut store = Store::<()>::default();
    let module = Module::new(
        store.engine(),
        r#"(module
            (func (export "gcd") (param $a i32) (param $b i32) (result i32) (local $rest i32)
                (loop $again
                    (if (local.get $b) (then
                        (local.set $rest (i32.rem_u (local.get $a) (local.get $b)))
                        (local.set $a (local.get $b))
                        (local.set $b (local.get $rest))
                        (br $again))))
                (local.get $a)))"#,
    )?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let gcd = instance.get_typed_func::<(i32, i32), i32>(&mut store, "gcd")?;
    assert_eq!(gcd.call(&mut store, (6, 27))?, 3);
    let gcd: Func = instance.get_func(&mut store, "gcd").context("gcd is not exported")?;
    let mut results = vec![Val::I32(0); gcd.ty(&store).results().len()];
    gcd.call(&mut store, &[Val::I32(48), Val::I32(36)], &mut results)?;
    assert_eq!(results[0].i32(), Some(12));
    Ok(())
}

/// Two modules that share a memory, linked by name.
#[test]
fn linking() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "log", |mut caller: Caller<'_, Vec<String>>, at: i32, len: i32| {
        let memory = match caller.get_export("memory") {
            Some(Extern::Memory(memory)) => memory,
            _ => bail!("failed to find host memory"),
        };
        let text = memory
            .data(&caller)
            .get(at as u32 as usize..)
            .and_then(|rest| rest.get(..len as u32 as usize))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .map(str::to_owned);
        caller.data_mut().push(text.ok_or_else(|| format_err!("pointer or length out of bounds"))?);
        Ok(())
    })?;
    let library = Module::new(
        &engine,
        r#"(module
            (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (memory (export "memory") 2)
            (global (export "memory_offset") i32 (i32.const 8)))"#,
    )?;
    let program = Module::new(
        &engine,
        r#"(module
            (import "library" "double" (func $double (param i32) (result i32)))
            (import "library" "memory" (memory 1))
            (import "library" "memory_offset" (global $offset i32))
            (import "host" "log" (func $log (param i32 i32)))
            (export "memory" (memory 0))
            (data (global.get $offset) "a word of the program")
            (func (export "run") (call $log (global.get $offset) (call $double (i32.const 3)))))"#,
    )?;
    let mut store = Store::new(&engine, Vec::new());
    let library = linker.instantiate(&mut store, &library)?;
    linker.instance(&mut store, "library", library)?;
    let program = linker.instantiate(&mut store, &program)?;
    let run = program.get_typed_func::<(), ()>(&mut store, "run")?;
    run.call(&mut store, ())?;
    assert_eq!(store.data(), &["a word"]);
    Ok(())
}

/// Reading, writing and growing a memory from both sides.
#[test]
fn memory() -> Result<()> {
    let mut store: Store<()> = Store::default();
    let module = Module::new(
        store.engine(),
        r#"(module
            (memory (export "memory") 2 3)
            (func (export "size") (result i32) (memory.size))
            (func (export "load") (param i32) (result i32) (i32.load8_s (local.get 0)))
            (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
            (data (i32.const 0x1000) "\01\02\03\04"))"#,
    )?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let memory = instance.get_memory(&mut store, "memory").context("no memory")?;
    let size = instance.get_typed_func::<(), i32>(&mut store, "size")?;
    let load = instance.get_typed_func::<i32, i32>(&mut store, "load")?;
    let write = instance.get_typed_func::<(i32, i32), ()>(&mut store, "store")?;

    assert_eq!((memory.size(&store), memory.data_size(&store)), (2, 0x20000));
    assert_eq!(memory.data(&store)[0x1000..0x1004], [1, 2, 3, 4]);
    assert_eq!((size.call(&mut store, ())?, load.call(&mut store, 0x1003)?), (2, 4));
    let trap = load.call(&mut store, 0x20000).unwrap_err().downcast::<Trap>()?;
    assert_eq!(trap, Trap::MemoryOutOfBounds);
    memory.data_mut(&mut store)[0x1003] = 5;
    write.call(&mut store, (0x1002, 6))?;
    assert!(write.call(&mut store, (0x20000, 0)).is_err());
    let mut buffer = [0; 4];
    memory.read(&store, 0x1000, &mut buffer)?;
    assert_eq!(buffer, [1, 2, 6, 5]);
    assert_eq!(memory.grow(&mut store, 1)?, 2);
    assert!(memory.grow(&mut store, 1).is_err());
    assert_eq!(load.call(&mut store, 0x20000)?, 0);

    let ty = MemoryTypeBuilder::default().min(5).max(Some(5)).build()?;
    let own = Memory::new(&mut store, ty)?;
    assert_eq!((own.size(&store), own.ty(&store)), (5, MemoryType::new(5, Some(5))));
    assert!(own.grow(&mut store, 1).is_err() && own.grow(&mut store, 0).is_ok());
    Ok(())
}

/// Fuel: more and more work, until the fuel is used up.
#[test]
fn fuel() -> Result<()> {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(10_000)?;
    let module = Module::new(
        &engine,
        r#"(module (func $fib (export "fibonacci") (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
                (then (local.get 0))
                (else (i32.add
                    (call $fib (i32.sub (local.get 0) (i32.const 1)))
                    (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#,
    )?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let fibonacci = instance.get_typed_func::<i32, i32>(&mut store, "fibonacci")?;
    let mut last = 0;
    for n in 1.. {
        let before = store.get_fuel()?;
        match fibonacci.call(&mut store, n) {
            Ok(result) => last = result,
            Err(error) => {
                assert_eq!(error.downcast::<Trap>()?, Trap::OutOfFuel);
                break;
            }
        }
        assert!(store.get_fuel()? < before);
        store.set_fuel(10_000)?;
    }
    assert_eq!(last, 233);
    Ok(())
}

/// An asynchronous host: tasks share a thread because guests yield and wait for the host.
#[test]
fn tokio_like() -> Result<()> {
    use std::time::Duration;
    async fn sleep(_: Duration) {
        turns(3).await;
    }
    async fn run_wasm(inputs: u64, engine: Engine, linker: Linker<u64>, module: Module) -> Result<u64> {
        let mut store = Store::new(&engine, 0);
        store.set_fuel(u64::MAX)?;
        store.fuel_async_yield_interval(Some(10_000))?;
        let instance = linker.instantiate_async(&mut store, &module).await?;
        instance.get_typed_func::<u64, ()>(&mut store, "run")?.call_async(&mut store, inputs).await?;
        Ok(*store.data())
    }
    let mut config = Config::new();
    config.async_support(true).consume_fuel(true).async_stack_size(2 << 20);
    let engine = Engine::new(&config)?;
    let module = Module::new(
        &engine,
        r#"(module
            (import "" "async" (func $async (param i64) (result i64)))
            (func $spin (param i64)
                (loop (br_if 0 (i64.ne (local.tee 0 (i64.sub (local.get 0) (i64.const 1))) (i64.const 0)))))
            (func (export "run") (param i64)
                (call $spin (call $async (local.get 0)))))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap_async("", "async", |mut caller: Caller<'_, u64>, (input,): (u64,)| {
        Box::new(async move {
            sleep(Duration::from_millis(1)).await;
            *caller.data_mut() = input;
            input * 10_000
        })
    })?;
    let tasks = [1, 2, 3].map(|input| run_wasm(input, engine.clone(), linker.clone(), module.clone()));
    for (task, input) in tasks.into_iter().zip(1..) {
        let (output, pending) = finish_across_threads(task);
        assert_eq!(output?, input);
        // Three pending polls for the host, and one for each of the seven units of fuel in each round of the guest.
        assert_eq!(pending, 3 + 7 * input);
    }
    Ok(())
}

/// The fuel API of wasmtime 6 to 14: fuel added, fuel consumed, and yields with a count.
#[test]
fn classic_fuel() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true).async_support(true))?;
    let mut store = Store::new(&engine, ());
    assert_eq!(store.fuel_consumed(), Some(0));
    store.add_fuel(10_000)?;
    assert_eq!(store.consume_fuel(1)?, 9_999);
    assert!(store.consume_fuel(10_000).is_err());
    assert_eq!((store.fuel_consumed(), store.fuel_remaining()), (Some(1), Some(9_999)));
    let module = Module::new(&engine, "(module (func (loop br 0)) (start 0))")?;
    store.out_of_fuel_async_yield(3, 1_000);
    let (ended, pending) = finish(Instance::new_async(&mut store, &module, &[]));
    assert_eq!(ended.unwrap_err().downcast::<Trap>()?, Trap::OutOfFuel);
    assert_eq!(pending, 3);
    assert!(store.fuel_consumed().is_some_and(|consumed| (12_990..=13_000).contains(&consumed)));
    store.out_of_fuel_trap();
    store.add_fuel(50)?;
    assert_eq!(Instance::new(&mut store, &module, &[]).unwrap_err().downcast::<Trap>()?, Trap::OutOfFuel);
    assert!(store.consume_fuel(0)? < 10);
    Ok(())
}

/// Several results, in both directions and with both ways of calling.
#[test]
fn multi() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(
        &engine,
        r#"(module
            (func $f (import "" "f") (param i32 i64) (result i64 i32))
            (func (export "g") (param i32 i64) (result i64 i32) (call $f (local.get 0) (local.get 1))))"#,
    )?;
    let ty = FuncType::new(&engine, [ValType::I32, ValType::I64], [ValType::I64, ValType::I32]);
    let dynamic = Func::new(&mut store, ty, |_, params, results| {
        results[0] = Val::I64(params[1].i64().context("an i64")? + 1);
        results[1] = Val::I32(params[0].i32().context("an i32")? + 1);
        Ok(())
    });
    let wrapped = Func::wrap(&mut store, |a: i32, b: i64| (b + 1, a + 1));
    for f in [dynamic, wrapped] {
        let instance = Instance::new(&mut store, &module, &[f.into()])?;
        let g = instance.get_typed_func::<(i32, i64), (i64, i32)>(&mut store, "g")?;
        assert_eq!(g.call(&mut store, (1, 3))?, (4, 2));
    }
    Ok(())
}

/// One linker and one prepared module for many stores, each with its own limits.
#[test]
fn many_stores() -> Result<()> {
    struct State {
        limits: StoreLimits,
        steps: u32,
    }
    let engine = Engine::default();
    let mut linker: Linker<State> = Linker::new(&engine);
    linker.func_wrap("host", "step", |mut caller: Caller<'_, State>, by: u32| {
        let state = caller.data_mut();
        state.steps += by;
        state.steps
    })?;
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "step" (func $step (param i32) (result i32)))
            (memory 1)
            (func (export "run") (result i32 i32)
                (call $step (i32.const 2))
                (memory.grow (i32.const 1))))"#,
    )?;
    let ready: InstancePre<State> = linker.instantiate_pre(&module)?;
    assert!(Module::same(ready.module(), &module));
    for pages in 1..4_usize {
        let limits = StoreLimitsBuilder::new().memory_size(pages << 16).instances(2).build();
        let mut store = Store::new(&engine, State { limits, steps: 0 });
        store.limiter(|state| &mut state.limits);
        for round in 1..=2 {
            let instance = ready.instantiate(&mut store)?;
            let run = instance.get_typed_func::<(), (u32, i32)>(&mut store, "run")?;
            assert_eq!(run.call(&mut store, ())?, (2 * round, if pages > 1 { 1 } else { -1 }));
        }
        assert!(ready.instantiate(&mut store).is_err(), "two instances are allowed");
    }
    Ok(())
}

/// Iterating over the exports of a module and an instance, and finding them by every method.
#[test]
fn reflection() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module $shapes
            (import "env" "base" (global i32))
            (func (export "area") (param f64 f64) (result f64) (f64.mul (local.get 0) (local.get 1)))
            (table (export "table") 1 9 funcref)
            (memory (export "memory") 1)
            (global (export "count") (mut i64) (i64.const 5)))"#,
    )?;
    assert_eq!(module.name(), Some("shapes"));
    let import = module.imports().next().context("one import")?;
    let ExternType::Global(base) = import.ty() else { bail!("it is a global") };
    ensure!(base.content().is_i32() && base.mutability() == Mutability::Const);

    let mut store = Store::new(&engine, ());
    let ty = GlobalType::new(ValType::I32, Mutability::Const);
    let base = Global::new(&mut store, ty, Val::I32(3))?;
    let instance = Instance::new(&mut store, &module, &[base.into()])?;
    ensure!(Module::same(instance.module(&store), &module) && Engine::same(module.engine(), store.engine()));
    let names: Vec<String> =
        instance.exports(&mut store).map(|export: Export<'_>| export.name().to_owned()).collect();
    assert_eq!(names, ["area", "table", "memory", "count"]);
    for (name, described) in names.iter().zip(module.exports()) {
        let found = instance.get_export(&mut store, name).context("it is exported")?;
        let index: ModuleExport = module.get_export_index(name).context("it is exported")?;
        let same = instance.get_module_export(&mut store, &index).context("it is exported")?;
        match (found, same, described.ty()) {
            (Extern::Func(_), Extern::Func(func), ExternType::Func(ty)) => {
                assert!(func.matches_ty(&store, &ty));
                assert_eq!(ty.param(0).map(|ty| ty.is_f64()), Some(true));
                let area: TypedFunc<(f64, f64), f64> = func.typed(&store)?;
                assert_eq!(area.call(&mut store, (2.0, 4.5))?, 9.0);
            }
            (Extern::Table(_), Extern::Table(table), ExternType::Table(ty)) => {
                assert_eq!((table.size(&store), ty.minimum(), ty.maximum()), (1, 1, Some(9)));
                assert!(ty.element().matches(&RefType::FUNCREF));
            }
            (Extern::Memory(_), Extern::Memory(memory), ExternType::Memory(ty)) => {
                assert_eq!((memory.page_size(&store), ty.page_size_log2()), (65_536, 16));
            }
            (Extern::Global(_), Extern::Global(global), ExternType::Global(ty)) => {
                assert!(ty.mutability().is_var());
                global.set(&mut store, Val::I64(6))?;
                assert_eq!(global.get(&mut store).i64(), Some(6));
            }
            other => bail!("`{name}` is {other:?}"),
        }
    }
    Ok(())
}

/// Errors of the host pass through the guest unchanged, with the context added on the way.
#[test]
fn errors() -> Result<()> {
    #[derive(Debug, PartialEq)]
    struct Quota(u32);
    impl std::fmt::Display for Quota {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "quota of {} used up", self.0)
        }
    }
    impl std::error::Error for Quota {}

    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("host", "fail", |quota: u32| -> Result<(), Error> {
        Err(Quota(quota)).with_context(|| format!("while {quota} was asked for"))
    })?;
    let module = Module::new(
        &engine,
        r#"(module
            (import "host" "fail" (func $fail (param i32)))
            (func (export "run") (call $fail (i32.const 7)))
            (func (export "trap") unreachable))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;
    let error = instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<Quota>(), Some(&Quota(7)));
    assert!(error.is::<Quota>() && !error.is::<Trap>());
    assert!(error.chain().any(|cause| cause.to_string() == "while 7 was asked for"));
    assert_eq!(error.root_cause().to_string(), "quota of 7 used up");
    let error = instance.get_typed_func::<(), ()>(&mut store, "trap")?.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    let missing = instance.get_typed_func::<(), ()>(&mut store, "none").map(drop).unwrap_err();
    assert!(missing.to_string().contains("none"));
    Ok(())
}

/// Code that is generic over contexts of a store.
#[test]
fn generic_hosts() -> Result<()> {
    fn total(mut store: impl AsContextMut<Data = Vec<u32>>, table: Table) -> Result<u32> {
        let mut total = 0;
        for at in 0..table.size(&store) {
            let context: StoreContextMut<'_, Vec<u32>> = store.as_context_mut();
            let callback = context.data().get(at as usize).copied();
            total += callback.unwrap_or_default();
        }
        store.as_context_mut().data_mut().push(total);
        Ok(total)
    }
    let engine = Engine::default();
    let mut store = Store::new(&engine, vec![4, 5]);
    let table = TableType::new(RefType::FUNCREF, 3, None).default_value(&mut store)?;
    let func = Func::wrap(&mut store, move |caller: Caller<'_, Vec<u32>>| total(caller, table));
    assert_eq!(func.typed::<(), u32>(&store)?.call(&mut store, ())?, 9);
    assert_eq!(total(&mut store, table)?, 18);
    assert_eq!(store.data(), &[4, 5, 9, 18]);
    Ok(())
}

/// The maximum of parameters and results, all of which a closure receives in order.
#[test]
fn seventeen_values() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    #[rustfmt::skip]
    let reverse = Func::wrap(&mut store, |
        a: i32, b: i64, c: f32, d: f64, e: i32, f: i64, g: f32, h: f64, i: i32,
        j: i64, k: f32, l: f64, m: i32, n: i64, o: f32, p: f64, q: i32,
    | (q, p, o, n, m, l, k, j, i, h, g, f, e, d, c, b, a));
    let forth = "i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 f32 f64 i32";
    let back = forth.split(' ').rev().collect::<Vec<_>>().join(" ");
    let gets: String = (0..17).map(|at| format!("(local.get {at})")).collect();
    let module = Module::new(
        &engine,
        format!(
            r#"(module (import "" "" (func $reverse (param {forth}) (result {back})))
                (func (export "reverse") (param {forth}) (result {back}) (call $reverse {gets})))"#
        ),
    )?;
    let instance = Instance::new(&mut store, &module, &[reverse.into()])?;
    type Forth = (i32, i64, f32, f64, i32, i64, f32, f64, i32, i64, f32, f64, i32, i64, f32, f64, i32);
    type Back = (i32, f64, f32, i64, i32, f64, f32, i64, i32, f64, f32, i64, i32, f64, f32, i64, i32);
    let call = instance.get_typed_func::<Forth, Back>(&mut store, "reverse")?;
    let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q) =
        call.call(&mut store, (1, 2, 3.0, 4.0, 5, 6, 7.0, 8.0, 9, 10, 11.0, 12.0, 13, 14, 15.0, 16.0, 17))?;
    let back = [
        f64::from(a),
        b,
        f64::from(c),
        d as f64,
        f64::from(e),
        f,
        f64::from(g),
        h as f64,
        f64::from(i),
        j,
        f64::from(k),
        l as f64,
        f64::from(m),
        n,
        f64::from(o),
        p as f64,
        f64::from(q),
    ];
    assert!((1..=17).rev().map(f64::from).eq(back), "{back:?}");
    Ok(())
}

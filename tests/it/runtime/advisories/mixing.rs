//! Handles, types and modules of other stores and engines are refused wherever they can be passed.
//!
//! In releases of other runtimes a function in a linker of one engine was called with another engine's types, and
//! stores confused the numbers by which engines identify types.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tinkerbox_wasm::*;

/// One of each kind of item in a store.
struct Handles {
    instance: Instance,
    func: Func,
    typed: TypedFunc<(), i32>,
    table: Table,
    externs: Table,
    memory: Memory,
    global: Global,
    value: Rooted<ExternRef>,
    owned: OwnedRooted<ExternRef>,
}

const MODULE: &str = r#"(module
    (func (export "func") (result i32) (i32.const 42))
    (table (export "table") 2 funcref)
    (table (export "externs") 2 externref)
    (memory (export "memory") 1)
    (global (export "global") (mut funcref) (ref.null func)))"#;

fn handles(engine: &Engine) -> Result<(Store<()>, Handles)> {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &Module::new(engine, MODULE)?, &[])?;
    let mut table = |name| instance.get_table(&mut store, name).ok_or_else(|| format_err!("no table {name}"));
    let (table, externs) = (table("table")?, table("externs")?);
    let value = ExternRef::new(&mut store, 7_u32)?;
    let handles = Handles {
        instance,
        func: instance.get_func(&mut store, "func").expect("it is exported"),
        typed: instance.get_typed_func(&mut store, "func")?,
        table,
        externs,
        memory: instance.get_memory(&mut store, "memory").expect("it is exported"),
        global: instance.get_global(&mut store, "global").expect("it is exported"),
        value,
        owned: value.to_owned_rooted(&mut store)?,
    };
    Ok((store, handles))
}

type Attempt = fn(&mut Store<()>, &Handles, &Handles) -> Result<()>;

/// Everything that takes a handle, called with a store's own or with another store's.
const ATTEMPTS: &[(&str, Attempt)] = &[
    ("call", |s, _, other| other.typed.call(s, ()).map(drop)),
    ("call of any type", |s, _, other| other.func.call(s, &[], &mut [Val::I32(0)])),
    ("resumable call", |s, _, other| other.typed.call_resumable(s, ()).map(drop)),
    ("typed", |s, _, other| other.func.typed::<(), i32>(&*s).map(drop)),
    ("type of a function", |s, _, other| {
        other.func.ty(&*s);
        Ok(())
    }),
    ("export", |s, _, other| {
        other.instance.get_export(s, "func");
        Ok(())
    }),
    ("exports", |s, _, other| {
        other.instance.exports(s).count();
        Ok(())
    }),
    ("typed export", |s, _, other| other.instance.get_typed_func::<(), i32>(s, "func").map(drop)),
    ("module", |s, _, other| {
        other.instance.module(&*s);
        Ok(())
    }),
    ("table's size", |s, _, other| {
        other.table.size(&*s);
        Ok(())
    }),
    ("table's type", |s, _, other| {
        other.table.ty(&*s);
        Ok(())
    }),
    ("table's element", |s, _, other| {
        other.table.get(s, 0);
        Ok(())
    }),
    ("element of another's table", |s, own, other| other.table.set(s, 0, own.func.into())),
    ("another's function as an element", |s, own, other| own.table.set(s, 0, other.func.into())),
    ("another's value as an element", |s, own, other| own.externs.set(s, 0, other.value.into())),
    ("growing another's table", |s, own, other| other.table.grow(s, 1, own.func.into()).map(drop)),
    ("growing by another's function", |s, own, other| own.table.grow(s, 1, other.func.into()).map(drop)),
    ("growing by none of another's functions", |s, own, other| {
        own.table.grow(s, 0, other.func.into()).map(drop)
    }),
    ("growing by another's value", |s, own, other| own.externs.grow(s, 1, other.value.into()).map(drop)),
    ("filling another's table", |s, own, other| other.table.fill(s, 0, own.func.into(), 1)),
    ("filling with another's function", |s, own, other| own.table.fill(s, 0, other.func.into(), 1)),
    ("filling with another's value", |s, own, other| own.externs.fill(s, 0, other.value.into(), 2)),
    ("copying from another's table", |s, own, other| Table::copy(s, &own.table, 0, &other.table, 0, 1)),
    ("copying to another's table", |s, own, other| Table::copy(s, &other.table, 0, &own.table, 0, 1)),
    ("table of another's function", |s, _, other| {
        Table::new(s, TableType::new(RefType::FUNCREF, 1, None), other.func.into()).map(drop)
    }),
    ("table of another's value", |s, _, other| {
        Table::new(s, TableType::new(RefType::EXTERNREF, 0, None), other.value.into()).map(drop)
    }),
    ("memory", |s, _, other| {
        other.memory.data(&*s);
        Ok(())
    }),
    ("writable memory", |s, _, other| {
        other.memory.data_mut(s);
        Ok(())
    }),
    ("reading", |s, _, other| {
        other.memory.read(&*s, 0, &mut [0])?;
        Ok(())
    }),
    ("writing", |s, _, other| {
        other.memory.write(s, 0, &[0])?;
        Ok(())
    }),
    ("growing another's memory", |s, _, other| other.memory.grow(s, 1).map(drop)),
    ("global", |s, _, other| {
        other.global.get(s);
        Ok(())
    }),
    ("another's global", |s, own, other| other.global.set(s, own.func.into())),
    ("another's function in a global", |s, own, other| own.global.set(s, other.func.into())),
    ("global of another's function", |s, _, other| {
        Global::new(s, GlobalType::new(ValType::FUNCREF, Mutability::Var), other.func.into()).map(drop)
    }),
    ("global of another's value", |s, _, other| {
        Global::new(s, GlobalType::new(ValType::EXTERNREF, Mutability::Const), other.value.into()).map(drop)
    }),
    ("value", |s, _, other| other.value.data(&*s).map(drop)),
    ("owned value", |s, _, other| other.owned.data(&*s).map(drop)),
    ("rooting an owned value", |s, _, other| {
        other.owned.to_rooted(s);
        Ok(())
    }),
    ("owning a value", |s, _, other| other.value.to_owned_rooted(s).map(drop)),
    ("comparing values", |s, own, other| Rooted::ref_eq(&*s, &own.value, &other.value).map(drop)),
    ("argument", |s, _, other| {
        let take = Func::wrap(&mut *s, |_: Option<Func>| {});
        take.call(s, &[other.func.into()], &mut [])
    }),
    ("typed argument", |s, _, other| {
        let take = Func::wrap(&mut *s, |_: Option<Rooted<ExternRef>>| {});
        take.typed::<Option<Rooted<ExternRef>>, ()>(&*s)?.call(s, Some(other.value))
    }),
    ("result of a host function", |s, _, other| {
        let func = other.func;
        let give = Func::wrap(&mut *s, move || Some(func));
        give.typed::<(), Option<Func>>(&*s)?.call(s, ()).map(drop)
    }),
    ("result for a guest", |s, _, other| {
        let value = other.value;
        let give = Func::wrap(&mut *s, move || Some(value));
        let text = r#"(module (import "" "give" (func $give (result externref))) (func (export "run") (drop (call $give))))"#;
        let module = Module::new(s.engine(), text)?;
        let instance = Instance::new(&mut *s, &module, &[give.into()])?;
        instance.get_typed_func::<(), ()>(&mut *s, "run")?.call(s, ())
    }),
    ("import of a function", |s, _, other| import(s, "(func (result i32))", other.func.into())),
    ("import of a table", |s, _, other| import(s, "(table 1 funcref)", other.table.into())),
    ("import of a memory", |s, _, other| import(s, "(memory 1)", other.memory.into())),
    ("import of a global", |s, _, other| import(s, "(global (mut funcref))", other.global.into())),
    ("linker's definition", |s, _, other| {
        Linker::new(s.engine()).define(&*s, "", "", other.memory).map(drop)
    }),
    ("linker's instance", |s, _, other| Linker::new(s.engine()).instance(s, "", other.instance).map(drop)),
];

fn import(store: &mut Store<()>, ty: &str, item: Extern) -> Result<()> {
    let module = Module::new(store.engine(), format!(r#"(module (import "" "" {ty}))"#))?;
    Instance::new(store, &module, &[item]).map(drop)
}

#[test]
fn handles_of_other_stores_are_refused_everywhere() -> Result<()> {
    let engine = Engine::default();
    for other_engine in [engine.clone(), Engine::default()] {
        let (mut store, own) = handles(&engine)?;
        let (mut other_store, other) = handles(&other_engine)?;
        for (name, attempt) in ATTEMPTS {
            let tried = catch_unwind(AssertUnwindSafe(|| attempt(&mut store, &own, &other)));
            assert!(!matches!(tried, Ok(Ok(()))), "{name} of another store");
            let tried = catch_unwind(AssertUnwindSafe(|| attempt(&mut other_store, &other, &own)));
            assert!(!matches!(tried, Ok(Ok(()))), "{name} of another store");
        }
        for (store, own) in [(&mut store, &own), (&mut other_store, &other)] {
            assert_eq!(own.typed.call(&mut *store, ())?, 42);
            assert_eq!((own.table.size(&*store), own.memory.size(&*store)), (2, 1));
            assert!(own.table.get(&mut *store, 0).is_some_and(|element| element.is_null()));
            let value = own.value.data(&*store)?.and_then(|value| value.downcast_ref::<u32>());
            assert_eq!(value, Some(&7));
        }
    }
    Ok(())
}

/// With its own handles each of the calls succeeds: it is the other store that is refused.
#[test]
fn handles_of_the_store_are_taken_everywhere() -> Result<()> {
    let (mut store, own) = handles(&Engine::default())?;
    for (name, attempt) in ATTEMPTS {
        if *name != "resumable call" {
            attempt(&mut store, &own, &own).map_err(|error| error.context(*name))?;
        }
    }
    Ok(())
}

/// A call that waits in one store is not resumed or cancelled in another, even if that store's own call has the same
/// number.
#[test]
fn suspended_calls_stay_in_their_store() -> Result<()> {
    let engine = Engine::new(Config::new().consume_fuel(true))?;
    let text = r#"(module (func (export "run") (param i32) (result i32) (local $left i32)
        (local.set $left (i32.const 100))
        (loop (br_if 0 (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (local.get 0)))"#;
    let module = Module::new(&engine, text)?;
    let suspended = |number: i32| -> Result<(Store<()>, SuspendedCall<i32>, SuspendedCall<i32>)> {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
        // A handle of a call that has ended, and one of a call that waits.
        store.set_fuel(10)?;
        let CallState::Suspended(ended) = run.call_resumable(&mut store, number)? else { bail!("it waits") };
        let CallState::Suspended(again) = ended.resume(&mut store)? else { bail!("it still waits") };
        store.set_fuel(10_000)?;
        let CallState::Finished(_) = again.resume(&mut store)? else { bail!("it has plenty") };
        store.set_fuel(10)?;
        let CallState::Suspended(first) = run.call_resumable(&mut store, number)? else { bail!("it waits") };
        first.cancel(&mut store)?;
        store.set_fuel(10)?;
        let CallState::Suspended(old) = run.call_resumable(&mut store, number)? else { bail!("it waits") };
        let CallState::Suspended(call) = old.resume(&mut store)? else { bail!("it still waits") };
        let mut other = Store::new(&engine, ());
        other.set_fuel(10)?;
        let instance = Instance::new(&mut other, &module, &[])?;
        let run = instance.get_typed_func::<i32, i32>(&mut other, "run")?;
        let CallState::Suspended(foreign) = run.call_resumable(&mut other, number)? else {
            bail!("it waits")
        };
        Ok((store, call, foreign))
    };
    let (mut first, call_of_first, foreign) = suspended(1)?;
    let (mut second, call_of_second, another) = suspended(2)?;
    assert!(foreign.resume(&mut first).is_err());
    assert!(another.cancel(&mut second).is_err());
    for (store, call, wanted) in [(&mut first, call_of_first, 1), (&mut second, call_of_second, 2)] {
        store.set_fuel(10_000)?;
        let CallState::Finished(found) = call.resume(&mut *store)? else { bail!("it has plenty") };
        assert_eq!(found, wanted);
    }
    Ok(())
}

/// A result type that allows null does not match a Rust type that excludes it.
#[test]
fn results_that_may_be_null_are_not_typed_as_what_is_never_null() -> Result<()> {
    let mut store = Store::new(&Engine::default(), ());
    let text = r#"(module
        (func (export "func") (result funcref) (ref.null func))
        (func (export "value") (result externref) (ref.null extern)))"#;
    let module = Module::new(store.engine(), text)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    assert!(instance.get_typed_func::<(), Func>(&mut store, "func").is_err());
    assert!(instance.get_typed_func::<(), Rooted<ExternRef>>(&mut store, "value").is_err());
    assert!(instance.get_typed_func::<(), OwnedRooted<ExternRef>>(&mut store, "value").is_err());
    let func = instance.get_typed_func::<(), Option<Func>>(&mut store, "func")?;
    assert!(func.call(&mut store, ())?.is_none());
    let value = instance.get_typed_func::<(), Option<Rooted<ExternRef>>>(&mut store, "value")?;
    assert!(value.call(&mut store, ())?.is_none());
    Ok(())
}

/// A copy of a linker has its own names and functions.
#[test]
fn a_copy_of_a_linker_outlives_it() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    for number in 0..100 {
        linker.func_wrap("host", &format!("function {number}"), move || number)?;
    }
    let copies = [linker.clone(), linker.clone().clone()];
    drop(linker);
    for mut copy in copies {
        let mut store = Store::new(&engine, ());
        for number in 0..100 {
            let text = format!(
                r#"(module (import "host" "function {number}" (func $f (result i32)))
                    (func (export "run") (result i32) (call $f)))"#
            );
            let instance = copy.instantiate(&mut store, &Module::new(&engine, text)?)?;
            assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?, number);
        }
        copy.func_wrap("host", "another", || ())?;
        assert_eq!(copy.iter(&mut store).count(), 101);
    }
    Ok(())
}

/// Calls its import through its table, with the right type and with wrong ones.
const CALLS: &str = r#"(module
    (type $other (func (param i64) (result i64)))
    (type $int (func (param i32) (result i32)))
    (import "host" "double" (func $double (type $int)))
    (table 1 funcref) (elem (i32.const 0) $double)
    (func (export "right") (result i32) (call_indirect (type $int) (i32.const 21) (i32.const 0)))
    (func (export "wrong") (result i64) (call_indirect (type $other) (i64.const 21) (i32.const 0))))"#;

/// Two engines use different numbers for the same types.
#[test]
fn types_are_those_of_the_store_s_engine() -> Result<()> {
    let [first, second] = [Engine::default(), Engine::default()];
    let _types_of_first = Module::new(&first, "(module (func (param i32) (result i32) (local.get 0)))")?;
    let _types_of_second = Module::new(&second, "(module (func (param i64) (result i64) (local.get 0)))")?;
    for (of_linker, of_store) in [(&first, &first), (&first, &second), (&second, &first), (&second, &second)]
    {
        let mut linker = Linker::new(of_linker);
        linker.func_wrap("host", "double", |n: i32| 2 * n)?;
        // The linker's own engine first: what the linker caches about a function must not be used with another
        // engine.
        linker.instantiate(&mut Store::new(of_linker, ()), &Module::new(of_linker, CALLS)?)?;
        let mut store = Store::new(of_store, ());
        let module = Module::new(of_store, CALLS)?;
        let Ok(instance) = linker.instantiate(&mut store, &module) else { continue };
        assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "right")?.call(&mut store, ())?, 42);
        let wrong = instance.get_typed_func::<(), i64>(&mut store, "wrong")?;
        let error = wrong.call(&mut store, ()).expect_err("it is not of this type");
        assert_eq!(error.downcast_ref(), Some(&Trap::BadSignature));
    }
    Ok(())
}

/// The number of a freed type is reused; the type lives as long as a function of that type.
#[test]
fn types_that_come_and_go_are_never_mixed_up() -> Result<()> {
    let engine = Engine::default();
    let module = |number: usize| {
        let params = |number: usize| -> String {
            (0..8).map(|bit| if number >> bit & 1 == 1 { " i64" } else { " i32" }).collect()
        };
        let zeros = |number: usize| -> String {
            (0..8)
                .map(|bit| if number >> bit & 1 == 1 { " (i64.const 0)" } else { " (i32.const 0)" })
                .collect()
        };
        let (own, next) = (number % 256, (number + 1) % 256);
        Module::new(
            &engine,
            format!(
                r#"(module
                (type $own (func (param{}))) (type $next (func (param{})))
                (import "" "table" (table 4 funcref))
                (func $f (type $own))
                (elem (i32.const {}) $f)
                (func (export "own") (param i32) (call_indirect (type $own) {} (local.get 0)))
                (func (export "next") (param i32) (call_indirect (type $next) {} (local.get 0))))"#,
                params(own),
                params(next),
                number % 4,
                zeros(own),
                zeros(next),
            ),
        )
    };
    let mut store = Store::new(&engine, ());
    let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 4, None), Ref::Func(None))?;
    let mut kept: Vec<(usize, Instance)> = Vec::new();
    for number in 0..300 {
        // Modules that are dropped at once, and their types with them.
        for others in 1..4 {
            module(number + 17 * others)?;
        }
        kept.push((number, Instance::new(&mut store, &module(number)?, &[table.into()])?));
        if kept.len() < 4 {
            continue;
        }
        let newest = &kept[kept.len() - 4..];
        for (caller, instance) in newest {
            for (callee, _) in newest {
                for (name, wanted) in [("own", caller % 256), ("next", (caller + 1) % 256)] {
                    let func = instance.get_typed_func::<i32, ()>(&mut store, name)?;
                    let called = func.call(&mut store, (callee % 4) as i32);
                    let fits = wanted == callee % 256;
                    let trap = called.as_ref().err().and_then(|error| error.downcast_ref());
                    assert_eq!(
                        trap,
                        (!fits).then_some(&Trap::BadSignature),
                        "{caller} calls {callee} as {name}"
                    );
                }
            }
        }
    }
    Ok(())
}

//! The caller of a host function, and the host function's access to it.

use crate::runtime::engine;
use tinkerbox_wasm::*;

/// The observations of host functions, call by call.
#[derive(Default)]
struct Notes {
    exports: Vec<Option<i32>>,
    instances: Vec<Option<Instance>>,
}

/// Records the caller's global `mark`, found by every method, and the caller itself.
fn note(engine: &Engine) -> Result<Linker<Notes>> {
    let mut linker = Linker::new(engine);
    let name = engine.export_name("mark");
    linker.func_wrap("host", "note", move |mut caller: Caller<'_, Notes>| -> Result<()> {
        let by_name = caller.get_export("mark");
        let module_export = caller.module().and_then(|module| module.get_export_index("mark"));
        let by_index = module_export.and_then(|export| caller.get_module_export(&export));
        let of_instance = caller.instance().and_then(|instance| instance.get_export(&mut caller, "mark"));
        let named = [0; 2].map(|_| caller.get_named_export(&name));
        let mut marks = [by_name, by_index, of_instance, named[0], named[1]]
            .map(|item| item.and_then(Extern::into_global).and_then(|mark| mark.get(&mut caller).i32()));
        marks.reverse();
        ensure!(marks.iter().all(|mark| *mark == marks[0]), "all ways lead to the same: {marks:?}");
        let instance = caller.instance();
        caller.data_mut().exports.push(marks[0]);
        caller.data_mut().instances.push(instance);
        Ok(())
    })?;
    Ok(linker)
}

fn module(engine: &Engine, mark: i32, imports: &str, more: &str) -> Result<Module> {
    let text = format!(
        r#"(module
            (import "host" "note" (func $note))
            {imports}
            (global (export "mark") i32 (i32.const {mark}))
            (export "note again" (func $note))
            (func (export "run") (call $note))
            {more})"#
    );
    Module::new(engine, text)
}

#[test]
fn the_caller_is_the_instance_whose_code_calls() -> Result<()> {
    let engine = engine(|_| ());
    let mut linker = note(&engine)?;
    let mut store = Store::new(&engine, Notes::default());
    store.set_fuel(1_000)?;
    let first = linker.instantiate(&mut store, &module(&engine, 1, "", "")?)?;
    linker.instance(&mut store, "first", first)?;
    let second = linker.instantiate(
        &mut store,
        &module(
            &engine,
            2,
            r#"(import "first" "note again" (func $reexport))
               (import "first" "run" (func $run))"#,
            r#"(table funcref (elem $reexport))
               (func (export "reexport") (call $reexport))
               (func (export "indirect") (call_indirect (i32.const 0)))
               (func (export "through") (call $run) (call $note))"#,
        )?,
    )?;

    let mut calls = Vec::new();
    for (instance, name, expected) in [
        (first, "run", &[Some(first)][..]),
        (second, "run", &[Some(second)]),
        (second, "reexport", &[Some(second)]),
        (second, "indirect", &[Some(second)]),
        (second, "through", &[Some(first), Some(second)]),
        // The host calls the host: there is no caller, whichever instance exports the function.
        (first, "note again", &[None]),
        (first, "run", &[Some(first)]),
    ] {
        instance.get_typed_func::<(), ()>(&mut store, name)?.call(&mut store, ())?;
        calls.extend_from_slice(expected);
        assert_eq!(store.data().instances, calls, "{name}");
    }
    let marks: Vec<Option<i32>> =
        calls.iter().map(|call| call.map(|instance| if instance == first { 1 } else { 2 })).collect();
    assert_eq!(store.data().exports, marks);
    Ok(())
}

#[test]
fn a_start_function_is_a_caller_with_all_its_exports() -> Result<()> {
    let engine = engine(|_| ());
    let linker = note(&engine)?;
    for start in ["(func $start (call $note)) (start $start)", "(start $note)"] {
        let mut store = Store::new(&engine, Notes::default());
        store.set_fuel(1_000)?;
        let instance = linker.instantiate(&mut store, &module(&engine, 7, "", start)?)?;
        assert_eq!(store.data().exports, [Some(7)], "{start}");
        assert_eq!(store.data().instances, [Some(instance)], "{start}");
    }
    Ok(())
}

#[test]
fn the_caller_is_itself_again_after_it_was_called_back() -> Result<()> {
    let engine = engine(|_| ());
    let mut linker = note(&engine)?;
    linker.func_wrap("host", "back", |mut caller: Caller<'_, Notes>| -> Result<()> {
        let other = caller.data().instances[0].expect("a guest was noted");
        let before = caller.instance();
        other.get_typed_func::<(), ()>(&mut caller, "run")?.call(&mut caller, ())?;
        ensure!(caller.instance() == before, "nothing changes who called");
        Ok(())
    })?;
    let mut store = Store::new(&engine, Notes::default());
    store.set_fuel(1_000)?;
    let first = linker.instantiate(&mut store, &module(&engine, 1, "", "")?)?;
    let second = linker.instantiate(
        &mut store,
        &module(
            &engine,
            2,
            r#"(import "host" "back" (func $back))"#,
            r#"(func (export "both") (call $back) (call $note))"#,
        )?,
    )?;
    first.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
    second.get_typed_func::<(), ()>(&mut store, "both")?.call(&mut store, ())?;
    assert_eq!(store.data().instances, [Some(first), Some(first), Some(second)]);
    Ok(())
}

#[test]
fn a_name_is_found_in_every_module_and_engine() -> Result<()> {
    let engines = [engine(|_| ()), engine(|_| ())];
    // The same ids stand for other names in the other engine.
    let names: Vec<ExportName> = ["a", "b", "c", "nowhere"].map(|name| engines[0].export_name(name)).into();
    for name in ["c", "b", "a"] {
        engines[1].export_name(name);
    }
    for engine in &engines {
        let mut store = Store::new(engine, ());
        for order in [["a", "b", "c"], ["c", "a", "b"]] {
            let exports: String = order
                .iter()
                .map(|name| format!(r#"(global (export "{name}") i32 (i32.const {}))"#, name.as_bytes()[0]))
                .collect();
            let instance =
                Instance::new(&mut store, &Module::new(engine, format!("(module {exports})"))?, &[])?;
            for name in names.iter().chain(&names) {
                let found = instance.get_named_export(&mut store, name).and_then(Extern::into_global);
                let value = found.and_then(|global| global.get(&mut store).i32());
                let expected = (name.as_str() != "nowhere").then(|| i32::from(name.as_str().as_bytes()[0]));
                assert_eq!(value, expected, "{name:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_caller_stands_for_its_store() -> Result<()> {
    fn data<'a>(store: impl Into<StoreContext<'a, u32>>) -> u32 {
        *store.into().data()
    }
    fn bump<'a>(store: impl Into<StoreContextMut<'a, u32>>) {
        *store.into().data_mut() += 1;
    }
    let engine = engine(|_| ());
    let mut store = Store::new(&engine, 10);
    let same = engine.clone();
    let func = Func::wrap(&mut store, move |mut caller: Caller<'_, u32>, add: u32| -> Result<u32> {
        ensure!(Engine::same(caller.engine(), &same), "the engine is the store's");
        ensure!(caller.memory().is_none() && caller.memory_and_data().is_none(), "nobody called");
        ensure!(caller.module().is_none() && caller.get_export("memory").is_none(), "nobody called");
        bump(&mut caller);
        let memory = Memory::new(&mut caller, MemoryType::new(1, None))?;
        memory.write(&mut caller, 0, &add.to_le_bytes())?;
        let (bytes, number) = memory.data_and_store_mut(&mut caller);
        *number += u32::from(bytes[0]);
        ensure!(data(&caller) == 16 && data(caller.as_context()) == 16, "one store, one number");
        caller.set_fuel(5)?;
        ensure!(caller.consume_fuel(2)? == 3 && caller.as_context().get_fuel()? == 3, "one count of fuel");
        bump(caller.as_context_mut());
        let mut context: StoreContextMut<'_, u32> = caller.into();
        *context.data_mut() += 1;
        Ok(data(context))
    });
    assert_eq!(func.typed::<u32, u32>(&store)?.call(&mut store, 5)?, 18);
    assert_eq!((store.get_fuel()?, store.fuel_consumed()), (3, Some(2)));
    Ok(())
}

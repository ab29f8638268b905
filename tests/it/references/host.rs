//! References held by the host: scopes, owners, other stores, null, and values of the wrong kind.

use tinkerbox_wasm::*;

fn unrooted(error: &Error) -> bool {
    error.downcast_ref() == Some(&StoreError::Unrooted)
}

#[test]
fn a_reference_ends_with_its_scope_and_never_becomes_another() {
    let mut store = Store::new(&Engine::default(), ());
    let outer = ExternRef::new(&mut store, 0).expect("there is room");
    let mut scope = RootScope::new(&mut store);
    let first = ExternRef::new(&mut scope, 1).expect("there is room");
    let stale = {
        let mut within = RootScope::new(&mut scope);
        let inner = ExternRef::new(&mut within, 2).expect("there is room");
        assert!(inner.data(&within).is_ok() && first.data(&within).is_ok());
        inner
    };
    // Another reference takes the same slot.
    let next = ExternRef::new(&mut scope, 3).expect("there is room");
    assert!(unrooted(&stale.data(&scope).expect_err("its scope has ended")));
    assert!(unrooted(&stale.to_owned_rooted(&mut scope).expect_err("its scope has ended")));
    assert!(unrooted(&Rooted::ref_eq(&scope, &stale, &next).expect_err("its scope has ended")));
    assert!(next.data(&scope).is_ok() && first.data(&scope).is_ok());
    drop(scope);
    assert!(first.data(&store).is_err() && outer.data(&store).is_ok());
}

#[test]
fn a_host_function_is_a_scope() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let keep = |mut caller: Caller<'_, Vec<Rooted<ExternRef>>>, given: Option<Rooted<ExternRef>>| {
        let new = ExternRef::new(&mut caller, "made")?;
        caller.data_mut().push(new);
        caller.data_mut().extend(given);
        Ok(new)
    };
    linker.func_wrap("host", "keep", keep).expect("defined once");
    let module = r#"(module
        (import "host" "keep" (func $keep (param externref) (result externref)))
        (func (export "run") (result externref) (call $keep (call $keep (ref.null extern)))))"#;
    let module = Module::new(&engine, module).expect("the module is valid");
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
    let run = instance.get_typed_func::<(), Option<Rooted<ExternRef>>>(&mut store, "run");
    let result = run.expect("it is exported").call(&mut store, ()).expect("nothing fails");
    let kept = store.data().clone();
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().all(|kept| kept.data(&store).is_err()), "a host function's references end with it");
    assert!(result.expect("it is not null").data(&store).is_ok());
}

#[test]
fn null_is_a_trap_where_a_host_function_takes_none() {
    let engine = Engine::default();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("host", "take", |_: Rooted<ExternRef>| {}).expect("defined once");
    linker.func_wrap("host", "call", |_: Func| {}).expect("defined once");
    let module = r#"(module
        (import "host" "take" (func $take (param externref)))
        (import "host" "call" (func $call (param funcref)))
        (func (export "value") (call $take (ref.null extern)))
        (func (export "func") (call $call (ref.null func))))"#;
    let module = Module::new(&engine, module).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
    for name in ["value", "func"] {
        let run = instance.get_typed_func::<(), ()>(&mut store, name).expect("it is exported");
        let error = run.call(&mut store, ()).expect_err("null is passed");
        assert_eq!(error.downcast_ref(), Some(&Trap::NullReference));
    }
}

#[test]
fn references_of_other_stores_are_refused() {
    let engine = Engine::default();
    let (mut store, mut other) = (Store::new(&engine, ()), Store::new(&engine, ()));
    let foreign = ExternRef::new(&mut other, 1).expect("there is room");
    let owned = foreign.to_owned_rooted(&mut other).expect("the scope lasts");
    let wrong = |error: Error| error.downcast_ref() == Some(&StoreError::WrongStore);
    assert!(wrong(foreign.data(&store).expect_err("it is another store's")));
    assert!(wrong(owned.data(&store).expect_err("it is another store's")));
    let ty = TableType::new(RefType::EXTERNREF, 1, None);
    let table = Table::new(&mut store, ty, Ref::Extern(None)).expect("there is room");
    assert!(wrong(table.set(&mut store, 0, foreign.into()).expect_err("it is another store's")));
    let ty = GlobalType::new(ValType::EXTERNREF, Mutability::Var);
    assert!(wrong(Global::new(&mut store, ty, foreign.into()).expect_err("it is another store's")));
    let take = Func::wrap(&mut store, |_: Option<Rooted<ExternRef>>| {});
    let typed = take.typed::<Option<Rooted<ExternRef>>, ()>(&store).expect("the type is right");
    assert!(wrong(typed.call(&mut store, Some(foreign)).expect_err("it is another store's")));
    assert!(wrong(take.call(&mut store, &[foreign.into()], &mut []).expect_err("it is another store's")));
}

#[test]
fn kinds_are_not_mixed_up() {
    let mut store = Store::new(&Engine::default(), ());
    let func = Func::wrap(&mut store, || {});
    let value = ExternRef::new(&mut store, 1).expect("there is room");
    let ty = TableType::new(RefType::EXTERNREF, 1, None);
    assert!(Table::new(&mut store, ty.clone(), func.into()).is_err());
    let table = Table::new(&mut store, ty, Ref::Extern(None)).expect("there is room");
    assert!(table.set(&mut store, 0, func.into()).is_err());
    assert!(table.grow(&mut store, 1, Ref::Func(None)).is_err());
    let ty = GlobalType::new(ValType::FUNCREF, Mutability::Var);
    let global = Global::new(&mut store, ty, func.into()).expect("the type is right");
    assert!(global.set(&mut store, value.into()).is_err());
    let take = Func::wrap(&mut store, |_: Option<Func>| {});
    assert!(take.call(&mut store, &[value.into()], &mut []).is_err());
    assert!(take.typed::<Option<Rooted<ExternRef>>, ()>(&store).is_err());
}

#[test]
fn a_value_that_panics_when_it_is_dropped_leaves_the_heap_in_order() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a value of the host panics");
        }
    }
    let mut store = Store::new(&Engine::default(), ());
    let kept = ExternRef::new(&mut store, 7).expect("there is room");
    ExternRef::new(&mut RootScope::new(&mut store), Bomb).expect("there is room");
    let collected = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.gc()));
    assert!(collected.is_err(), "the panic goes on in the host");
    store.gc();
    assert_eq!(kept.data(&store).expect("it is rooted").and_then(|data| data.downcast_ref()), Some(&7));
}

#[test]
fn a_host_function_that_starts_a_module_is_a_scope_too() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let begin = |mut caller: Caller<'_, Option<Rooted<ExternRef>>>| -> Result<()> {
        let made = ExternRef::new(&mut caller, "made")?;
        *caller.data_mut() = Some(made);
        Ok(())
    };
    linker.func_wrap("host", "begin", begin).expect("defined once");
    let module = Module::new(&engine, r#"(module (import "host" "begin" (func $begin)) (start $begin))"#);
    let mut store = Store::new(&engine, None);
    linker.instantiate(&mut store, &module.expect("the module is valid")).expect("nothing fails");
    let made = store.data().expect("the function ran");
    assert!(unrooted(&made.data(&store).expect_err("its scope has ended")));
}

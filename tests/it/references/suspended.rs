//! Collections between the steps of a suspended call, whose stack has roots like any other.

use tinkerbox_wasm::*;

use super::herd::{self, Herd};

#[test]
fn what_a_suspended_stack_needs_survives_a_collection_at_each_stop() {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("the settings are fine");
    let linker = herd::linker(&engine);
    let module = herd::module(
        &engine,
        r#"(func $inner (param $a externref) (result externref) (local $b externref) (local $i i32)
            (local.set $b (call $make (i32.const 1)))
            (local.set $i (i32.const 5))
            (loop $again
                (local.set $i (i32.sub (local.get $i) (i32.const 1)))
                (br_if $again (local.get $i)))
            (call $use (local.get $b) (i32.const 1))
            (local.get $a))
        (func (export "run") (param externref) (result externref) (local $kept externref)
            (local.set $kept (call $make (i32.const 2)))
            (call $inner (local.get 0))
            (call $use (local.get $kept) (i32.const 2)))"#,
    );
    for slice in 1..60 {
        let mut store = Store::new(&engine, Herd::default());
        let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
        type Passed = Option<OwnedRooted<ExternRef>>;
        let run = instance.get_typed_func::<Passed, Passed>(&mut store, "run").expect("it is exported");
        let sheep = herd::Sheep::new(0, &store.data().living.clone());
        let passed = {
            let mut scope = RootScope::new(&mut store);
            let sheep = ExternRef::new(&mut scope, sheep).expect("there is room");
            sheep.to_owned_rooted(&mut scope).expect("the scope lasts")
        };
        store.set_fuel(slice).expect("fuel is configured");
        let mut state = run.call_resumable(&mut store, Some(passed)).expect("nothing fails");
        let back = loop {
            match state {
                CallState::Finished(back) => break back.expect("it is the argument"),
                CallState::Suspended(call) => {
                    store.gc();
                    assert_eq!(store.data().living() & 1, 1, "the argument is returned at the end");
                    // Other objects reuse the space of a lost object.
                    let mut scope = RootScope::new(&mut store);
                    for _ in 0..9 {
                        ExternRef::new(&mut scope, "another").expect("there is room");
                    }
                    drop(scope);
                    store.add_fuel(slice).expect("fuel is configured");
                    state = call.resume(&mut store).expect("nothing fails");
                }
            }
        };
        let found =
            back.data(&store).expect("it is owned").and_then(|data| data.downcast_ref::<herd::Sheep>());
        assert_eq!(found.map(|sheep| sheep.id), Some(0), "slices of {slice}");
        drop(back);
        store.gc();
        assert_eq!(store.data().living(), 0, "slices of {slice}");
    }
}

#[test]
fn what_a_cancelled_call_held_is_collected() {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("the settings are fine");
    let linker = herd::linker(&engine);
    let module = herd::module(
        &engine,
        r#"(func (export "run") (local externref)
            (local.set 0 (call $make (i32.const 0)))
            (loop $again (br $again))
            (call $use (local.get 0) (i32.const 0)))"#,
    );
    let mut store = Store::new(&engine, Herd::default());
    let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("it is exported");
    store.set_fuel(100).expect("fuel is configured");
    let CallState::Suspended(call) = run.call_resumable(&mut store, ()).expect("nothing fails") else {
        panic!("it never returns");
    };
    call.cancel(&mut store).expect("it is suspended");
    store.gc();
    assert_eq!(store.data().living(), 0);
}

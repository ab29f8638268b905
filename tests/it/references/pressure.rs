//! Automatic collections: memory use stays level, however many references are made and dropped.

use tinkerbox_wasm::*;

use super::herd;

/// The loop of a guest that makes n references and keeps none.
const CHURN: &str = r#"(func (export "run") (param $left i32)
    (loop $again
        (drop (call $make (i32.const 3)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left))))"#;

#[test]
fn a_million_short_lived_references_leave_memory_level() {
    let engine = Engine::default();
    let (linker, module) = (herd::linker(&engine), herd::module(&engine, CHURN));
    let mut store = Store::new(&engine, herd::Herd::default());
    let instance = linker.instantiate(&mut store, &module).expect("the imports are there");
    let run = instance.get_typed_func::<u32, ()>(&mut store, "run").expect("it is exported");
    run.call(&mut store, 10_000).expect("nothing fails");
    let room = store.gc_heap_capacity();
    run.call(&mut store, 1_000_000).expect("nothing fails");
    assert_eq!(store.gc_heap_capacity(), room);
    assert!(room < 64 << 10, "{room} bytes for one reference at a time");
}

#[test]
fn many_that_are_kept_grow_the_heap_and_their_room_is_used_again() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = TableType::new(RefType::EXTERNREF, 50_000, None);
    let table = Table::new(&mut store, ty, Ref::Extern(None)).expect("there is room");
    let mut room = 0;
    for round in 0..5 {
        for at in 0..50_000 {
            let mut scope = RootScope::new(&mut store);
            let value = ExternRef::new(&mut scope, (round, at)).expect("there is room");
            table.set(&mut scope, at, value.into()).expect("it is within");
        }
        for at in (0..50_000).step_by(997) {
            let mut scope = RootScope::new(&mut store);
            let value = table.get(&mut scope, at).expect("it is within");
            let value = value.unwrap_extern().expect("it was set").data(&scope).expect("the scope lasts");
            assert_eq!(value.and_then(|value| value.downcast_ref()), Some(&(round, at)));
        }
        if round == 2 {
            room = store.gc_heap_capacity();
        }
    }
    assert_eq!(store.gc_heap_capacity(), room, "what is overwritten leaves its room to others");
}

/// How many of n values that are made and dropped at once are alive at the same time.
fn most_at_once(store: &mut Store<()>, values: usize) -> usize {
    let counted = std::sync::Arc::new(());
    let mut most = 0;
    for _ in 0..values {
        let mut scope = RootScope::new(&mut *store);
        ExternRef::new(&mut scope, counted.clone()).expect("there is room");
        most = most.max(std::sync::Arc::strong_count(&counted) - 1);
    }
    most
}

#[test]
fn a_large_table_does_not_let_a_guest_keep_as_much_garbage() {
    let mut store = Store::new(&Engine::default(), ());
    let ty = TableType::new(RefType::EXTERNREF, 160_000, None);
    Table::new(&mut store, ty, Ref::Extern(None)).expect("there is room");
    assert!(most_at_once(&mut store, 100_000) <= 11_000);
}

#[test]
fn whatever_a_collection_passes_it_comes_less_often_for() {
    let many_globals = |store: &mut Store<()>| {
        for _ in 0..64_000 {
            let ty = GlobalType::new(ValType::I32, Mutability::Const);
            Global::new(&mut *store, ty, Val::I32(0)).expect("there is room");
        }
    };
    let many_owners_once = |store: &mut Store<()>| {
        let mut kept = Vec::new();
        for number in 0..64_000 {
            let mut scope = RootScope::new(&mut *store);
            let value = ExternRef::new(&mut scope, number).expect("there is room");
            kept.push(value.to_owned_rooted(&mut scope).expect("the scope lasts"));
        }
        // The last one keeps the list at its length.
        std::mem::forget(kept.pop());
    };
    for fill in [many_globals as fn(&mut Store<()>), many_owners_once] {
        let mut store = Store::new(&Engine::default(), ());
        fill(&mut store);
        store.gc();
        assert!(most_at_once(&mut store, 10_000) >= 4_000);
    }
}

#[test]
fn owners_come_and_go_in_any_order() {
    let mut store = Store::new(&Engine::default(), ());
    let mut kept = std::collections::VecDeque::new();
    for number in 0..100_000_u32 {
        let mut scope = RootScope::new(&mut store);
        let value = ExternRef::new(&mut scope, number).expect("there is room");
        kept.push_back((number, value.to_owned_rooted(&mut scope).expect("the scope lasts")));
        // Alternately the oldest and the second newest are dropped.
        if kept.len() > 100 {
            let gone = if number % 3 == 0 { kept.pop_front() } else { kept.remove(98) };
            drop(gone.map(|(_, owned)| owned.clone()));
        }
    }
    for (number, owned) in &kept {
        let found = owned.data(&store).expect("it is owned").and_then(|value| value.downcast_ref::<u32>());
        assert_eq!(found, Some(number));
    }
    assert!(store.gc_heap_capacity() < 64 << 10);
}

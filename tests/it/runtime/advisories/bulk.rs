//! Bulk operations of a suspended call, whose host grows the memories and tables in the meantime.
//!
//! In releases of another runtime an interrupted copy continued at the old address of a memory or table, and a trap
//! in the middle left elements uninitialized. Here bulk operations are paid for as a whole before they begin, and are
//! not interrupted; if the memory moved before, they use its new address.

use tinkerbox_wasm::*;

use super::{ROOMS, Way, way};

/// Every bulk operation, after and before plain accesses of the same memory and table.
const PROGRAM: &str = r#"(module
    (memory (export "memory") 1 200)
    (table $funcs (export "funcs") 20 300 funcref)
    (data $some "abcdefghijklmnopqrstuvwxyz")
    (data (i32.const 100) "here from the start")
    (elem $some func $one $two $one)
    (elem (table $funcs) (i32.const 0) func $two $one $two)
    (type $number (func (result i32)))
    (func $one (result i32) (i32.const 1))
    (func $two (result i32) (i32.const 2))
    (func $add (param i32 i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 31)) (local.get 1)))
    (func (export "run") (result i32) (local $sum i32) (local $left i32)
        (local.set $left (i32.const 3))
        (loop $again
            (i32.store (i32.const 0) (local.get $sum))
            (memory.init $some (i32.add (i32.const 30000) (local.get $left)) (i32.const 3) (i32.const 20))
            (local.set $sum (call $add (local.get $sum) (i32.load (i32.const 30004))))
            (memory.copy (i32.const 40) (i32.const 100) (i32.const 70))
            (local.set $sum (call $add (local.get $sum) (i32.load (i32.const 44))))
            (memory.fill (i32.const 65000) (local.get $sum) (i32.const 536))
            (local.set $sum (call $add (local.get $sum) (i32.load (i32.const 65532))))
            (local.set $sum (call $add (local.get $sum) (i32.load (i32.const 0))))
            (local.set $sum (call $add (local.get $sum) (call_indirect (type $number) (i32.const 1))))
            (table.init $funcs $some (i32.const 5) (i32.const 0) (i32.const 3))
            (local.set $sum (call $add (local.get $sum) (call_indirect (type $number) (i32.const 6))))
            (table.copy $funcs $funcs (i32.const 9) (i32.const 0) (i32.const 8))
            (local.set $sum (call $add (local.get $sum) (call_indirect (type $number) (i32.const 10))))
            (table.fill $funcs (i32.const 12) (table.get $funcs (i32.const 2)) (i32.const 8))
            (local.set $sum (call $add (local.get $sum) (call_indirect (type $number) (i32.const 19))))
            (drop (table.grow $funcs (ref.null func) (i32.const 2)))
            (drop (memory.grow (i32.const 1)))
            (table.set $funcs (i32.const 3) (table.get $funcs (i32.const 1)))
            (i64.store8 (i32.const 17) (i64.extend_i32_u (local.get $sum)))
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $again (local.get $left)))
        (local.get $sum)))"#;

/// The guest's state, without the parts that the host changes.
#[derive(Debug, PartialEq)]
struct Outcome {
    sum: i32,
    fuel: u64,
    page: Vec<u8>,
    funcs: Vec<Option<i32>>,
}

/// Runs it with slices of fuel. At each stop the host grows its memory and table, which moves them.
fn run(way: &Way, slice: u64) -> Result<Outcome> {
    let (mut store, instance) = way.instance(PROGRAM);
    let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
    let table = instance.get_table(&mut store, "funcs").expect("it is exported");
    store.set_fuel(slice)?;
    let (mut given, mut stops) = (slice, 0);
    let mut state = instance.get_typed_func::<(), i32>(&mut store, "run")?.call_resumable(&mut store, ())?;
    let sum = loop {
        let call = match state {
            CallState::Finished(sum) => break sum,
            CallState::Suspended(call) => call,
        };
        stops += 1;
        if memory.size(&store) < 150 {
            memory.grow(&mut store, 1 + stops % 3)?;
        }
        if table.size(&store) < 250 {
            table.grow(&mut store, 1 + stops % 5, Ref::Func(None))?;
        }
        store.add_fuel(slice)?;
        given += slice;
        state = call.resume(&mut store)?;
    };
    let fuel = given - store.get_fuel()?;
    store.set_fuel(1_000)?;
    let mut funcs = Vec::new();
    for at in 0..20 {
        let element = table.get(&mut store, at).expect("it is within");
        funcs.push(match element {
            Ref::Func(Some(func)) => Some(func.typed::<(), i32>(&store)?.call(&mut store, ())?),
            _ => None,
        });
    }
    Ok(Outcome { sum, fuel, page: memory.data(&store)[..65_536].to_vec(), funcs })
}

#[test]
fn bulk_operations_work_on_what_has_moved_meanwhile() -> Result<()> {
    for level in [OptLevel::None, OptLevel::Speed] {
        for (room, signals) in [(ROOMS[0], true), (ROOMS[2], true), (ROOMS[3], true), (ROOMS[3], false)] {
            let way = way(level, signals, room, true);
            let wanted = run(&way, 1_000_000)?;
            for slice in [1, 2, 3, 5, 7, 11, 60, 61, 62, 200, 540] {
                let found = run(&way, slice)?;
                assert!(found == wanted, "in slices of {slice}, {}: {found:?}", way.name);
            }
        }
    }
    Ok(())
}

/// A trap leaves nothing half done: ranges are checked before anything is written.
#[test]
fn bulk_operations_beyond_the_end_do_nothing() -> Result<()> {
    let ranges = [
        (0, 0, 21),
        (0, 27, 0),
        (19, 0, 2),
        (21, 0, 0),
        (u32::MAX, 0, 1),
        (0, u32::MAX, 1),
        (1, 1, u32::MAX),
    ];
    let text = r#"(module
        (memory (export "memory") 1) (table $funcs (export "funcs") 20 funcref)
        (data $some "abcdefghijklmnopqrstuvwxyz") (elem $some func $f $f $f) (func $f)
        (func (export "table.init") (param i32 i32 i32) (table.init $funcs $some (local.get 0) (local.get 1) (local.get 2)))
        (func (export "table.copy") (param i32 i32 i32) (table.copy $funcs $funcs (local.get 0) (local.get 1) (local.get 2)))
        (func (export "table.fill") (param i32 i32 i32) (table.fill $funcs (local.get 0) (ref.func $f) (local.get 2)))
        (func (export "memory.init") (param i32 i32 i32) (memory.init $some (local.get 0) (local.get 1) (local.get 2)))
        (func (export "memory.copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
        (func (export "memory.fill") (param i32 i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 2)))
        (func (export "drop") (data.drop $some) (elem.drop $some)))"#;
    for signals in [true, false] {
        let way = way(OptLevel::Speed, signals, ROOMS[0], false);
        let (mut store, instance) = way.instance(text);
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        let table = instance.get_table(&mut store, "funcs").expect("it is exported");
        for dropped in [false, true] {
            for name in
                ["table.init", "table.copy", "table.fill", "memory.init", "memory.copy", "memory.fill"]
            {
                let (end, trap) = match name.starts_with("table") {
                    true => (20, Trap::TableOutOfBounds),
                    false => (65_536, Trap::MemoryOutOfBounds),
                };
                let func = instance.get_typed_func::<(i32, i32, i32), ()>(&mut store, name)?;
                for (to, from, len) in ranges {
                    // The same distance from the end, in memories as in tables.
                    let to = if (19..22).contains(&to) { end - 20 + to } else { to };
                    let available = match name {
                        "table.init" if dropped => 0,
                        "memory.init" if dropped => 0,
                        "table.init" => 3,
                        "memory.init" => 26,
                        "table.fill" | "memory.fill" => u64::MAX,
                        _ => u64::from(end),
                    };
                    let fits = u64::from(to) + u64::from(len) <= u64::from(end)
                        && u64::from(from).saturating_add(len.into()) <= available;
                    let called = func.call(&mut store, (to as i32, from as i32, len as i32));
                    let found = called.as_ref().err().and_then(|error| error.downcast_ref());
                    assert_eq!(
                        found,
                        (!fits).then_some(&trap),
                        "{name} {to} {from} {len}, dropped {dropped}"
                    );
                    if fits {
                        memory.data_mut(&mut store).fill(0);
                        table.fill(&mut store, 0, Ref::Func(None), 20)?;
                    }
                    assert!(memory.data(&store).iter().all(|byte| *byte == 0), "{name} {to} {from} {len}");
                    let null = |element: Option<Ref>| element.is_some_and(|element| element.is_null());
                    assert!((0..20).all(|at| null(table.get(&mut store, at))), "{name} {to} {from} {len}");
                }
            }
            instance.get_typed_func::<(), ()>(&mut store, "drop")?.call(&mut store, ())?;
        }
    }
    Ok(())
}

//! The address space behind a memory: none of it is accessible, however large the previous memory was.
//!
//! Released pools exposed the last tenant's data to guests: initial contents of another module, pages still
//! accessible behind a smaller memory, empty memories without a guard.

use tinkerbox_wasm::*;

use super::{ROOMS, Way, all_ways, call, way};

const PAGE: u64 = 65_536;

/// A guest that reads and writes at given addresses, in a memory of a given type.
fn prober(memory: &str) -> String {
    format!(
        r#"(module
            (memory (export "memory") {memory})
            (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0)))
            (func (export "read far") (param i32) (result i64) (i64.load offset=60000 (local.get 0)))
            (func (export "write") (param i32) (result i32)
                (i32.store8 (local.get 0) (i32.const 1)) (i32.const 0))
            (func (export "fill") (param i32) (result i32)
                (memory.fill (local.get 0) (i32.const 7) (i32.const 1)) (i32.const 0))
            (func (export "copy") (param i32) (result i32)
                (memory.copy (i32.const 0) (local.get 0) (i32.const 1)) (i32.const 0)))"#
    )
}

const PROBES: [&str; 4] = ["read", "write", "fill", "copy"];

/// Addresses at and behind the end of a memory where data could remain, with pages of either size.
fn behind(len: u64) -> impl Iterator<Item = u64> {
    let pages = [0, 1, 2, 15, 16, 17, 16 * 39, 16 * 40, 16 * 99, 16 * 100];
    pages.into_iter().flat_map(move |page| [len + page * 4_096, len + page * 4_096 + 4_095])
}

/// Accesses at and behind the end all trap.
fn check_end(way: &Way, store: &mut Store<()>, instance: Instance) {
    let memory = instance.get_memory(&mut *store, "memory").expect("it is exported");
    let len = memory.data_size(&*store) as u64;
    for place in behind(len) {
        for probe in PROBES {
            let func = instance.get_func(&mut *store, probe).expect("it is exported");
            let found = call(store, func, &[Val::I32(place as i32)]);
            assert_eq!(found, Err(Trap::MemoryOutOfBounds), "{probe} at {place} of {len}: {}", way.name);
        }
    }
    let func = instance.get_func(&mut *store, "read far").expect("it is exported");
    for place in [len.saturating_sub(60_007), len] {
        let found = call(store, func, &[Val::I32(place as i32)]);
        let within = place + 60_008 <= len;
        assert_eq!(found.is_ok(), within, "60,000 behind {place} of {len}: {}", way.name);
    }
}

#[test]
fn nothing_of_a_larger_memory_is_behind_a_smaller_one() {
    for way in all_ways() {
        let large = Module::new(&way.engine, prober("100")).expect("the module is valid");
        let grown = Module::new(&way.engine, prober("1")).expect("the module is valid");
        let with_data = prober("1").replace(
            "(func (export \"read\")",
            "(data (i32.const 60000) \"some data\") (func (export \"read\")",
        );
        let small = [prober("0"), prober("0 0"), prober("1"), prober("1 1"), with_data, prober("40")];
        for text in small {
            let small = Module::new(&way.engine, &text).expect("the module is valid");
            for (before, pages) in [(&large, 0), (&grown, 99), (&grown, 0)] {
                // The maximum that can be left behind.
                let mut store = way.store();
                let instance = Instance::new(&mut store, before, &[]).expect("it needs no imports");
                let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
                memory.grow(&mut store, pages).expect("there is room");
                memory.data_mut(&mut store).fill(0xdd);
                drop(store);

                let mut store = way.store();
                let instance = Instance::new(&mut store, &small, &[]).expect("it needs no imports");
                check_end(&way, &mut store, instance);
            }
        }
    }
}

/// Growing exposes zeros up to the new end, and nothing behind it.
#[test]
fn nothing_is_behind_a_memory_that_grows() {
    for way in all_ways() {
        let (mut store, instance) = way.instance(&prober("0 50"));
        let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
        for pages in [0, 1, 1, 14, 1, 33] {
            memory.grow(&mut store, pages).expect("there is room");
            check_end(&way, &mut store, instance);
            assert!(memory.data(&store).iter().skip(1).all(|byte| *byte == 0), "{}", way.name);
        }
        assert!(memory.grow(&mut store, 1).is_err(), "its maximum is reached");
        check_end(&way, &mut store, instance);
    }
}

/// Sizes that are not multiples of pages, and reservations around 4 GiB, from which accesses are not checked.
#[test]
fn reservations_and_guards_of_any_size() {
    let reservations = [0, 1, PAGE - 1, 3 * PAGE, (4 << 30) - 1, 4 << 30, (4 << 30) + 1, 5 << 30];
    for reservation in reservations {
        for guard in [0, 1, 4_095, 4_097, 60_000, 60_008, PAGE] {
            for signals in [true, false] {
                let way = way(OptLevel::Speed, signals, (reservation, guard), false);
                for memory in ["0", "1", "3"] {
                    let (mut store, instance) = way.instance(&prober(memory));
                    check_end(&way, &mut store, instance);
                    let far = instance.get_func(&mut store, "read far").expect("it is exported");
                    for place in [u32::MAX, u32::MAX - 60_000, u32::MAX - 7] {
                        let found = call(&mut store, far, &[Val::I32(place as i32)]);
                        assert_eq!(found, Err(Trap::MemoryOutOfBounds), "{place}: {}", way.name);
                    }
                }
            }
        }
    }
}

/// Sizes beyond every machine are errors, whether a module or the host asks for them.
#[test]
fn sizes_without_end_are_errors() -> Result<()> {
    let way = way(OptLevel::Speed, true, ROOMS[0], false);
    for (least, most) in
        [(65_537, None), (u64::MAX, None), (0, Some(65_537)), (2, Some(1)), (1, Some(u64::MAX))]
    {
        assert!(MemoryTypeBuilder::default().min(least).max(most).build().is_err(), "{least} to {most:?}");
    }
    let mut store = way.store();
    for least in [10_000_001, u32::MAX - 1, u32::MAX] {
        let ty = TableType::new(RefType::FUNCREF, least, None);
        let error = Table::new(&mut store, ty, Ref::Func(None)).expect_err("it is too large");
        assert_eq!(error.downcast_ref(), Some(&StoreError::LimitExceeded("table size")), "{least}");
        let module = Module::new(&way.engine, format!("(module (table {least} funcref))"));
        let refused = module.and_then(|module| Instance::new(&mut store, &module, &[]));
        assert!(refused.is_err(), "a table of {least}");
    }
    let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    let table = Table::new(&mut store, TableType::new(RefType::FUNCREF, 1, None), Ref::Func(None))?;
    for delta in [65_536, u64::from(u32::MAX), 1 << 32, 1 << 48, u64::MAX - 1, u64::MAX] {
        assert!(memory.grow(&mut store, delta).is_err(), "{delta} pages more");
        let delta = delta.max(1 << 32);
        assert!(table.grow(&mut store, delta, Ref::Func(None)).is_err(), "{delta} elements more");
        assert!(table.fill(&mut store, delta, Ref::Func(None), 1).is_err());
        assert!(table.fill(&mut store, 1, Ref::Func(None), delta).is_err());
        assert!(Table::copy(&mut store, &table, delta, &table, 0, delta).is_err());
        assert!(table.get(&mut store, delta).is_none());
        assert!(table.set(&mut store, delta, Ref::Func(None)).is_err());
        assert!(memory.read(&store, delta as usize, &mut [0; 2]).is_err());
        assert!(memory.write(&mut store, usize::MAX - 1, &[0; 2]).is_err());
    }
    assert_eq!((memory.size(&store), table.size(&store)), (1, 1));
    // Settings as well: an engine can be created with them, but a memory of that engine can't.
    for (reservation, guard) in
        [(u64::MAX, 0), (4 << 30, u64::MAX), (u64::MAX, u64::MAX), (1 << 60, 1 << 60), (0, 1 << 62)]
    {
        let mut config = Config::new();
        config.memory_reservation(reservation).memory_guard_size(guard);
        let Ok(engine) = Engine::new(&config) else { continue };
        let mut store = Store::new(&engine, ());
        let refused =
            Memory::new(&mut store, MemoryType::new(1, None)).expect_err("no machine has that much");
        assert!(matches!(refused.downcast_ref(), Some(StoreError::OutOfMemory(_))), "{refused:#}");
        let module = Module::new(&engine, "(module (memory 1) (data (i32.const 0) \"some\"))")?;
        assert!(Instance::new(&mut store, &module, &[]).is_err());
    }
    Ok(())
}

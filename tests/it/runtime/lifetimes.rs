//! Dropped values leave nothing behind: the memory, mappings and file handles of the whole process are counted, so
//! each test runs in a process of its own.

use super::engine;
use crate::doors::tasks::poll_once;
use std::fs;
use std::process::Command;
use tinkerbox_wasm::*;

const CHILD: &str = "TINKERBOX_LIFETIMES_TEST";

/// Runs a test of this file in a process of its own.
fn alone(name: &str, test: fn() -> Result<()>) -> Result<()> {
    if std::env::var(CHILD).is_ok_and(|child| child == name) {
        return test();
    }
    let name_of_test = format!("runtime::lifetimes::{name}");
    let mut child = Command::new(std::env::current_exe()?);
    let output = child.args(["--exact", &name_of_test, "--nocapture"]).env(CHILD, name).output()?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success() && said.contains("1 passed"), "in a process of its own: {said}");
    Ok(())
}

/// The system resources that a process holds.
#[derive(Clone, Copy, Debug)]
struct Usage {
    mappings: usize,
    files: usize,
    address_space_bytes: usize,
    resident_bytes: usize,
}

fn usage() -> Result<Usage> {
    let pages = fs::read_to_string("/proc/self/statm")?;
    let mut bytes = pages.split(' ').map(|pages| pages.parse::<usize>().map(|pages| pages * 4_096));
    Ok(Usage {
        mappings: fs::read_to_string("/proc/self/maps")?.lines().count(),
        files: fs::read_dir("/proc/self/fd")?.count(),
        address_space_bytes: bytes.next().expect("the first is the size")?,
        resident_bytes: bytes.next().expect("the second is what is resident")?,
    })
}

/// The memory file of the engine's images, and its size.
fn image_files() -> Result<Vec<u64>> {
    use std::os::unix::fs::MetadataExt;
    let mut sizes = Vec::new();
    for file in fs::read_dir("/proc/self/fd")? {
        let path = file?.path();
        if fs::read_link(&path).is_ok_and(|target| target.to_string_lossy().contains("tinkerbox images")) {
            sizes.push(fs::metadata(&path)?.blocks() * 512);
        }
    }
    Ok(sizes)
}

const MEBIBYTE: usize = 1 << 20;

#[test]
fn a_hundred_thousand_stores_leave_everything_where_it_was() -> Result<()> {
    alone("a_hundred_thousand_stores_leave_everything_where_it_was", || {
        let engine = engine(|_| {});
        let texts = ["", r#"(data (i32.const 1000) "some")"#, r#"(data (i32.const 70000) "other")"#];
        let modules: Vec<Module> = texts
            .iter()
            .map(|data| Module::new(&engine, COMES_AND_GOES.replace("DATA", data)))
            .collect::<Result<_>>()?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap("", "host", |at: i32| -> Result<i32> {
            ensure!(at % 7 != 0, "the host does not like it");
            Ok(at)
        })?;
        let round = |number: i32| -> Result<()> {
            let mut store = Store::new(&engine, ());
            store.set_fuel(10_000)?;
            let module = &modules[number as usize / 10 % modules.len()];
            let instance = linker.instantiate(&mut store, module)?;
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
            let result = match number % 5 {
                // Dropped while it is suspended.
                0 => {
                    store.set_fuel(3)?;
                    let suspended = run.call_resumable(&mut store, number)?;
                    assert!(matches!(suspended, CallState::Suspended(_)));
                    return Ok(());
                }
                _ => run.call(&mut store, number),
            };
            assert_eq!(result.is_err(), number % 7 == 0 || number % 11 == 0, "{result:?}");
            Ok(())
        };
        (0..2_000).try_for_each(round)?;
        let before = usage()?;
        (0..100_000).try_for_each(round)?;
        let after = usage()?;
        // The number of mappings of an idle reservation depends on the image in it.
        assert!(after.mappings <= before.mappings + 2, "{before:?} {after:?}");
        assert_eq!(before.files, after.files);
        assert!(after.address_space_bytes <= before.address_space_bytes + MEBIBYTE, "{before:?} {after:?}");
        assert!(after.resident_bytes < before.resident_bytes + MEBIBYTE, "{before:?} {after:?}");
        Ok(())
    })
}

const COMES_AND_GOES: &str = r#"(module
    (import "" "host" (func $host (param i32) (result i32)))
    (memory 2) (table 10 funcref) (elem (i32.const 1) $host)
    DATA
    (func (export "run") (param i32) (result i32)
        (i32.store (i32.const 1001) (local.get 0))
        (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 9)))
            (then (drop (memory.grow (i32.const 3))) (i32.store (i32.const 200000) (i32.const 1))))
        (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 11)))
            (then (i32.store (i32.const -4) (i32.const 1))))
        (call_indirect (param i32) (result i32) (local.get 0) (i32.const 1))))"#;

#[test]
fn thousands_of_stores_live_at_once_and_only_so_many_memories_are_kept() -> Result<()> {
    alone("thousands_of_stores_live_at_once_and_only_so_many_memories_are_kept", || {
        let engine = engine(|config| {
            config.max_unused_warm_slots(10);
        });
        let text = r#"(module (memory (export "memory") 1 4) (data (i32.const 0) "image"))"#;
        let module = Module::new(&engine, text)?;
        let one = || -> Result<(Store<usize>, Memory)> {
            let mut store = Store::new(&engine, 0);
            let instance = Instance::new(&mut store, &module, &[])?;
            let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
            Ok((store, memory))
        };
        drop((one()?, one()?));
        let before = usage()?;
        let mut stores = Vec::new();
        for number in 0..2_000 {
            let (mut store, memory) = one()?;
            memory.write(&mut store, 8, &u64::to_le_bytes(number))?;
            if number % 3 == 0 {
                memory.grow(&mut store, 2)?;
            }
            stores.push((store, memory));
        }
        for (number, (store, memory)) in stores.iter().enumerate() {
            let bytes = memory.data(store);
            assert_eq!((&bytes[..5], &bytes[8..16]), (&b"image"[..], &usize::to_le_bytes(number)[..]));
        }
        drop(stores);
        let after = usage()?;
        let reservations = 8 * ((4 << 30) + 2 * (32 << 20));
        assert!(after.address_space_bytes <= before.address_space_bytes + reservations + 16 * MEBIBYTE);
        assert!(after.mappings <= before.mappings + 10 * 4 + 20, "{before:?} {after:?}");
        assert_eq!(before.files, after.files);
        Ok(())
    })
}

#[test]
fn memory_that_a_guest_has_touched_is_not_kept() -> Result<()> {
    alone("memory_that_a_guest_has_touched_is_not_kept", || {
        for reservation in [4 << 30, 0] {
            let engine = engine(|config| {
                config.memory_reservation(reservation);
            });
            let text = r#"(module (memory (export "memory") 1) (data (i32.const 0) "image"))"#;
            let module = Module::new(&engine, text)?;
            let mut before = None;
            for _ in 0..20 {
                let mut stores: Vec<Store<()>> = (0..4).map(|_| Store::new(&engine, ())).collect();
                for store in &mut stores {
                    let instance = Instance::new(&mut *store, &module, &[])?;
                    let memory = instance.get_memory(&mut *store, "memory").expect("it is exported");
                    memory.grow(&mut *store, 16 * 16)?;
                    memory.data_mut(store).fill(1);
                }
                drop(stores);
                let now = usage()?;
                let before = *before.get_or_insert(now);
                assert!(now.resident_bytes < before.resident_bytes + 2 * MEBIBYTE, "{before:?} {now:?}");
                assert!(now.resident_bytes < 64 * MEBIBYTE, "{now:?}");
                assert_eq!((before.mappings, before.files), (now.mappings, now.files));
            }
        }
        Ok(())
    })
}

#[test]
fn images_go_with_their_modules_and_share_one_file() -> Result<()> {
    alone("images_go_with_their_modules_and_share_one_file", || {
        let engine = engine(|_| {});
        let text = format!(
            r#"(module (memory (export "memory") 20) (data (i32.const 0) "{}"))"#,
            "x".repeat(MEBIBYTE)
        );
        let mut modules = Vec::new();
        for _ in 0..20 {
            let module = Module::new(&engine, &text)?;
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[])?;
            let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
            let sum: usize = memory.data(&store).iter().map(|&byte| usize::from(byte)).sum();
            assert_eq!(sum, usize::from(b'x') * MEBIBYTE);
            modules.push((module, store));
        }
        assert_eq!(image_files()?, [20 * MEBIBYTE as u64]);
        modules.truncate(5);
        assert_eq!(image_files()?, [5 * MEBIBYTE as u64]);
        // A store keeps its module and therefore its image.
        let stores: Vec<_> = modules.into_iter().map(|(_, store)| store).collect();
        assert_eq!(image_files()?, [5 * MEBIBYTE as u64]);
        drop(stores);
        assert_eq!(image_files()?, [0]);
        drop(engine);
        assert_eq!(image_files()?, []);
        Ok(())
    })
}

#[test]
fn a_store_does_not_pay_for_the_types_of_other_modules() -> Result<()> {
    alone("a_store_does_not_pay_for_the_types_of_other_modules", || {
        let engine = engine(|_| {});
        // Each number is a type of its own: its bits say which parameters there are.
        let params = |number: u32| -> String {
            (0..16).map(|bit| if number >> bit & 1 == 0 { " i32" } else { " i64" }).collect()
        };
        let many: String =
            (0..50_000).map(|number| format!("(type (func (param{})))", params(number))).collect();
        Module::new(&engine, format!("(module {many})"))?;
        let module = Module::new(&engine, r#"(module (func (export "f") (param f64)))"#)?;
        let before = usage()?;
        let mut stores = Vec::new();
        for _ in 0..500 {
            let mut store = Store::new(&engine, ());
            store.set_fuel(10)?;
            let instance = Instance::new(&mut store, &module, &[])?;
            instance.get_typed_func::<f64, ()>(&mut store, "f")?.call(&mut store, 0.5)?;
            stores.push(store);
        }
        let after = usage()?;
        assert!(after.resident_bytes < before.resident_bytes + 5 * MEBIBYTE, "{before:?} {after:?}");
        Ok(())
    })
}

/// A suspended call holds the pages of its stack that it has touched, whichever way it waits, and passes them to the
/// next.
#[test]
fn a_suspended_call_holds_what_its_stack_has_touched() -> Result<()> {
    alone("a_suspended_call_holds_what_its_stack_has_touched", || {
        let engine = engine(|_| {});
        let module = Module::new(
            &engine,
            r#"(module (func $deep (export "deep") (param i32)
                (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))))
                (loop (br 0))))"#,
        )?;
        let start = |depth: i32| -> Result<_> {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[])?;
            let deep = instance.get_typed_func::<i32, ()>(&mut store, "deep")?;
            store.set_fuel(20 * depth as u64 + 100)?;
            Ok((store, deep))
        };
        let suspended = |depth| -> Result<_> {
            let (mut store, deep) = start(depth)?;
            assert!(matches!(deep.call_resumable(&mut store, depth)?, CallState::Suspended(_)));
            Ok(store)
        };
        let polled = |depth| -> Result<_> {
            let (mut store, deep) = start(depth)?;
            store.out_of_fuel_async_yield(1, 0);
            let mut call = Box::pin(async move { deep.call_async(&mut store, depth).await });
            assert!(poll_once(call.as_mut()).is_pending());
            Ok(call)
        };
        const COUNT: usize = 1_000;
        let before = usage()?;
        let resumable = (0..COUNT).map(|_| suspended(10)).collect::<Result<Vec<_>>>()?;
        let between = usage()?;
        let tasks = (0..COUNT).map(|_| polled(10)).collect::<Result<Vec<_>>>()?;
        let after = usage()?;
        for held in [(before, between), (between, after)] {
            let bytes = (held.1.resident_bytes - held.0.resident_bytes) / COUNT;
            assert!(bytes < 16 << 10, "{bytes} bytes each: {held:?}");
        }
        drop((resumable, tasks));
        // A deep call needs its pages; they are then given to shallow ones, and few stacks are kept.
        let deep = (0..COUNT).map(|_| suspended(8_000)).collect::<Result<Vec<_>>>()?;
        assert!(usage()?.resident_bytes > after.resident_bytes + COUNT * (64 << 10));
        drop(deep);
        let kept = usage()?;
        assert!(kept.resident_bytes < before.resident_bytes + 64 * (512 << 10), "{before:?} {kept:?}");
        for round in 0..10_000 {
            drop(suspended(round % 20)?);
            drop(polled(round % 20)?);
        }
        let end = usage()?;
        assert!(end.resident_bytes < kept.resident_bytes + MEBIBYTE, "{kept:?} {end:?}");
        assert!(end.mappings <= kept.mappings + 2, "{kept:?} {end:?}");
        Ok(())
    })
}

/// Each module has ten thousand types of its own.
#[test]
fn types_go_with_their_modules() -> Result<()> {
    alone("types_go_with_their_modules", || {
        let engine = engine(|_| {});
        let kinds = ["i32", "i64", "f32", "f64"];
        let module = |round: usize| {
            let types = (0..10_000).map(|at| {
                let digits = (0..12).map(|digit| kinds[(round * 10_000 + at) >> (2 * digit) & 3]);
                format!("(type (func (param {})))", digits.collect::<Vec<_>>().join(" "))
            });
            Module::new(&engine, format!("(module {})", types.collect::<String>()))
        };
        let kept = module(0)?;
        (1..5).try_for_each(|round| module(round).map(drop))?;
        let before = usage()?;
        (5..45).try_for_each(|round| module(round).map(drop))?;
        let after = usage()?;
        let grown = after.resident_bytes.saturating_sub(before.resident_bytes);
        ensure!(grown < 16 * MEBIBYTE, "{before:?} became {after:?}");
        drop(kept);
        Ok(())
    })
}

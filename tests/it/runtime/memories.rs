//! The contents of a memory: at first exactly what its module's segments define, however they are applied, and never
//! a byte of the memory that used its address space before.

use super::{engine, instance};
use tinkerbox_wasm::*;

const PAGE: usize = 65_536;

fn memory(store: &mut Store<()>, instance: Instance) -> Memory {
    instance.get_memory(store, "memory").expect("it is exported")
}

/// The first difference between two memories; a plain comparison would print them whole.
fn difference(a: &[u8], b: &[u8]) -> Option<usize> {
    if a.len() != b.len() {
        return Some(a.len().min(b.len()));
    }
    a.iter().zip(b).position(|(a, b)| a != b)
}

/// A memory with this many pages, and the segments that are written to it, in order.
struct Layout {
    pages: usize,
    segments: Vec<(usize, Vec<u8>)>,
}

impl Layout {
    fn new(pages: usize, places: &[(usize, usize)]) -> Layout {
        let bytes = |(at, &(offset, len)): (usize, &(usize, usize))| {
            (offset, (0..len).map(|byte| (1 + at * 7 + byte % 100) as u8).collect())
        };
        Layout { pages, segments: places.iter().enumerate().map(bytes).collect() }
    }

    fn contents(&self) -> Vec<u8> {
        let mut contents = vec![0; self.pages * PAGE];
        for (offset, bytes) in &self.segments {
            contents[*offset..offset + bytes.len()].copy_from_slice(bytes);
        }
        contents
    }

    fn segments(&self) -> String {
        let text = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
        let segment =
            |(offset, bytes): &(usize, Vec<u8>)| format!("(data (i32.const {offset}) \"{}\")", text(bytes));
        self.segments.iter().map(segment).collect()
    }

    /// A module with a memory of its own, and one that copies the same segments into an imported memory.
    fn modules(&self, engine: &Engine) -> [Module; 2] {
        let (pages, segments) = (self.pages, self.segments());
        let own = format!(r#"(module (memory (export "memory") {pages}) {segments})"#);
        let imported = format!(r#"(module (import "" "memory" (memory {pages})) {segments})"#);
        [own, imported].map(|text| Module::new(engine, text).expect("the module is valid"))
    }

    /// Instances, one after the other so that address space is reused, have the expected contents.
    fn check(&self, engine: &Engine) {
        let [own, imported] = self.modules(engine);
        let wanted = self.contents();
        for round in 0..2 {
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &own, &[]).expect("the segments fit");
            let memory = memory(&mut store, instance);
            let found = memory.data(&store);
            assert_eq!(difference(found, &wanted), None, "round {round} of {}", self.segments());
            memory.data_mut(&mut store).fill(0xee);

            let memory = Memory::new(&mut store, MemoryType::new(self.pages as u32, None)).expect("it fits");
            Instance::new(&mut store, &imported, &[memory.into()]).expect("the segments fit");
            assert_eq!(difference(memory.data(&store), &wanted), None, "imported: {}", self.segments());
            memory.data_mut(&mut store).fill(0xdd);
        }
    }
}

#[test]
fn segments_are_where_they_should_be_however_they_lie() {
    let engine = engine(|_| {});
    let offsets = [0, 1, 4_095, 4_096, 4_100, 40_000, 2 * PAGE - 5_000];
    for first in offsets {
        for second in offsets {
            for lens in [(0, 0), (1, 0), (0, 1), (1, 1), (4_096, 5), (5_000, 4_097), (3, 5_000)] {
                Layout::new(2, &[(first, lens.0), (second, lens.1)]).check(&engine);
            }
        }
    }
}

#[test]
fn segments_may_fill_a_memory_to_its_last_byte() {
    let engine = engine(|_| {});
    for len in [1, 4_095, 4_096, 4_097, PAGE] {
        Layout::new(1, &[(PAGE - len, len)]).check(&engine);
    }
    Layout::new(1, &[(PAGE, 0)]).check(&engine);
    Layout::new(1, &[(0, PAGE), (PAGE, 0), (17, 1)]).check(&engine);
}

#[test]
fn segments_far_apart_are_there_too() {
    let engine = engine(|_| {});
    Layout::new(64, &[(3, 10), (64 * PAGE - 10, 10)]).check(&engine);
    Layout::new(64, &[(0, 1), (10 * PAGE, 1), (20 * PAGE, 1)]).check(&engine);
}

#[test]
fn the_largest_memory_has_its_last_bytes() -> Result<()> {
    for reservation in [4 << 30, 0] {
        let engine = engine(|config| {
            config.memory_reservation(reservation);
        });
        let text = r#"(module
            (memory (export "memory") 65536)
            (data (i32.const -3) "end") (data (i32.const 0) "start"))"#;
        let (mut store, instance) = instance(&engine, text);
        let bytes = memory(&mut store, instance).data(&store);
        assert_eq!(
            (bytes.len(), &bytes[..5], &bytes[bytes.len() - 3..]),
            (1 << 32, &b"start"[..], &b"end"[..])
        );
    }
    Ok(())
}

#[test]
fn a_segment_out_of_bounds_leaves_those_before_it() -> Result<()> {
    let engine = engine(|_| {});
    let text = r#"(module
        (import "" "memory" (memory 1))
        (data (i32.const 0) "first") (data (i32.const 65535) "too long") (data (i32.const 9) "never"))"#;
    let mut store = Store::new(&engine, ());
    let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    let error = Instance::new(&mut store, &Module::new(&engine, text)?, &[memory.into()]).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
    assert_eq!(&memory.data(&store)[..12], b"first\0\0\0\0\0\0\0");
    Ok(())
}

#[test]
fn where_an_element_segment_fails_no_data_was_copied() -> Result<()> {
    let engine = engine(|_| {});
    let text = |end: u32| {
        format!(
            r#"(module
            (import "" "table" (table 4 funcref))
            (memory 2)
            (func $read (param i32) (result i32) (i32.load8_u (local.get 0)))
            (elem (i32.const 0) $read)
            (elem (i32.const {end}) $read)
            (data (i32.const 70000) "data"))"#
        )
    };
    let [fails, fits] = [4, 3].map(|end| Module::new(&engine, text(end)).expect("the module is valid"));
    let keeper = Module::new(
        &engine,
        r#"(module
            (table (export "table") 4 funcref)
            (func (export "read") (param i32) (result i32)
                (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))"#,
    )?;
    // Repeatedly: a reused memory must have the data again.
    for round in 0..3 {
        for (module, wanted) in [(&fails, 0), (&fits, i32::from(b'd'))] {
            let mut store = Store::new(&engine, ());
            store.set_fuel(1_000)?;
            let keeper = Instance::new(&mut store, &keeper, &[])?;
            let table = keeper.get_export(&mut store, "table").expect("it is exported");
            let made = Instance::new(&mut store, module, &[table]);
            assert_eq!(made.is_err(), wanted == 0, "round {round}");
            let read = keeper.get_typed_func::<i32, i32>(&mut store, "read")?;
            assert_eq!(read.call(&mut store, 70_000)?, wanted, "round {round}");
        }
    }
    Ok(())
}

#[test]
fn active_segments_are_dropped_and_passive_ones_are_not() -> Result<()> {
    let text = r#"(module
        (memory (export "memory") 1)
        (data (i32.const 10) "active") (data "passive")
        (func (export "active") (param i32) (memory.init 0 (i32.const 100) (i32.const 0) (local.get 0)))
        (func (export "passive") (param i32) (memory.init 1 (i32.const 100) (i32.const 0) (local.get 0))))"#;
    let (mut store, instance) = instance(&engine(|_| {}), text);
    let [active, passive] =
        ["active", "passive"].map(|name| instance.get_typed_func::<i32, ()>(&mut store, name));
    let (active, passive) = (active?, passive?);
    active.call(&mut store, 0)?;
    let error = active.call(&mut store, 1).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
    passive.call(&mut store, 7)?;
    let memory = memory(&mut store, instance);
    assert_eq!(&memory.data(&store)[8..18], b"\0\0active\0\0");
    assert_eq!(&memory.data(&store)[99..108], b"\0passive\0");
    Ok(())
}

/// Memories with and without images, smaller and larger, and their initial contents.
fn layouts() -> Vec<Layout> {
    vec![
        Layout::new(1, &[]),
        Layout::new(3, &[]),
        Layout::new(1, &[(100, 50)]),
        Layout::new(1, &[(9_000, 5_000)]),
        Layout::new(3, &[(2 * PAGE + 5, 100)]),
        Layout::new(3, &[(0, 3 * PAGE)]),
        Layout::new(0, &[]),
    ]
}

#[test]
fn nothing_of_an_old_memory_is_in_a_new_one() -> Result<()> {
    let settings =
        [(4 << 30, 0, 0), (4 << 30, 1, 1 << 30), (4 << 30, 100, 5_000), (1 << 20, 3, 100_000), (0, 3, 1)];
    for (reservation, spare, resident) in settings {
        let engine = engine(|config| {
            config.memory_reservation(reservation).max_unused_warm_slots(spare);
            config.linear_memory_keep_resident(resident);
        });
        let modules: Vec<_> = layouts()
            .into_iter()
            .map(|layout| (layout.modules(&engine)[0].clone(), layout.contents()))
            .collect();
        // A pair of each, in both orders, several times each: `use_up` leaves as much behind as possible.
        for (first, first_holds) in &modules {
            for (second, second_holds) in &modules {
                for grown in [0, 1, 40] {
                    use_up(&engine, first, first_holds, grown)?;
                    use_up(&engine, second, second_holds, 2)?;
                }
            }
        }
    }
    Ok(())
}

/// Checks a new memory, grows it, checks the new part, and writes everywhere.
fn use_up(engine: &Engine, module: &Module, holds: &[u8], grown: u64) -> Result<()> {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[])?;
    let memory = memory(&mut store, instance);
    assert_eq!(difference(memory.data(&store), holds), None);
    memory.data_mut(&mut store).fill(0xee);
    memory.grow(&mut store, grown)?;
    let (old, new) = memory.data(&store).split_at(holds.len());
    assert!(old.iter().all(|&byte| byte == 0xee) && new.iter().all(|&byte| byte == 0));
    memory.data_mut(&mut store).fill(0xdd);
    Ok(())
}

#[test]
fn instances_share_an_image_and_nothing_that_they_write() {
    let engine = engine(|_| {});
    let layout = Layout::new(2, &[(60_000, 10_000)]);
    let [module, _] = layout.modules(&engine);
    let mut stores: Vec<_> = (0..20)
        .map(|_| {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("the segments fit");
            let memory = memory(&mut store, instance);
            (store, memory)
        })
        .collect();
    drop(module);
    for (number, (store, memory)) in stores.iter_mut().enumerate() {
        memory.data_mut(store)[60_000 + 300 * number] = 0xee;
    }
    for (number, (store, memory)) in stores.iter().enumerate() {
        let mut wanted = layout.contents();
        wanted[60_000 + 300 * number] = 0xee;
        assert_eq!(difference(memory.data(store), &wanted), None, "store {number}");
    }
}

#[test]
fn pages_written_here_and_there_are_all_as_before() {
    let layout = Layout::new(40, &[(3 * PAGE + 100, 2 * PAGE), (10 * PAGE, PAGE)]);
    let wanted = layout.contents();
    for resident in [0, 4_096, 64 << 10, 4 << 20] {
        let engine = engine(|config| {
            config.linear_memory_keep_resident(resident);
        });
        let [module, _] = layout.modules(&engine);
        for (start, step) in [(0, 1), (0, 2), (1, 2), (5, 7), (0, 64), (639, 1), (0, 3)] {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("the segments fit");
            let memory = memory(&mut store, instance);
            assert_eq!(difference(memory.data(&store), &wanted), None, "{resident} before {start}, {step}");
            for page in (start..40 * 16).step_by(step) {
                memory.data_mut(&mut store)[page * 4_096 + page] ^= 0xff;
            }
        }
    }
}

/// Operations on a page of a memory, which initially begins with these bytes.
type Touch = (&'static str, fn(&mut [u8]));

const TOUCHES: [Touch; 6] = [
    ("left alone", |_| {}),
    ("only read", |page| assert!(page.iter().map(|byte| u64::from(*byte)).sum::<u64>() < u64::MAX)),
    ("written with zeros", |page| page.fill(0)),
    ("read, then written with zeros", |page| {
        assert_ne!(page.iter().max(), None);
        page.fill(0);
    }),
    ("written with what it holds", |page| {
        let held = page.to_vec();
        page.copy_from_slice(&held);
    }),
    ("written and cleared again", |page| {
        page.fill(0xee);
        page.fill(0);
    }),
];

/// A page of zeros that was written is handled like any other: its initial contents are restored, including those of
/// an image, in memories of the same module and of others, with pages that are cleared (up to the setting's limit)
/// and with pages that are released.
#[test]
fn zeros_are_written_over_data_and_the_data_comes_back() -> Result<()> {
    // Pages of the machine before the image, in it and after it; the image begins and ends within a page.
    let layout = Layout::new(2, &[(5 * 4_096 + 100, 8 * 4_096), (20 * 4_096, 4_096)]);
    let other = Layout::new(3, &[(7 * 4_096, 4_096)]);
    for resident in [0, 3 * 4_096, 8 * 4_096, 1 << 20] {
        let engine = engine(|config| {
            config.linear_memory_keep_resident(resident).max_unused_warm_slots(2);
        });
        let [module, other_module] = [&layout, &other].map(|layout| layout.modules(&engine)[0].clone());
        let touches = TOUCHES.into_iter().flat_map(|one| TOUCHES.map(|two| (one, two)));
        for (one, two) in touches {
            for (start, step) in [(0, 1), (0, 2), (4, 3), (12, 1)] {
                for (module, layout) in [(&module, &layout), (&module, &layout), (&other_module, &other)] {
                    let mut store = Store::new(&engine, ());
                    let instance = Instance::new(&mut store, module, &[])?;
                    let memory = memory(&mut store, instance);
                    let context = format!("{resident}: {}, {}, from {start} by {step}", one.0, two.0);
                    assert_eq!(difference(memory.data(&store), &layout.contents()), None, "{context}");
                    let pages = memory.data_mut(&mut store).chunks_exact_mut(4_096);
                    for (at, page) in pages.skip(start).step_by(step).enumerate() {
                        if at % 2 == 0 { one.1(page) } else { two.1(page) }
                    }
                }
            }
        }
    }
    Ok(())
}

//! Growth stays within bounds, and growing step by step costs no more than the final size.

use super::{engine, instance};
use std::collections::BTreeSet;
use tinkerbox_wasm::*;

const GROWING: &str = r#"(module
    (memory (export "memory") 1)
    (table 1 funcref)
    (func (export "grow table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))
    (func (export "grow memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "pages") (result i32) (memory.size)))"#;

#[test]
fn a_table_without_a_maximum_is_bounded_all_the_same() -> Result<()> {
    let (mut store, instance) = instance(&engine(|_| {}), GROWING);
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow table")?;
    assert_eq!(grow.call(&mut store, -2)?, -1);
    assert_eq!(grow.call(&mut store, 10)?, 1);
    Ok(())
}

#[test]
fn a_memory_that_moves_does_not_move_at_each_step() -> Result<()> {
    let (mut store, instance) = instance(
        &engine(|config| {
            config.memory_reservation(0);
        }),
        GROWING,
    );
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow memory")?;
    let pages = instance.get_typed_func::<(), i32>(&mut store, "pages")?;
    let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
    let mut places = BTreeSet::new();
    for step in 1..2_000 {
        assert_eq!(grow.call(&mut store, 1)?, step);
        places.insert(memory.data_ptr(&store));
    }
    assert_eq!(pages.call(&mut store, ())?, 2_000);
    // The reservation doubles at each move: eleven moves for 2,000 pages.
    assert!(places.len() <= 12, "it moved {} times", places.len());
    Ok(())
}

/// The calls that a limiter received, in order.
#[derive(Default)]
struct Heard {
    events: Vec<String>,
    forbid: bool,
    fail: bool,
}

impl ResourceLimiter for Heard {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.events.push(format!("memory {}..{} of {maximum:?}", current >> 16, desired >> 16));
        Ok(!self.forbid)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.events.push(error.to_string());
        if self.fail { Err(error) } else { Ok(()) }
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.events.push(format!("table {current}..{desired} of {maximum:?}"));
        Ok(!self.forbid)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.events.push(error.to_string());
        if self.fail { Err(error) } else { Ok(()) }
    }
}

/// A limiter that does not want failures is not told of them: a guest may fail as often as its fuel allows, and pays
/// less than an error costs its host.
#[test]
fn errors_that_no_limiter_wants_are_not_made() -> Result<()> {
    struct Deaf(Heard);
    impl ResourceLimiter for Deaf {
        fn memory_growing(&mut self, current: usize, desired: usize, most: Option<usize>) -> Result<bool> {
            self.0.memory_growing(current, desired, most)
        }

        fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
            self.0.memory_grow_failed(error)
        }

        fn table_growing(&mut self, current: usize, desired: usize, most: Option<usize>) -> Result<bool> {
            self.0.table_growing(current, desired, most)
        }

        fn table_grow_failed(&mut self, error: Error) -> Result<()> {
            self.0.table_grow_failed(error)
        }

        fn wants_grow_failures(&self) -> bool {
            false
        }
    }
    let engine = engine(|_| ());
    let text = r#"(module (memory 1 1) (table 1 1 funcref)
        (func (export "table") (result i32) (table.grow (ref.null func) (i32.const 1)))
        (func (export "memory") (result i32) (memory.grow (i32.const 1))))"#;
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, Deaf(Heard { fail: true, ..Heard::default() }));
    store.limiter(|deaf| deaf);
    store.set_fuel(1_000)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    for name in ["table", "memory"] {
        store.data_mut().0.events.clear();
        assert_eq!(instance.get_typed_func::<(), i32>(&mut store, name)?.call(&mut store, ())?, -1);
        assert_eq!(
            store.data().0.events.len(),
            1,
            "it was asked, and told nothing: {:?}",
            store.data().0.events
        );
    }
    // The usual limits of a store: a failure is reported only if it ends the call.
    assert!(!StoreLimits::default().wants_grow_failures());
    assert!(StoreLimitsBuilder::new().trap_on_grow_failure(true).build().wants_grow_failures());
    Ok(())
}

#[test]
fn a_limiter_hears_of_all_growing_and_its_failures() -> Result<()> {
    let engine = engine(|_| ());
    let module = Module::new(
        &engine,
        r#"(module
            (memory (export "memory") 1 2)
            (table (export "table") 1 2 funcref)
            (func (export "grow table") (result i32) (table.grow (ref.null func) (i32.const 1)))
            (func (export "grow memory") (result i32) (memory.grow (i32.const 1))))"#,
    )?;
    let mut store = Store::new(&engine, Heard::default());
    store.limiter(|heard| heard);
    store.set_fuel(1_000)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    assert_eq!(store.data_mut().events.drain(..).count(), 2);
    let grow = |name| instance.get_typed_func::<(), i32>(&mut store, name);
    let [table, memory] = ["grow table", "grow memory"].map(grow);
    for (what, grow) in [("table", table?), ("memory", memory?)] {
        let maximum = if what == "table" { 2 } else { 2 << 16 };
        store.data_mut().forbid = true;
        assert_eq!(grow.call(&mut store, ())?, -1);
        store.data_mut().forbid = false;
        assert_eq!(grow.call(&mut store, ())?, 1);
        assert_eq!(grow.call(&mut store, ())?, -1);
        store.data_mut().fail = true;
        assert!(grow.call(&mut store, ()).is_err());
        store.data_mut().fail = false;
        let first = format!("{what} 1..2 of Some({maximum})");
        let beyond = format!("{what} 2..3 of Some({maximum})");
        let unit = if what == "table" { "elements" } else { "pages" };
        let failed = format!("a {what} of at most 2 {unit} cannot grow to 3");
        let expected = [&first, &first, &beyond, &failed, &beyond, &failed];
        assert!(store.data().events.iter().eq(expected), "{:?}", store.data().events);
        store.data_mut().events.clear();
    }
    // Growth by the host also asks the limiter.
    store.data_mut().fail = true;
    let memory = instance.get_memory(&mut store, "memory").expect("it is exported");
    let error = memory.grow(&mut store, u64::MAX).expect_err("it is far too much");
    assert!(error.to_string().contains("cannot grow to"), "{error}");
    assert_eq!(memory.size(&store), 2);
    Ok(())
}

#[test]
fn a_store_without_a_limiter_has_as_many_instances_as_in_wasmtime() -> Result<()> {
    let engine = engine(|_| {});
    let module = Module::new(&engine, "(module)")?;
    let mut store = Store::new(&engine, ());
    for _ in 0..10_000 {
        Instance::new(&mut store, &module, &[])?;
    }
    let error = Instance::new(&mut store, &module, &[]).expect_err("it is one too many");
    assert_eq!(error.downcast_ref(), Some(&StoreError::LimitExceeded("instance")));
    Ok(())
}

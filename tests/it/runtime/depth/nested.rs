//! Stores that call each other share one count of the depth of calls, whichever way the guest of one has called its
//! host.

use std::sync::{Arc, Mutex};

use super::recursion::{PLENTY, STACK, ways};
use tinkerbox_wasm::*;

/// A store whose guest makes the host run another such store, recursively without end: by a host function, or by
/// growing, which calls the limiter.
#[derive(Clone)]
struct Nested {
    engine: Engine,
    module: Module,
    /// The depth that each of them reached, the innermost first.
    depths: Arc<Mutex<Vec<i32>>>,
}

impl Nested {
    fn run(&self) -> Result<()> {
        let mut store = Store::new(&self.engine, self.clone());
        store.set_fuel(PLENTY)?;
        store.limiter(|within| within);
        let mut linker = Linker::new(&self.engine);
        linker.func_wrap("host", "nothing", || ())?;
        linker.func_wrap("host", "inner", |caller: Caller<'_, Nested>| caller.data().run())?;
        let instance = linker.instantiate(&mut store, &self.module)?;
        let result = instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ());
        let depth = instance.get_global(&mut store, "depth").expect("it is exported").get(&mut store);
        self.depths.lock().expect("nothing panics").push(depth.i32().expect("it is a number"));
        result
    }

    /// As a limiter: initial sizes are allowed, growing runs the next store.
    fn growing(&self, current: usize) -> Result<bool> {
        if current > 0 {
            self.run()?;
        }
        Ok(current == 0)
    }
}

impl ResourceLimiter for Nested {
    fn memory_growing(&mut self, current: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.growing(current)
    }

    fn table_growing(&mut self, current: usize, _: usize, _: Option<usize>) -> Result<bool> {
        self.growing(current)
    }
}

/// Stores that call each other share the remaining stack, wherever they run, and whichever way the guest has called
/// its host.
#[test]
fn stores_within_stores_share_the_count() {
    let text = |before: &str, through: &str| {
        format!(
            r#"(import "host" "inner" (func $inner)) (import "host" "nothing" (func $nothing))
            (global $depth (export "depth") (mut i32) (i32.const 0))
            (memory 1) (table 1 funcref)
            (func $f (param i32)
                (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                (if (local.get 0)
                    (then (call $f (i32.sub (local.get 0) (i32.const 1))))
                    (else {through})))
            (func $elsewhere (param i32)
                (if (local.get 0)
                    (then (call $elsewhere (i32.sub (local.get 0) (i32.const 1))))
                    (else (call $nothing))))
            (func (export "run") {before} (call $f (i32.const 100)))"#
        )
    };
    // Where the guest called the host earlier does not matter, whether that was deeper or not.
    for before in ["", "(call $elsewhere (i32.const 200))", "(call $nothing)"] {
        let mut first = None;
        for (way, through) in ways().flat_map(|way| DOORS.map(|through| (way, through))) {
            let engine = way.engine(STACK);
            let module = way.module(&engine, &text(before, through));
            for stack in [256 << 10, 16 << 20] {
                let nested =
                    Nested { engine: engine.clone(), module: module.clone(), depths: Arc::default() };
                let thread = std::thread::Builder::new().stack_size(stack).spawn(move || {
                    let error = nested.run().expect_err("it never ends");
                    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
                    nested.depths.lock().expect("nothing panics").clone()
                });
                let depths = thread.expect("there are threads").join().expect("nothing fails");
                assert!(depths.len() > 5, "{depths:?}");
                let first = first.get_or_insert_with(|| depths.clone());
                assert_eq!(*first, depths, "{way:?}, {before}, {through}");
            }
        }
    }
}

/// The ways in which a guest may reach code of the host that calls guests of other stores.
const DOORS: [&str; 3] = [
    "(call $inner)",
    "(drop (memory.grow (i32.const 1)))",
    "(drop (table.grow (ref.null func) (i32.const 1)))",
];

//! The depth of calls is counted: equal at every level of optimisation, with and without signals, features of the
//! processor, references and fibers, and so is the fuel that is used until the trap.

use std::task::{Context, Poll, Waker};

use crate::runtime::instance;
use tinkerbox_wasm::*;

/// Small enough for quick tests, and much larger than any one frame here.
pub const STACK: usize = 128 << 10;

/// One way of compiling and running.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    level: OptLevel,
    signals: bool,
    features: bool,
    /// Whether there are references to values of the host, which the collector has to find on the stack.
    references: bool,
}

pub fn ways() -> impl Iterator<Item = Way> {
    let levels = [OptLevel::Speed, OptLevel::None, OptLevel::SpeedAndSize];
    let flags = |bits: u32| [bits & 1 == 0, bits & 2 == 0, bits & 4 == 0];
    levels.into_iter().flat_map(move |level| {
        (0..8).map(flags).map(move |[signals, features, references]| Way {
            level,
            signals,
            features,
            references,
        })
    })
}

impl Way {
    pub fn engine(self, stack: usize) -> Engine {
        crate::runtime::engine(|config| {
            config.cranelift_opt_level(self.level).signals_based_traps(self.signals);
            config.cranelift_native_features(self.features).max_wasm_stack(stack);
        })
    }

    pub fn module(self, engine: &Engine, text: &str) -> Module {
        let references = if self.references { "(global externref (ref.null extern))" } else { "" };
        Module::new(engine, format!("(module {text} {references})"))
            .unwrap_or_else(|error| panic!("{self:?}: {text}\n{error:#}"))
    }
}

/// The observable results of a call that recursed until it trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    trap: Option<Trap>,
    depth: i32,
    fuel: u64,
}

/// How `run` is called.
#[derive(Clone, Copy, Debug)]
enum Call {
    Plain,
    Resumable,
    /// With this much fuel for each step.
    InSteps(u64),
    /// As a task does, which polls until the call has ended.
    Async,
}

pub const PLENTY: u64 = u64::MAX / 2;

/// Runs `run`, whose module imports a function that calls it again from the host.
fn run(engine: &Engine, module: &Module, call: Call) -> Seen {
    let mut store = Store::new(engine, ());
    store.set_fuel(PLENTY).expect("fuel is counted");
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("host", "again", |mut caller: Caller<'_, ()>| {
            let run = caller.get_export("run").and_then(Extern::into_func).expect("it is exported");
            run.typed::<(), ()>(&caller)?.call(&mut caller, ())
        })
        .expect("the names differ");
    let result = linker.instantiate(&mut store, module).and_then(|instance| {
        let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
        let result = match call {
            Call::Plain => run.call(&mut store, ()),
            Call::Resumable => run.call_resumable(&mut store, ()).map(drop),
            Call::InSteps(step) => in_steps(&mut store, run, step),
            Call::Async => {
                let mut call = std::pin::pin!(run.call_async(&mut store, ()));
                match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(result) => result,
                    Poll::Pending => unreachable!("nothing is waited for"),
                }
            }
        };
        let depth = instance.get_global(&mut store, "depth").expect("it is exported");
        Ok((result, depth.get(&mut store).i32().expect("it is a number")))
    });
    let fuel = PLENTY - store.get_fuel().expect("fuel is counted");
    let (result, depth) = result.unwrap_or_else(|error| (Err(error), 0));
    let trap =
        result.err().map(|error| *error.downcast_ref().unwrap_or_else(|| panic!("no trap: {error:?}")));
    Seen { trap, depth, fuel }
}

fn in_steps(store: &mut Store<()>, run: TypedFunc<(), ()>, step: u64) -> Result<()> {
    store.set_fuel(step)?;
    let mut given = step;
    let mut state = run.call_resumable(&mut *store, ());
    let result = loop {
        match state {
            Ok(CallState::Finished(())) => break Ok(()),
            Ok(CallState::Suspended(call)) => {
                store.set_fuel(store.get_fuel()? + step)?;
                given += step;
                state = call.resume(&mut *store);
            }
            Err(error) => break Err(error),
        }
    };
    // As if all fuel had been there from the beginning.
    store.set_fuel(PLENTY - (given - store.get_fuel()?))?;
    result
}

/// A function whose values are set again in every branch, and used after the branch and the calls in it: the compiler
/// keeps many of them in several places, so its frame is larger than its counted size.
fn dense(locals: usize, branches: usize, ty: &str) -> String {
    let all = |each: &dyn Fn(usize) -> String| (0..locals).map(each).collect::<String>();
    let load = |at: usize, from: usize| {
        format!("(local.set {at} ({ty}.load offset={} (i32.const 0)))", (at * 7 + from * 13) % 60_000)
    };
    let some = |branch: usize| {
        all(&|at| if (at + branch).is_multiple_of(3) { String::new() } else { load(at, branch) })
    };
    let branches = (0..branches).fold("(call $run)".to_string(), |within, at| {
        let (then, otherwise) = (some(at), some(at + 1));
        format!(
            "(if (i32.eqz (i32.load offset=60000 (i32.const {at}))) (then {then} {within} (call $down)) (else {otherwise} (call $down)))"
        )
    });
    let (declared, stores) = (
        format!(" {ty}").repeat(locals),
        all(&|at| format!("({ty}.store offset={at} (i32.const 0) (local.get {at}))")),
    );
    format!(
        r#"(func $run (export "run") (local{declared}) (call $down) {} {branches} {stores})"#,
        all(&|at| load(at, 5))
    )
}

/// Functions that recurse without end, each in its own way; all count their depth.
fn programs() -> Vec<(&'static str, String)> {
    let prelude = r#"(import "host" "again" (func $again))
        (global $depth (export "depth") (mut i32) (i32.const 0))
        (memory 1) (table $t 8 funcref)
        (func $down (global.set $depth (i32.add (global.get $depth) (i32.const 1))))"#;
    let program = |name, text: &str| (name, format!("{prelude} {text}"));
    let repeat = |count: usize, of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<String>();
    // Values that are all live while the function calls itself, and are used afterwards.
    let waiting = |count: usize, ty: &str, make: &str, add: &str| {
        let makes = repeat(count, &|at| make.replace('$', &at.to_string()));
        let drops = repeat(count - 1, &|_| add.to_string());
        format!(
            r#"(func $run (export "run") (call $down) {makes} (call $run) {drops} (drop) (drop ({ty}.const 0)))"#
        )
    };
    let locals = |count: usize, ty: &str| {
        let declared = format!(" {ty}").repeat(count);
        let loads =
            repeat(count, &|at| format!("(local.set {at} ({ty}.load offset={} (i32.const 0)))", at * 16));
        let stores =
            repeat(count, &|at| format!("({ty}.store offset={} (i32.const 0) (local.get {at}))", at * 16));
        format!(r#"(func $run (export "run") (local{declared}) (call $down) {loads} (call $run) {stores})"#)
    };
    vec![
        program("itself", r#"(func $run (export "run") (call $down) (call $run))"#),
        program(
            "mutual",
            r#"(func $run (export "run") (call $down) (call $b (i64.const 1) (f64.const 2)))
            (func $b (param i64 f64) (local v128 i32)
                (local.set 2 (f64x2.splat (local.get 1)))
                (call $c (local.get 2) (i32.wrap_i64 (local.get 0)))
                (local.set 3 (i32x4.extract_lane 0 (local.get 2))))
            (func $c (param v128 i32) (if (local.get 1) (then (call $run))))"#,
        ),
        program(
            "through a table",
            r#"(elem (i32.const 3) $run) (func $run (export "run") (call $down) (call_indirect (i32.const 3)))"#,
        ),
        program("through the host", r#"(func (export "run") (call $down) (call $again))"#),
        program(
            "through the host, now and then",
            r#"(func $f (param i32) (call $down)
                (if (i32.rem_u (local.get 0) (i32.const 50))
                    (then (call $f (i32.sub (local.get 0) (i32.const 1))))
                    (else (call $again))))
            (func (export "run") (call $f (i32.const 149)))"#,
        ),
        program("waiting integers", &waiting(40, "i64", "(i64.load offset=$ (i32.const 0))", "(i64.add)")),
        program("waiting floats", &waiting(40, "f64", "(f64.load offset=$ (i32.const 0))", "(f64.add)")),
        program("locals", &locals(90, "i64")),
        program("floats in locals", &locals(90, "f32")),
        program("vectors", &locals(60, "v128")),
        program(
            "parameters and results",
            r#"(type $t (func (param i32 i64 f32 f64 v128 i32 i64 f32 f64 v128 i32 i64) (result i64 f64 v128 i64 f64 v128 i32)))
            (func $wide (type $t) (call $down)
                (call $wide (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
                    (local.get 6) (local.get 7) (local.get 8) (local.get 9) (local.get 10) (local.get 11)))
            (func (export "run")
                (call $wide (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (v128.const i64x2 5 5)
                    (i32.const 6) (i64.const 7) (f32.const 8) (f64.const 9) (v128.const i64x2 1 1)
                    (i32.const 11) (i64.const 12))
                (drop) (drop) (drop) (drop) (drop) (drop) (drop))"#,
        ),
        program(
            "a tree",
            r#"(func $node (param i32) (result i32) (call $down)
                (if (result i32) (i32.lt_u (local.get 0) (i32.const 9))
                    (then (i32.add
                        (call $node (i32.add (local.get 0) (i32.const 1)))
                        (call $node (i32.add (local.get 0) (i32.const 1)))))
                    (else (call $deep))))
            (func $deep (result i32)
                (if (result i32) (i32.lt_u (global.get $depth) (i32.const 900))
                    (then (i32.const 1)) (else (i32.add (call $deep) (call $node (i32.const 0))))))
            (func (export "run") (drop (call $node (i32.const 0))))"#,
        ),
        // Loop invariants are computed before the loop, and then kept over the call.
        program(
            "what a loop keeps",
            &format!(
                r#"(func $run (export "run") (local i32 i64)
                    (call $down)
                    (local.set 1 (i64.load (i32.const 8)))
                    (loop $l
                        (call $run)
                        {}
                        (br_if $l (local.tee 0 (i32.add (local.get 0) (i32.const 1))))))"#,
                repeat(200, &|at| {
                    let factor = 0x1234_5678_9abc_def1_u64 + at as u64 * 0x1111;
                    let product = format!("(i64.mul (local.get 1) (i64.const {factor}))");
                    format!("(i64.store offset={} (i32.const 0) {product})", at * 8)
                }),
            ),
        ),
        program(
            "what a loop keeps that calls nothing",
            &format!(
                r#"(func $run (export "run") (call $down) (call $leaf (i64.const 7)) (call $run))
                (func $leaf (param i64) (local i32)
                    (loop $l
                        {}
                        (br_if $l (i32.lt_u
                            (local.tee 1 (i32.add (local.get 1) (i32.const 1)))
                            (i32.load8_u (i32.const 0))))))"#,
                repeat(300, &|at| {
                    let factor = 0x1234_5678_9abc_def1_u64 + at as u64 * 0x1111;
                    let product = format!("(i64.mul (local.get 0) (i64.const {factor}))");
                    format!("(i64.store offset={} (i32.const 8) {product})", at * 8)
                }),
            ),
        ),
        program(
            "a large frame at the end",
            &format!(
                r#"(func $leaf {} (call $down)) (func $run (export "run") (call $leaf) (call $run))"#,
                repeat(500, &|_| "(i64.load (i32.const 0))".to_string()) + &"(drop)".repeat(500)
            ),
        ),
        program("dense integers", &dense(90, 30, "i64")),
        program("dense floats", &dense(90, 12, "f32")),
        program(
            "dense functions within each other",
            &dense(60, 20, "i32").replace("(call $run)", "(call $other)").replace(
                "(func $run",
                &format!(
                    "{} (func $run",
                    dense(80, 6, "f64").replace("$run", "$other").replace(r#"(export "run")"#, "")
                ),
            ),
        ),
        program(
            "dense functions and the host",
            &dense(90, 20, "i64").replace("(call $run)", "(call $again)"),
        ),
        program("a dense start function", &format!("{} (start $run)", dense(90, 20, "i64"))),
        program("a start function", r#"(func $run (export "run") (call $down) (call $run)) (start $run)"#),
        program(
            "a start function through the host",
            r#"(func $run (export "run") (call $down) (call $again)) (start $run)"#,
        ),
    ]
}

#[test]
fn depth_and_fuel_are_equal_in_every_way() {
    for (name, text) in programs() {
        let mut first: Option<Seen> = None;
        for way in ways() {
            let engine = way.engine(STACK);
            let module = way.module(&engine, &text);
            let on_small_thread = || {
                let (engine, module) = (engine.clone(), module.clone());
                let thread = std::thread::Builder::new().stack_size(128 << 10);
                let seen = thread.spawn(move || run(&engine, &module, Call::Plain));
                seen.expect("there are threads").join().expect("nothing fails")
            };
            let mut calls = vec![
                ("plain", run(&engine, &module, Call::Plain)),
                ("on a fiber", run(&engine, &module, Call::Resumable)),
                ("as a task", run(&engine, &module, Call::Async)),
                ("on a small thread", on_small_thread()),
            ];
            // A call out to the host is not suspended: the fuel there must suffice.
            if !name.contains("host") && !name.contains("start") {
                calls.push(("in steps", run(&engine, &module, Call::InSteps(997))));
            }
            for (how, seen) in calls {
                let first = *first.get_or_insert(seen);
                assert_eq!(seen, first, "{name}, {how}, {way:?}");
            }
        }
        let seen = first.expect("it was run");
        assert_eq!(seen.trap, Some(Trap::StackOverflow), "{name}: {seen:?}");
        println!("{name}: {seen:?}");
    }
}

/// Each function uses the stack that the table in `engine/wasm/src/compile/prices.rs` states, whatever is inlined
/// into it.
#[test]
fn prices_are_as_written_down() {
    let count = "(global.set $depth (i32.add (global.get $depth) (i32.const 1)))";
    // An operator with two operands, and a recursive call.
    let functions = [
        ("", String::new(), 64 + 2 * 16),
        ("(local i32 i32)", String::new(), 64 + 2 * 16),
        ("(local i32 i64)", "(local.set 1 (i64.const 1))".to_string(), 64 + 8 + 2 * 16),
        ("(local f32 f64 v128)", "(drop (local.get 0)) (drop (local.get 2))".to_string(), 64 + 32 + 2 * 16),
        ("(local funcref)", "(drop (local.get 0))".to_string(), 64 + 8 + 2 * 16),
        ("", "(call $pass (i32.const 1) (i32.const 2) (i32.const 3))".to_string(), 64 + 3 * 16),
        ("", format!("{} {}", "(i32.const 1)".repeat(99), "(drop)".repeat(99)), 64 + 99 * 16),
    ];
    for (locals, body, price) in functions {
        let text = format!(
            r#"(global $depth (export "depth") (mut i32) (i32.const 0))
            (func $pass (param i32 i32 i32) (local v128)) (func $run (export "run") {locals} {count} {body} (call $run))"#
        );
        for way in ways() {
            let engine = way.engine(STACK);
            let seen = run(&engine, &way.module(&engine, &text), Call::Plain);
            assert_eq!(seen.depth, STACK as i32 / price, "{locals} {body}, {way:?}");
        }
    }
}

/// A chain of calls that does not recurse: the last byte decides whether it fits.
#[test]
fn a_chain_fits_exactly_or_not() {
    let links: String = (0..2_000).map(|at| format!("(func $f{at} (call $f{}))", at + 1)).collect();
    let text = format!(
        r#"(global (export "depth") i32 (i32.const 0)) (memory 1)
        (func (export "run") (call $f0)) {links} (func $f2000)"#
    );
    let stack = 2_001 * 64;
    for way in ways().filter(|way| way.references) {
        for (stack, trap) in [(stack, None), (stack - 1, Some(Trap::StackOverflow))] {
            let engine = way.engine(stack);
            let module = way.module(&engine, &text);
            for call in [Call::Plain, Call::Resumable] {
                // Each is called and entered; the last, which is not counted, is also called.
                let fuel = if trap.is_none() { 2 * 2_002 - 1 } else { 2 * 2_000 };
                assert_eq!(run(&engine, &module, call), Seen { trap, depth: 0, fuel }, "{way:?}");
            }
        }
    }
}

/// Frames with the maximum number of locals, few or many of which are used.
#[test]
fn many_locals() {
    for used in [10, 1_000] {
        let sets: String =
            (0..used).map(|at| format!("(local.set {at} (i64.load (i32.const {at})))")).collect();
        let adds: String =
            (0..used).map(|at| format!("(i64.store (i32.const 0) (local.get {at}))")).collect();
        let declared = " i64".repeat(49_000);
        let text = format!(
            r#"(global $depth (export "depth") (mut i32) (i32.const 0)) (memory 1)
            (func $run (export "run") (local{declared})
                (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                {sets} (call $run) {adds})"#
        );
        for way in ways().filter(|way| way.references && (way.features || used < 100)) {
            let engine = way.engine(STACK);
            let module = way.module(&engine, &text);
            for call in [Call::Plain, Call::Resumable] {
                let seen = run(&engine, &module, call);
                assert_eq!(seen.depth, STACK as i32 / (64 + 32 + 8 * used), "{way:?}");
            }
        }
    }
}

/// A call that is small enough completes on a thread whose own stack the host has used up.
#[test]
fn what_fits_the_count_fits_every_thread() {
    let engine = crate::runtime::engine(|_| {});
    let text = r#"(module (func $f (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0)))))"#;
    let module = Module::new(&engine, text).expect("it is valid");
    for stack in [64, 128, 512, 2_048, 8_192].map(|kib| kib << 10) {
        let (engine, module) = (engine.clone(), module.clone());
        let thread = std::thread::Builder::new().stack_size(stack).spawn(move || {
            let mut store = Store::new(&engine, ());
            store.set_fuel(PLENTY).expect("fuel is counted");
            let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
            let f = instance.get_typed_func::<i32, i32>(&mut store, "f").expect("it is exported");
            assert_eq!(f.call(&mut store, 8_000).expect("it fits"), 8_000);
        });
        thread.expect("there are threads").join().expect("nothing fails");
    }
    let (mut store, instance) = instance(&engine, text);
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").expect("it is exported");
    assert_eq!(f.call(&mut store, 8_000).expect("it fits"), 8_000);
}

//! Generated modules with a small stack: with every way of compiling, the same calls trap, with the same fuel and
//! state. And generated recursive functions whose frames are larger than their counted size.

use std::fmt::Write as _;

use tinkerbox_wasm::{Config, Engine, Instance, Module, OptLevel, Store, Trap};

use crate::engines::machine::{Machine, State, Stop, Value};
use crate::engines::ours::Ours;
use crate::generate::{self, Nans, Random, STEPS};
use crate::modules::plan;

const SEEDS: u64 = 20;

/// The number of seeds for modules that take longer to compile.
const DENSE_SEEDS: u64 = 4;

/// Sizes of stacks, which some of the calls exceed.
const STACKS: [usize; 2] = [1 << 10, 8 << 10];

fn engines(stack: usize) -> Vec<(String, Engine)> {
    let levels = [OptLevel::Speed, OptLevel::None, OptLevel::SpeedAndSize];
    let ways =
        levels.into_iter().flat_map(|level| (0..4).map(move |bits| (level, bits & 1 == 0, bits & 2 == 0)));
    let engine = |(level, signals, features)| {
        let mut config = Config::new();
        config.consume_fuel(true).max_wasm_stack(stack).cranelift_opt_level(level);
        config.signals_based_traps(signals).cranelift_native_features(features);
        let engine = Engine::new(&config).expect("the machine is supported");
        (format!("{stack} bytes, {level:?}, signals {signals}, features {features}"), engine)
    };
    ways.map(engine).collect()
}

/// The outcome of each call, and the final state and fuel.
type Ends = (Vec<Result<Vec<Value>, Stop>>, State, u64);

fn run(engine: &Engine, wasm: &[u8], seed: u64) -> Result<Ends, Stop> {
    let module = Module::new(engine, wasm).expect("generated modules are valid");
    let mut ours = Ours::new(engine, &module)?;
    let mut ends = Vec::new();
    for call in plan(&module, seed) {
        ours.allow(STEPS);
        ends.push(ours.call(&call.name, &call.arguments));
    }
    Ok((ends, ours.state(), ours.used()))
}

#[test]
fn generated_modules_nest_as_deep_in_every_way() {
    let overflow = Stop::Trap(Trap::StackOverflow);
    let (mut overflows, mut returns) = (0, 0);
    for stack in STACKS {
        let engines = engines(stack);
        for seed in 0..SEEDS {
            let wasm = generate::module(seed, Nans::ByModule);
            let expected = run(&engines[0].1, &wasm, seed);
            for (name, engine) in &engines[1..] {
                match (&expected, run(engine, &wasm, seed)) {
                    (Ok((ends, state, used)), Ok((found, found_state, found_used))) => {
                        assert_eq!((&found, found_used), (ends, *used), "seed {seed}, {name}");
                        assert_eq!(found_state.difference(state), None, "seed {seed}, {name}");
                    }
                    (expected, found) => {
                        assert_eq!(found.err(), expected.as_ref().err().cloned(), "seed {seed}, {name}")
                    }
                }
            }
            let ends = expected.map_or_else(|stop| vec![Err(stop)], |(ends, ..)| ends);
            overflows += ends.iter().filter(|end| **end == Err(overflow.clone())).count();
            returns += ends.iter().filter(|end| end.is_ok()).count();
        }
    }
    println!("{overflows} overflows, {returns} returns");
    assert!(overflows > 20 && returns > 20, "too few: {overflows} overflows, {returns} returns");
}

/// A function with many locals, set again in nested branches and used after these: optimised code keeps many of them
/// in several places. It calls itself first in the innermost branch.
struct Dense {
    random: Random,
    locals: Vec<&'static str>,
    text: String,
}

impl Dense {
    fn text(seed: u64) -> String {
        let mut random = Random(seed);
        let count = 30 + random.next() % 61;
        let one = random.next() as usize % 8;
        let types = ["i32", "i64", "f32", "f64"];
        let mut ty = || types.get(one).copied().unwrap_or_else(|| types[random.next() as usize % 4]);
        let locals: Vec<_> = (0..count).map(|_| ty()).collect();
        let mut dense = Dense { random, locals, text: String::new() };
        let branches = 15 + dense.random.next() % 15;
        dense.set_some();
        dense.branches(branches);
        dense.each(|_, at, ty| format!("({ty}.store offset={} (i32.const 0) (local.get {at}))", at * 8));
        let Dense { locals, text, .. } = dense;
        format!(
            r#"(global $depth (export "depth") (mut i32) (i32.const 0)) (memory 1) (func $other)
            (func $run (export "run") (local {})
                (global.set $depth (i32.add (global.get $depth) (i32.const 1))) {text})"#,
            locals.join(" ")
        )
    }

    fn each(&mut self, text: impl Fn(&mut Random, usize, &str) -> String) {
        for (at, ty) in self.locals.iter().enumerate() {
            self.text += &text(&mut self.random, at, ty);
        }
    }

    fn set_some(&mut self) {
        self.each(|random, at, ty| match random.next() % 3 {
            0 => String::new(),
            _ => format!("(local.set {at} ({ty}.load offset={} (i32.const 0)))", random.next() % 60_000),
        });
    }

    fn branches(&mut self, count: u64) {
        if count == 0 {
            self.text += "(call $run)";
            return;
        }
        write!(self.text, "(if (i32.eqz (i32.load offset={count} (i32.const 0))) (then ")
            .expect("it is memory");
        self.set_some();
        self.branches(count - 1);
        self.text += "(call $other)) (else ";
        self.set_some();
        self.text += "(call $run)))";
    }
}

#[test]
fn dense_functions_nest_as_deep_in_every_way() {
    for seed in 0..DENSE_SEEDS {
        let text = Dense::text(seed);
        let mut first = None;
        for (name, engine) in engines(1 << 20) {
            for references in ["", "(global externref (ref.null extern))"] {
                let module = Module::new(&engine, format!("(module {text} {references})"));
                let module = module.unwrap_or_else(|error| panic!("seed {seed}, {name}: {error:#}"));
                let mut store = Store::new(&engine, ());
                store.set_fuel(u64::MAX).expect("fuel is counted");
                let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
                let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("it is exported");
                let error = run.call(&mut store, ()).expect_err("it never ends");
                assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow), "seed {seed}, {name}");
                let depth = instance.get_global(&mut store, "depth").expect("it is exported").get(&mut store);
                let seen = (depth.i32(), store.get_fuel().expect("fuel is counted"));
                assert_eq!(seen, *first.get_or_insert(seen), "seed {seed}, {name}, {references}");
            }
        }
    }
}

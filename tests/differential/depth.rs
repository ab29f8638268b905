//! Generated modules whose stack is small: in whatever way they are compiled, they trap for the same calls, with the same
//! fuel and state.

use tinkerbox_wasm::{Config, Engine, Module, OptLevel, Trap};

use crate::generate::{self, Nans, STEPS};
use crate::machine::{Machine, State, Stop, Value};
use crate::modules::plan;
use crate::ours::Ours;

const SEEDS: u64 = 20;

/// Some of their calls need more.
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

/// What comes of each call, and the state and fuel at the end.
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

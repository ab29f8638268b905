//! The ways in which programs are compiled and called on this runtime.

use tinkerbox_wasm::{Config, Engine, OptLevel};

/// A way of compiling.
pub struct Way {
    pub name: String,
    pub engine: Engine,
}

/// All ways: whether memories move, whether traps are faults, and the level of optimisation.
pub fn metered() -> Vec<Way> {
    let mut ways = Vec::new();
    for level in [OptLevel::Speed, OptLevel::None, OptLevel::SpeedAndSize] {
        for (reservation, guard) in [(4 << 30, 2 << 30), (0, 0), (1 << 20, 0), (1 << 20, 64 << 10)] {
            for signals in [true, false] {
                let mut config = Config::new();
                config.consume_fuel(true).cranelift_opt_level(level).signals_based_traps(signals);
                config.max_wasm_stack(4 << 20).memory_reservation(reservation).memory_guard_size(guard);
                let name =
                    format!("{level:?}, {reservation} bytes reserved, guard {guard}, signals {signals}");
                ways.push(Way { name, engine: Engine::new(&config).expect("the machine is supported") });
            }
        }
    }
    ways
}

/// Without fuel, the host acts only in its own functions.
pub fn unmetered() -> Vec<Way> {
    let with = |name: &str, change: fn(&mut Config) -> &mut Config| {
        let engine = Engine::new(change(&mut Config::new())).expect("the machine is supported");
        Way { name: name.to_string(), engine }
    };
    vec![
        with("not metered", |config| config),
        with("not metered, memories that move", |config| config.memory_reservation(0).memory_guard_size(0)),
        with("not metered, without signals", |config| {
            config.signals_based_traps(false).cranelift_opt_level(OptLevel::SpeedAndSize)
        }),
    ]
}

/// The form of the calls, which determines how guest code waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Resumable calls that are given fuel in slices.
    InSlices,
    /// Calls that yield.
    Yielding,
    /// Calls polled by a task: they wait for futures of the host, and yield, but then only the task has the store.
    Polled,
    /// Plain calls, which wait only in the host's functions.
    Plain,
}

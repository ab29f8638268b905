//! Faults published by other runtimes and by the code generator, tried here: each advisory stands for a kind of
//! fault, and each kind is swept. `SECURITY.md` lists the test for each advisory.

mod addresses;
mod bulk;
mod constants;
mod memories;
mod mixing;
mod operands;
mod operators;
mod shuffles;
mod trees;

use tinkerbox_wasm::*;

/// An engine, and its name in failures.
struct Way {
    name: String,
    engine: Engine,
}

/// Reservations and guards, from those that need no checks in code to those that check every access.
const ROOMS: [(u64, u64); 4] = [(4 << 30, 32 << 20), (4 << 30, 0), (1 << 20, 64 << 10), (0, 0)];

/// Every optimisation level, with and without signals, with every reservation; some count fuel.
fn all_ways() -> impl Iterator<Item = Way> {
    let levels = [OptLevel::None, OptLevel::Speed, OptLevel::SpeedAndSize];
    let ways = levels.into_iter().flat_map(|level| [(level, true), (level, false)]);
    let ways = ways.flat_map(|(level, signals)| ROOMS.map(|room| (level, signals, room)));
    ways.enumerate().map(|(at, (level, signals, room))| way(level, signals, room, at % 3 == 1))
}

/// The settings that can affect code without memory accesses.
fn ways_without_memory() -> impl Iterator<Item = Way> {
    [
        (OptLevel::None, true, false),
        (OptLevel::Speed, true, true),
        (OptLevel::Speed, false, false),
        (OptLevel::SpeedAndSize, true, false),
    ]
    .into_iter()
    .map(|(level, signals, fuel)| way(level, signals, ROOMS[0], fuel))
}

fn way(level: OptLevel, signals: bool, (reservation, guard): (u64, u64), fuel: bool) -> Way {
    let mut config = Config::new();
    config.cranelift_opt_level(level).signals_based_traps(signals).consume_fuel(fuel);
    config.memory_reservation(reservation).memory_guard_size(guard).cranelift_nan_canonicalization(true);
    let name = format!("{level:?}, signals {signals}, {reservation} and {guard} bytes, fuel {fuel}");
    Way { name, engine: Engine::new(&config).expect("the settings are fine") }
}

impl Way {
    /// A module in a store with plenty of fuel.
    fn instance(&self, text: &str) -> (Store<()>, Instance) {
        let module = Module::new(&self.engine, text);
        let module = module.unwrap_or_else(|error| panic!("{}: {error:#}\n{text}", self.name));
        let mut store = self.store();
        let instance = Instance::new(&mut store, &module, &[]).expect("it needs no imports");
        (store, instance)
    }

    fn store(&self) -> Store<()> {
        let mut store = Store::new(&self.engine, ());
        // Refused if fuel is not counted.
        let _ = store.set_fuel(u64::MAX / 2);
        store
    }
}

/// Calls an export with one result: its bits, or the trap.
fn call(store: &mut Store<()>, func: Func, arguments: &[Val]) -> Result<u128, Trap> {
    let mut result = [Val::I32(0)];
    match func.call(&mut *store, arguments, &mut result) {
        Ok(()) => Ok(bits(&result[0])),
        Err(error) => Err(*error.downcast_ref().unwrap_or_else(|| panic!("not a trap: {error:#}"))),
    }
}

fn bits(value: &Val) -> u128 {
    match value {
        Val::I32(number) => (*number as u32).into(),
        Val::I64(number) => (*number as u64).into(),
        Val::F32(bits) => (*bits).into(),
        Val::F64(bits) => (*bits).into(),
        Val::V128(vector) => vector.as_u128(),
        other => panic!("not a number: {other:?}"),
    }
}

/// Pseudo-random numbers, the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // Steele and others' SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_of<'a, E>(&mut self, all: &'a [E]) -> &'a E {
        &all[self.below(all.len())]
    }
}

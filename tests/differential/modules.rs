//! Generated modules, hundreds of them, on every kind of engine. If wasmi differs, the referee decides.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use tinkerbox_wasm::{Config, Engine, ExternType, Module, OptLevel, Trap, ValType};

use crate::engines::machine::{Counted, Machine, Stop, Value};
use crate::engines::other::Other;
use crate::engines::ours::{Ours, PLENTY};
use crate::engines::referee::Referee;
use crate::generate::{self, Nans, Random, STEPS};
use crate::rewrite;
use crate::seeds;

const SEEDS: u64 = 1_000;

/// The number of calls of a module that are stopped on their way.
const STOPS: usize = 3;

/// The number of modules that also run on the referee.
const REFEREED: u64 = 60;

/// How often each function of a module is called.
const CALLS: usize = 3;

#[test]
fn generated_modules_do_the_same_on_both_engines() {
    let seeds = seeds::wanted(SEEDS);
    let (failures, tally) = run(seeds.clone());
    println!("{} seeds: {tally:?}", seeds.end - seeds.start);
    assert!(failures.is_empty(), "{} of the seeds differ:\n{}", failures.len(), failures.join("\n"));
    if seeds.end - seeds.start >= SEEDS {
        tally.must_have_done_something(seeds.end - seeds.start);
    }
}

/// Counts of the work done, so that the test cannot pass by doing nothing.
#[derive(Debug, Default)]
struct Tally {
    returned: u64,
    trapped: u64,
    visits: u64,
    /// References to values of the host that the host received back.
    references: u64,
    refused: u64,
    /// Modules for which the referee contradicts wasmi.
    overruled: u64,
    /// Calls that were given too little fuel.
    stopped: u64,
    fuel: u64,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.returned += other.returned;
        self.trapped += other.trapped;
        self.visits += other.visits;
        self.references += other.references;
        self.refused += other.refused;
        self.overruled += other.overruled;
        self.stopped += other.stopped;
        self.fuel += other.fuel;
    }

    fn must_have_done_something(&self, seeds: u64) {
        assert!(self.returned > 3 * seeds, "too few calls returned: {self:?}");
        assert!(self.trapped > 3 * seeds, "too few calls trapped: {self:?}");
        assert!(self.visits > 10 * seeds, "too few calls of host functions: {self:?}");
        assert!(self.references > seeds / 4, "too few references came back to the host: {self:?}");
        assert!(self.stopped > seeds / 2, "too few calls ran out of fuel: {self:?}");
        assert!(self.fuel > 1_000 * seeds, "too little was run: {self:?}");
        assert!(self.refused < seeds / 10, "too few modules could be instantiated: {self:?}");
        assert!(self.overruled <= seeds / 5_000, "the other engine is of no use: {self:?}");
    }
}

/// Runs seeds; returns the failures.
fn run(seeds: std::ops::Range<u64>) -> (Vec<String>, Tally) {
    let engines = Engines::new();
    let (failures, total) = (Mutex::new(Vec::new()), Mutex::new(Tally::default()));
    seeds::each(seeds, |seed| {
        let mut tally = Tally::default();
        let case = Case::new(&engines, seed);
        if let Err(failure) = case.decide(&mut tally) {
            failures.lock().expect("nobody panics while holding it").push(case.describe(&failure));
        }
        total.lock().expect("nobody panics while holding it").add(&tally);
    });
    (failures.into_inner().expect("no thread panicked"), total.into_inner().expect("no thread panicked"))
}

/// One engine for each way of compiling; a seed uses one of them.
struct Engines {
    ours: Vec<Way>,
}

struct Way {
    name: &'static str,
    engine: Engine,
    nans: Nans,
}

impl Engines {
    fn new() -> Engines {
        let with = |name, nans: Nans, change: fn(&mut Config)| {
            let mut config = Config::new();
            config.consume_fuel(true).max_wasm_stack(32 << 20);
            config.cranelift_nan_canonicalization(nans == Nans::ByEngine);
            change(&mut config);
            Way { name, nans, engine: Engine::new(&config).expect("the machine is supported") }
        };
        let ours = vec![
            with("metered", Nans::ByModule, |_| {}),
            with("metered, hardly optimised", Nans::ByModule, |config| {
                config.cranelift_opt_level(OptLevel::None);
            }),
            with("metered, memories that move", Nans::ByModule, |config| {
                config.memory_reservation(0).memory_guard_size(0);
            }),
            with("metered, without signals", Nans::ByModule, |config| {
                config.signals_based_traps(false);
            }),
            with("not metered", Nans::ByModule, |config| {
                config.consume_fuel(false);
            }),
            with("metered, canonical NaNs", Nans::ByEngine, |_| {}),
            with("canonical NaNs, hardly optimised", Nans::ByEngine, |config| {
                config.cranelift_opt_level(OptLevel::None);
            }),
        ];
        Engines { ours }
    }
}

/// A generated module, and the data needed to compare it.
struct Case<'a> {
    /// The way of compiling that this seed takes.
    name: &'static str,
    engine: &'a Engine,
    nans: Nans,
    seed: u64,
    wasm: Vec<u8>,
}

impl<'a> Case<'a> {
    fn new(engines: &'a Engines, seed: u64) -> Case<'a> {
        let Way { name, engine, nans } = &engines.ours[(seed / 2) as usize % engines.ours.len()];
        Case { name, engine, nans: *nans, seed, wasm: generate::module(seed, *nans) }
    }

    /// Compares with wasmi, and if that differs with the referee, which decides.
    fn decide(&self, tally: &mut Tally) -> Result<(), String> {
        let Err(failure) = self.catching::<Other>(tally) else { return Ok(()) };
        *tally = Tally::default();
        match self.catching::<Referee>(tally) {
            Ok(()) => {
                println!("seed {}: wasmi is wrong: {failure}", self.seed);
                tally.overruled = 1;
                Ok(())
            }
            Err(second) => Err(format!("{failure}; and the referee says: {second}")),
        }
    }

    fn catching<R: Counted>(&self, tally: &mut Tally) -> Result<(), String> {
        let result = catch_unwind(AssertUnwindSafe(|| self.check::<R>(tally)));
        result.unwrap_or_else(|_| Err("a panic: see above".to_string()))
    }

    /// Compares with a reference.
    fn check<R: Counted>(&self, tally: &mut Tally) -> Result<(), String> {
        let module = Module::new(self.engine, &self.wasm).map_err(|error| format!("refused: {error:#}"))?;
        let calls = plan(&module, self.seed);
        let ours = Ours::new(self.engine, &module);
        let other = R::start(&self.counted());
        let (mut ours, mut other) = match (ours, other) {
            (Ok(ours), Ok(other)) => (ours, other),
            (Err(Stop::Trap(ours)), Err(Stop::Trap(other))) if ours == other => {
                tally.refused += 1;
                return Ok(());
            }
            (ours, other) => {
                return Err(format!("instantiation: {:?} against {:?}", ours.err(), other.err()));
            }
        };
        let mut costs = Vec::new();
        for call in &calls {
            let before = ours.used();
            let result = compare(&mut ours, &mut other, call)
                .map_err(|differs| format!("`{}` {:?}: {differs}", call.name, call.arguments))?;
            tally.returned += u64::from(result.is_ok());
            tally.trapped += u64::from(result.is_err());
            costs.push((ours.used() - before, result));
        }
        tally.visits += ours.store.data().len() as u64;
        let arguments = ours.store.data().iter().flat_map(|visit| &visit.arguments);
        tally.references +=
            arguments.filter(|argument| matches!(argument, Value::Extern(Some(_)))).count() as u64;
        tally.fuel += ours.used();
        if !ours.is_metered() {
            return Ok(());
        }
        exactly_enough(self.engine, &module, &calls, &costs)?;
        self.stopped_on_the_way::<R>(&module, &calls, &costs, tally)
    }

    /// Some calls again, with less fuel than they need: where one stops, the state is the reference's at that place.
    /// The calls before it get enough.
    fn stopped_on_the_way<R: Counted>(
        &self,
        module: &Module,
        calls: &[Call],
        costs: &[(u64, Result<Vec<Value>, Stop>)],
        tally: &mut Tally,
    ) -> Result<(), String> {
        let limited = match self.nans {
            Nans::ByModule => rewrite::limited(&self.wasm),
            Nans::ByEngine => rewrite::limited_and_canonical(&self.wasm),
        };
        let mut random = Random(self.seed ^ 0x5709);
        for _ in 0..STOPS {
            let last = (random.next() % calls.len().max(1) as u64) as usize;
            let (Some((call, before)), Some((cost @ 1.., _))) =
                (calls[..calls.len().min(last + 1)].split_last(), costs.get(last))
            else {
                continue;
            };
            let mut ours = Ours::new(self.engine, module).map_err(|stop| format!("once more: {stop:?}"))?;
            let mut other = R::start(&limited).map_err(|stop| format!("{stop:?}"))?;
            for call in before {
                let _ends = compare(&mut ours, &mut other, call)?;
            }
            ours.allow(STEPS);
            other.allow(STEPS);
            let fuel = random.next() % cost;
            ours.store.set_fuel(fuel).expect("fuel is counted");
            let found = ours.call(&call.name, &call.arguments);
            let used = ours.used();
            other.limit(used);
            let expected = other.call(&call.name, &call.arguments);
            let difference = ours.state().difference(&other.state());
            // The reference may already have executed operators that end a call for free, as `unreachable` does.
            let same = found == expected || matches!(expected, Err(Stop::Trap(Trap::UnreachableCodeReached)));
            if !same
                || found != Err(Stop::Trap(Trap::OutOfFuel))
                || other.used() != used
                || difference.is_some()
            {
                return Err(format!(
                    "`{}` {:?} uses {cost}; with {fuel} it ends in {found:?} after {used}, against {expected:?} \
                     after {}: {difference:?}",
                    call.name,
                    call.arguments,
                    other.used()
                ));
            }
            tally.stopped += 1;
        }
        Ok(())
    }

    /// The module with a counter, for engines whose NaNs are the machine's.
    fn counted(&self) -> Vec<u8> {
        match self.nans {
            Nans::ByModule => rewrite::counted(&self.wasm),
            Nans::ByEngine => rewrite::counted_and_canonical(&self.wasm),
        }
    }

    /// The description of a failure, and where to find the module.
    fn describe(&self, failure: &str) -> String {
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("seed-{}.wasm", self.seed));
        std::fs::write(&file, &self.wasm).expect("the module can be kept");
        format!("TINKERBOX_SEED={} ({}, {}): {failure}", self.seed, self.name, file.display())
    }
}

pub struct Call {
    pub name: String,
    pub arguments: Vec<Value>,
}

pub fn plan(module: &Module, seed: u64) -> Vec<Call> {
    let mut random = Random(!seed);
    let mut calls = Vec::new();
    for export in module.exports() {
        let ExternType::Func(ty) = export.ty() else { continue };
        for _ in 0..CALLS {
            let arguments = ty.params().map(|ty: ValType| random.value(ty)).collect();
            calls.push(Call { name: export.name().to_string(), arguments });
        }
    }
    calls
}

/// Makes one call on both; returns its outcome.
fn compare(
    ours: &mut Ours,
    other: &mut impl Machine,
    call: &Call,
) -> Result<Result<Vec<Value>, Stop>, String> {
    let Call { name, arguments } = call;
    ours.allow(STEPS);
    other.allow(STEPS);
    let (found, expected) = (ours.call(name, arguments), other.call(name, arguments));
    if found != expected || matches!(found, Err(Stop::Other(_) | Stop::Trap(Trap::StackOverflow))) {
        return Err(format!("{found:?} against {expected:?}"));
    }
    let (used, counted) = (ours.used(), other.used());
    if ours.is_metered() && used != counted {
        return Err(format!("{found:?} with fuel {used}, but {counted} was counted"));
    }
    let (state, mut expected) = (ours.state(), other.state());
    if !ours.is_metered() {
        expected = expected.without_fuel();
    }
    state.difference(&expected).map_or(Ok(found), Err)
}

/// The same calls again. Those that return get exactly the fuel that they used: the results are the same, and no fuel
/// is left. The last one gets one unit less, and runs out.
fn exactly_enough(
    engine: &Engine,
    module: &Module,
    calls: &[Call],
    costs: &[(u64, Result<Vec<Value>, Stop>)],
) -> Result<(), String> {
    let mut again = Ours::new(engine, module).map_err(|stop| format!("the second time: {stop:?}"))?;
    for (at, (call, (cost, expected))) in calls.iter().zip(costs).enumerate() {
        let Call { name, arguments } = call;
        let (fuel, expected, left) = match expected {
            _ if at + 1 == calls.len() && *cost > 0 => (cost - 1, &Err(Stop::Trap(Trap::OutOfFuel)), None),
            Ok(_) => (*cost, expected, Some(0)),
            // The charge for code after a trap in its segment is given back, but must be available first.
            Err(_) => (PLENTY, expected, Some(PLENTY - cost)),
        };
        again.allow(STEPS);
        again.store.set_fuel(fuel).expect("fuel is counted");
        let found = again.call(name, arguments);
        let found_left = again.store.fuel_remaining();
        if found != *expected || left.is_some_and(|left| found_left != Some(left)) {
            return Err(format!(
                "`{name}` {arguments:?} uses {cost}; with {fuel} it ends in {found:?}, not in {expected:?}, \
                 and {found_left:?} is left"
            ));
        }
    }
    Ok(())
}

/// wasmi 2.0.0 is wrong about this module: it leaves 399, the remaining steps, in a global that should be -1. The
/// referee, which shares no code with it or with ours, agrees with ours in everything.
#[test]
fn wasmi_is_wrong_about_one_module() {
    let engines = Engines::new();
    let case = Case::new(&engines, 77_202_750_157);
    let differs =
        case.catching::<Other>(&mut Tally::default()).expect_err("wasmi was mended: drop this case");
    let (ours, wasmis) = differs.split_once(" against ").expect("they differ in a global");
    assert!(ours.contains("^^暳\": I64(-1)") && wasmis.contains("^^暳\": I64(399)"), "{differs}");
    assert_eq!(case.catching::<Referee>(&mut Tally::default()), Ok(()));
}

/// It decides, so it has to run modules correctly. A failure of this test shows what it is wrong about.
#[test]
fn the_referee_is_right_about_most_modules() {
    let engines = Engines::new();
    let wrong: Vec<String> = (0..REFEREED)
        .filter_map(|seed| {
            let case = Case::new(&engines, seed);
            let failure = case.catching::<Referee>(&mut Tally::default()).err()?;
            Some(format!("{seed}: {failure}"))
        })
        .collect();
    assert!(wrong.len() as u64 <= REFEREED / 10, "of {REFEREED}: {}", wrong.join("\n"));
}

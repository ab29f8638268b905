//! A host that acts wherever guest code waits: it writes to memories, grows them and tables, sets elements and
//! globals, and instantiates modules that do so, between two steps of a call, within its own functions, and while
//! they wait.
//!
//! ```text
//!  seed ──> programs ──┬────────────> ours: in slices, with yields, polled, in many ways ──┐
//!                      │                     │ where it stopped                           ├─> notes of the host, results,
//!                      └─ with a counter ──> other, referee: stop there, and act alike ───┘   fuel, all that is shared
//! ```
//!
//! The fuel count at which a call stops is exact. So a reference that counts operators stops between the same two of
//! them, where its host acts in the same way. Code that reuses a value it read before the stop, or an address it
//! kept, gives a different result.

mod acts;
mod counting;
mod expressions;
mod other;
mod ours;
mod programs;
mod referee;
mod small;
mod smith;
mod visits;
mod ways;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use tinkerbox_wasm::Module;

use crate::engines::machine::{Refusal, State, Stop};
use crate::generate::Random;
use crate::seeds;
use acts::{Note, Shape};
use ways::{Calls, Way};

/// The default number of programs.
const SEEDS: u64 = 300;

/// The number of programs that also run on the referee.
const REFEREED: u64 = 24;

/// A program, and the calls of it.
pub struct Case {
    name: String,
    /// The seed of the host's acts.
    seed: u64,
    /// Its source, if it was generated as text.
    text: Option<String>,
    wasm: Vec<u8>,
    calls: Vec<(String, i32)>,
    /// The maximum sizes of the memory and the table that it may import.
    most_pages: u32,
    most_elements: u32,
}

/// The outcome of a program.
#[derive(Default)]
pub struct Outcome {
    results: Vec<Result<i32, Stop>>,
    /// The fuel consumed after each call.
    used: Vec<u64>,
    notes: Vec<Note>,
    state: State,
    stops: Vec<Stops>,
}

/// A place where a call stopped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stops {
    /// The fuel consumed by then.
    at: Vec<u64>,
    /// Whether it was cancelled at the last stop.
    cancelled: bool,
}

/// The error of a cancelled call, on every engine.
const CANCELLED: Refusal = Refusal(0);

/// The result of the host's function.
fn answer(notes: usize, given: i32) -> i32 {
    (notes as i32).wrapping_mul(7_919) ^ given
}

impl Case {
    fn new(name: &str, seed: u64, text: &str, calls: Vec<(String, i32)>) -> Case {
        let wasm = wat::parse_str(text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
        let text = Some(text.to_string());
        Case { name: name.to_string(), seed, text, wasm, calls, most_pages: 40, most_elements: 30 }
    }

    /// One of our own programs, or in one of eight cases a module of wasm-smith's.
    fn generated(seed: u64) -> Case {
        let mut random = Random(!seed);
        let mut argument = || (random.next() % 2_000) as i32;
        let name = format!("TINKERBOX_SEED={seed}");
        if seed % 8 == 7 {
            // Every second of its seeds has references, and every second run of eight has vectors, so that all
            // combinations occur.
            let (wasm, runs) = smith::program(seed / 8);
            let calls = (0..runs).map(|run| (format!("run{run}"), argument())).collect();
            return Case { name, seed, text: None, wasm, calls, most_pages: 4, most_elements: 16 };
        }
        let runs = programs::RUNS.iter().flat_map(|run| [*run, *run]);
        let mut calls: Vec<(String, i32)> = runs.map(|run| (run.to_string(), argument())).collect();
        calls.extend((0..8).map(|at| (programs::PROBE.to_string(), at)));
        Case::new(&name, seed, &programs::program(seed), calls)
    }

    /// How it is called.
    fn how(&self) -> Calls {
        match self.seed / 8 % 8 {
            0..5 => Calls::InSlices,
            5 => Calls::Yielding,
            6 => Calls::Polled,
            _ => Calls::Plain,
        }
    }

    /// Whether calls are cancelled at their sixth stop.
    fn cancels(&self) -> bool {
        self.seed % 5 == 2
    }

    /// Whether a function of the host may call the program: futures of the host can't wait within such a call.
    fn nests(&self) -> bool {
        self.how() != Calls::Polled
    }

    /// The description of a failure, and where to find the program.
    fn describe(&self, failure: &str) -> String {
        let name = self.name.replace([' ', ',', '='], "-");
        let (end, bytes) = match &self.text {
            Some(text) => ("wat", text.as_bytes()),
            None => ("wasm", &self.wasm[..]),
        };
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("acting-{name}.{end}"));
        std::fs::write(&file, bytes).expect("the program can be kept");
        format!("{} ({}): {failure}", self.name, file.display())
    }
}

impl Outcome {
    /// The same, as seen by an engine that counts no fuel.
    fn forget_fuel(&mut self) {
        self.used.fill(0);
        self.notes.iter_mut().for_each(|note| note.used = 0);
    }

    /// The first difference.
    fn difference(&self, other: &Outcome) -> Option<String> {
        let notes =
            self.notes.iter().zip(&other.notes).enumerate().find(|(_, (one, another))| one != another);
        if let Some((at, (one, another))) = notes {
            let before: String = self.notes[at.saturating_sub(4)..at]
                .iter()
                .map(|note| format!("{}\n", note.told()))
                .collect();
            let differs = one.seen.difference(&another.seen).unwrap_or_default();
            return Some(format!(
                "the host's turn {at}, after\n{before}: {}\nagainst {}\n{differs}\ncalls end in {:?}\nagainst {:?}",
                one.told(),
                another.told(),
                self.results,
                other.results,
            ));
        }
        let results = self.results.iter().zip(&other.results).enumerate();
        if let Some((at, (one, another))) = results.clone().find(|(_, (one, another))| one != another) {
            return Some(format!("call {at} ends in {one:?} against {another:?}"));
        }
        if self.used != other.used {
            return Some(format!("fuel {:?} against {:?}", self.used, other.used));
        }
        if self.notes.len() != other.notes.len() {
            return Some(format!("{} turns of the host against {}", self.notes.len(), other.notes.len()));
        }
        self.state.difference(&other.state)
    }
}

/// Counts of the work done, so that the test cannot pass by doing nothing.
#[derive(Debug, Default)]
struct Tally {
    runs: u64,
    returned: u64,
    trapped: u64,
    stops: u64,
    turns: u64,
    fuel: u64,
    /// Programs for which the referee contradicts wasmi.
    overruled: u64,
}

/// Runs a program on another engine, which stops where ours did.
trait Reference: Fn(&Case, &Arc<Shape>, &[Stops]) -> Result<Outcome, String> {}

impl<F: Fn(&Case, &Arc<Shape>, &[Stops]) -> Result<Outcome, String>> Reference for F {}

struct Engines {
    ways: Vec<Way>,
    unmetered: Vec<Way>,
    other: wasmi::Engine,
}

impl Engines {
    fn new() -> Engines {
        Engines {
            ways: ways::metered(),
            unmetered: ways::unmetered(),
            other: crate::engines::other::engine(),
        }
    }

    /// Compares with wasmi, and if that differs with the referee, which decides.
    fn decide(&self, case: &Case, tally: &mut Tally) -> Result<(), String> {
        let wasmi =
            |case: &Case, shape: &Arc<Shape>, stops: &[Stops]| other::run(&self.other, case, shape, stops);
        let Err(failure) = self.catching(case, tally, wasmi) else { return Ok(()) };
        *tally = Tally::default();
        match self.catching(case, tally, referee::run) {
            Ok(()) => {
                println!("{}: wasmi is wrong: {failure}", case.name);
                tally.overruled = 1;
                Ok(())
            }
            Err(second) => Err(format!("{failure}\nand the referee says: {second}")),
        }
    }

    fn catching(&self, case: &Case, tally: &mut Tally, reference: impl Reference) -> Result<(), String> {
        let result = catch_unwind(AssertUnwindSafe(|| self.check(case, tally, reference)));
        result.unwrap_or_else(|_| Err("a panic: see above".to_string()))
    }

    /// Runs a program in some of the ways, and compares with a reference.
    fn check(&self, case: &Case, tally: &mut Tally, reference: impl Reference) -> Result<(), String> {
        let module = Module::new(&self.ways[0].engine, &case.wasm).map_err(|error| format!("{error:#}"))?;
        let shape = Arc::new(Shape::of(&module));
        let mut expected: Option<Outcome> = None;
        // Ways that differ a lot from each other; each kind of program meets all.
        let first = (Random(case.seed).next() % self.ways.len() as u64) as usize;
        let metered = [0, 7, 14].map(|step| &self.ways[(first + step) % self.ways.len()]);
        let unmetered = self.unmetered.iter().filter(|_| case.how() == Calls::Plain);
        for (way, counts) in
            metered.map(|way| (way, true)).into_iter().chain(unmetered.map(|way| (way, false)))
        {
            let failed = |what: String| format!("{:?}, {}: {what}", case.how(), way.name);
            let outcome = ours::run(way, case).map_err(failed)?;
            if outcome.used.is_empty() {
                return Ok(());
            }
            let expected = match &mut expected {
                Some(expected) => expected,
                none => {
                    let found = reference(case, &shape, &outcome.stops).map_err(failed)?;
                    none.insert(Outcome { stops: outcome.stops.clone(), ..found })
                }
            };
            if outcome.stops != expected.stops {
                return Err(failed(format!("stops at {:?}, not {:?}", outcome.stops, expected.stops)));
            }
            if !counts {
                expected.forget_fuel();
            }
            if let Some(difference) = outcome.difference(expected) {
                return Err(failed(difference));
            }
            tally.note(&outcome);
        }
        Ok(())
    }
}

impl Tally {
    fn note(&mut self, outcome: &Outcome) {
        self.runs += 1;
        self.returned += outcome.results.iter().filter(|result| result.is_ok()).count() as u64;
        self.trapped += outcome.results.iter().filter(|result| result.is_err()).count() as u64;
        self.stops += outcome.stops.iter().map(|stops| stops.at.len() as u64).sum::<u64>();
        self.turns += outcome.notes.len() as u64;
        self.fuel += outcome.used.last().copied().unwrap_or(0);
    }

    fn add(&mut self, other: &Tally) {
        self.runs += other.runs;
        self.returned += other.returned;
        self.trapped += other.trapped;
        self.stops += other.stops;
        self.turns += other.turns;
        self.fuel += other.fuel;
        self.overruled += other.overruled;
    }
}

/// Runs programs with these numbers on all cores.
fn decide_all(numbers: Range<u64>, case: impl Fn(u64) -> Case + Sync) -> Tally {
    let engines = Engines::new();
    let (failures, total) = (Mutex::new(Vec::new()), Mutex::new(Tally::default()));
    seeds::each(numbers.clone(), |number| {
        let (case, mut tally) = (case(number), Tally::default());
        let failure = engines.decide(&case, &mut tally).err();
        failures
            .lock()
            .expect("it is not held in a panic")
            .extend(failure.map(|failure| case.describe(&failure)));
        total.lock().expect("it is not held in a panic").add(&tally);
    });
    let (failures, tally) = (failures.into_inner().expect("no panic"), total.into_inner().expect("no panic"));
    println!("{} programs: {tally:?}", numbers.end - numbers.start);
    assert!(failures.is_empty(), "{} programs differ:\n{}", failures.len(), failures.join("\n"));
    tally
}

#[test]
fn generated_programs_see_what_a_host_has_done_while_they_waited() {
    let seeds = seeds::wanted(SEEDS);
    let all = seeds.end - seeds.start >= SEEDS;
    let tally = decide_all(seeds, Case::generated);
    if all {
        assert!(tally.returned > 3 * tally.trapped && tally.stops > 20 * tally.runs, "{tally:?}");
        assert!(tally.overruled <= tally.runs / 1_000, "the other engine is of no use: {tally:?}");
    }
}

/// It decides, so it has to run programs correctly.
#[test]
fn the_referee_is_right_about_most_programs() {
    let engines = Engines::new();
    let wrong: Vec<String> = (0..REFEREED)
        .filter_map(|seed| {
            let case = Case::generated(seed);
            let failure = engines.catching(&case, &mut Tally::default(), referee::run).err()?;
            Some(case.describe(&failure))
        })
        .collect();
    assert!(wrong.len() as u64 <= REFEREED / 5, "of {REFEREED}: {}", wrong.join("\n"));
}

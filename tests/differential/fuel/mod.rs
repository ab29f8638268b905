//! Fuel, operator by operator: small programs run here and on a reference that counts before each operator.
//!
//! ```text
//!  programs/*.wat ──┬── lines counted by hand ─────────────────> by_hand ── the reference is right
//!                   ├── rewritten: a counter with a limit ──┐
//!                   │                       (wasmi)         ├──> exact ──── every end, and what the host saw
//!                   └── ours: with and without signals, ────┘    sweeps ─── every amount, every slice
//!                       or references, optimised and not         traps ──── every trap in every place
//!                                                                accesses ─ each of very many can trap
//! ```
//!
//! A line `;; name(argument) = result, fuel N` or `;; name(argument) traps "text", fuel N` was counted by hand; `,
//! seen A B` states the fuel that host functions saw used. For a line `;; name(argument)` or `;; name(from..to)` the
//! reference determines the result.

mod accesses;
mod by_hand;
mod exact;
mod long;
mod sweeps;
mod traps;

use tinkerbox_wasm::{Config, Engine, Module, OptLevel};

use crate::engines::machine::{Machine, State, Stop, Value};
use crate::engines::other::{self, Other};
use crate::engines::ours::{Ours, PLENTY};
use crate::rewrite;

/// The maximum between two checks, and so the maximum that is left where a run stops.
pub const BETWEEN_CHECKS: u64 = 10_000;

pub struct Program<'a> {
    pub name: &'a str,
    text: &'a str,
}

/// Programs whose lines were counted by hand, in all or in part.
pub const BY_HAND: [Program<'static>; 6] = [
    Program { name: "straight.wat", text: include_str!("programs/straight.wat") },
    Program { name: "loops.wat", text: include_str!("programs/loops.wat") },
    Program { name: "traps.wat", text: include_str!("programs/traps.wat") },
    Program { name: "bulk.wat", text: include_str!("programs/bulk.wat") },
    Program { name: "host.wat", text: include_str!("programs/host.wat") },
    Program { name: "vectors.wat", text: include_str!("programs/vectors.wat") },
];

/// Programs of every shape, for which the reference determines the result.
const BY_REFERENCE: [Program<'static>; 6] = [
    Program { name: "rounds.wat", text: include_str!("programs/rounds.wat") },
    Program { name: "branches.wat", text: include_str!("programs/branches.wat") },
    Program { name: "calls.wat", text: include_str!("programs/calls.wat") },
    Program { name: "machines.wat", text: include_str!("programs/machines.wat") },
    Program { name: "busy.wat", text: include_str!("programs/busy.wat") },
    Program { name: "visits.wat", text: include_str!("programs/visits.wat") },
];

fn programs() -> impl Iterator<Item = &'static Program<'static>> {
    BY_HAND.iter().chain(&BY_REFERENCE)
}

/// A call, and the line's statement about it.
struct Case {
    place: String,
    function: String,
    argument: i32,
    by_hand: Option<by_hand::Said>,
}

impl Program<'_> {
    pub fn wasm(&self) -> Vec<u8> {
        wat::parse_str(self.text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for (at, line) in self.text.lines().enumerate() {
            let place = format!("{}:{}", self.name, at + 1);
            let asked = Case::asked(&place, line);
            assert!(!line.contains(", fuel ") || asked.is_some(), "{place}: not a case: {line}");
            cases.extend(asked.into_iter().flatten());
        }
        assert!(cases.len() > 4, "{}: too few cases", self.name);
        cases
    }
}

impl Case {
    /// The cases of a line, if it states any.
    fn asked(place: &str, line: &str) -> Option<Vec<Case>> {
        let (call, rest) = line.trim().strip_prefix(";; ")?.split_once(')')?;
        let (function, argument) = call.split_once('(')?;
        let (from, to) = match argument.split_once("..") {
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None => (argument.parse().ok()?, argument.parse::<i32>().ok()? + 1),
        };
        let said = by_hand::Said::parse(rest);
        if said.is_none() && !(rest.is_empty() || rest.starts_with("   ")) {
            return None;
        }
        let case = |argument| Case {
            place: format!("{place}, {function}({argument})"),
            function: function.to_string(),
            argument,
            by_hand: said.clone(),
        };
        Some((from..to).map(case).collect())
    }

    fn run(&self, machine: &mut impl Machine) -> End {
        let result = machine.call(&self.function, &[Value::I32(self.argument)]);
        End { result, used: machine.used(), state: machine.state() }
    }
}

/// How a call ended, and the observable state at that point.
struct End {
    result: Result<Vec<Value>, Stop>,
    /// Counted since the instance was created.
    used: u64,
    state: State,
}

impl End {
    fn must_be(&self, expected: &End, place: &str) {
        assert_eq!(
            (&self.result, self.used),
            (&expected.result, expected.used),
            "{place}: result and fuel, ours against the reference's"
        );
        if let Some(difference) = self.state.difference(&expected.state) {
            panic!("{place}: ours against the reference's: {difference}");
        }
    }
}

/// A program with a counter and a limit, on another engine.
struct Reference(wasmi::Module);

impl Reference {
    fn new(wasm: &[u8]) -> Reference {
        let module = wasmi::Module::new(&other::engine(), rewrite::limited(wasm));
        Reference(module.expect("the programs are valid"))
    }

    fn start(&self) -> Other {
        Other::of(&self.0).expect("the programs can be instantiated")
    }

    fn run(&self, case: &Case) -> End {
        case.run(&mut self.start())
    }
}

/// A way of compiling programs.
struct Way {
    name: &'static str,
    engine: Engine,
    /// Whether any function may hold references to values of the host: such functions stop in another way when they
    /// run out of fuel.
    references: bool,
}

impl Way {
    fn compile(&self, wasm: &[u8]) -> Module {
        let rewritten = self.references.then(|| rewrite::with_references(wasm));
        Module::new(&self.engine, rewritten.as_deref().unwrap_or(wasm)).expect("the programs are valid")
    }
}

/// With traps as faults and with calls instead, optimised and not, with explicit bounds checks, and with functions
/// that may hold references.
fn ways() -> Vec<Way> {
    type Change = fn(&mut Config);
    let ways: [(_, Change, _); 7] = [
        ("as it is", |_| {}, false),
        (
            "without signals",
            |config| {
                config.signals_based_traps(false);
            },
            false,
        ),
        (
            "memories that move",
            |config| {
                config.memory_reservation(0).memory_guard_size(0);
            },
            false,
        ),
        (
            "hardly optimised",
            |config| {
                config.cranelift_opt_level(OptLevel::None);
            },
            false,
        ),
        (
            "hardly optimised, without signals",
            |config| {
                config.cranelift_opt_level(OptLevel::None).signals_based_traps(false);
            },
            false,
        ),
        ("with references", |_| {}, true),
        (
            "with references, without signals",
            |config| {
                config.signals_based_traps(false);
            },
            true,
        ),
    ];
    let way = |(name, change, references): (_, Change, _)| {
        let mut config = Config::new();
        change(config.consume_fuel(true));
        Way { name, engine: Engine::new(&config).expect("the machine is supported"), references }
    };
    ways.map(way).into()
}

/// A fresh instance with this much fuel.
fn start(engine: &Engine, module: &Module, fuel: u64) -> Ours {
    let mut ours = Ours::new(engine, module).expect("the programs can be instantiated");
    ours.store.set_fuel(fuel).expect("fuel is counted");
    ours
}

/// The store remains usable, whatever has happened.
fn must_be_alive(ours: &mut Ours, place: &str) {
    ours.store.set_fuel(PLENTY).expect("fuel is counted");
    let alive = ours.call("alive", &[Value::I32(9)]);
    assert_eq!(alive, Ok(vec![Value::I32(9)]), "{place}: afterwards");
    assert_eq!(ours.store.get_fuel().ok(), Some(PLENTY - 2), "{place}: afterwards");
}

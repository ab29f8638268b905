//! Fuel counted by hand: small programs that say beside each function what a call costs and why.
//!
//! A line `;; name(argument) = result, fuel N` or `;; name(argument) traps "text", fuel N` is a case;
//! `, seen A B` says what fuel host functions saw used. Each case runs with plenty of fuel, with every
//! amount from nothing up, and suspended again and again; with traps that are faults, and without signals.

use tinkerbox_wasm::{CallState, Config, Engine, Module, Trap, TypedFunc};

use crate::machine::{Machine, Stop, Value};
use crate::other::{self, Other};
use crate::ours::{self, Ours, PLENTY};
use crate::rewrite;

/// The longest sweep: cases that use more are swept from the other end only.
const SWEEP: u64 = 3_000;

pub struct Program {
    pub name: &'static str,
    text: &'static str,
}

pub const PROGRAMS: [Program; 6] = [
    Program { name: "straight.wat", text: include_str!("fuel/straight.wat") },
    Program { name: "loops.wat", text: include_str!("fuel/loops.wat") },
    Program { name: "traps.wat", text: include_str!("fuel/traps.wat") },
    Program { name: "bulk.wat", text: include_str!("fuel/bulk.wat") },
    Program { name: "host.wat", text: include_str!("fuel/host.wat") },
    Program { name: "vectors.wat", text: include_str!("fuel/vectors.wat") },
];

/// What a line says.
struct Case {
    place: String,
    function: String,
    argument: i32,
    /// A trap is named by a part of its text.
    result: Result<i32, String>,
    fuel: u64,
    seen: Vec<u64>,
}

impl Program {
    pub fn wasm(&self) -> Vec<u8> {
        wat::parse_str(self.text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn cases(&self) -> Vec<Case> {
        let lines = self.text.lines().enumerate();
        let cases: Vec<Case> = lines
            .filter(|(_, line)| line.contains(", fuel "))
            .map(|(at, line)| {
                let place = format!("{}:{}", self.name, at + 1);
                Case::parse(&place, line).unwrap_or_else(|| panic!("{place}: not a case: {line}"))
            })
            .collect();
        assert!(cases.len() > 4, "{}: too few cases", self.name);
        cases
    }
}

impl Case {
    fn parse(place: &str, line: &str) -> Option<Case> {
        let (call, rest) = line.trim().strip_prefix(";; ")?.split_once(')')?;
        let (function, argument) = call.split_once('(')?;
        let (result, rest) = rest.split_once(", fuel ")?;
        let result = match result.trim().strip_prefix("= ") {
            Some(number) => Ok(number.parse().ok()?),
            None => Err(result.trim().strip_prefix("traps \"")?.strip_suffix('"')?.to_string()),
        };
        let (rest, seen) = rest.split_once(", seen ").unwrap_or((rest, ""));
        let seen = seen.split_whitespace().map_while(|number| number.parse().ok()).collect();
        let fuel = rest.split_whitespace().next()?.parse().ok()?;
        let (place, function) = (place.to_string(), function.to_string());
        Some(Case { place, function, argument: argument.parse().ok()?, result, fuel, seen })
    }

    fn check(&self, found: &Result<i32, Stop>) {
        let as_said = match (&self.result, found) {
            (Ok(wanted), Ok(found)) => wanted == found,
            (Err(text), Err(Stop::Trap(trap))) => trap.to_string().contains(text),
            _ => false,
        };
        assert!(as_said, "{}: expected {:?}, got {found:?}", self.place, self.result);
    }
}

/// With traps that are faults, and with calls in their place.
fn engines() -> [Engine; 2] {
    [true, false].map(|signals| {
        let mut config = Config::new();
        config.consume_fuel(true).signals_based_traps(signals);
        Engine::new(&config).expect("the machine is supported")
    })
}

/// A fresh instance with so much fuel, and its function.
fn start(engine: &Engine, module: &Module, case: &Case, fuel: u64) -> (Ours, TypedFunc<i32, i32>) {
    let mut ours = Ours::new(engine, module).expect("the programs can be instantiated");
    let function = ours.instance.get_typed_func(&mut ours.store, &case.function);
    ours.store.set_fuel(fuel).expect("fuel is counted");
    (ours, function.unwrap_or_else(|error| panic!("{}: {error:#}", case.place)))
}

/// The store goes on after whatever has happened.
fn must_be_alive(ours: &mut Ours, case: &Case) {
    ours.store.set_fuel(PLENTY).expect("fuel is counted");
    let alive = ours.call("alive", &[Value::I32(9)]);
    assert_eq!(alive, Ok(vec![Value::I32(9)]), "{}: afterwards", case.place);
    assert_eq!(ours.store.get_fuel().ok(), Some(PLENTY - 2), "{}: afterwards", case.place);
}

fn for_each_case(mut check: impl FnMut(&Engine, &Module, &Case)) {
    for engine in engines() {
        for program in &PROGRAMS {
            let module = Module::new(&engine, program.wasm()).expect("the programs are valid");
            program.cases().iter().for_each(|case| check(&engine, &module, case));
        }
    }
}

#[test]
fn a_call_uses_what_was_counted_by_hand() {
    for_each_case(|engine, module, case| {
        let (mut ours, function) = start(engine, module, case, PLENTY);
        let found = function.call(&mut ours.store, case.argument).map_err(ours::stop);
        case.check(&found);
        assert_eq!(ours.used(), case.fuel, "{}: fuel", case.place);
        let seen: Vec<u64> = ours.store.data().iter().filter_map(|visit| visit.used).collect();
        assert_eq!(seen, case.seen, "{}: what the host saw", case.place);
        must_be_alive(&mut ours, case);
    });
}

#[test]
fn the_counter_that_checks_generated_modules_agrees() {
    let engine = other::engine();
    for program in &PROGRAMS {
        let counted = rewrite::counted(&program.wasm());
        for case in program.cases() {
            let mut other = Other::new(&engine, &counted).expect("the programs can be instantiated");
            let found = other.call(&case.function, &[Value::I32(case.argument)]);
            case.check(&found.map(|results| match results[..] {
                [Value::I32(result)] => result,
                _ => panic!("{}: not one integer", case.place),
            }));
            assert_eq!(other.used(), case.fuel, "{}: fuel", case.place);
        }
    }
}

/// With too little, a call ends where what is charged next is not covered, and with more it gets as far at least.
/// With enough, it ends as it should and leaves the rest.
#[test]
fn every_amount_of_fuel_from_nothing_up() {
    for_each_case(|engine, module, case| {
        let first = if case.fuel > SWEEP { case.fuel - 10 } else { 0 };
        let mut used_before = None;
        for fuel in first.. {
            let (mut ours, function) = start(engine, module, case, fuel);
            let found = function.call(&mut ours.store, case.argument).map_err(ours::stop);
            let used = fuel - ours.store.get_fuel().expect("fuel is counted");
            assert_eq!(ours.store.fuel_consumed(), Some(used), "{}: with {fuel}", case.place);
            if found != Err(Stop::Trap(Trap::OutOfFuel)) {
                case.check(&found);
                assert_eq!(used, case.fuel, "{}: with {fuel}", case.place);
                let charged_ahead = fuel - case.fuel;
                assert!(charged_ahead == 0 || found.is_err(), "{}: ends only with {fuel}", case.place);
                break;
            }
            assert!(fuel < case.fuel + 1_000, "{}: still out of fuel with {fuel}", case.place);
            let further = used_before.is_none_or(|before| before <= used);
            assert!(further && used <= fuel, "{}: with {fuel}, {used} was used", case.place);
            used_before = Some(used);
            must_be_alive(&mut ours, case);
        }
    });
}

/// However small the slices, the same comes out, and costs the same in all.
#[test]
fn suspended_whenever_the_fuel_is_used_up() {
    for slice in [1, 7, 1_000] {
        for_each_case(|engine, module, case| {
            if case.fuel > slice * 100_000 {
                return;
            }
            let (mut ours, function) = start(engine, module, case, slice);
            let mut given = slice;
            let mut state = function.call_resumable(&mut ours.store, case.argument);
            let found = loop {
                match state {
                    Ok(CallState::Finished(result)) => break Ok(result),
                    Err(error) => break Err(ours::stop(error)),
                    Ok(CallState::Suspended(call)) => {
                        assert!(given < case.fuel + 1_000 + slice, "{}: never ends", case.place);
                        ours.store.add_fuel(slice).expect("fuel is counted");
                        given += slice;
                        state = call.resume(&mut ours.store);
                    }
                }
            };
            case.check(&found);
            let left = ours.store.get_fuel().expect("fuel is counted");
            assert_eq!(given - left, case.fuel, "{}: fuel in slices of {slice}", case.place);
            must_be_alive(&mut ours, case);
        });
    }
}

/// Straight code is charged in pieces of at most 1,000 units, however long it is.
#[test]
fn long_straight_code() {
    engines().iter().for_each(charge_long_straight_code);
}

fn charge_long_straight_code(engine: &Engine) {
    const PAIRS: u64 = 2_000;
    let pairs = "(i32.add (i32.const 1))".repeat(PAIRS as usize);
    let text = format!("(module (func (export \"f\") (param i32) (result i32) (local.get 0) {pairs}))");
    let module = Module::new(engine, text).expect("the program is valid");
    let total = 2 + 2 * PAIRS;
    let mut stops = vec![0];
    for fuel in 0..=total {
        let mut ours = Ours::new(engine, &module).expect("it imports nothing");
        ours.store.set_fuel(fuel).expect("fuel is counted");
        let found = ours.call("f", &[Value::I32(5)]);
        let used = fuel - ours.store.get_fuel().expect("fuel is counted");
        if used != stops[stops.len() - 1] {
            assert_eq!(used, fuel, "what is charged is charged as soon as it is there");
            stops.push(used);
        }
        let sum = Ok(vec![Value::I32(5 + PAIRS as i32)]);
        assert_eq!(found, if fuel < total { Err(Stop::Trap(Trap::OutOfFuel)) } else { sum });
    }
    assert_eq!(stops.last(), Some(&total));
    assert!(stops.windows(2).all(|pair| pair[1] - pair[0] <= 1_000), "{stops:?}");
}

/// Any of many loads can be the one that traps; all of them are charged in a few pieces.
#[test]
fn the_count_is_exact_at_each_of_many_loads() {
    engines().iter().for_each(trap_at_each_of_many_loads);
}

fn trap_at_each_of_many_loads(engine: &Engine) {
    const LOADS: i32 = 450;
    // The sum of all loads: their results are used where the compiler likes.
    let loads: String =
        (0..LOADS).map(|at| format!("(i32.add (i32.load offset={} (local.get 0)))", 4 * at)).collect();
    let text =
        format!("(module (memory 1) (func (export \"f\") (param i32) (result i32) (i32.const 3) {loads}))");
    let module = Module::new(engine, text).expect("the program is valid");
    for trapping in 0..=LOADS {
        let mut ours = Ours::new(engine, &module).expect("it imports nothing");
        let found = ours.call("f", &[Value::I32(65_536 - 4 * trapping)]);
        // The entry and the constant; then get, load and add for each.
        let (wanted, fuel) = match trapping {
            LOADS => (Ok(vec![Value::I32(3)]), 2 + 3 * LOADS),
            _ => (Err(Stop::Trap(Trap::MemoryOutOfBounds)), 2 + 3 * trapping + 2),
        };
        assert_eq!((found, ours.used()), (wanted, fuel as u64), "the load {trapping} is out of bounds");
    }
}

/// How deep recursion gets depends on the machine's stack, but not what it costs.
#[test]
fn recursion_without_end() {
    engines().iter().for_each(recurse_without_end);
}

fn recurse_without_end(engine: &Engine) {
    // Each call: entry, get, const, add, set, get, call. The one that finds no stack is not entered.
    let module = Module::new(
        engine,
        r#"(module
            (global $depth (export "depth") (mut i32) (i32.const 0))
            (func $f (export "f") (param i32) (result i32)
                (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                (call $f (local.get 0))))"#,
    );
    let module = module.expect("the program is valid");
    let mut ours = Ours::new(engine, &module).expect("it imports nothing");
    let function = ours.instance.get_typed_func::<i32, i32>(&mut ours.store, "f").expect("it is exported");
    let used_by_depth = |ours: &mut Ours| {
        let depth = ours.instance.get_global(&mut ours.store, "depth").expect("it is exported");
        let used = depth.get(&mut ours.store).i32().expect("it is a 32-bit integer") as u64 * 7;
        assert!(used > 7_000, "the stack bears more than {used} units of recursion");
        used
    };
    let stopped = function.call(&mut ours.store, 1).map_err(ours::stop);
    assert_eq!(stopped, Err(Stop::Trap(Trap::StackOverflow)));
    assert_eq!(ours.used(), used_by_depth(&mut ours));
    // The same on a fiber; the global counts on.
    let stopped = function.call_resumable(&mut ours.store, 1).map(drop).map_err(ours::stop);
    assert_eq!(stopped, Err(Stop::Trap(Trap::StackOverflow)));
    assert_eq!(ours.used(), used_by_depth(&mut ours));
}

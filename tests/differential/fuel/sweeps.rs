//! Every amount of fuel from zero up, and every way of giving it in slices.
//!
//! A run with too little fuel ends at a check. The fuel consumed by then is the reference's count at that place, and
//! all observable state is the same. The places do not depend on the number of runs, on the settings, or on whether
//! the run ends there or waits for more fuel.

use std::collections::BTreeMap;

use tinkerbox_wasm::{CallState, Engine, Module, Trap};

use super::{BETWEEN_CHECKS, Case, End, Program, Reference, Way};
use super::{must_be_alive, programs, start, ways};
use crate::engines::machine::{Counted, Machine, Stop, Value};
use crate::engines::ours::{self, PLENTY};

/// Longer runs are swept over this many units from either end.
const SWEEP: u64 = 2_000;

const OUT_OF_FUEL: Stop = Stop::Trap(Trap::OutOfFuel);

/// The fuel consumed by runs with too little, by the fuel given.
type Stops = BTreeMap<u64, u64>;

/// A case, its end with plenty of fuel, and its cost.
struct Swept<'a> {
    reference: &'a Reference,
    case: Case,
    end: End,
    /// The fuel that instantiation has consumed.
    before: u64,
    cost: u64,
}

impl<'a> Swept<'a> {
    fn new(reference: &'a Reference, case: Case) -> Swept<'a> {
        let mut machine = reference.start();
        let before = machine.used();
        let end = case.run(&mut machine);
        let cost = end.used - before;
        Swept { reference, case, end, before, cost }
    }

    /// All amounts that may be too little, and the smallest sufficient one. Before a trap, the fuel for the rest of
    /// its piece of code must be available.
    fn amounts(&self) -> impl Iterator<Item = u64> + use<> {
        let last = if self.end.result.is_ok() { self.cost } else { self.cost + BETWEEN_CHECKS };
        (0..self.cost.min(SWEEP)).chain(self.cost.saturating_sub(SWEEP).max(SWEEP.min(self.cost))..=last)
    }

    /// Gives every amount; checks that the sufficient ones suffice.
    fn stops(
        &self,
        engine: &Engine,
        module: &Module,
        mut check: impl FnMut(&Self, u64, ours::Ours),
    ) -> Stops {
        let (mut stops, place) = (Stops::new(), &self.case.place);
        for fuel in self.amounts() {
            let mut ours = start(engine, module, fuel);
            let result = ours.call(&self.case.function, &[Value::I32(self.case.argument)]);
            let (used, left) = (ours.used() - self.before, ours.store.get_fuel().expect("fuel is counted"));
            assert_eq!(used + left, fuel, "{place}: what was given is consumed or left");
            if result != Err(OUT_OF_FUEL) {
                let end = End { result, used: ours.used(), state: ours.state() };
                end.must_be(&self.end, &format!("{place}, given {fuel}"));
                must_be_alive(&mut ours, place);
                return stops;
            }
            if stops.insert(fuel, used) != Some(used) {
                check(self, left, ours);
            }
        }
        panic!("{place}: costs {} and is out of fuel all the same", self.cost);
    }

    /// Stopped with this amount left, the state is the reference's after that amount; and both continue with the same
    /// result.
    fn must_be_as_the_reference(&self, left: u64, mut ours: ours::Ours) {
        let used = ours.used();
        let place = format!("{}, stopped after {used}", self.case.place);
        let mut reference = self.reference.start();
        reference.limit(used);
        let end = self.case.run(&mut reference);
        // The reference may already have executed operators that end a call for free, as `unreachable` does.
        let result = if used == self.end.used { end.result.clone() } else { Err(OUT_OF_FUEL) };
        End { result, used, state: ours.state() }.must_be(&end, &place);
        assert!(left < BETWEEN_CHECKS || self.next_costs_more_than(left, used), "{place}: {left} are left");
        reference.limit(i64::MAX as u64);
        ours.store.set_fuel(PLENTY).expect("fuel is counted");
        self.case.run(&mut ours).must_be(&self.case.run(&mut reference), &format!("{place} and run again"));
        must_be_alive(&mut ours, &place);
    }

    /// Whether a single operator asks for more than was left: a long bulk operation.
    fn next_costs_more_than(&self, left: u64, used: u64) -> bool {
        let mut reference = self.reference.start();
        reference.limit(used + left);
        self.case.run(&mut reference).used == used
    }

    /// The same on a stack of its own, with `slice` more after each stop.
    fn in_slices(&self, slice: u64, engine: &Engine, module: &Module, stops: &Stops) {
        let place = format!("{}, in slices of {slice}", self.case.place);
        let mut ours = start(engine, module, slice);
        let function = ours.instance.get_typed_func::<i32, i32>(&mut ours.store, &self.case.function);
        let function = function.expect("it is exported");
        let mut given = slice;
        let mut state = ours::catching(|| {
            function.call_resumable(&mut ours.store, self.case.argument).map_err(ours::stop)
        });
        let result = loop {
            let call = match state {
                Ok(CallState::Finished(result)) => break Ok(vec![Value::I32(result)]),
                Err(stop) => break Err(stop),
                Ok(CallState::Suspended(call)) => call,
            };
            let used = ours.used() - self.before;
            if let Some(stopped) = stops.get(&given) {
                assert_eq!(used, *stopped, "{place}: waits where it would stop, given {given}");
            }
            assert!(given < self.cost + BETWEEN_CHECKS, "{place}: still waits, given {given}");
            ours.store.add_fuel(slice).expect("fuel is counted");
            given += slice;
            state = ours::catching(|| call.resume(&mut ours.store).map_err(ours::stop));
        };
        End { result, used: ours.used(), state: ours.state() }.must_be(&self.end, &place);
        assert_eq!(ours.store.get_fuel().ok(), Some(given - self.cost), "{place}: what is left");
        must_be_alive(&mut ours, &place);
    }

    /// The places of the first way are compared with the reference, and those of the others with the first's. The
    /// other ways get only the first of the slices.
    fn in_all_ways(&self, ways: &[(Module, Way)], slices: &[u64]) {
        let (module, first) = &ways[0];
        let stops = self.stops(&first.engine, module, Swept::must_be_as_the_reference);
        for (at, (module, Way { name, engine, .. })) in ways.iter().enumerate() {
            let found = self.stops(engine, module, |_, _, _| {});
            assert_eq!(found, stops, "{}, {name}: what was consumed", self.case.place);
            let slices = if at == 0 { slices } else { &slices[..1] };
            let slices = slices.iter().filter(|slice| self.can_wait() && self.cost / **slice < 2 * SWEEP);
            slices.for_each(|slice| self.in_slices(*slice, engine, module, &stops));
        }
    }

    /// Calls within a call of the host cannot wait.
    fn can_wait(&self) -> bool {
        self.end.state.visits.iter().all(|visit| visit.name != "back")
    }
}

pub fn sweep(program: &Program<'_>) {
    let wasm = program.wasm();
    let reference = Reference::new(&wasm);
    let ways = ways().into_iter().map(|way| (way.compile(&wasm), way));
    // Functions that may hold references are not inlined, so they stop at other places.
    let (with_references, others): (Vec<_>, Vec<_>) = ways.partition(|(_, way)| way.references);
    for case in program.cases() {
        let swept = Swept::new(&reference, case);
        swept.in_all_ways(&others, &[1, 2, 3, 7, 100]);
        swept.in_all_ways(&with_references, &[1, 7]);
    }
}

#[test]
fn every_amount_and_every_slice() {
    let programs: Vec<&Program<'_>> = programs().collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |cores| cores.get()) {
            scope.spawn(|| {
                while let Some(program) =
                    programs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    sweep(program);
                }
            });
        }
    });
}

//! Each cheat, with budgets from zero to a million: all are stopped in time, the work done was paid for, and the
//! store remains usable.

use super::cheats::{BULK, CALLS, Cheat, LOOPS, OTHER, PRELUDE, RECURSION};
use super::engines;
use tinkerbox_wasm::*;

pub const BUDGETS: [u64; 14] =
    [0, 1, 2, 3, 7, 20, 100, 999, 1_000, 5_003, 10_000, 54_321, 300_000, 1_000_000];

/// The most fuel that may be left where a run stops.
const LEFT: u64 = 10_000;

/// A store whose host functions count their calls, with an instance of a cheat.
pub struct Cheater {
    store: Store<u64>,
    instance: Instance,
    other: Instance,
}

impl Cheater {
    pub fn new(engine: &Engine, module: &Module) -> Result<Cheater> {
        let mut store = Store::new(engine, 0);
        let (other, linker) = linker(&mut store)?;
        store.set_fuel(u64::MAX)?;
        let instance = linker.instantiate(&mut store, module)?;
        Ok(Cheater { store, instance, other })
    }

    fn work(&mut self) -> Result<u64> {
        let mut work = *self.store.data();
        for instance in [self.instance, self.other] {
            let counted = instance.get_global(&mut self.store, "work").expect("it is exported");
            work += counted.get(&mut self.store).i64().expect("it is a number") as u64;
        }
        Ok(work)
    }

    /// Runs `cheat` with a budget, plainly or on a stack of its own; returns the trap, if any, and the fuel left. A
    /// call that waits for fuel is cancelled.
    pub fn run(&mut self, budget: u64, resumable: bool) -> Result<(Option<Trap>, u64)> {
        let cheat = self.instance.get_typed_func::<(), ()>(&mut self.store, "cheat")?;
        self.store.set_fuel(budget)?;
        let end = if resumable {
            match cheat.call_resumable(&mut self.store, ()) {
                Ok(CallState::Suspended(call)) => {
                    let left = self.store.get_fuel()?;
                    call.cancel(&mut self.store)?;
                    return Ok((Some(Trap::OutOfFuel), left));
                }
                Ok(CallState::Finished(())) => None,
                Err(error) => Some(*error.downcast_ref::<Trap>().expect("it ends in a trap")),
            }
        } else {
            let end = cheat.call(&mut self.store, ());
            end.err().map(|error| *error.downcast_ref::<Trap>().expect("it ends in a trap"))
        };
        Ok((end, self.store.get_fuel()?))
    }

    /// Checks one run; returns what it has consumed.
    pub fn check(&mut self, cheat: &Cheat, budget: u64, resumable: bool) -> Result<u64> {
        let place = format!("{}, with {budget}{}", cheat.name, if resumable { ", resumable" } else { "" });
        let before = self.work()?;
        let (end, left) = self.run(budget, resumable)?;
        assert!(left <= budget, "{place}: {left} are left");
        let (consumed, work) = (budget - left, self.work()? - before);
        match end {
            Some(Trap::OutOfFuel) => {
                assert!(left < cheat.longest.max(LEFT), "{place}: stopped with {left} left");
            }
            end => assert!(end.is_some() && end == cheat.ends, "{place}: ended with {end:?}"),
        }
        assert!(work * cheat.least <= consumed, "{place}: {work} times {} for {consumed}", cheat.least);
        self.store.set_fuel(2)?;
        let alive = self.instance.get_typed_func::<(), i32>(&mut self.store, "alive")?;
        assert_eq!(alive.call(&mut self.store, ())?, 42, "{place}: afterwards");
        Ok(consumed)
    }
}

/// The host's functions and the other instance, which count work together.
fn linker(store: &mut Store<u64>) -> Result<(Instance, Linker<u64>)> {
    let mut linker = Linker::<u64>::new(store.engine());
    linker.func_wrap("host", "work", |mut caller: Caller<'_, u64>| *caller.data_mut() += 1)?;
    linker.func_wrap("host", "again", |mut caller: Caller<'_, u64>| -> Result<()> {
        call(&mut caller, "cheat")
    })?;
    linker.func_wrap("host", "swallow", |mut caller: Caller<'_, u64>| {
        let _ = call(&mut caller, "within");
    })?;
    let other = Module::new(store.engine(), OTHER)?;
    let other = linker.instantiate(&mut *store, &other)?;
    linker.instance(&mut *store, "other", other)?;
    Ok((other, linker))
}

fn call(caller: &mut Caller<'_, u64>, name: &str) -> Result<()> {
    let func = caller.get_export(name).and_then(Extern::into_func).expect("it is exported");
    func.typed::<(), ()>(&*caller)?.call(caller, ())
}

fn check_all(cheats: &[Cheat]) -> Result<()> {
    for engine in engines() {
        for cheat in cheats {
            let module = Module::new(&engine, format!("(module {PRELUDE} {})", cheat.text))
                .unwrap_or_else(|error| panic!("{}: {error:#}", cheat.name));
            for budget in BUDGETS {
                let consumed = Cheater::new(&engine, &module)?.check(cheat, budget, false)?;
                let again = Cheater::new(&engine, &module)?.check(cheat, budget, false)?;
                let resumable = Cheater::new(&engine, &module)?.check(cheat, budget, true)?;
                assert_eq!((consumed, consumed), (again, resumable), "{} with {budget}", cheat.name);
            }
        }
    }
    Ok(())
}

#[test]
fn loops() -> Result<()> {
    check_all(&LOOPS)
}

#[test]
fn calls_of_every_form() -> Result<()> {
    check_all(&CALLS)
}

#[test]
fn recursion() -> Result<()> {
    check_all(&RECURSION)
}

#[test]
fn bulk_operations_and_growth() -> Result<()> {
    check_all(&BULK)
}

/// A start function also runs within the store's fuel.
#[test]
fn start_functions() -> Result<()> {
    let loops = [
        "(loop (call $host) (br 0))",
        "(loop (call $step) (call $host) (br 0))",
        "(call $host) (call $start)",
        "(call $host) (call $again)",
        "(loop (call $swallow) (call $host) (br 0))",
        "(call $host) (memory.fill (i32.const 0) (i32.const 0) (i32.const 9000)) (call $start)",
    ];
    for engine in engines() {
        for body in loops {
            let text = format!(
                r#"(module {PRELUDE} (func $cheat)
                (func $start (export "cheat") {body})
                (func (export "within") (loop (br 0)))
                (start $start))"#
            );
            let module = Module::new(&engine, text)?;
            for budget in BUDGETS {
                let mut store = Store::new(&engine, 0);
                store.set_fuel(u64::MAX)?;
                let (_, linker) = linker(&mut store)?;
                store.set_fuel(budget)?;
                let error = linker.instantiate(&mut store, &module).expect_err("it never ends");
                let trap = error.downcast_ref::<Trap>().copied();
                let left = store.get_fuel()?;
                let in_time = trap == Some(Trap::OutOfFuel) && left < LEFT;
                assert!(
                    in_time || trap == Some(Trap::StackOverflow),
                    "{body}, {budget}: {left} left, {error:#}"
                );
                assert!(left <= budget && *store.data() <= budget - left, "{body}, with {budget}");
            }
        }
    }
    Ok(())
}

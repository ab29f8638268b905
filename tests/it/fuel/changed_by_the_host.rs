//! Host functions read the fuel and change it: from then on the call runs as if it had always had the new amount.

use super::engines;
use tinkerbox_wasm::*;

/// A round costs fifteen units, six of them in the leaf; the first round takes the other arm of the leaf. The host's
/// first visit comes after two units, the entry and the call.
const PROGRAM: &str = r#"(module
    (import "host" "look" (func $look))
    (global $rounds (export "rounds") (mut i32) (i32.const 0))
    (func $leaf (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (local.get 0) (i32.const 1)))
            (else (i32.const 1))))
    (func (export "run") (param $n i32) (result i32)
        (loop $again
            (call $look)
            (global.set $rounds (call $leaf (global.get $rounds)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (global.get $rounds)))"#;

const ROUNDS: i32 = 12;

/// The host's action at its third visit.
#[derive(Clone, Copy, Debug)]
enum Change {
    Set(u64),
    Add(u64),
    Consume(u64),
}

#[derive(Default)]
struct Host {
    /// The fuel left and the fuel consumed at each visit.
    seen: Vec<(u64, u64)>,
    change: Option<Change>,
}

fn look(mut caller: Caller<'_, Host>) -> Result<()> {
    let seen = (caller.get_fuel()?, caller.fuel_consumed().expect("fuel is counted"));
    caller.data_mut().seen.push(seen);
    match caller.data().change.filter(|_| caller.data().seen.len() == 3) {
        Some(Change::Set(fuel)) => caller.set_fuel(fuel),
        Some(Change::Add(fuel)) => caller.add_fuel(fuel),
        Some(Change::Consume(fuel)) => {
            let left = caller.consume_fuel(fuel)?;
            assert_eq!(left, caller.get_fuel()?);
            Ok(())
        }
        None => Ok(()),
    }
}

struct Run {
    end: Result<i32>,
    store: Store<Host>,
    rounds: i32,
}

fn run(engine: &Engine, fuel: u64, change: Option<Change>) -> Result<Run> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "look", look)?;
    let mut store = Store::new(engine, Host { change, ..Host::default() });
    let instance = linker.instantiate(&mut store, &Module::new(engine, PROGRAM)?)?;
    store.set_fuel(fuel)?;
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
    let end = run.call(&mut store, ROUNDS);
    let rounds = instance.get_global(&mut store, "rounds").expect("it is exported");
    let rounds = rounds.get(&mut store).i32().expect("it is a number");
    Ok(Run { end, rounds, store })
}

/// What each visit sees as consumed when nothing is changed, and the total.
fn unchanged(engine: &Engine) -> Result<(Vec<u64>, u64)> {
    let Run { end, store, .. } = run(engine, 10_000, None)?;
    assert_eq!(end?, ROUNDS);
    let consumed = store.data().seen.iter().map(|(_, consumed)| *consumed).collect();
    Ok((consumed, store.fuel_consumed().expect("fuel is counted")))
}

#[test]
fn what_is_left_goes_on_from_what_the_host_makes_of_it() -> Result<()> {
    for engine in engines() {
        let (visits, total) = unchanged(&engine)?;
        assert_eq!((visits[0], visits[2] - visits[1], visits[11] - visits[10]), (2, 15, 15));
        let plenty = [400, u64::from(u32::MAX), i64::MAX as u64 - 1, i64::MAX as u64, 1 << 63, u64::MAX];
        for given in plenty {
            for fuel in plenty {
                let changes = [Change::Set(fuel), Change::Add(fuel), Change::Consume(given / 4)];
                for change in changes {
                    let place = format!("{given}, {change:?}");
                    let Run { end, store, .. } = run(&engine, given, Some(change))?;
                    assert_eq!(end?, ROUNDS, "{place}");
                    let rest = total - visits[2];
                    let (left, extra) = match change {
                        Change::Set(fuel) => (fuel - rest, 0),
                        Change::Add(fuel) => ((given - visits[2]).saturating_add(fuel) - rest, 0),
                        Change::Consume(fuel) => (given - fuel - total, fuel),
                    };
                    assert_eq!(store.get_fuel()?, left, "{place}");
                    assert_eq!(store.fuel_consumed(), Some(total + extra), "{place}");
                    for (at, (seen, plain)) in store.data().seen.iter().zip(&visits).enumerate() {
                        let extra = if at > 2 { extra } else { 0 };
                        assert_eq!(seen.1, plain + extra, "{place}: visit {at}");
                    }
                }
            }
        }
    }
    Ok(())
}

/// Fuel that the host removes is gone at once, however far ahead the code has been charged.
#[test]
fn the_run_stops_within_what_the_host_leaves() -> Result<()> {
    for engine in engines() {
        let (visits, total) = unchanged(&engine)?;
        let rest = total - visits[2];
        for fuel in 0..=rest {
            let Run { end, store, rounds } = run(&engine, 10_000, Some(Change::Set(fuel)))?;
            let consumed = store.fuel_consumed().expect("fuel is counted");
            assert_eq!(store.get_fuel()? + consumed, fuel + visits[2], "left {fuel}");
            if fuel == rest {
                assert_eq!((end?, rounds), (ROUNDS, ROUNDS));
                break;
            }
            let error = end.expect_err("the host left too little");
            assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel), "left {fuel}");
            let seen = visits.iter().filter(|visit| **visit <= consumed).count();
            assert_eq!(store.data().seen.len(), seen, "left {fuel}: visits that were paid");
            assert!((seen as i32 - 1..=seen as i32).contains(&rounds), "left {fuel}: {rounds} rounds");
        }
    }
    Ok(())
}

//! Calls that yield, at intervals of fuel and where it runs out: polled by tasks, resumed by hand, dropped at each
//! yield, moved, and refuelled from within.

use super::suspension::{BUSY, ROUNDS, unlimited};
use super::tasks::{finish, finish_across_threads, poll_once};
use super::{instance, metered, trap};
use std::task::Poll;
use tinkerbox_wasm::*;

const SPIN: &str = r#"(module
    (func (export "spin") (loop (br 0)))
    (func (export "one") (result i32) (i32.const 1)))"#;

fn busy(fuel: u64) -> Result<(Store<()>, TypedFunc<i32, i64>)> {
    let (mut store, instance) = instance(&metered(), BUSY);
    store.set_fuel(fuel)?;
    let busy = instance.get_typed_func::<i32, i64>(&mut store, "busy")?;
    Ok((store, busy))
}

/// A store with that program, its `spin` and its `one`.
type Spinning = (Store<()>, TypedFunc<(), ()>, TypedFunc<(), i32>);

fn spinning() -> Result<Spinning> {
    let (mut store, instance) = instance(&metered(), SPIN);
    store.set_fuel(0)?;
    let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    let one = instance.get_typed_func::<(), i32>(&mut store, "one")?;
    Ok((store, spin, one))
}

fn consumed(store: &Store<()>) -> u64 {
    store.fuel_consumed().expect("fuel is configured")
}

#[test]
fn yields_are_counted_by_fuel_whatever_the_code_is_like() -> Result<()> {
    let (result, fuel) = unlimited()?;
    for interval in (1..60).chain([100, 333, 1_000, fuel - 1, fuel, fuel + 1, u64::MAX]) {
        let (mut store, busy) = busy(u64::MAX)?;
        let before = consumed(&store);
        store.fuel_async_yield_interval(Some(interval))?;
        let (returned, pending) = finish(busy.call_async(&mut store, ROUNDS));
        let seen = (returned?, consumed(&store) - before, pending);
        assert_eq!(seen, (result, fuel, (fuel - 1) / interval), "every {interval}");
    }
    for (added, more) in [(1, 1), (10, 7), (100, 33), (fuel - 1, 1), (fuel, 5)] {
        let (mut store, busy) = busy(added)?;
        let before = consumed(&store);
        store.out_of_fuel_async_yield(u64::MAX, more);
        let (returned, pending) = finish(busy.call_async(&mut store, ROUNDS));
        let seen = (returned?, consumed(&store) - before, pending);
        assert_eq!(seen, (result, fuel, (fuel - added).div_ceil(more)), "{added} and {more} each time");
    }
    Ok(())
}

#[test]
fn what_a_call_may_consume_is_what_was_there_and_what_is_added() -> Result<()> {
    let (result, fuel) = unlimited()?;
    for count in 0..12 {
        for (added, more) in [(0, 0), (0, fuel / 10), (100, 10), (fuel, 0), (fuel - 8, 1), (7, fuel)] {
            let (mut store, busy) = busy(added)?;
            let before = consumed(&store);
            store.out_of_fuel_async_yield(count, more);
            let (returned, pending) = finish(busy.call_async(&mut store, ROUNDS));
            let (allowance, spent) = (added + count * more, consumed(&store) - before);
            if allowance >= fuel {
                assert_eq!((returned?, spent), (result, fuel), "{count} times {more}, {added} at first");
            } else {
                assert_eq!(trap(&returned.expect_err("it needs more")), Trap::OutOfFuel);
                assert_eq!(pending, count, "{count} times {more}, {added} at first");
                assert_eq!(store.get_fuel()?, allowance - spent);
            }
        }
    }
    Ok(())
}

#[test]
fn an_endless_loop_ends_with_its_fuel() -> Result<()> {
    let (mut store, spin, one) = spinning()?;
    // Four polls: 100, and three times 10.
    store.add_fuel(100)?;
    store.out_of_fuel_async_yield(3, 10);
    let (ended, pending) = finish(spin.call_async(&mut store, ()));
    assert_eq!((trap(&ended.expect_err("it spins")), pending), (Trap::OutOfFuel, 3));
    assert!((120..=130).contains(&consumed(&store)), "{}", consumed(&store));
    // The count is used up: now the call traps at once.
    store.add_fuel(5)?;
    let (ended, pending) = finish(spin.call_async(&mut store, ()));
    assert_eq!((trap(&ended.expect_err("it spins")), pending), (Trap::OutOfFuel, 0));
    // The other way round.
    store.set_fuel(10_000)?;
    store.fuel_async_yield_interval(Some(100))?;
    let (ended, pending) = finish(spin.call_async(&mut store, ()));
    assert_eq!((trap(&ended.expect_err("it spins")), pending), (Trap::OutOfFuel, 99));
    // With a count of none, the future is ready at its first poll.
    store.fuel_async_yield_interval(None)?;
    store.set_fuel(10_000)?;
    let (ended, pending) = finish(spin.call_async(&mut store, ()));
    assert_eq!((trap(&ended.expect_err("it spins")), pending), (Trap::OutOfFuel, 0));
    store.set_fuel(10)?;
    assert_eq!(one.call(&mut store, ())?, 1);
    Ok(())
}

#[test]
fn a_future_dropped_at_any_yield_leaves_a_store_that_works() -> Result<()> {
    let (result, fuel) = unlimited()?;
    for polls in 0..40_u64 {
        let (mut store, busy) = busy(100)?;
        let before = consumed(&store);
        store.out_of_fuel_async_yield(40, 10);
        {
            let mut call = Box::pin(busy.call_async(&mut store, ROUNDS));
            for _ in 0..polls {
                assert!(poll_once(call.as_mut()).is_pending());
            }
        }
        // The last yield has used up its turn, and did not add its fuel.
        let given = 100 + 10 * polls.saturating_sub(1);
        assert_eq!(store.get_fuel()?, given - (consumed(&store) - before), "after {polls}");
        store.set_fuel(0)?;
        let (ended, pending) = finish(busy.call_async(&mut store, ROUNDS));
        assert_eq!((trap(&ended.expect_err("it needs more")), pending), (Trap::OutOfFuel, 40 - polls));
        store.out_of_fuel_trap();
        store.set_fuel(fuel)?;
        assert_eq!(busy.call(&mut store, ROUNDS)?, result);
    }
    Ok(())
}

#[test]
fn polls_on_other_threads_change_nothing() -> Result<()> {
    let (result, fuel) = unlimited()?;
    for interval in [7, 100] {
        let (mut store, busy) = busy(fuel)?;
        store.fuel_async_yield_interval(Some(interval))?;
        let call = async move {
            let returned = busy.call_async(&mut store, ROUNDS).await;
            (returned, store.get_fuel())
        };
        let ((returned, left), pending) = finish_across_threads(call);
        assert_eq!((returned?, left?, pending), (result, 0, (fuel - 1) / interval));
    }
    Ok(())
}

#[test]
fn resumable_calls_yield_too_and_say_what_they_wait_for() -> Result<()> {
    let (result, fuel) = unlimited()?;
    for interval in [1, 10, 77] {
        let (mut store, busy) = busy(fuel / 2)?;
        store.fuel_async_yield_interval(Some(interval))?;
        let (mut yields, mut refills) = (0, 0);
        let mut state = busy.call_resumable(&mut store, ROUNDS)?;
        let returned = loop {
            let call = match state {
                CallState::Finished(returned) => break returned,
                CallState::Suspended(call) => call,
            };
            if call.wants_fuel() {
                refills += 1;
                store.add_fuel(fuel - fuel / 2)?;
            } else {
                yields += 1;
            }
            state = call.resume(&mut store)?;
        };
        assert_eq!((returned, yields, refills), (result, (fuel - 1) / interval, 1), "every {interval}");
    }
    // Fuel added at a yield is added when the call resumes; at the end it waits for the host's next call.
    let (mut store, spin, _) = spinning()?;
    store.out_of_fuel_async_yield(2, 10);
    let mut state = spin.call_resumable(&mut store, ())?;
    for (wants_fuel, given) in [(false, 0), (false, 10), (true, 20), (true, 20)] {
        let CallState::Suspended(call) = state else { panic!("it spins") };
        assert_eq!((call.wants_fuel(), store.get_fuel()? + consumed(&store)), (wants_fuel, given));
        state = call.resume(&mut store)?;
    }
    assert!((10..=20).contains(&consumed(&store)), "{}", consumed(&store));
    Ok(())
}

#[test]
fn plain_calls_are_refused_while_a_store_is_to_yield() -> Result<()> {
    let (mut store, _, one) = spinning()?;
    let host = Func::wrap(&mut store, || 7).typed::<(), i32>(&store)?;
    let starts = Module::new(store.engine(), "(module (func) (start 0))")?;
    let plain = Module::new(store.engine(), "(module (func))")?;
    let refused = |error: Error| assert_eq!(error.downcast_ref(), Some(&StoreError::AsyncRequired));
    for classic in [false, true] {
        store.set_fuel(1_000)?;
        match classic {
            true => store.out_of_fuel_async_yield(0, 0),
            false => store.fuel_async_yield_interval(Some(100))?,
        }
        refused(one.call(&mut store, ()).expect_err("it could not yield"));
        refused(one.func().call(&mut store, &[], &mut [Val::I32(0)]).expect_err("it could not yield"));
        refused(host.call(&mut store, ()).expect_err("it could call what yields"));
        refused(Instance::new(&mut store, &starts, &[]).expect_err("it could not yield"));
        Instance::new(&mut store, &plain, &[])?;
        assert!(matches!(one.call_resumable(&mut store, ())?, CallState::Finished(1)));
        assert_eq!(finish(one.call_async(&mut store, ())).0?, 1);
        assert_eq!(finish(host.call_async(&mut store, ())).0?, 7);
        finish(Instance::new_async(&mut store, &starts, &[])).0?;
        match classic {
            true => store.out_of_fuel_trap(),
            false => store.fuel_async_yield_interval(None)?,
        }
        assert_eq!((one.call(&mut store, ())?, host.call(&mut store, ())?), (1, 7));
    }
    Ok(())
}

#[test]
fn without_fuel_there_is_nothing_to_yield_for() -> Result<()> {
    let (mut store, instance) = instance(&Engine::default(), SPIN);
    let one = instance.get_typed_func::<(), i32>(&mut store, "one")?;
    for interval in [None, Some(0), Some(5)] {
        let error = store.fuel_async_yield_interval(interval).expect_err("fuel is not configured");
        assert_eq!(error.downcast_ref(), Some(&StoreError::FuelNotConfigured));
    }
    store.out_of_fuel_async_yield(5, 5);
    assert_eq!(one.call(&mut store, ())?, 1);
    store.out_of_fuel_trap();
    assert_eq!(finish(one.call_async(&mut store, ())).0?, 1);
    let mut counted = Store::new(&metered(), ());
    let error = counted.fuel_async_yield_interval(Some(0)).expect_err("no interval is nothing");
    assert_eq!(error.downcast_ref(), Some(&StoreError::NoInterval));
    Ok(())
}

/// Calls a host function in each of its rounds.
const ROUND_TRIPS: &str = r#"(module
    (import "host" "round" (func $round (param i32)))
    (func (export "run") (param i32) (local i32)
        (loop
            (call $round (local.get 1))
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get 1) (local.get 0)))))
    (func (export "spin") (loop (br 0))))"#;

/// A store with that program and the given host function, and the program's `run`.
fn round_trips(
    round: impl Fn(Caller<'_, u64>, i32) -> Result<()> + Send + Sync + 'static,
) -> Result<(Store<u64>, TypedFunc<i32, ()>)> {
    let engine = metered();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "round", round)?;
    let mut store = Store::new(&engine, 0);
    let instance = linker.instantiate(&mut store, &Module::new(&engine, ROUND_TRIPS)?)?;
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run")?;
    Ok((store, run))
}

#[test]
fn a_host_function_refuels_in_the_middle() -> Result<()> {
    // A round costs ten units and adds ten, so it never runs out, although it would yield if it did.
    let (mut store, run) = round_trips(|mut caller, _| caller.add_fuel(10))?;
    store.set_fuel(20)?;
    assert_eq!(finish(run.call_async(&mut store, 100)).0.map_err(|error| error.to_string()), Ok(()));
    store.out_of_fuel_async_yield(1, 0);
    assert_eq!(finish(run.call_async(&mut store, 100)).1, 0);
    // Refuelling does not postpone a yield.
    let before = store.fuel_consumed().expect("fuel is configured");
    store.fuel_async_yield_interval(Some(50))?;
    let (returned, pending) = finish(run.call_async(&mut store, 100));
    returned?;
    let fuel = store.fuel_consumed().expect("fuel is configured") - before;
    assert_eq!(pending, (fuel - 1) / 50);
    Ok(())
}

#[test]
fn a_host_function_changes_what_happens_at_the_end() -> Result<()> {
    for at in 0..6 {
        let (mut store, run) = round_trips(move |mut caller, round| {
            match round {
                round if round == at => caller.out_of_fuel_async_yield(4, 20),
                5 => caller.out_of_fuel_trap(),
                _ => {}
            }
            Ok(())
        })?;
        store.set_fuel(100)?;
        store.out_of_fuel_async_yield(0, 0);
        let (ended, pending) = finish(run.call_async(&mut store, i32::MAX));
        assert_eq!(trap(&ended.expect_err("it runs out")), Trap::OutOfFuel);
        // The last value that was set counts: 5 is the last, unless one is set there itself.
        assert_eq!(pending, if at == 5 { 4 } else { 0 }, "at {at}");
    }
    let (mut store, run) = round_trips(|mut caller, round| {
        let interval = if round < 10 { None } else { Some(10) };
        caller.fuel_async_yield_interval(interval)
    })?;
    store.set_fuel(10_000)?;
    let (returned, pending) = finish(run.call_async(&mut store, 20));
    returned?;
    assert_eq!(pending, 0, "each round begins a new interval that it does not fill");
    assert_eq!(run.call(&mut store, 1).err().map(|error| error.is::<StoreError>()), Some(true));
    Ok(())
}

#[test]
fn consumption_by_the_host_fills_intervals() -> Result<()> {
    let (mut store, run) = round_trips(|mut caller, _| caller.consume_fuel(1_000).map(drop))?;
    store.set_fuel(1_000_000)?;
    store.fuel_async_yield_interval(Some(100))?;
    let (returned, pending) = finish(run.call_async(&mut store, 50));
    returned?;
    assert_eq!(pending, 50, "once for each time, however many intervals went by");
    Ok(())
}

#[test]
fn intervals_are_counted_beyond_all_that_a_number_can_say() -> Result<()> {
    let (result, fuel) = unlimited()?;
    // What the host consumed before the interval was set, and what it consumes after that.
    let amounts = [
        vec![],
        vec![u64::MAX],
        vec![u64::MAX - 1, 1],
        vec![u64::MAX, 1],
        vec![u64::MAX - fuel / 2],
        vec![u64::MAX, u64::MAX, u64::MAX, 12_345],
    ];
    let consume = |store: &mut Store<()>, amounts: &[u64]| -> Result<()> {
        amounts.iter().try_for_each(|amount| {
            store.set_fuel(*amount)?;
            store.consume_fuel(*amount).map(drop)
        })
    };
    for interval in [1, 7, 100, fuel - 1, fuel, fuel + 1, u64::MAX - 1, u64::MAX] {
        for (before, between) in amounts.iter().flat_map(|one| amounts.iter().map(move |other| (one, other)))
        {
            let (mut store, busy) = busy(0)?;
            consume(&mut store, before)?;
            store.fuel_async_yield_interval(Some(interval))?;
            consume(&mut store, between)?;
            store.set_fuel(u64::MAX)?;
            let host: u128 = between.iter().map(|amount| u128::from(*amount)).sum();
            let (returned, pending) = finish(busy.call_async(&mut store, ROUNDS));
            assert_eq!(returned?, result);
            assert_eq!(u64::MAX - store.get_fuel()?, fuel);
            // The part of the interval that the host consumed is not left to the call; a whole interval is one yield.
            let first = u128::from(interval).saturating_sub(host);
            let rest = u128::from(fuel - 1).checked_sub(first);
            let expected = rest.map_or(0, |rest| 1 + rest / u128::from(interval));
            let context = format!("every {interval}, after {before:?} and {between:?}");
            assert_eq!(u128::from(pending), expected, "{context}");
            let all = before.iter().chain(between).map(|amount| u128::from(*amount)).sum::<u128>();
            assert!(all < u128::from(u64::MAX) || consumed(&store) == u64::MAX, "{context}");
        }
    }
    Ok(())
}

#[test]
fn a_nested_plain_call_does_not_yield_but_runs_out() -> Result<()> {
    for classic in [false, true] {
        let (mut store, run) = round_trips(|mut caller, _| {
            let spin = caller.get_export("spin").and_then(Extern::into_func).expect("it is exported");
            let error = spin.call(&mut caller, &[], &mut []).expect_err("it spins");
            ensure!(trap(&error) == Trap::OutOfFuel && caller.get_fuel()? < 10, "{error:?}");
            *caller.data_mut() += 1;
            caller.set_fuel(1_000)
        })?;
        store.set_fuel(1_000)?;
        match classic {
            true => store.out_of_fuel_async_yield(1_000, 1),
            false => store.fuel_async_yield_interval(Some(10))?,
        }
        let (returned, pending) = finish(run.call_async(&mut store, 5));
        returned?;
        assert_eq!(*store.data(), 5);
        // The outer call yields at its next check, and from then on at intervals again.
        let most = if classic { 0 } else { 5 + 5 * 9 / 10 };
        assert!(pending <= most && (pending > 0) != classic, "{pending}");
    }
    Ok(())
}

#[test]
fn errors_and_panics_come_out_of_the_future() -> Result<()> {
    let (mut store, run) = round_trips(|_, round| {
        ensure!(round != 3, "the host has enough");
        if round == 5 {
            panic!("the host breaks");
        }
        Ok(())
    })?;
    store.set_fuel(1_000_000)?;
    store.fuel_async_yield_interval(Some(10))?;
    let error = finish(run.call_async(&mut store, 100)).0.expect_err("the host fails");
    assert_eq!(error.root_cause().to_string(), "the host has enough");
    assert!(error.is::<WasmBacktrace>());
    let (mut store, run) = round_trips(|_, round| {
        assert!(round != 5, "the host breaks");
        Ok(())
    })?;
    store.set_fuel(1_000_000)?;
    store.fuel_async_yield_interval(Some(10))?;
    let caught =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| finish(run.call_async(&mut store, 100)).0));
    assert_eq!(caught.expect_err("it panics").downcast_ref(), Some(&"the host breaks"));
    finish(run.call_async(&mut store, 3)).0
}

#[test]
fn a_forgotten_future_keeps_its_store_from_other_calls() -> Result<()> {
    let (mut store, spin, one) = spinning()?;
    store.set_fuel(100)?;
    store.fuel_async_yield_interval(Some(10))?;
    let mut call = Box::pin(spin.call_async(&mut store, ()));
    assert!(poll_once(call.as_mut()).is_pending());
    std::mem::forget(call);
    let suspended = |error: Error| assert_eq!(error.downcast_ref(), Some(&StoreError::Suspended));
    suspended(one.call(&mut store, ()).expect_err("a call waits for ever"));
    suspended(one.call_resumable(&mut store, ()).expect_err("a call waits for ever"));
    suspended(finish(one.call_async(&mut store, ())).0.expect_err("a call waits for ever"));
    store.gc();
    assert_eq!(WasmBacktrace::force_capture(&store).frames().len(), 1);
    assert!(consumed(&store) <= 10);
    drop(store);
    Ok(())
}

#[test]
fn a_future_is_nothing_before_it_is_polled() -> Result<()> {
    let (mut store, spin, one) = spinning()?;
    drop(spin.call_async(&mut store, ()));
    store.set_fuel(2)?;
    assert_eq!(one.call(&mut store, ())?, 1);
    let (mut other, _, _) = spinning()?;
    let error = finish(spin.call_async(&mut other, ())).0.expect_err("it is of another store");
    assert_eq!(error.downcast_ref(), Some(&StoreError::WrongStore));
    // A call that waits for fuel by itself and one that a task polls exclude each other.
    let CallState::Suspended(call) = spin.call_resumable(&mut store, ())? else { panic!("it spins") };
    let refused = finish(one.call_async(&mut store, ())).0.expect_err("a call is suspended");
    assert_eq!(refused.downcast_ref(), Some(&StoreError::Suspended));
    call.cancel(&mut store)?;
    assert!(matches!(poll_once(std::pin::pin!(one.call_async(&mut store, ()))), Poll::Ready(Err(_))));
    Ok(())
}

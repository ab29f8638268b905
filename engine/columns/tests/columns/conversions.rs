//! Columns of mirrored values whose conversions break off in the middle: by a panic, or with another answer than before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tinkerbox_columns::ConversionPanicked;

use super::*;

const ROWS: u8 = 5;

/// What the conversions and the destructor do to the value with the number of `VICTIM`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Misdeed {
    None,
    PanicOut,
    Refuse,
    PanicBack,
    PanicInDrop,
}

thread_local! {
    static MISDEED: Cell<Misdeed> = const { Cell::new(Misdeed::None) };
    static VICTIM: Cell<u8> = const { Cell::new(0) };
}

/// From now on this happens to the value with this number.
fn commit(misdeed: Misdeed, victim: u8) {
    MISDEED.set(misdeed);
    VICTIM.set(victim);
}

/// Whether the value with this number meets with it.
fn meets(number: u8, misdeed: Misdeed) -> bool {
    MISDEED.get() == misdeed && VICTIM.get() == number
}

#[derive(Component, Debug)]
struct Fickle(u8);

impl Drop for Fickle {
    fn drop(&mut self) {
        assert!(!meets(self.0, Misdeed::PanicInDrop), "it can't be dropped");
    }
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Flat(u8);

impl From<&Fickle> for Flat {
    fn from(it: &Fickle) -> Flat {
        assert!(!meets(it.0, Misdeed::PanicOut), "it can't be converted");
        Flat(it.0)
    }
}

impl TryFrom<Flat> for Fickle {
    type Error = ();

    fn try_from(flat: Flat) -> Result<Fickle, ()> {
        assert!(!meets(flat.0, Misdeed::PanicBack), "it can't be converted back");
        (!meets(flat.0, Misdeed::Refuse)).then_some(Fickle(flat.0)).ok_or(())
    }
}

/// Rows with the numbers from 0, and the bytes of other values for them, from 100.
fn world() -> (World, FlatComponent, Run, Vec<Entity>, Vec<u8>) {
    MISDEED.set(Misdeed::None);
    let mut world = World::new();
    let component = FlatComponent::register_mirrored::<Fickle, Flat>(&mut world);
    let spawned = (0..ROWS).map(|number| world.spawn(Fickle(number)).id()).collect();
    world.clear_trackers();
    let run = query(&world, &[component], &[]).runs(&world, None)[0];
    (world, component, run, spawned, (100..100 + ROWS).collect())
}

#[test]
fn bytes_that_turn_out_to_be_no_value_leave_their_row_alone() {
    for misdeed in [Misdeed::Refuse, Misdeed::PanicBack] {
        for victim in 0..ROWS {
            let (mut world, component, run, mut spawned, returned) = world();
            let mut journal = Journal::default();
            journal.compare(&world, &run, &component, &returned).unwrap();
            commit(misdeed, 100 + victim);
            let applied = journal.apply(&mut world);
            MISDEED.set(Misdeed::None);
            assert_eq!(applied, Applied { written: u64::from(ROWS) - 1, skipped: 1 }, "{misdeed:?} {victim}");
            for (number, entity) in (0..ROWS).zip(&spawned) {
                let expected = if number == victim { number } else { 100 + number };
                assert_eq!(world.get::<Fickle>(*entity).unwrap().0, expected, "{misdeed:?} {victim}");
            }
            spawned.remove(usize::from(victim));
            assert_eq!(changed::<Fickle>(&mut world), spawned, "{misdeed:?} {victim}");
        }
    }
}

#[test]
fn an_old_value_that_panics_when_it_is_dropped_has_been_replaced() {
    for victim in 0..ROWS {
        let (mut world, component, run, spawned, returned) = world();
        let mut journal = Journal::default();
        journal.compare(&world, &run, &component, &returned).unwrap();
        commit(Misdeed::PanicInDrop, victim);
        let applied = journal.apply(&mut world);
        MISDEED.set(Misdeed::None);
        assert_eq!(applied, Applied { written: u64::from(ROWS), skipped: 0 }, "{victim}");
        let numbers = spawned.iter().map(|entity| world.get::<Fickle>(*entity).unwrap().0);
        assert_eq!(numbers.collect::<Vec<_>>(), returned, "{victim}");
        assert_eq!(changed::<Fickle>(&mut world), spawned, "{victim}");
    }
}

#[test]
fn the_first_bytes_that_are_no_value_are_told_and_nothing_is_written() {
    for misdeed in [Misdeed::Refuse, Misdeed::PanicBack, Misdeed::PanicInDrop] {
        for victim in 0..ROWS {
            let (mut world, component, run, spawned, returned) = world();
            commit(misdeed, 100 + victim);
            let refused = Journal::default().compare(&world, &run, &component, &returned).unwrap_err();
            MISDEED.set(Misdeed::None);
            let entity = spawned[usize::from(victim)];
            assert_eq!(*refused, NoValue { component, entity, bytes: vec![100 + victim] }, "{misdeed:?}");
            assert_eq!(changed::<Fickle>(&mut world), []);
        }
    }
}

#[test]
fn a_panic_on_the_way_out_continues_as_one_of_a_conversion() {
    for victim in 0..ROWS {
        let (world, component, run, ..) = world();
        commit(Misdeed::PanicOut, victim);
        let mut out = [0; ROWS as usize];
        let copied = catch_unwind(AssertUnwindSafe(|| copy_column(&world, &run, &component, &mut out)));
        MISDEED.set(Misdeed::None);
        let payload = copied.unwrap_err().downcast::<ConversionPanicked>().unwrap().0;
        assert_eq!(payload.downcast_ref(), Some(&"it can't be converted"));
    }
}

//! Mods that make the host work are charged for it, whether their calls succeed or fail: see `tests/unpaid`.

use crate::hostile::*;
use crate::unpaid::{Miser, misers, populate, ring};

const ENTITIES: usize = 1_000;
const ROUNDS: i64 = 10;

/// A game with a mod of `tests/unpaid`, after a few frames.
fn played(miser: &Miser, fuel: u64, frames: usize) -> Game {
    let mut game = wider_game(&[("miser", &miser.text(fuel, ROUNDS))]);
    populate(&mut game, ENTITIES);
    for _ in 0..frames {
        ring(&mut game);
        game.frame();
    }
    let refused = game.reports("miser", ModReportKind::Refused);
    assert!(refused.is_empty(), "{}: {refused:?}", miser.name);
    game
}

#[test]
fn every_mod_is_charged_for_the_work_that_is_in_it() {
    let mut unpaid = Vec::new();
    for miser in misers(ENTITIES) {
        let mut game = played(&miser, 25_000_000, 3);
        let stats = game.stats("miser");
        let rounds = if miser.repeats { ROUNDS as u64 } else { 1 };
        let faults = game.reports("miser", ModReportKind::Faulted);
        assert!(faults.is_empty() || miser.name.starts_with("traps"), "{}: {faults:?}", miser.name);
        if stats.fuel_total < miser.least * rounds {
            unpaid.push(format!(
                "{}: {} units for {rounds} rounds of at least {}",
                miser.name, stats.fuel_total, miser.least
            ));
        }
    }
    assert!(unpaid.is_empty(), "work that is not paid for:\n{}", unpaid.join("\n"));
}

/// A mod owes what it can't pay at once, and pays before it does anything else: it gets no more than its grant.
#[test]
fn nobody_gets_more_than_the_grant_in_the_long_run() {
    const FUEL: u64 = 50_000;
    for miser in misers(ENTITIES) {
        let mut game = played(&miser, FUEL, 40);
        let early = game.stats("miser").fuel_total;
        for _ in 0..400 {
            ring(&mut game);
            game.frame();
        }
        let used = game.stats("miser").fuel_total - early;
        // The most expensive call may begin with one unit left.
        let once = 8_000_000;
        assert!(used <= 400 * FUEL + once, "{}: {used}", miser.name);
    }
}

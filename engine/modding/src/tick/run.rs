//! Systems of a batch run, on as many threads as there are; what they did lands in their order.
//!
//! ```text
//! batch: a system after the other, each applied at once        where there is little to do
//!        or  guests are taken out -> pieces of the batch on threads, all on &World -> put back, applied in order
//! ```
//!
//! Nobody can tell which: see `batches.rs`.

use std::ops::Range;

use bevy_ecs::world::World;
use bevy_tasks::{ComputeTaskPool, TaskPool};

use super::outcome::settle;
use crate::guest::{Guest, Outcome};
use crate::state::Moment;
use crate::table::{Mod, Table};

/// A batch whose mods used less than this in the last frame is not worth waking threads for.
const PARALLEL_FUEL: u64 = 40_000;

/// A system's turn on some thread.
struct Turn {
    at: usize,
    system: usize,
    fuel: u64,
    guest: Guest,
    /// `None` until it has run.
    outcome: Option<Outcome>,
}

/// Runs every system whose turn it is.
pub(super) fn run_all(world: &mut World, table: &mut Table, moment: Moment) {
    for batch in 0..table.order.batches.len() {
        let batch = table.order.batches[batch].clone();
        // What is written in this batch is news for all that ran before it.
        world.increment_change_tick();
        match threads(table, &batch) {
            None => run_one_by_one(world, table, batch, moment),
            Some(threads) => run_at_once(world, table, batch, moment, threads),
        }
    }
    // And what the game writes next, for all of them.
    world.increment_change_tick();
}

/// How many threads a batch is worth, if it is worth any but this one.
fn threads(table: &Table, batch: &Range<usize>) -> Option<usize> {
    if batch.len() < 2 {
        return None;
    }
    let threads = table.pool.as_ref().or(ComputeTaskPool::try_get().map(|pool| &**pool))?.thread_num();
    let used = |turn: usize| table.mods[table.order.systems[turn].0].fuel_before;
    let work = batch.clone().fold(0u64, |sum, turn| sum.saturating_add(used(turn)));
    (threads > 1 && work >= PARALLEL_FUEL).then_some(threads)
}

fn run_one_by_one(world: &mut World, table: &mut Table, batch: Range<usize>, moment: Moment) {
    for turn in batch.clone() {
        prefetch(table, turn, batch.end);
        let (at, system) = table.order.systems[turn];
        let it = &mut table.mods[at];
        if !is_its_turn(it, system) {
            continue;
        }
        let Some(guest) = &mut it.guest else { continue };
        let outcome = guest.run(world, system, moment, it.bucket);
        settle(world, it, system, outcome, moment);
    }
}

/// Asks for what later turns need: with thousands of mods most of a frame would go into waiting for memory.
fn prefetch(table: &Table, turn: usize, end: usize) {
    for (ahead, pointers) in [(9, 0), (6, 1), (3, 2)] {
        if turn + ahead < end {
            let (at, system) = table.order.systems[turn + ahead];
            table.mods[at].guest.iter().for_each(|guest| guest.prefetch(system, pointers));
        }
    }
}

fn run_at_once(world: &mut World, table: &mut Table, batch: Range<usize>, moment: Moment, threads: usize) {
    let mut turns = Vec::with_capacity(batch.len());
    for turn in batch {
        let (at, system) = table.order.systems[turn];
        let it = &mut table.mods[at];
        if is_its_turn(it, system)
            && let Some(guest) = it.guest.take()
        {
            turns.push(Turn { at, system, fuel: it.bucket, guest, outcome: None });
        }
    }
    let piece = turns.len().div_ceil(4 * threads).max(1);
    let shared: &World = world;
    let run = &|turn: &mut Turn| {
        turn.outcome = Some(turn.guest.run(shared, turn.system, moment, turn.fuel));
    };
    pool(&table.pool).scope(|scope| {
        for turns in turns.chunks_mut(piece) {
            scope.spawn(async move { turns.iter_mut().for_each(run) });
        }
    });
    for Turn { at, system, guest, outcome, .. } in turns {
        let it = &mut table.mods[at];
        it.guest = Some(guest);
        let outcome = outcome.expect("the scope has waited for all turns");
        settle(world, it, system, outcome, moment);
    }
}

fn pool(own: &Option<TaskPool>) -> &TaskPool {
    own.as_ref().unwrap_or_else(|| ComputeTaskPool::get())
}

/// A suspended mod runs nothing else until that system has finished; a handler runs where there are events.
fn is_its_turn(it: &mut Mod, system: usize) -> bool {
    if it.is_disabled {
        return false;
    }
    let Some(guest) = &mut it.guest else { return false };
    match guest.suspended_system() {
        Some(suspended) => suspended == system,
        None => guest.has_work(system),
    }
}

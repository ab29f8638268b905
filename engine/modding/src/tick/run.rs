//! Systems of a batch run, on as many threads as there are; what they did lands in their order.
//!
//! ```text
//! batch: a system after the other, each applied at once        where there is little to do
//!        or  guests are taken out -> pieces of the batch on threads, all on &World -> put back, applied in order
//! ```
//!
//! Nobody can tell which: see `batches.rs`.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy_ecs::world::World;
use bevy_tasks::{ComputeTaskPool, TaskPool};
use tinkerbox_columns::HalfMade;

use super::outcome::{self, settle};
use crate::game_code::{Payload, discard};
use crate::guest::{Guest, Ran};
use crate::state::Moment;
use crate::table::Table;

/// A batch whose mods used less than this in the last frame is not worth waking threads for.
const PARALLEL_FUEL: u64 = 40_000;

/// A system's turn on some thread.
struct Turn {
    at: usize,
    system: usize,
    fuel: u64,
    guest: Guest,
    /// `None` until it has run, or where it was not its turn after all.
    ran: Option<Ran>,
    /// With what a function of the game panicked in it.
    panicked: Option<Payload>,
}

/// Runs every system whose turn it is. Returns with what a function of the game panicked first, for after the frame.
pub(super) fn run_all(world: &mut World, table: &mut Table, moment: &Moment) -> Option<Payload> {
    let mut panicked = None;
    for batch in 0..table.order.batches.len() {
        let batch = table.order.batches[batch].clone();
        // What is written in this batch is news for all that ran before it.
        world.increment_change_tick();
        let payload = match threads(table, &batch) {
            None => run_one_by_one(world, table, batch, moment),
            Some(threads) => run_at_once(world, table, batch, moment, threads),
        };
        panicked = first(panicked, payload);
    }
    // And what the game writes next, for all of them.
    world.increment_change_tick();
    panicked
}

/// How many threads a batch is worth, if it is worth any but this one.
fn threads(table: &Table, batch: &Range<usize>) -> Option<usize> {
    let threads = table.pool.as_ref().or(ComputeTaskPool::try_get().map(|pool| &**pool))?.thread_num();
    if threads < 2 || batch.len() < 2 {
        return None;
    }
    let mut work = table.order.systems[batch.clone()].iter().map(|&(at, _)| table.mods[at].fuel_before);
    let is_worth_it = work.try_fold(PARALLEL_FUEL, |missing, work| missing.checked_sub(work)).is_none();
    is_worth_it.then_some(threads)
}

fn run_one_by_one(
    world: &mut World,
    table: &mut Table,
    batch: Range<usize>,
    moment: &Moment,
) -> Option<Payload> {
    let (mut turn, mut panicked) = (batch.start, None);
    while turn < batch.end {
        // Around all of them, since it costs each of very many mods something.
        let turns = AssertUnwindSafe(|| run_turns(world, table, &mut turn, batch.end, moment));
        if let Err(payload) = catch_unwind(turns) {
            if payload.is::<HalfMade>() {
                resume_unwind(payload);
            }
            let (at, system) = table.order.systems[turn];
            let passes_on = outcome::panicked(world, &mut table.mods[at], system, payload, moment);
            panicked = first(panicked, passes_on);
            turn += 1;
        }
    }
    panicked
}

/// Runs systems from `next` on, which says where it is.
fn run_turns(world: &mut World, table: &mut Table, next: &mut usize, end: usize, moment: &Moment) {
    let turns = &table.order.systems[..end];
    while *next < end {
        let turn = *next;
        for (ahead, pointers) in [(9, 0), (6, 1), (3, 2)] {
            if let Some(&(at, system)) = turns.get(turn + ahead) {
                table.mods[at].guest.iter().for_each(|guest| guest.prefetch(system, pointers));
            }
        }
        let (at, system) = turns[turn];
        let it = &mut table.mods[at];
        if it.has_turn()
            && let Some(guest) = &mut it.guest
            && let Some(ran) = guest.run(world, system, moment, it.bucket)
        {
            settle(world, it, system, ran, moment);
        }
        *next += 1;
    }
}

fn run_at_once(
    world: &mut World,
    table: &mut Table,
    batch: Range<usize>,
    moment: &Moment,
    threads: usize,
) -> Option<Payload> {
    let mut turns = Vec::with_capacity(batch.len());
    for &(at, system) in &table.order.systems[batch] {
        let it = &mut table.mods[at];
        if it.has_turn()
            && let Some(guest) = it.guest.take()
        {
            turns.push(Turn { at, system, fuel: it.bucket, guest, ran: None, panicked: None });
        }
    }
    let piece = turns.len().div_ceil(4 * threads).max(1);
    let shared: &World = world;
    let run = &|turn: &mut Turn| {
        let ran = AssertUnwindSafe(|| turn.guest.run(shared, turn.system, moment, turn.fuel));
        match catch_unwind(ran) {
            Ok(ran) => turn.ran = ran,
            Err(payload) => turn.panicked = Some(payload),
        }
    };
    pool(&table.pool).scope(|scope| {
        for turns in turns.chunks_mut(piece) {
            scope.spawn(async move { turns.iter_mut().for_each(run) });
        }
    });
    // All guests are back before anything happens to the world: what that sets off in the game may panic.
    let ended: Vec<_> = turns
        .into_iter()
        .map(|turn| {
            table.mods[turn.at].guest = Some(turn.guest);
            (turn.at, turn.system, turn.ran, turn.panicked)
        })
        .collect();
    let mut panicked = None;
    for (at, system, ran, payload) in ended {
        let it = &mut table.mods[at];
        if let Some(payload) = payload {
            let passes_on = outcome::panicked(world, it, system, payload, moment);
            panicked = first(panicked, passes_on);
        } else if let Some(ran) = ran {
            settle(world, it, system, ran, moment);
        }
    }
    panicked
}

/// The panic that passes on when the frame is over. What a later one carries is dropped here.
fn first(panicked: Option<Payload>, later: Option<Payload>) -> Option<Payload> {
    match (panicked, later) {
        (Some(first), Some(later)) => {
            discard(later);
            Some(first)
        }
        (panicked, later) => panicked.or(later),
    }
}

fn pool(own: &Option<TaskPool>) -> &TaskPool {
    own.as_ref().unwrap_or_else(|| ComputeTaskPool::get())
}

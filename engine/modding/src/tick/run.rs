//! Runs the systems of each batch, on as many threads as there are, and settles the runs in their order.
//!
//! ```text
//! batch: one system after the other, each settled at once        if there is little to do
//!        or  guests are taken out -> pieces of the batch on threads, all on &World -> put back, settled in order
//! ```
//!
//! The result is the same either way: see `schedule/batches.rs`.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy_ecs::world::World;
use bevy_tasks::{ComputeTaskPool, TaskPool};
use tinkerbox_columns::HalfMade;

use super::settle::{panicked, settle};
use crate::exposed::time::Moment;
use crate::game_code::{Payload, discard};
use crate::guest::instance::{Guest, RunReport};
use crate::mods::context::ModContext;
use crate::mods::table::Table;
use crate::schedule::index::SystemRef;

/// A batch whose mods used less than this in the last frame is not worth waking threads.
const PARALLEL_FUEL: u64 = 40_000;

/// What all systems of a frame run on.
struct FrameRun<'a> {
    world: &'a mut World,
    table: &'a mut Table,
    pool: Option<&'a TaskPool>,
    moment: &'a Moment,
}

/// A system's turn on a thread.
struct Turn {
    of: SystemRef,
    fuel: u64,
    guest: Guest,
    /// `None` until it has run, or if it was not its turn after all.
    report: Option<RunReport>,
    /// A panic of a function of the game in it.
    panic: Option<Payload>,
}

/// Runs every system whose turn it is. Returns the first panic of a function of the game, to be resumed after the frame.
pub(crate) fn run_all(
    world: &mut World,
    table: &mut Table,
    pool: Option<&TaskPool>,
    moment: &Moment,
) -> Option<Payload> {
    let mut run = FrameRun { world, table, pool, moment };
    let mut first = None;
    for batch in 0..run.table.order.batches.len() {
        let batch = run.table.order.batches[batch].clone();
        // What is written in this batch is a change for all systems that ran before it.
        run.world.increment_change_tick();
        let panic = match run.threads_for(&batch) {
            None => run.run_in_turn(batch),
            Some(threads) => run.run_in_parallel(batch, threads),
        };
        first = earlier(first, panic);
    }
    // What the game writes next is a change for all systems.
    run.world.increment_change_tick();
    first
}

impl FrameRun<'_> {
    /// The number of threads for a batch; `None` if it is not worth more than this one.
    fn threads_for(&self, batch: &Range<usize>) -> Option<usize> {
        let threads = self.pool.or(ComputeTaskPool::try_get().map(|pool| &**pool))?.thread_num();
        if threads < 2 || batch.len() < 2 {
            return None;
        }
        let systems = self.table.order.systems[batch.clone()].iter();
        let mut work = systems.map(|system| self.table.mods[system.of_mod].fuel_before);
        let is_worth_it = work.try_fold(PARALLEL_FUEL, |missing, work| missing.checked_sub(work)).is_none();
        is_worth_it.then_some(threads)
    }

    fn run_in_turn(&mut self, batch: Range<usize>) -> Option<Payload> {
        let (mut turn, mut first) = (batch.start, None);
        while turn < batch.end {
            // Around all of them, since with very many mods the cost for each one matters.
            let turns = AssertUnwindSafe(|| self.run_turns(&mut turn, batch.end));
            if let Err(payload) = catch_unwind(turns) {
                if payload.is::<HalfMade>() {
                    resume_unwind(payload);
                }
                let panic = self.panicked(self.table.order.systems[turn], payload);
                first = earlier(first, panic);
                turn += 1;
            }
        }
        first
    }

    /// Runs systems one after the other. `next` moves with them, so that it names the one that has panicked.
    fn run_turns(&mut self, next: &mut usize, end: usize) {
        let (world, table, moment) = (&mut *self.world, &mut *self.table, self.moment);
        let systems = &table.order.systems[..end];
        while *next < end {
            let turn = *next;
            for (ahead, pointers) in [(9, 0), (6, 1), (3, 2)] {
                if let Some(&SystemRef { of_mod, system }) = systems.get(turn + ahead) {
                    table.mods[of_mod].guest.iter().for_each(|guest| guest.prefetch(system, pointers));
                }
            }
            let SystemRef { of_mod, system } = systems[turn];
            let entry = &mut table.mods[of_mod];
            if entry.has_turn()
                && let Some(guest) = &mut entry.guest
                && let Some(report) = guest.run(world, system, moment, entry.bucket)
            {
                settle(ModContext { world, entry, moment }, system, report);
            }
            *next += 1;
        }
    }

    fn run_in_parallel(&mut self, batch: Range<usize>, threads: usize) -> Option<Payload> {
        let mut turns = self.take_guests(batch);
        let piece = turns.len().div_ceil(4 * threads).max(1);
        let (world, moment): (&World, _) = (self.world, self.moment);
        let run = &|turn: &mut Turn| {
            let run = AssertUnwindSafe(|| turn.guest.run(world, turn.of.system, moment, turn.fuel));
            match catch_unwind(run) {
                Ok(report) => turn.report = report,
                Err(payload) => turn.panic = Some(payload),
            }
        };
        self.pool.unwrap_or_else(|| ComputeTaskPool::get()).scope(|scope| {
            for turns in turns.chunks_mut(piece) {
                scope.spawn(async move { turns.iter_mut().for_each(run) });
            }
        });
        // All guests are put back before the world is changed, which may run code of the game that panics.
        let ended: Vec<_> = turns
            .into_iter()
            .map(|turn| {
                self.table.mods[turn.of.of_mod].guest = Some(turn.guest);
                (turn.of, turn.report, turn.panic)
            })
            .collect();
        let mut first = None;
        for (of, report, panic) in ended {
            if let Some(payload) = panic {
                let panic = self.panicked(of, payload);
                first = earlier(first, panic);
            } else if let Some(report) = report {
                settle(self.context(of), of.system, report);
            }
        }
        first
    }

    /// Takes the guests of a batch out of the table, so that threads can share them.
    fn take_guests(&mut self, batch: Range<usize>) -> Vec<Turn> {
        let mut turns = Vec::with_capacity(batch.len());
        for &of in &self.table.order.systems[batch] {
            let entry = &mut self.table.mods[of.of_mod];
            if entry.has_turn()
                && let Some(guest) = entry.guest.take()
            {
                turns.push(Turn { of, fuel: entry.bucket, guest, report: None, panic: None });
            }
        }
        turns
    }

    fn panicked(&mut self, of: SystemRef, payload: Payload) -> Option<Payload> {
        panicked(self.context(of), of.system, payload)
    }

    fn context(&mut self, of: SystemRef) -> ModContext<'_> {
        ModContext { world: self.world, entry: &mut self.table.mods[of.of_mod], moment: self.moment }
    }
}

/// The first panic, which is resumed when the frame is over. The payload of a later one is dropped here.
fn earlier(first: Option<Payload>, later: Option<Payload>) -> Option<Payload> {
    match (first, later) {
        (Some(first), Some(later)) => {
            discard(later);
            Some(first)
        }
        (first, later) => first.or(later),
    }
}

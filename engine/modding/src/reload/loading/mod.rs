//! How the mods that are found at the start of a game come to run, without a frame that waits for them.
//!
//! ```text
//! building ────────> accepting ─> deciding ──> starting ────────> entering ───────> ordering ──> done
//! on Bevy's threads  entities,    which run,   guests, side by    into the table,   the systems
//!                    by folder    once         side in memory     reported          of all, once
//! ```
//!
//! On the game's thread each of these takes a bounded time in a frame. That a clock decides in which frame a mod is accepted
//! and started has no effect on what mods compute: it is done in the order of their folders, and no mod is ticked before all
//! of them are done.

pub(super) mod stages;

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Instant;

use super::accept::accept_one;
use super::building::answer::Batch;
use super::context::ReloadContext;
use super::handover::{load, start};
use super::news::learn_news;
use super::reloads::ModReloads;
use super::{claims, late};
use crate::game::entity::{ModStatus, change};
use crate::game::loading::ModLoading;
use crate::limits::LOADING_TIME;
use crate::package::build::{BuildOutcome, BuildResult};
use stages::{Loading, Started, Wanted};

/// Begins to build all mods.
pub(super) fn begin(ctx: &mut ReloadContext<'_>) {
    late::adopt_present(ctx);
    if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
        reloads.start_all();
        ctx.state.roots = reloads.roots();
    }
    ctx.state.loading = Loading::Building(BTreeMap::new());
}

/// Continues for a bounded time, with at least one step. Never waits for a build.
pub(super) fn advance(ctx: &mut ReloadContext<'_>) {
    let (begun, time) =
        (Instant::now(), ctx.world.get_resource().map_or(LOADING_TIME, ModReloads::loading_time));
    while step(ctx) && begun.elapsed() < time {}
    show(ctx);
}

/// Waits until all mods are loaded.
pub(super) fn finish(ctx: &mut ReloadContext<'_>) {
    while !ctx.state.loading.is_done() {
        if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
            reloads.finish_builds();
        }
        step(ctx);
    }
    show(ctx);
}

/// Does one step. Returns whether another one can follow in this frame: what concerns all mods has a frame of its own.
fn step(ctx: &mut ReloadContext<'_>) -> bool {
    match std::mem::replace(&mut ctx.state.loading, Loading::Done) {
        Loading::NotBegun | Loading::Done => return false,
        Loading::Building(built) => {
            receive(ctx, built);
            return false;
        }
        Loading::Accepting(mut outcomes) => match outcomes.pop_front() {
            Some(outcome) => {
                ctx.state.loading = Loading::Accepting(outcomes);
                accept_one(ctx, outcome);
            }
            None => {
                ctx.state.loading = Loading::Deciding;
                return false;
            }
        },
        Loading::Deciding => {
            let waiting = claims::decide_at_start(ctx);
            ctx.state.loading = Loading::Starting { waiting, started: VecDeque::new() };
            return false;
        }
        Loading::Starting { mut waiting, mut started } => match waiting.pop_front() {
            Some(wanted) => {
                started.extend(start_one(ctx, wanted));
                ctx.state.loading = Loading::Starting { waiting, started };
            }
            None => ctx.state.loading = Loading::Entering(started),
        },
        Loading::Entering(mut started) => match started.pop_front() {
            Some(one) => {
                ctx.state.loading = Loading::Entering(started);
                enter(ctx, one);
            }
            None => {
                ctx.state.loading = Loading::Ordering;
                return false;
            }
        },
        Loading::Ordering => {
            end(ctx);
            ctx.state.loading = Loading::Ending;
            return false;
        }
        Loading::Ending => return false,
    }
    true
}

/// Takes what was built. Mods that were refused are built again if the game has exposed more meanwhile. It ends
/// when all is built, also what was installed or has changed meanwhile. A game that has removed [`ModReloads`] has what was
/// built until then.
fn receive(ctx: &mut ReloadContext<'_>, mut built: BTreeMap<PathBuf, BuildOutcome>) {
    let reloads = ctx.world.get_resource_mut::<ModReloads>();
    for Batch { outcomes, roots } in reloads.map_or_else(Vec::new, |mut reloads| reloads.finished()) {
        learn_news(ctx, roots);
        let is_gone = |outcome: &BuildOutcome| matches!(outcome.result, BuildResult::Gone);
        outcomes.iter().filter(|outcome| is_gone(outcome)).for_each(|gone| drop(built.remove(&gone.folder)));
        let is_new =
            |outcome: &BuildOutcome| !matches!(outcome.result, BuildResult::Gone | BuildResult::Unchanged);
        let new = outcomes.into_iter().filter(is_new).map(|outcome| (outcome.folder.clone(), outcome));
        // They are sorted already: to insert a thousand one by one would take too long for a frame.
        built.append(&mut new.collect());
    }
    let is_refused = |outcome: &BuildOutcome| matches!(outcome.result, BuildResult::Refused { .. });
    if late::adopt_if_more(ctx).is_some() && built.values().any(is_refused) {
        let refused = built.extract_if(.., |_, outcome| is_refused(outcome));
        let refused: Vec<PathBuf> = refused.map(|(folder, _)| folder).collect();
        if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
            reloads.start_again(&refused);
        }
    }
    let is_built = ctx.world.get_resource().is_none_or(ModReloads::is_idle);
    ctx.state.found_at_start = built.len();
    ctx.state.loading = match is_built {
        true => Loading::Accepting(built.into_values().collect()),
        false => Loading::Building(built),
    };
}

/// Starts a guest, unless the mod was removed meanwhile.
fn start_one(ctx: &mut ReloadContext<'_>, wanted: Wanted) -> Option<Started> {
    let entity = ctx.table.mods[ctx.table.find(&wanted.folder)?].entity;
    let guest = start(ctx, &wanted.build);
    Some(Started { wanted, entity, guest })
}

fn enter(ctx: &mut ReloadContext<'_>, started: Started) {
    let Started { wanted: Wanted { folder, build }, entity, guest } = started;
    let index = ctx.table.find(&folder);
    match index.is_some_and(|index| ctx.table.mods[index].entity == entity) {
        true => load(ctx, &folder, build, guest),
        // It was unloaded, or the game has despawned it.
        false => guest.into_iter().for_each(|mut guest| guest.state().effects.abandon(ctx.world)),
    }
}

/// All that can run is in the table.
fn end(ctx: &mut ReloadContext<'_>) {
    if let Ok(order) = ctx.table.order_of_running() {
        ctx.adopt_order(order);
    }
    // Nothing is loading any more: what does not run now was refused, or waits for the game.
    for (_, entry) in ctx.table.mods.iter().filter(|(_, entry)| entry.code.is_none()) {
        if ctx.world.get::<ModStatus>(entry.entity) == Some(&ModStatus::Loading) {
            change(ctx.world, entry.entity, |entity| {
                entity.insert(ModStatus::Refused);
            });
        }
    }
}

/// Shows the game how far its mods are.
fn show(ctx: &mut ReloadContext<'_>) {
    let before = ctx.world.get_resource_or_init::<ModLoading>().clone();
    let mut now = before.clone();
    match &ctx.state.loading {
        Loading::NotBegun => {}
        Loading::Building(built) => {
            let progress = ctx.world.get_resource().map(ModReloads::progress).unwrap_or_default();
            now.of = before.of.max(progress.of + built.len());
            // The last one is done when all of them run.
            now.done = (progress.done + built.len()).min(now.of.saturating_sub(1));
            now.current = progress.current;
        }
        Loading::Done => {
            let of = ctx.state.found_at_start;
            now = ModLoading { done: of, of, current: None, is_done: true };
        }
        _ => {
            let of = ctx.state.found_at_start;
            now = ModLoading { done: of.saturating_sub(1), of, current: None, is_done: false };
        }
    }
    if now != before {
        ctx.world.insert_resource(now);
    }
}

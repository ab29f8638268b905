//! How the mods that are found at the start of a game come to run, without a frame that waits for them.
//!
//! ```text
//! building ─────────> accepting ──────> starting ─────────> entering ────────> done
//! on Bevy's threads   entities, by      guests, side by     into the table,    the order of all
//!                     folder; which     side in memory      reported           systems, once
//!                     of them run
//! ```
//!
//! On the game's thread each of these takes a bounded time in a frame. That a clock decides in which frame a mod is accepted
//! and started has no effect on what mods compute: it is done in the order of their folders, and no mod is ticked before all
//! of them are done.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Instant;

use bevy_ecs::entity::Entity;

use super::accept::accept_one;
use super::answer::Batch;
use super::context::ReloadContext;
use super::handover::{load, start};
use super::reloads::ModReloads;
use super::{claims, late, learn_news};
use crate::game::entity::{ModStatus, change};
use crate::game::loading::ModLoading;
use crate::guest::diagnosis::Fault;
use crate::guest::instance::Guest;
use crate::package::Build;
use crate::package::build::{BuildOutcome, BuildResult};

/// How far the mods of the start are.
#[derive(Default)]
pub(crate) enum Loading {
    /// The game has not come to `Startup`.
    #[default]
    NotBegun,
    /// They are built; these are done, by their folders.
    Building(BTreeMap<PathBuf, BuildOutcome>),
    Accepting(VecDeque<BuildOutcome>),
    /// Guests are started.
    Starting {
        waiting: VecDeque<Wanted>,
        started: VecDeque<Started>,
    },
    /// Guests that have started, or failed to, become mods that run.
    Entering(VecDeque<Started>),
    Done,
}

/// A build that is to run.
pub(crate) struct Wanted {
    pub folder: PathBuf,
    pub build: Box<Build>,
}

/// A build of which a guest has started, or failed to.
pub(crate) struct Started {
    wanted: Wanted,
    /// The mod's entity, which may be gone when the guest enters.
    entity: Entity,
    guest: Result<Guest, Fault>,
}

impl Loading {
    pub fn is_done(&self) -> bool {
        matches!(self, Loading::Done)
    }

    /// Whether the mods are still accepted, so that it is not decided yet which of them run.
    pub fn is_accepting(&self) -> bool {
        matches!(self, Loading::Accepting(_))
    }
}

/// Begins to build all mods.
pub(super) fn begin(ctx: &mut ReloadContext<'_>) {
    late::adopt_present(ctx);
    let mut reloads = ctx.world.resource_mut::<ModReloads>();
    reloads.start_all();
    ctx.state.roots = reloads.roots();
    ctx.state.loading = Loading::Building(BTreeMap::new());
}

/// Continues for a bounded time, with at least one step. Never waits for a build.
pub(super) fn advance(ctx: &mut ReloadContext<'_>) {
    let begun = Instant::now();
    while step(ctx) && begun.elapsed() < ctx.state.loading_time {}
    show(ctx);
}

/// Waits until all mods are loaded.
pub(super) fn finish(ctx: &mut ReloadContext<'_>) {
    while !ctx.state.loading.is_done() {
        ctx.world.resource_mut::<ModReloads>().finish_builds();
        while step(ctx) {}
    }
    show(ctx);
}

/// Does one step. Returns whether another one can follow in this frame.
fn step(ctx: &mut ReloadContext<'_>) -> bool {
    match std::mem::replace(&mut ctx.state.loading, Loading::Done) {
        Loading::NotBegun | Loading::Done => return false,
        Loading::Building(built) => return receive(ctx, built),
        Loading::Accepting(mut outcomes) => match outcomes.pop_front() {
            Some(outcome) => {
                ctx.state.loading = Loading::Accepting(outcomes);
                accept_one(ctx, outcome);
            }
            None => {
                let waiting = claims::decide_at_start(ctx);
                ctx.state.loading = Loading::Starting { waiting, started: VecDeque::new() };
            }
        },
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
            None => end(ctx),
        },
    }
    true
}

/// Takes what was built. Mods that were refused are built again if the game has exposed more meanwhile. Returns whether all is
/// built that was to be, also what was installed or has changed meanwhile.
fn receive(ctx: &mut ReloadContext<'_>, mut built: BTreeMap<PathBuf, BuildOutcome>) -> bool {
    for Batch { outcomes, roots } in ctx.world.resource_mut::<ModReloads>().finished() {
        learn_news(ctx, roots);
        for outcome in outcomes {
            match outcome.result {
                BuildResult::Unchanged => {}
                BuildResult::Gone => drop(built.remove(&outcome.folder)),
                _ => drop(built.insert(outcome.folder.clone(), outcome)),
            }
        }
    }
    let is_refused = |outcome: &BuildOutcome| matches!(outcome.result, BuildResult::Refused { .. });
    if late::adopt_if_more(ctx).is_some() && built.values().any(is_refused) {
        let refused = built.extract_if(.., |_, outcome| is_refused(outcome));
        let refused: Vec<PathBuf> = refused.map(|(folder, _)| folder).collect();
        ctx.world.resource_mut::<ModReloads>().start_again(&refused);
    }
    let is_built = ctx.world.resource::<ModReloads>().is_idle();
    ctx.state.found_at_start = built.len();
    ctx.state.loading = match is_built {
        true => Loading::Accepting(built.into_values().collect()),
        false => Loading::Building(built),
    };
    is_built
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
    ctx.state.loading = Loading::Done;
}

/// Shows the game how far its mods are.
fn show(ctx: &mut ReloadContext<'_>) {
    let before = ctx.world.get_resource_or_init::<ModLoading>().clone();
    let mut now = before.clone();
    match &ctx.state.loading {
        Loading::NotBegun => {}
        Loading::Building(built) => {
            let progress = ctx.world.resource::<ModReloads>().progress();
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

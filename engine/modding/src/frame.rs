//! One frame of all mods: they are managed, then ticked.
//!
//! ```text
//! manage: requests of the game done, reloads applied
//! tick:   budgets granted, rests ended -> events delivered, and what has happened to components
//!   -> systems in order, batch by batch: run on &World, then settle on &mut World
//!   -> states saved now and then -> what the game sees of its mods
//! ```
//!
//! A game that is paused manages its mods and does not tick them.
//!
//! This is the only file that knows all rooms. [`Frame`] holds what they keep from frame to frame, and lends each of them
//! its part.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy_ecs::change_detection::{CHECK_TICK_THRESHOLD, CheckChangeTicks, ResMut, Tick};
use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::RemovedComponentMessages;
use bevy_ecs::observer::{Observer, On};
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use bevy_tasks::{ComputeTaskPool, TaskPool};

use crate::exposed::time::{Clock, ModTime};
use crate::game::requests::Mods;
use crate::game_code::{self, Payload};
use crate::guest::effects::visibility::NotForMods;
use crate::guest::instance::GuestEnvironment;
use crate::limits::UNMANAGED_TICKS_MAX;
use crate::mods::context::ModContext;
use crate::mods::table::Table;
use crate::reload;
use crate::reload::context::{ReloadContext, ReloadState};
use crate::tick::grant::{FrameWork, grant_budgets};
use crate::tick::lifecycle::Noticed;
use crate::tick::{TickState, events, lifecycle, run, show};

/// All that the plugin keeps of mods. It is taken out of the world while mods run, so that the world can be lent to them.
#[derive(Resource)]
pub(crate) struct Frame {
    table: Table,
    environment: GuestEnvironment,
    tick: TickState,
    reload: ReloadState,
    clock: Clock,
    /// It was begun to load mods.
    is_begun: bool,
    /// Ticks since the mods were last managed.
    unmanaged: u32,
    /// The name of the schedule in which mods run, for messages.
    schedule: String,
    /// When the change ticks that are kept here were last checked.
    ticks_checked: Tick,
    /// The observer that has them checked when Bevy checks its own.
    ticks_observer: Entity,
}

impl Frame {
    /// Makes the plugin's own observer in the world, too.
    pub fn new(
        world: &mut World,
        environment: GuestEnvironment,
        tick: TickState,
        reload: ReloadState,
        schedule: String,
    ) -> Frame {
        Frame {
            table: Table::default(),
            environment,
            tick,
            reload,
            clock: Clock::default(),
            is_begun: false,
            unmanaged: 0,
            schedule,
            ticks_checked: Tick::new(0),
            ticks_observer: observe_ticks(world),
        }
    }
}

/// Does what the game has asked of [`Mods`](crate::Mods), and lets new code take over.
/// [`ModdingPlugin`](crate::ModdingPlugin) adds it to `PreUpdate`, in [`ManageMods`](crate::ManageMods).
pub fn manage_mods(world: &mut World) {
    if world.get_resource::<Frame>().is_some_and(|frame| !frame.is_begun) {
        // `Startup` was over when the plugin was added, or the game has no `Startup`.
        load_mods(world);
    }
    with_frame(world, "managed", |world, frame| frame.manage(world));
}

/// Runs all mods for one frame, unless they are [paused](crate::Mods::pause). [`ModdingPlugin`](crate::ModdingPlugin) adds it
/// to a schedule, in [`TickMods`](crate::TickMods).
///
/// # Panics
/// With what a function of the game panicked that a mod has called, when the frame is over.
pub fn tick_mods(world: &mut World) {
    if world.get_resource::<Mods>().is_some_and(Mods::is_paused) {
        return;
    }
    let panic = with_frame(world, "ticked", |world, frame| frame.tick(world));
    if let Some(payload) = panic.flatten() {
        resume_unwind(payload);
    }
}

/// Begins to load all mods. Once: in `Startup`, or in the first frame of a plugin that was added later.
pub(crate) fn load_mods(world: &mut World) {
    with_frame(world, "loaded", |world, frame| {
        if std::mem::replace(&mut frame.is_begun, true) {
            return;
        }
        if frame.tick.pool.is_none() {
            // If the game has not set it up.
            ComputeTaskPool::get_or_init(TaskPool::default);
        }
        reload::load_all(&mut frame.reload_context(world));
    });
}

fn observe_ticks(world: &mut World) -> Entity {
    world.spawn((Observer::new(check_change_ticks), NotForMods)).id()
}

/// Bevy clamps the change ticks of components before its counter wraps, and triggers this so that others do the same.
fn check_change_ticks(check: On<CheckChangeTicks>, frame: Option<ResMut<Frame>>) {
    // While mods run it is not in the world; the next frame makes up for that.
    if let Some(mut frame) = frame {
        frame.check_ticks(check.present_tick());
    }
}

/// Reads what has happened to components in this update of the app. Bevy forgets removals after the next one, and mods need
/// not be ticked until then: the game may be paused, or tick them in a schedule that does not run in each update.
pub(crate) fn collect_lifecycles(
    frame: Option<ResMut<Frame>>,
    removed: &RemovedComponentMessages,
    noticed: Option<ResMut<Noticed>>,
) {
    if let Some(mut frame) = frame {
        frame.tick.lifecycles.collect(removed, lifecycle::take(noticed));
    }
}

/// Takes the frame out of the world for the time of `f`, in which failures of commands and observers are noted. It is put
/// back even if `f` panics. `what` is what is done to mods.
///
/// # Panics
/// If `f` does.
fn with_frame<R>(world: &mut World, what: &str, f: impl FnOnce(&mut World, &mut Frame) -> R) -> Option<R> {
    let Some(mut frame) = world.remove_resource::<Frame>() else {
        tracing::error!(
            "mods are not {what}: the call comes from within `manage_mods` or `tick_mods`, or the world has no `ModdingPlugin`"
        );
        return None;
    };
    let noting = AssertUnwindSafe(|| game_code::noting(world, |world| f(world, &mut frame)));
    let result = catch_unwind(noting);
    world.insert_resource(frame);
    if let Some(first) = game_code::take_failures().first {
        tracing::error!("the game's own code failed while mods were {what}, for none of them: {first}");
    }
    Some(result.unwrap_or_else(|payload| resume_unwind(payload)))
}

impl Frame {
    fn manage(&mut self, world: &mut World) {
        self.unmanaged = 0;
        self.check_ticks_if_due(world.change_tick());
        self.restore_observers(world);
        reload::apply_reloads(&mut self.reload_context(world));
        show::assign_slots(world, &mut self.tick.shown, &self.table.mods);
    }

    /// Returns the first panic of a function of the game.
    fn tick(&mut self, world: &mut World) -> Option<Payload> {
        self.check_ticks_if_due(world.change_tick());
        self.expect_to_be_managed();
        if !self.reload.loading.is_done() {
            // So that what mods compute does not depend on how fast a machine builds.
            return None;
        }
        self.observe_time(world);
        self.clock.frame += 1;
        let moment = &self.clock.moment(world);
        let Frame { table, environment, tick, .. } = self;
        show::read_budgets(world, &mut tick.shown, &mut table.mods);
        let FrameWork { rested, to_save } = grant_budgets(&mut table.mods, tick.frame_fuel, moment);
        for index in rested {
            ModContext { world, entry: &mut table.mods[index], moment }.wake(environment);
        }
        events::deliver(world, &mut tick.channels, &mut table.mods, moment);
        lifecycle::deliver(world, &mut tick.lifecycles, &mut table.mods, moment);
        let panic = run::run_all(world, table, tick.pool.as_ref(), moment);
        for index in to_save {
            ModContext { world, entry: &mut table.mods[index], moment }.save();
        }
        show::end_frame(world, &mut tick.shown, &mut table.mods, moment);
        panic
    }

    /// Makes the plugin's observers if they are not there: the game may have despawned them with everything else.
    fn restore_observers(&mut self, world: &mut World) {
        if world.get::<Observer>(self.ticks_observer).is_none() {
            self.ticks_observer = observe_ticks(world);
        }
        self.tick.lifecycles.restore_observers(world);
    }

    fn reload_context<'a>(&'a mut self, world: &'a mut World) -> ReloadContext<'a> {
        ReloadContext {
            moment: self.clock.moment(world),
            world,
            table: &mut self.table,
            environment: &mut self.environment,
            tick: &mut self.tick,
            state: &mut self.reload,
        }
    }

    /// Says once that nothing is loaded and no request is carried out, if the game runs its mods and never manages them.
    fn expect_to_be_managed(&mut self) {
        self.unmanaged = self.unmanaged.saturating_add(1);
        if self.unmanaged == UNMANAGED_TICKS_MAX {
            tracing::error!(
                "mods are ticked and never managed, so that none is loaded and no request is carried out: run the schedule \
                 `PreUpdate`, or `manage_mods` before `tick_mods`"
            );
        }
    }

    /// Counts the ticks that the simulation's time has gained.
    fn observe_time(&mut self, world: &World) {
        let tick = ModTime::of(world).tick;
        self.clock.age.observe(tick);
        if self.clock.age.is_forgotten() && self.table.mods.iter().any(|(_, entry)| entry.code.is_some()) {
            tracing::warn!(
                "ModTime has stood at tick {tick} since mods were loaded: nothing advances it, so for mods no time passes, and \
                 one that rests after a fault does not run again. Unless the game is paused, add a system that advances it: \
                 `app.add_systems({}, (|mut time: ResMut<ModTime>| time.advance(1.0 / 60.0)).before(TickMods));`",
                self.schedule
            );
        }
    }

    /// Clamps the change ticks that are kept here and in guests if that is due, at least as often as Bevy does so for
    /// components.
    fn check_ticks_if_due(&mut self, now: Tick) {
        if now.get().wrapping_sub(self.ticks_checked.get()) >= CHECK_TICK_THRESHOLD {
            self.check_ticks(now);
        }
    }

    #[cold]
    fn check_ticks(&mut self, now: Tick) {
        self.ticks_checked = now;
        self.tick.shown.check_ticks(now);
        self.table.check_ticks(now);
    }
}

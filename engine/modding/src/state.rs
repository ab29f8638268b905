//! What the host keeps for a mod while its code runs: the `T` of its store.
//!
//! Host functions work on it, the tick fills it before a system and empties it after. It holds nothing of
//! the world.

use std::sync::Arc;

use bevy_ecs::change_detection::{MAX_CHANGE_AGE, Tick};
use bevy_ecs::world::World;
use tinkerbox_columns::{NoValue, RowQuery};
use tinkerbox_wasm::TypedFunc;

use crate::commands::{COMMANDS_MAX, Judge, Population, Queue};
use crate::effects::Effects;
use crate::event_queue::EventQueue;
use crate::exposed::Exposed;
use crate::exposed::event::ExposedEvent;
use crate::game_code::discard;
use crate::limits::Limits;
use crate::logs::Logs;
use crate::package::Build;
use crate::package::access::{ResourcePlan, Rights, System};
use crate::package::manifest::Overrun;
use crate::prices::{self, Bill};
use crate::random::Streams;
use crate::time::ModTime;
use crate::view::Query;

/// What the plugin keeps for a mod while its code runs. Functions of the game, which
/// [`expose_function`](crate::Expose::expose_function) takes, reach it through their `Caller`.
// What every run needs stands first: two lines of the processor's cache.
#[repr(C, align(64))]
pub struct ModState {
    /// The system that runs or is suspended.
    pub(crate) running: Option<usize>,
    pub(crate) time: ModTime,
    /// The frame in which it began.
    pub(crate) frame: u64,
    /// Fuel that host functions have used beyond what was there.
    pub(crate) debt: u64,
    pub(crate) systems: Box<[SystemState]>,
    pub(crate) logs: Logs,
    /// Commands that systems may still queue in this tick.
    pub(crate) commands_left: usize,
    pub(crate) overrun: Overrun,
    /// The running system has drawn random numbers.
    pub(crate) has_drawn: bool,
    /// What is to be done to the world when the running system has finished.
    pub(crate) effects: Effects,
    pub(crate) kept: Kept,
    /// The same as in [`Uses`], for calls outside of systems.
    pub(crate) is_misuse_told: bool,
    /// Fuel used by calls that are not systems.
    pub(crate) spent: u64,
    pub(crate) limits: Limits,
    pub(crate) rights: Arc<Rights>,
    exposed: Exposed,
    mod_id: String,
}

/// When a system began to run: it sees one moment, however long it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moment {
    pub time: ModTime,
    /// Counts frames, whatever the game does to the time.
    pub frame: u64,
    /// The ticks that the time has gained since mods were loaded.
    pub age: u64,
}

impl Moment {
    /// The tick at which the time will have gained `age` ticks, if it goes on from here.
    pub fn tick_at(&self, age: u64) -> u64 {
        self.time.tick.wrapping_add(age.saturating_sub(self.age))
    }
}

/// A system of the mod, over all its ticks: one line of the processor's cache.
#[repr(align(64))]
pub(crate) struct SystemState {
    pub function: TypedFunc<(), ()>,
    pub queries: Box<[Query]>,
    /// The world's change tick when it ran last.
    last_run: Option<Tick>,
    /// The same when the present run began, if it has waited since.
    waits_since: Option<Tick>,
    /// The events that it handles, and those that wait for it.
    pub handles: Option<Box<(ExposedEvent, EventQueue)>>,
    pub uses: Box<Uses>,
}

const _: () = assert!(size_of::<SystemState>() == 64);

/// What the queries of each system have found out about the world's tables.
pub(crate) type KnownRows = Vec<Vec<RowQuery>>;

/// What a system may do beside its queries.
pub(crate) struct Uses {
    pub resources: Vec<ResourcePlan>,
    pub sends: Vec<ExposedEvent>,
    pub has_commands: bool,
    /// The system's name, for messages.
    pub name: Box<str>,
    /// That it calls the host in a way that can't mean anything was told.
    pub is_misuse_told: bool,
}

/// What outlives an instance: the next one of the mod goes on with it.
#[derive(Clone)]
pub(crate) struct Kept {
    pub random: Streams,
    pub population: Population,
}

impl ModState {
    /// The id of the mod that calls.
    ///
    /// ```
    /// use bevy_ecs::world::World;
    /// use tinkerbox::{Expose, ModState};
    /// use tinkerbox_wasm::Caller;
    ///
    /// let mut world = World::new();
    /// world.expose_function("game:id_length", 10, |caller: Caller<'_, ModState>| {
    ///     caller.data().mod_id().len() as u32
    /// });
    /// ```
    pub fn mod_id(&self) -> &str {
        &self.mod_id
    }

    /// The simulation's time at which the running system began.
    ///
    /// ```
    /// use bevy_ecs::world::World;
    /// use tinkerbox::{Expose, ModState};
    /// use tinkerbox_wasm::Caller;
    ///
    /// let mut world = World::new();
    /// world.expose_function("game:seconds", 10, |caller: Caller<'_, ModState>| {
    ///     let time = caller.data().time();
    ///     time.tick as f32 * time.delta
    /// });
    /// ```
    pub fn time(&self) -> ModTime {
        self.time
    }

    /// Changes the world when the running system has finished, after its commands and in the order of the calls; not at
    /// all if it ends in a fault.
    ///
    /// ```
    /// use bevy_ecs::prelude::*;
    /// use tinkerbox::{Expose, ModState};
    /// use tinkerbox_wasm::Caller;
    ///
    /// #[derive(Resource)]
    /// struct Score(u32);
    ///
    /// let mut world = World::new();
    /// world.expose_function("game:add_points", 10, |mut caller: Caller<'_, ModState>, points: u32| {
    ///     caller.data_mut().defer(move |world| world.resource_mut::<Score>().0 += points)
    /// });
    /// ```
    ///
    /// # Errors
    /// No system runs, or the mod has asked for as many changes as it may in one tick. Returned from the game's
    /// function, it ends the system in a fault.
    pub fn defer(&mut self, change: impl FnOnce(&mut World) + Send + Sync + 'static) -> anyhow::Result<()> {
        if let Err(refused) = self.may_defer() {
            discard(change);
            return Err(refused);
        }
        self.effects.defer(Box::new(change));
        Ok(())
    }

    fn may_defer(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.running.is_some(), "no system of the mod runs: the world is not changed");
        anyhow::ensure!(
            self.effects.commands.len() + self.effects.deferred() < self.commands_left,
            "the mod asks for more than {COMMANDS_MAX} changes of the world in one tick"
        );
        Ok(())
    }

    /// Without systems: their functions are not there yet.
    pub(crate) fn new(build: &Build, exposed: &Exposed, kept: Kept, moment: Moment) -> Self {
        Self {
            running: None,
            time: moment.time,
            frame: moment.frame,
            debt: 0,
            systems: Box::default(),
            logs: Logs::default(),
            commands_left: COMMANDS_MAX,
            overrun: build.budget.overrun,
            has_drawn: false,
            effects: Effects::default(),
            kept,
            is_misuse_told: false,
            spent: 0,
            limits: Limits::new(build.budget.memory_bytes),
            rights: Arc::new(build.rights.clone()),
            exposed: exposed.clone(),
            mod_id: build.about.id.clone(),
        }
    }

    /// The most bytes of the mod's memory, if it asked for more in this tick.
    pub(crate) fn memory_that_is_full(&self) -> Option<u64> {
        self.limits.refused()
    }

    /// Whether a system is to be called: a handler only where there are events for it.
    #[inline]
    pub(crate) fn has_work(&self, system: usize) -> bool {
        self.systems[system].handles.as_deref().is_none_or(|(_, queue)| !queue.is_empty())
    }

    /// Begins a run: from now on the system's rows are fixed. Returns what is to be called, and what is to be paid for
    /// that.
    #[inline(always)]
    pub(crate) fn start(
        &mut self,
        world: &World,
        system: usize,
        moment: &Moment,
    ) -> (TypedFunc<(), ()>, Bill) {
        if self.frame != moment.frame {
            self.limits.next_tick();
            self.commands_left = COMMANDS_MAX;
            self.logs.next_tick();
        }
        (self.time, self.frame) = (moment.time, moment.frame);
        self.running = Some(system);
        let state = &mut self.systems[system];
        let mut bill = Bill::default();
        bill.add(prices::SYSTEM);
        for query in &mut state.queries {
            query.start(world, state.last_run, &mut bill);
        }
        if let Some((_, queue)) = state.handles.as_deref_mut() {
            bill.each(queue.batches(), prices::EVENT_BATCH);
            queue.start();
        }
        (state.function, bill)
    }

    /// Takes the systems out, of which nothing is of use any more but what their queries know of the world's tables.
    pub(crate) fn take_rows(&mut self) -> KnownRows {
        let systems = std::mem::take(&mut self.systems).into_iter();
        systems.map(|system| system.queries.into_iter().map(Query::into_rows).collect()).collect()
    }

    /// Gives the queries what those of the same code have known: looking at all tables again would be paid for by nobody.
    pub(crate) fn know(&mut self, rows: KnownRows) {
        for (system, rows) in self.systems.iter_mut().zip(rows) {
            system.queries.iter_mut().zip(rows).for_each(|(query, rows)| query.know(rows));
        }
    }

    /// Owes for work that is done where no code of the mod can be stopped for it.
    pub(crate) fn owe(&mut self, bill: Bill) {
        self.debt = self.debt.saturating_add(bill.total());
    }

    /// Owes for what its memory and tables have grown by, or tried to.
    #[inline]
    pub(crate) fn owe_growth(&mut self) {
        self.debt = self.debt.saturating_add(self.limits.take_bill().total());
    }

    /// Makes a suspended run ready for a world that goes on.
    pub(crate) fn pin(&mut self, world: &World) {
        let Some(system) = self.running else { return };
        let state = &mut self.systems[system];
        let mut bill = Bill::default();
        for query in &mut state.queries {
            query.pin(world, &mut bill);
        }
        state.waits_since.get_or_insert(world.read_change_tick());
        bill.each(self.effects.journal.pin(world), prices::LOOKUP);
        self.owe(bill);
    }

    /// Goes on with a suspended run in a world that has gone on. Returns what is to be paid for that.
    pub(crate) fn go_on(&mut self, world: &World) -> Bill {
        let mut bill = Bill::default();
        bill.add(prices::SYSTEM);
        if let Some(system) = self.running {
            self.systems[system].queries.iter_mut().for_each(|query| query.update(world, &mut bill));
        }
        bill
    }

    /// Whether something may have to be taken back from the system when its run ends.
    #[inline]
    pub(crate) fn may_lend(&self, system: usize) -> bool {
        !self.systems[system].queries.is_empty()
    }

    /// Takes back what is still lent to the running system.
    ///
    /// # Errors
    /// Something came back that is no value of its component.
    pub(crate) fn take_back(&mut self, world: &World, memory: &[u8]) -> anyhow::Result<()> {
        let Some(system) = self.running else { return Ok(()) };
        let mut bill = Bill::default();
        let mut queries = self.systems[system].queries.iter_mut();
        let journal = &mut self.effects.journal;
        let taken = queries.try_for_each(|query| query.hand_back(world, memory, journal, &mut bill));
        self.owe(bill);
        taken.map_err(|wrong| describe(&self.exposed, wrong))
    }

    /// Ends a run, from which everything was taken back. What is to be done to the world waits in `effects`.
    #[inline(always)]
    pub(crate) fn finish(&mut self, world: &World) {
        let Some(system) = self.running.take() else { return };
        let state = &mut self.systems[system];
        // What the system itself writes now is no news to it the next time. What others have changed while it waited is.
        state.last_run = Some(state.waits_since.take().unwrap_or(world.read_change_tick()));
        if let Some((_, queue)) = state.handles.as_deref_mut() {
            queue.finish();
        }
        if self.effects.are_there {
            let used = self.effects.commands.len() + self.effects.deferred();
            self.commands_left = self.commands_left.saturating_sub(used);
        }
        if std::mem::take(&mut self.has_drawn) {
            self.kept.random.commit();
        }
    }

    /// The running system.
    pub(crate) fn system(&mut self) -> Option<&mut SystemState> {
        self.running.map(|system| &mut self.systems[system])
    }

    /// The running system's query of this number, with the journal of its run.
    pub(crate) fn query(&mut self, query: u32) -> Option<(&mut Query, &mut Effects)> {
        let system = &mut self.systems[self.running?];
        Some((system.queries.get_mut(query as usize)?, &mut self.effects))
    }

    /// The queue of the running system, with what decides about commands.
    pub(crate) fn judge<'a>(&'a mut self, world: &'a World) -> (&'a mut Queue, Judge<'a>) {
        let population = &mut self.kept.population;
        let most = self.commands_left.saturating_sub(self.effects.deferred());
        let judge = Judge { rights: &self.rights, population, world, most, frame: self.frame };
        (&mut self.effects.commands, judge)
    }

    /// Clamps the change ticks that are kept from run to run. Bevy's counter wraps: what ran longer ago than Bevy can tell
    /// ran as long ago as it can.
    pub(crate) fn check_ticks(&mut self, now: Tick) {
        for system in &mut self.systems {
            let kept = [&mut system.last_run, &mut system.waits_since];
            kept.into_iter().flatten().for_each(|tick| clamp(tick, now));
        }
    }

    /// What is wrong about a value, for the mod's author.
    pub(crate) fn describe(&self, wrong: NoValue) -> anyhow::Error {
        describe(&self.exposed, wrong)
    }
}

impl SystemState {
    /// A system that has not run yet, and its function.
    pub fn new(world: &World, system: &System, function: TypedFunc<(), ()>) -> SystemState {
        let uses = Uses {
            resources: system.resources.clone(),
            sends: system.sends.clone(),
            has_commands: system.has_commands,
            name: system.name.as_str().into(),
            is_misuse_told: false,
        };
        SystemState {
            function,
            queries: system.queries.iter().map(|plan| Query::new(world, plan)).collect(),
            last_run: None,
            waits_since: None,
            handles: system.handles.map(|event| Box::new((event, EventQueue::new(event.size)))),
            uses: Box::new(uses),
        }
    }
}

/// What [`Tick::check_tick`] does, for which a world has to say when.
pub(crate) fn clamp(tick: &mut Tick, now: Tick) {
    if now.get().wrapping_sub(tick.get()) > MAX_CHANGE_AGE {
        *tick = Tick::new(now.get().wrapping_sub(MAX_CHANGE_AGE));
    }
}

fn describe(exposed: &Exposed, wrong: NoValue) -> anyhow::Error {
    let id = exposed.id_of(&wrong.component);
    // On which entity bevy_ecs keeps a resource is nothing that a mod knows.
    let whose =
        if exposed.resource(id).is_some() { String::new() } else { format!(" for entity {}", wrong.entity) };
    anyhow::anyhow!("it wrote bytes that are no `{id}`{whose}: see what values the game takes there")
}

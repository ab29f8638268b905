//! What the host keeps for a mod while its code runs: the `T` of its store.
//!
//! Host functions work on it; the tick prepares it before a system runs and empties it afterwards. It holds nothing of the
//! world.

use std::sync::Arc;

use bevy_ecs::change_detection::{MAX_CHANGE_AGE, Tick};
use bevy_ecs::world::World;
use tinkerbox_abi::Shape;
use tinkerbox_columns::{FlatComponent, NoValue, RowQuery};
use tinkerbox_wasm::TypedFunc;

use super::effects::Effects;
use super::effects::commands::{CommandChecker, CommandQueue};
use super::effects::denied::denied;
use super::effects::spawn_quota::SpawnQuota;
use super::event_queue::EventQueue;
use super::growth::GrowthLimiter;
use super::log_buffer::LogBuffer;
use super::random::Streams;
use super::view::{Query, TakeBack};
use crate::exposed::Exposed;
use crate::exposed::event::ExposedEvent;
use crate::exposed::invalid::invalid_field;
use crate::exposed::time::{ModTime, Moment};
use crate::game_code::discard;
use crate::limits::COMMANDS_MAX;
use crate::package::Build;
use crate::package::access::{Handled, ResourcePlan, Rights, System};
use crate::package::manifest::Overrun;
use crate::prices::{self, Bill};
use crate::schedule::index::SystemIndex;

/// What the plugin keeps for a mod while its code runs. Functions of the game, which
/// [`expose_function`](crate::Expose::expose_function) takes, reach it through their `Caller`.
// What every run needs comes first: two lines of the processor's cache.
#[repr(C, align(64))]
pub struct ModState {
    /// The system that runs or is suspended.
    pub(crate) running: Option<SystemIndex>,
    pub(crate) time: ModTime,
    /// The frame in which the system began.
    pub(crate) frame: u64,
    /// Fuel that host functions have used beyond what the mod had.
    pub(crate) debt: u64,
    pub(crate) systems: Box<[SystemState]>,
    pub(crate) logs: LogBuffer,
    /// Commands that systems may still queue in this tick.
    pub(crate) commands_left: usize,
    pub(crate) overrun: Overrun,
    /// The running system has drawn random numbers.
    pub(crate) has_drawn: bool,
    /// What is done to the world when the running system has finished.
    pub(crate) effects: Effects,
    pub(crate) carried: Carried,
    /// The same as in [`Uses`], for calls outside of systems.
    pub(crate) is_misuse_reported: bool,
    /// Fuel used by calls that are not systems.
    pub(crate) spent: u64,
    pub(crate) limits: GrowthLimiter,
    pub(crate) rights: Arc<Rights>,
    exposed: Exposed,
    mod_id: String,
}

/// A system of the mod, over all its ticks: one line of the processor's cache.
#[repr(align(64))]
pub(crate) struct SystemState {
    pub function: TypedFunc<(), ()>,
    pub queries: Box<[Query]>,
    /// The world's change tick when it last ran.
    last_run: Option<Tick>,
    /// The same when the present run began, if it has been suspended since.
    waits_since: Option<Tick>,
    /// What it handles, and the items that wait for it.
    pub handles: Option<Box<(Handled, EventQueue)>>,
    pub uses: Box<Uses>,
}

const _: () = assert!(size_of::<SystemState>() == 64);

/// What the queries of each system know of the world's tables.
pub(crate) type KnownRows = Vec<Vec<RowQuery>>;

/// What a system may do beside its queries.
pub(crate) struct Uses {
    pub resources: Vec<ResourcePlan>,
    pub sends: Vec<ExposedEvent>,
    pub has_commands: bool,
    /// The system's name, for messages.
    pub name: Box<str>,
    /// The author was told of a meaningless call of this system.
    pub is_misuse_reported: bool,
    /// The author was told of a command of this system that the mod may not give.
    pub is_denial_reported: bool,
}

/// What outlives an instance: the mod's next instance continues with it.
#[derive(Clone)]
pub(crate) struct Carried {
    pub random: Streams,
    pub quota: SpawnQuota,
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

    /// A state without systems: their functions exist once the module is instantiated.
    pub(crate) fn new(build: &Build, exposed: &Exposed, carried: Carried, moment: Moment) -> Self {
        Self {
            running: None,
            time: moment.time,
            frame: moment.frame,
            debt: 0,
            systems: Box::default(),
            logs: LogBuffer::default(),
            commands_left: COMMANDS_MAX,
            overrun: build.budget.overrun,
            has_drawn: false,
            effects: Effects::default(),
            carried,
            is_misuse_reported: false,
            spent: 0,
            limits: GrowthLimiter::new(build.budget.memory_bytes),
            rights: Arc::new(build.rights.clone()),
            exposed: exposed.clone(),
            mod_id: build.about.id.clone(),
        }
    }

    /// The limit of the mod's memory in bytes, if it asked for more in this tick.
    pub(crate) fn exhausted_memory(&self) -> Option<u64> {
        self.limits.refused()
    }

    /// Whether a system is to be called: a handler is, if there are events for it.
    #[inline]
    pub(crate) fn has_work(&self, system: SystemIndex) -> bool {
        self.systems[system.get()].handles.as_deref().is_none_or(|(_, queue)| !queue.is_empty())
    }

    /// Begins a run: from now on the system's rows are fixed. Returns the function to call, and the price of the call.
    #[inline(always)]
    pub(crate) fn start(
        &mut self,
        world: &World,
        system: SystemIndex,
        moment: &Moment,
    ) -> (TypedFunc<(), ()>, Bill) {
        if self.frame != moment.frame {
            self.limits.next_tick();
            self.commands_left = COMMANDS_MAX;
            self.logs.next_tick();
        }
        (self.time, self.frame) = (moment.time, moment.frame);
        self.running = Some(system);
        let state = &mut self.systems[system.get()];
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

    /// Removes the systems of a guest that can't be used any more; returns what their queries know of the world's tables.
    pub(crate) fn take_rows(&mut self) -> KnownRows {
        let systems = std::mem::take(&mut self.systems).into_iter();
        systems.map(|system| system.queries.into_iter().map(Query::into_rows).collect()).collect()
    }

    /// Gives the queries what those of the same code have known. To look at all tables again would be work that is not paid
    /// for.
    pub(crate) fn restore_rows(&mut self, rows: KnownRows) {
        for (system, rows) in self.systems.iter_mut().zip(rows) {
            system.queries.iter_mut().zip(rows).for_each(|(query, rows)| query.restore_rows(rows));
        }
    }

    /// Adds a bill to the mod's debt: for work at a point where the mod's code can't be stopped.
    pub(crate) fn owe(&mut self, bill: Bill) {
        self.debt = self.debt.saturating_add(bill.total());
    }

    /// Adds to the mod's debt what growing its memory and tables has cost, failed attempts included.
    #[inline]
    pub(crate) fn owe_growth(&mut self) {
        self.debt = self.debt.saturating_add(self.limits.take_bill().total());
    }

    /// Prepares a suspended run for a world that changes.
    pub(crate) fn pin(&mut self, world: &World) {
        let Some(system) = self.running else { return };
        let state = &mut self.systems[system.get()];
        let mut bill = Bill::default();
        for query in &mut state.queries {
            query.pin(world, &mut bill);
        }
        state.waits_since.get_or_insert(world.read_change_tick());
        bill.each(self.effects.journal.pin(world), prices::LOOKUP);
        self.owe(bill);
    }

    /// Resumes a suspended run in a world that has changed. Returns the price of that.
    pub(crate) fn resume(&mut self, world: &World) -> Bill {
        let mut bill = Bill::default();
        bill.add(prices::SYSTEM);
        if let Some(system) = self.running {
            self.systems[system.get()].queries.iter_mut().for_each(|query| query.update(world, &mut bill));
        }
        bill
    }

    /// Whether rows may have to be taken back from the system when its run ends.
    #[inline]
    pub(crate) fn may_lend(&self, system: SystemIndex) -> bool {
        !self.systems[system.get()].queries.is_empty()
    }

    /// Takes back the rows that are still lent to the running system.
    ///
    /// # Errors
    /// The system has written bytes that are not a valid value of their component.
    pub(crate) fn take_back(&mut self, world: &World, memory: &[u8]) -> anyhow::Result<()> {
        let Some(system) = self.running else { return Ok(()) };
        let mut bill = Bill::default();
        let mut queries = self.systems[system.get()].queries.iter_mut();
        let journal = &mut self.effects.journal;
        let taken = queries
            .try_for_each(|query| query.take_back(TakeBack { world, memory, journal, bill: &mut bill }));
        self.owe(bill);
        taken.map_err(|wrong| describe(&self.exposed, &wrong))
    }

    /// Ends a run, from which all rows were taken back. What is to be done to the world waits in `effects`.
    #[inline(always)]
    pub(crate) fn finish(&mut self, world: &World) {
        let Some(system) = self.running.take() else { return };
        let state = &mut self.systems[system.get()];
        // In its next run the system does not see its own writes as changes, but it sees what changed while it was suspended.
        state.last_run = Some(state.waits_since.take().unwrap_or(world.read_change_tick()));
        if let Some((_, queue)) = state.handles.as_deref_mut() {
            queue.finish();
        }
        if self.effects.is_pending {
            let used = self.effects.commands.len() + self.effects.deferred();
            self.commands_left = self.commands_left.saturating_sub(used);
        }
        if std::mem::take(&mut self.has_drawn) {
            self.carried.random.commit();
        }
    }

    /// The running system.
    pub(crate) fn system(&mut self) -> Option<&mut SystemState> {
        self.running.map(|system| &mut self.systems[system.get()])
    }

    /// The running system's query of this number, and the effects of its run.
    pub(crate) fn query(&mut self, query: u32) -> Option<(&mut Query, &mut Effects)> {
        let system = &mut self.systems[self.running?.get()];
        Some((system.queries.get_mut(query as usize)?, &mut self.effects))
    }

    /// The commands of the running system, and what decides whether more may be queued.
    pub(crate) fn commands<'a>(&'a mut self, world: &'a World) -> (&'a mut CommandQueue, CommandChecker<'a>) {
        let quota = &mut self.carried.quota;
        let most = self.commands_left.saturating_sub(self.effects.deferred());
        let checker = CommandChecker { rights: &self.rights, quota, world, most, frame: self.frame };
        (&mut self.effects.commands, checker)
    }

    /// Tells the mod's author, once for each system, which of these commands the mod may not give.
    #[cold]
    pub(crate) fn report_denied(&mut self, records: &[u8]) {
        let Some(uses) = self.system().map(|system| &mut system.uses) else { return };
        if std::mem::replace(&mut uses.is_denial_reported, true) {
            return;
        }
        let name = uses.name.clone();
        let what = denied(records, &self.rights, &self.exposed);
        let text = format!(
            "system `{name}`: mod.toml does not allow its command {what}. None of the commands that were sent together was \
             taken. This is reported once for each system"
        );
        self.logs.warn(text);
    }

    /// Clamps the change ticks that are kept from run to run. Bevy's counter wraps: a system that ran longer ago than Bevy
    /// can tell counts as one that ran as long ago as Bevy can tell.
    pub(crate) fn check_ticks(&mut self, now: Tick) {
        for system in &mut self.systems {
            let kept = [&mut system.last_run, &mut system.waits_since];
            kept.into_iter().flatten().for_each(|tick| clamp(tick, now));
        }
    }

    /// Describes a value of a component in a command that is not valid, for the mod's author.
    pub(crate) fn describe_component(&self, component: &FlatComponent, bytes: &[u8]) -> String {
        let shape = self.exposed.data(component).map(|exposed| exposed.shape);
        format!("a value is not a valid `{}`: {}", self.exposed.id_of(component), why_invalid(shape, bytes))
    }

    /// Describes an event that is not valid, for the mod's author.
    pub(crate) fn describe_event(event: &ExposedEvent, bytes: &[u8]) -> String {
        format!("an event is not a valid `{}`: {}", event.id, why_invalid(Some(event.shape), bytes))
    }

    /// Describes an invalid value for the mod's author.
    pub(crate) fn describe(&self, wrong: &NoValue) -> anyhow::Error {
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
            is_misuse_reported: false,
            is_denial_reported: false,
        };
        SystemState {
            function,
            queries: system.queries.iter().map(|plan| Query::new(world, plan)).collect(),
            last_run: None,
            waits_since: None,
            handles: system.handles.map(|handled| Box::new((handled, EventQueue::new(handled.size())))),
            uses: Box::new(uses),
        }
    }
}

/// Does what [`Tick::check_tick`] does, which needs an event of Bevy's.
pub(crate) fn clamp(tick: &mut Tick, now: Tick) {
    if now.get().wrapping_sub(tick.get()) > MAX_CHANGE_AGE {
        *tick = Tick::new(now.get().wrapping_sub(MAX_CHANGE_AGE));
    }
}

/// Why bytes are not a valid value of this shape.
fn why_invalid(shape: Option<&Shape>, bytes: &[u8]) -> String {
    let field = shape.and_then(|shape| invalid_field(shape, bytes));
    // If each field is valid on its own, the game's conversion of a mirror has refused them together.
    field.unwrap_or_else(|| "see which values the game accepts there".to_owned())
}

fn describe(exposed: &Exposed, wrong: &NoValue) -> anyhow::Error {
    let id = exposed.id_of(&wrong.component);
    // A mod does not know on which entity bevy_ecs keeps a resource.
    let whose =
        if exposed.resource(id).is_some() { String::new() } else { format!(" for entity {}", wrong.entity) };
    let why = why_invalid(exposed.data(&wrong.component).map(|exposed| exposed.shape), &wrong.bytes);
    anyhow::anyhow!("it wrote bytes that are not a valid `{id}`{whose}: {why}")
}

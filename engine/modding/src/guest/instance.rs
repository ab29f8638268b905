//! A mod's code and memory: one store with one instance, and the calls that the host makes into it.
//!
//! It stands between the tick and the runtime. It runs code and reports how that ended; what follows is decided by the
//! caller.

use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_abi::export::{self, InitReason};
use tinkerbox_wasm::{CallState, Linker, Memory, Store, SuspendedCall, TypedFunc, WasmBacktrace, prefetch};

use super::backtrace;
use super::diagnosis::{Fault, describe};
use super::effects::spawn_quota::SpawnQuota;
use super::random::Streams;
use super::state::{Carried, ModState, SystemState};
use crate::exposed::Exposed;
use crate::exposed::time::Moment;
use crate::limits::{LIFECYCLE_FUEL_MIN, STATE_BYTES_MAX};
use crate::package::Build;
use crate::package::manifest::Overrun;
use crate::prices::Bill;
use crate::schedule::index::SystemIndex;

/// A mod's code and memory. It is small, since it is part of the table of all mods.
pub(crate) struct Guest {
    store: Store<ModState>,
    suspended: Option<Box<SuspendedCall<()>>>,
    exports: Box<Exports>,
}

/// What a run does not need unless it lends memory.
struct Exports {
    memory: Memory,
    init: Option<TypedFunc<i32, ()>>,
    state: Option<StateFunctions>,
}

#[derive(Clone, Copy)]
struct StateFunctions {
    save: TypedFunc<(), i64>,
    alloc: TypedFunc<i32, i32>,
    load: TypedFunc<(i32, i32), i32>,
}

/// How a run of a system ended, and what it used.
pub(crate) struct RunReport {
    pub outcome: RunOutcome,
    /// Fuel that was not used.
    pub fuel_left: u64,
    /// Fuel that host functions have used beyond what the mod had.
    pub debt: u64,
    /// There are new lines in the mod's log.
    pub has_logs: bool,
    /// There are effects to apply to the world, if the system has finished.
    pub has_effects: bool,
}

/// How a run of a system ended.
pub(crate) enum RunOutcome {
    /// It has finished: its effects are to be applied to the world.
    Finished,
    /// It has used up its fuel, and can be resumed.
    Suspended,
    /// It has ended in a fault. The guest can't be used any more.
    Faulted(Box<Fault>),
}

/// What all guests of a game share.
pub(crate) struct GuestEnvironment {
    pub linker: Linker<ModState>,
    pub exposed: Exposed,
    /// The seed of the world's random numbers.
    pub seed: u64,
}

impl GuestEnvironment {
    /// What a mod starts with that has no earlier instance.
    pub fn nothing_carried(&self, mod_id: &str) -> Carried {
        Carried { random: Streams::new(self.seed, mod_id), quota: SpawnQuota::default() }
    }
}

/// What a new guest is made of.
pub(crate) struct GuestStart<'a> {
    pub environment: &'a GuestEnvironment,
    pub build: &'a Build,
    pub reason: InitReason,
    pub carried: Carried,
    pub moment: Moment,
    /// The state that the guest before it has saved.
    pub saved: Option<&'a [u8]>,
}

impl Guest {
    /// Instantiates a build, passes it the saved state, and lets it initialise itself.
    ///
    /// # Errors
    /// The fault with which it ended.
    pub fn new(world: &World, start: GuestStart<'_>) -> Result<Self, Fault> {
        Self::new_and_price(world, start, &mut 0)
    }

    /// The same, and adds its price to `spent`, whether it succeeds or not.
    ///
    /// # Errors
    /// As [`Guest::new`].
    pub fn new_and_price(world: &World, start: GuestStart<'_>, spent: &mut u64) -> Result<Self, Fault> {
        let GuestStart { environment, build, reason, carried, moment, saved } = start;
        *spent = spent.saturating_add(build.instantiation_fuel);
        let state = ModState::new(build, &environment.exposed, carried, moment);
        let mut store = Store::new(build.module.engine(), state);
        store.limiter(|state| &mut state.limits);
        let mut guest = match Self::instantiate(world, store, &environment.linker, build) {
            Ok(guest) => guest,
            // Its start function counts as if it had used all of its fuel.
            Err(error) => {
                *spent = spent.saturating_add(lifecycle_fuel(build));
                return Err(describe(&error, None));
            }
        };
        let begun = guest.begin(build, reason, saved);
        *spent = spent.saturating_add(guest.take_spent());
        begun.map_err(|error| describe(&error, Some(guest.store.data())))?;
        Ok(guest)
    }

    fn instantiate(
        world: &World,
        mut store: Store<ModState>,
        linker: &Linker<ModState>,
        build: &Build,
    ) -> anyhow::Result<Self> {
        // A start function runs here.
        let fuel = lifecycle_fuel(build);
        store.set_fuel(fuel)?;
        let instance = linker.instantiate(&mut store, &build.module)?;
        store.data_mut().spent = fuel - store.get_fuel()?.min(fuel);
        let mut systems = Vec::with_capacity(build.systems.len());
        for system in &build.systems {
            let name = format!("{}{}", export::SYSTEM_PREFIX, system.name);
            let function = instance.get_typed_func(&mut store, &name)?;
            systems.push(SystemState::new(world, system, function));
        }
        store.data_mut().systems = systems.into();
        let mut init = None;
        if build.exports.init {
            init = Some(instance.get_typed_func(&mut store, export::INIT)?);
        }
        let mut state = None;
        if build.exports.state {
            state = Some(StateFunctions {
                save: instance.get_typed_func(&mut store, export::SAVE)?,
                alloc: instance.get_typed_func(&mut store, export::ALLOC)?,
                load: instance.get_typed_func(&mut store, export::LOAD)?,
            });
        }
        let memory = instance.get_memory(&mut store, export::MEMORY).expect("the export was checked");
        Ok(Self { store, suspended: None, exports: Box::new(Exports { memory, init, state }) })
    }

    fn begin(&mut self, build: &Build, reason: InitReason, saved: Option<&[u8]>) -> anyhow::Result<()> {
        if let Some(saved) = saved {
            self.load(build, saved)?;
        }
        if let Some(init) = self.exports.init {
            self.call(build, |guest| init.call(&mut guest.store, reason.into()))?;
        }
        Ok(())
    }

    /// The mod's state, as the mod itself writes it; `None` if it saves none.
    ///
    /// # Errors
    /// The fault with which it ended. The guest can't be used any more then.
    pub fn save(&mut self, build: &Build) -> Result<Option<Vec<u8>>, Fault> {
        let Some(functions) = self.exports.state else {
            return Ok(None);
        };
        let saved = self.call(build, |guest| {
            let packed = functions.save.call(&mut guest.store, ())? as u64;
            let (address, len) = ((packed >> 32) as usize, packed as u32 as usize);
            anyhow::ensure!(
                len <= STATE_BYTES_MAX,
                "{} gave {len} bytes; at most {STATE_BYTES_MAX} are kept",
                export::SAVE
            );
            guest.pay_for_bytes(len);
            let memory = guest.exports.memory.data(&guest.store);
            let bytes = memory.get(address..).and_then(|rest| rest.get(..len));
            let bytes =
                bytes.ok_or_else(|| anyhow::anyhow!("{} gave bytes outside of memory", export::SAVE))?;
            Ok(Some(bytes.to_vec()))
        });
        saved.map_err(|error: anyhow::Error| describe(&error, Some(self.store.data())))
    }

    fn load(&mut self, build: &Build, saved: &[u8]) -> anyhow::Result<()> {
        let Some(functions) = self.exports.state else {
            return Ok(());
        };
        self.call(build, |guest| {
            guest.pay_for_bytes(saved.len());
            let len = i32::try_from(saved.len())?;
            let address = functions.alloc.call(&mut guest.store, len)?;
            guest.exports.memory.write(&mut guest.store, address as u32 as usize, saved)?;
            let answer = functions.load.call(&mut guest.store, (address, len))?;
            let error = AbiError::try_from(answer);
            let name = error.map(|error| format!(" ({})", error.name())).unwrap_or_default();
            anyhow::ensure!(
                answer >= 0,
                "{} refused the saved state with {answer}{name}: it should take what it knows of the state that the code \
                 before has saved, begin with defaults for the rest, and answer 0",
                export::LOAD
            );
            Ok(())
        })
    }

    fn pay_for_bytes(&mut self, bytes: usize) {
        let mut bill = Bill::default();
        bill.bytes(bytes);
        self.store.data_mut().owe(bill);
    }

    /// Prefetches what [`Guest::run`] will need and what is this many pointers away.
    #[inline]
    pub fn prefetch(&self, system: SystemIndex, pointers: usize) {
        match pointers {
            0 | 1 => self.store.prefetch(pointers),
            _ => {
                self.store.prefetch(pointers);
                prefetch(&self.store.data().systems[system.get()]);
            }
        }
    }

    /// Runs a system with this much fuel: starts it, or resumes it if it is suspended. `None` if it is not the system's
    /// turn, since another one is suspended, or it handles events and there are none.
    // Inlined, as what it calls: with thousands of mods the work around their code is most of a frame, and results that
    // are returned through memory have to be waited for.
    #[inline(always)]
    pub fn run(
        &mut self,
        world: &World,
        system: SystemIndex,
        moment: &Moment,
        fuel: u64,
    ) -> Option<RunReport> {
        if self.suspended.is_some() {
            return self.resume(world, system, fuel);
        }
        let state = self.store.data_mut();
        if !state.has_work(system) {
            return None;
        }
        let (function, bill) = state.start(world, system, moment);
        let (overrun, may_lend) = (state.overrun, state.may_lend(system));
        self.give_fuel(fuel, bill);
        let result = self.store.lend(world, |store| match overrun {
            Overrun::Suspend => function.call_resumable(store, ()),
            Overrun::Fault => function.call(store, ()).map(CallState::Finished),
        });
        Some(self.end_run(world, result, may_lend))
    }

    #[cold]
    fn resume(&mut self, world: &World, system: SystemIndex, fuel: u64) -> Option<RunReport> {
        if self.suspended_system() != Some(system) {
            return None;
        }
        if fuel == 0 {
            // It could not execute a single instruction.
            let outcome = RunOutcome::Suspended;
            return Some(RunReport { outcome, fuel_left: 0, debt: 0, has_logs: false, has_effects: false });
        }
        let call = self.suspended.take()?;
        let state = self.store.data_mut();
        let bill = state.resume(world);
        let may_lend = state.may_lend(system);
        self.give_fuel(fuel, bill);
        let result = self.store.lend(world, |store| call.resume(store));
        Some(self.end_run(world, result, may_lend))
    }

    #[inline(always)]
    fn end_run(&mut self, world: &World, result: anyhow::Result<CallState<()>>, may_lend: bool) -> RunReport {
        let outcome = match result {
            Ok(CallState::Finished(())) if may_lend => self.take_back(world),
            Ok(CallState::Finished(())) => RunOutcome::Finished,
            Ok(CallState::Suspended(call)) => self.suspend(world, call),
            Err(error) => self.faulted(&error),
        };
        let fuel_left = self.store.get_fuel().expect("the engine counts fuel");
        let state = self.store.data_mut();
        state.owe_growth();
        if matches!(outcome, RunOutcome::Finished) {
            state.finish(world);
        }
        let (debt, has_logs) = (std::mem::take(&mut state.debt), !state.logs.is_empty());
        RunReport { outcome, fuel_left, debt, has_logs, has_effects: state.effects.is_pending }
    }

    fn take_back(&mut self, world: &World) -> RunOutcome {
        let (memory, state) = self.exports.memory.data_and_store_mut(&mut self.store);
        match state.take_back(world, memory) {
            Ok(()) => RunOutcome::Finished,
            Err(error) => self.faulted(&error),
        }
    }

    #[cold]
    fn faulted(&self, error: &anyhow::Error) -> RunOutcome {
        RunOutcome::Faulted(Box::new(describe(error, Some(self.store.data()))))
    }

    #[cold]
    fn suspend(&mut self, world: &World, call: SuspendedCall<()>) -> RunOutcome {
        self.suspended = Some(Box::new(call));
        self.store.data_mut().pin(world);
        RunOutcome::Suspended
    }

    /// Where the suspended system waits: the innermost of the mod's own functions.
    #[cold]
    pub fn location(&self) -> Option<String> {
        backtrace::location(&WasmBacktrace::capture(&self.store))
    }

    /// The system that is suspended.
    pub fn suspended_system(&self) -> Option<SystemIndex> {
        self.suspended.as_ref().and(self.store.data().running)
    }

    pub fn state(&mut self) -> &mut ModState {
        self.store.data_mut()
    }

    /// Gives the store the fuel that is left when the bill is paid.
    #[inline]
    fn give_fuel(&mut self, fuel: u64, bill: Bill) {
        let price = bill.total();
        self.store.data_mut().debt += price.saturating_sub(fuel);
        self.store.set_fuel(fuel.saturating_sub(price)).expect("the engine counts fuel");
    }

    /// Fuel that calls which are not systems have used since this was last called, including the host's work for them.
    pub fn take_spent(&mut self) -> u64 {
        let state = self.store.data_mut();
        state.owe_growth();
        std::mem::take(&mut state.spent).saturating_add(std::mem::take(&mut state.debt))
    }

    /// Makes a call that is not a system. It can't be suspended, so it gets more than a frame's budget.
    fn call<R>(
        &mut self,
        build: &Build,
        call: impl FnOnce(&mut Self) -> anyhow::Result<R>,
    ) -> anyhow::Result<R> {
        let fuel = lifecycle_fuel(build);
        self.store.set_fuel(fuel)?;
        let result = call(self);
        let used = fuel.saturating_sub(self.store.get_fuel()?);
        let spent = &mut self.store.data_mut().spent;
        *spent = spent.saturating_add(used);
        result
    }
}

/// Fuel for a call that is not a system.
fn lifecycle_fuel(build: &Build) -> u64 {
    build.budget.burst().max(LIFECYCLE_FUEL_MIN)
}

//! A mod's code with its memory: one store, one instance, and the calls that the host makes into it.
//!
//! Stands between the tick and the runtime. It runs code and says what became of it; what follows from that
//! is decided elsewhere.

use std::fmt;

use bevy_ecs::world::World;
use tinkerbox_abi::export;
use tinkerbox_abi::export::InitReason;
use tinkerbox_wasm::{
    CallState, Linker, Memory, Store, SuspendedCall, Trap, TypedFunc, WasmBacktrace, prefetch,
};

use crate::exposed::Exposed;
use crate::host::Panicked;
use crate::package::Build;
use crate::package::manifest::Overrun;
use crate::state::{Kept, ModState, Moment};

/// The longest state that is kept over a reload, in bytes.
const STATE_BYTES_MAX: usize = 16 << 20;

/// A mod's code with its memory.
pub(crate) struct Guest {
    store: Store<ModState>,
    memory: Memory,
    systems: Vec<TypedFunc<(), ()>>,
    overrun: Overrun,
    suspended: Option<SuspendedCall<()>>,
    lifecycle: Box<Lifecycle>,
}

/// What is called now and then only.
struct Lifecycle {
    init: Option<TypedFunc<i32, ()>>,
    state: Option<StateFunctions>,
}

#[derive(Clone, Copy)]
struct StateFunctions {
    save: TypedFunc<(), i64>,
    alloc: TypedFunc<i32, i32>,
    load: TypedFunc<(i32, i32), i32>,
}

/// What became of a system.
pub(crate) enum Outcome {
    /// It has finished: its effects are to be done to the world.
    Finished,
    /// It has used up its fuel, and can go on.
    Suspended,
    /// It has ended in a fault. The guest is of no use any more.
    Faulted(Fault),
}

/// How code ended that should not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(String);

impl Fault {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What all guests of a game have in common.
#[derive(Clone, Copy)]
pub(crate) struct Common<'a> {
    pub linker: &'a Linker<ModState>,
    pub exposed: &'a Exposed,
}

/// What a new guest begins with.
pub(crate) struct Beginning<'a> {
    pub reason: InitReason,
    pub kept: Kept,
    pub moment: Moment,
    /// What the guest before it has saved.
    pub saved: Option<&'a [u8]>,
}

impl Guest {
    /// Instantiates a build, hands it the saved state, and lets it initialise itself.
    ///
    /// # Errors
    /// The fault with which it ended.
    pub fn new(
        world: &World,
        common: Common<'_>,
        build: &Build,
        beginning: Beginning<'_>,
    ) -> Result<Self, Fault> {
        let state = ModState::new(world, build, common.exposed, beginning.kept, beginning.moment);
        let mut store = Store::new(build.module.engine(), state);
        store.limiter(|state| &mut state.limits);
        Self::instantiate(store, common.linker, build)
            .and_then(|mut guest| {
                guest.begin(build, beginning.reason, beginning.saved)?;
                Ok(guest)
            })
            .map_err(|error| describe(&error))
    }

    fn instantiate(
        mut store: Store<ModState>,
        linker: &Linker<ModState>,
        build: &Build,
    ) -> anyhow::Result<Self> {
        // A start function runs here.
        store.set_fuel(lifecycle_fuel(build))?;
        let instance = linker.instantiate(&mut store, &build.module)?;
        let systems: anyhow::Result<_> = build
            .systems
            .iter()
            .map(|system| {
                instance.get_typed_func(&mut store, &format!("{}{}", export::SYSTEM_PREFIX, system.name))
            })
            .collect();
        let systems = systems?;
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
        let lifecycle = Box::new(Lifecycle { init, state });
        Ok(Self { store, memory, systems, overrun: build.budget.overrun, suspended: None, lifecycle })
    }

    fn begin(&mut self, build: &Build, reason: InitReason, saved: Option<&[u8]>) -> anyhow::Result<()> {
        if let Some(saved) = saved {
            self.load(build, saved)?;
        }
        if let Some(init) = self.lifecycle.init {
            self.store.set_fuel(lifecycle_fuel(build))?;
            init.call(&mut self.store, reason.into())?;
        }
        Ok(())
    }

    /// The mod's state, as it writes it itself; `None` where it keeps none.
    ///
    /// # Errors
    /// The fault with which it ended, after which the guest is of no use any more.
    pub fn save(&mut self, build: &Build) -> Result<Option<Vec<u8>>, Fault> {
        let Some(functions) = self.lifecycle.state else {
            return Ok(None);
        };
        let mut save = || {
            self.store.set_fuel(lifecycle_fuel(build))?;
            let place = functions.save.call(&mut self.store, ())? as u64;
            let (address, len) = ((place >> 32) as usize, place as u32 as usize);
            anyhow::ensure!(
                len <= STATE_BYTES_MAX,
                "{} gave {len} bytes; at most {STATE_BYTES_MAX} are kept",
                export::SAVE
            );
            let memory = self.memory.data(&self.store);
            let bytes = memory.get(address..).and_then(|rest| rest.get(..len));
            let bytes =
                bytes.ok_or_else(|| anyhow::anyhow!("{} gave bytes outside of memory", export::SAVE))?;
            Ok(Some(bytes.to_vec()))
        };
        save().map_err(|error: anyhow::Error| describe(&error))
    }

    fn load(&mut self, build: &Build, saved: &[u8]) -> anyhow::Result<()> {
        let Some(functions) = self.lifecycle.state else {
            return Ok(());
        };
        self.store.set_fuel(lifecycle_fuel(build))?;
        let len = i32::try_from(saved.len())?;
        let address = functions.alloc.call(&mut self.store, len)?;
        self.memory.write(&mut self.store, address as u32 as usize, saved)?;
        let answer = functions.load.call(&mut self.store, (address, len))?;
        anyhow::ensure!(answer >= 0, "{} refused the saved state with {answer}", export::LOAD);
        Ok(())
    }

    /// Asks for what [`Guest::run`] will need, so many pointers away.
    pub fn prefetch(&self, system: usize, pointers: usize) {
        self.store.prefetch(pointers);
        if pointers > 1 {
            prefetch(&self.store.data().systems[system]);
            prefetch(&self.systems[system]);
        }
    }

    /// Whether a system is to be called: a handler only where there are events for it.
    pub fn has_work(&self, system: usize) -> bool {
        let handles = self.store.data().systems[system].handles.as_deref();
        handles.is_none_or(|(_, queue)| !queue.is_empty())
    }

    /// Runs a system with this much fuel: starts it, or goes on with it where it is suspended.
    pub fn run(&mut self, world: &World, system: usize, moment: Moment, fuel: u64) -> Outcome {
        match self.suspended.is_some() {
            true => self.go_on(world, fuel),
            false => self.start(world, system, moment, fuel),
        }
    }

    fn start(&mut self, world: &World, system: usize, moment: Moment, fuel: u64) -> Outcome {
        self.store.data_mut().start(world, system, moment);
        self.give_fuel(fuel);
        let function = self.systems[system];
        let overrun = self.overrun;
        let result = self.store.lend(world, |store| match overrun {
            Overrun::Suspend => function.call_resumable(store, ()),
            Overrun::Fault => function.call(store, ()).map(CallState::Finished),
        });
        self.outcome(world, result)
    }

    fn go_on(&mut self, world: &World, fuel: u64) -> Outcome {
        let call = self.suspended.take().expect("only a suspended guest goes on");
        self.store.data_mut().go_on(world);
        self.give_fuel(fuel);
        let result = self.store.lend(world, |store| call.resume(store));
        self.outcome(world, result)
    }

    fn outcome(&mut self, world: &World, result: anyhow::Result<CallState<()>>) -> Outcome {
        match result {
            Ok(CallState::Finished(())) => {
                let finished = match self.store.data().may_have_lent() {
                    false => self.store.data_mut().finish(world, &[]),
                    true => {
                        let (memory, state) = self.memory.data_and_store_mut(&mut self.store);
                        state.finish(world, memory)
                    }
                };
                match finished {
                    Ok(()) => Outcome::Finished,
                    Err(error) => Outcome::Faulted(describe(&error)),
                }
            }
            Ok(CallState::Suspended(call)) => {
                self.suspended = Some(call);
                self.store.data_mut().pin(world);
                Outcome::Suspended
            }
            Err(error) => Outcome::Faulted(describe(&error)),
        }
    }

    /// The system that is suspended.
    pub fn suspended_system(&self) -> Option<usize> {
        self.suspended.as_ref().and(self.store.data().running)
    }

    /// Fuel that was not used.
    pub fn fuel_left(&self) -> u64 {
        self.store.get_fuel().expect("the engine counts fuel")
    }

    pub fn state(&mut self) -> &mut ModState {
        self.store.data_mut()
    }

    fn give_fuel(&mut self, fuel: u64) {
        self.store.set_fuel(fuel).expect("the engine counts fuel");
    }
}

/// Fuel for a call that is not a system: it can't be suspended, so it gets more than a frame's budget.
fn lifecycle_fuel(build: &Build) -> u64 {
    build.budget.burst().max(1_000_000)
}

/// A fault for a person: what the mod itself said, or the trap, and where it was.
fn describe(error: &anyhow::Error) -> Fault {
    let what = match (error.downcast_ref::<Panicked>(), error.downcast_ref::<Trap>()) {
        (Some(panicked), _) => panicked.to_string(),
        (None, Some(Trap::OutOfFuel)) => "it used up its fuel".to_owned(),
        (None, Some(trap)) => trap.to_string(),
        (None, None) => error.root_cause().to_string(),
    };
    match error.downcast_ref::<WasmBacktrace>() {
        Some(backtrace) if !backtrace.frames().is_empty() => Fault(format!("{what}\n{backtrace}")),
        _ => Fault(what),
    }
}

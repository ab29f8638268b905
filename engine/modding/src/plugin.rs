//! The plugin: what a game adds, and its settings.
//!
//! It only puts the parts together.

use std::path::PathBuf;
use std::sync::Arc;

use bevy_app::{App, Last, Plugin, Startup, Update};
use bevy_ecs::error::FallbackErrorHandler;
use bevy_ecs::schedule::{InternedScheduleLabel, IntoScheduleConfigs, ScheduleLabel, SystemSet};
use bevy_tasks::TaskPoolBuilder;
use tinkerbox_wasm::{Config, Engine};

#[cfg(feature = "bevy")]
use crate::bevy::{follow_fixed_time, follow_time};
use crate::exposed::Exposed;
use crate::exposed::time::ModTime;
use crate::frame::{Frame, check_change_ticks, collect_removals, load_mods, tick_mods};
#[cfg(feature = "reflect")]
use crate::game::entity::{FuelBudget, ModInfo, ModStats, ModStatus};
use crate::game::report::ModReport;
use crate::game::requests::Mods;
use crate::guest::instance::GuestEnvironment;
use crate::host;
use crate::limits::{DEFAULT_FUEL_CAP, DEFAULT_MEMORY_CAP_BYTES};
use crate::package::build::Settings;
use crate::package::manifest::Caps;
use crate::reload::reloads::ModReloads;
use crate::tick::TickState;
use crate::tick::events::Channels;
use crate::tick::removals::Removals;
use crate::tick::show::{ShownMods, SlotsLost};

/// Loads the mods of a folder and runs them once a frame.
///
/// The game exposes to mods what they may name, with [`Expose`](crate::Expose), and sets [`ModTime`] before [`TickMods`].
#[derive(Clone, Debug)]
pub struct ModdingPlugin {
    folder: PathBuf,
    seed: u64,
    watch: bool,
    development: bool,
    schedule: InternedScheduleLabel,
    clock: ModClock,
    caps: Caps,
    frame_fuel: u64,
    threads: Option<usize>,
    memory_reservation: Option<u64>,
}

impl ModdingPlugin {
    /// A plugin for the mods in `folder`, each of which has a folder of its own there.
    ///
    /// By default the seed is 0, files are watched, and mods run in `Update` on Bevy's compute threads. A mod gets at most 50
    /// million units of fuel in a frame and 256 MiB of memory; all mods together get what they ask for.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            seed: 0,
            watch: true,
            development: false,
            schedule: Update.intern(),
            clock: ModClock::Game,
            caps: Caps { fuel: DEFAULT_FUEL_CAP, memory_bytes: DEFAULT_MEMORY_CAP_BYTES },
            frame_fuel: u64::MAX,
            threads: None,
            memory_reservation: None,
        }
    }

    /// The seed of the world: with the same seed mods draw the same random numbers.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether changed files are noticed and loaded.
    pub fn watch(mut self, watch: bool) -> Self {
        self.watch = watch;
        self
    }

    /// Whether the game is in development: whether it believes what an author's tool says to have built on this machine, in
    /// the file [`DevBuilds::FILE`](crate::DevBuilds::FILE) beside the mods' folders. Then errors of compilers are reported
    /// as [`ModReportKind::BuildFailed`](crate::ModReportKind::BuildFailed), and content that was built here may ask for
    /// more permissions without a question. By default it is not: leave it off in what players get.
    pub fn development(mut self, development: bool) -> Self {
        self.development = development;
        self
    }

    /// The schedule in which mods run.
    pub fn schedule(mut self, schedule: impl ScheduleLabel) -> Self {
        self.schedule = schedule.intern();
        self
    }

    /// What sets [`ModTime`]: by default the game does.
    pub fn clock(mut self, clock: ModClock) -> Self {
        self.clock = clock;
        self
    }

    /// The most fuel that a mod can be given in one frame, in units. A manifest that asks for more is refused.
    pub fn max_fuel(mut self, units: u64) -> Self {
        self.caps.fuel = units;
        self
    }

    /// The most fuel that all mods together are granted in one frame, in units. If they ask for more, each gets what it asks
    /// for up to a share, which is the same for all mods that ask for more than that: no mod gets less because another one
    /// asks for more. Fuel that a mod has saved up does not count.
    pub fn frame_fuel(mut self, units: u64) -> Self {
        self.frame_fuel = units;
        self
    }

    /// The number of threads that run mods, in place of Bevy's compute threads. With 1, mods run on the thread of their
    /// schedule. The number has no effect on what mods compute.
    ///
    /// # Panics
    /// If it is 0.
    pub fn threads(mut self, threads: usize) -> Self {
        assert!(threads > 0, "mods need a thread to run on");
        self.threads = Some(threads);
        self
    }

    /// The most memory that a mod can be given, in bytes: a manifest that asks for more is refused.
    pub fn max_memory(mut self, bytes: u64) -> Self {
        self.caps.memory_bytes = bytes;
        self
    }

    /// The address space that each mod's memory reserves, in bytes. The default is 4 GiB, with which mods are fastest, and
    /// which costs no memory. If the system gives the game's process too little address space for all mods, a smaller
    /// reservation lets more of them run, but more slowly. It has no effect on what mods compute.
    pub fn memory_reservation(mut self, bytes: u64) -> Self {
        self.memory_reservation = Some(bytes);
        self
    }
}

/// What sets the time of mods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModClock {
    /// The game sets [`ModTime`] before [`TickMods`].
    #[default]
    Game,
    /// In each run of the schedule of mods, [`ModTime`] advances by what `Time` says has passed in it.
    #[cfg(feature = "bevy")]
    Time,
    /// In each run of the schedule of mods, which is `FixedUpdate` then, [`ModTime`] advances by the step of `Time<Fixed>`.
    #[cfg(feature = "bevy")]
    Fixed,
}

/// When mods are loaded: in `Startup`.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoadMods;

/// When mods run. Set [`ModTime`] before it.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct TickMods;

impl Plugin for ModdingPlugin {
    /// # Panics
    /// If this machine can't run compiled WebAssembly.
    fn build(&self, app: &mut App) {
        // Every peer computes the same, NaNs included.
        let mut config = Config::new();
        config.consume_fuel(true).cranelift_nan_canonicalization(true);
        if let Some(bytes) = self.memory_reservation {
            config.memory_reservation(bytes);
        }
        let engine = Engine::new(&config).expect("the machine can run compiled WebAssembly");
        let pool = self.threads.map(|threads| {
            TaskPoolBuilder::new().num_threads(threads).thread_name("mods".to_owned()).build()
        });
        let schedule = format!("{:?}", self.schedule);
        let (linker, contract) = host::link(&engine).expect("each host function is defined once");
        let environment = GuestEnvironment { linker, exposed: Exposed::default(), seed: self.seed };
        let (channels, removals) = (Channels::default(), Removals::default());
        let shown = ShownMods::default();
        let tick = TickState { frame_fuel: self.frame_fuel, pool, channels, removals, shown };
        let settings = Settings {
            engine,
            exposed: Exposed::default(),
            contract: Arc::new(contract),
            functions: Arc::default(),
            caps: self.caps,
        };
        let mut reloads = ModReloads::new(&self.folder, settings, self.development);
        if self.watch {
            reloads.watch();
        }
        app.add_message::<ModReport>()
            .init_resource::<ModTime>()
            // The plugin replaces the handler while mods are ticked. Initialised, it is what it would be without the plugin.
            .init_resource::<FallbackErrorHandler>()
            .init_resource::<SlotsLost>()
            .init_resource::<Exposed>()
            .insert_resource(reloads)
            .init_resource::<Mods>()
            .insert_resource(Frame::new(environment, tick, schedule))
            .add_systems(Startup, load_mods.in_set(LoadMods))
            .add_systems(self.schedule, tick_mods.in_set(TickMods))
            .add_systems(Last, collect_removals)
            .add_observer(check_change_ticks);
        #[cfg(feature = "reflect")]
        app.register_type::<ModInfo>()
            .register_type::<ModStatus>()
            .register_type::<FuelBudget>()
            .register_type::<ModStats>();
        match self.clock {
            ModClock::Game => {}
            #[cfg(feature = "bevy")]
            ModClock::Time => {
                app.add_systems(self.schedule, follow_time.before(TickMods));
            }
            #[cfg(feature = "bevy")]
            ModClock::Fixed => {
                app.add_systems(self.schedule, follow_fixed_time.before(TickMods));
            }
        }
    }
}

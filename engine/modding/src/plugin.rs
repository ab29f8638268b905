//! The plugin: what a game adds, and its settings.
//!
//! It only puts the parts together.

use std::path::PathBuf;
use std::sync::Arc;

use bevy_app::{App, Last, Plugin, PreUpdate, Startup, Update};
use bevy_ecs::error::FallbackErrorHandler;
use bevy_ecs::schedule::{InternedScheduleLabel, IntoScheduleConfigs, ScheduleLabel, SystemSet};
use bevy_tasks::TaskPoolBuilder;
use tinkerbox_wasm::{Config, Engine};

use crate::exposed::Exposed;
use crate::exposed::time::ModTime;
use crate::frame::{Frame, check_change_ticks, collect_lifecycles, load_mods, manage_mods, tick_mods};
use crate::game::consent::{Consent, ModGrants};
use crate::game::ownership::WhenGone;
use crate::game::report::ModReport;
use crate::game::requests::Mods;
use crate::guest::instance::GuestEnvironment;
use crate::host;
use crate::limits::ModLimits;
use crate::package::build::Settings;
use crate::package::manifest::Caps;
use crate::reload::context::ReloadState;
use crate::reload::reloads::ModReloads;
use crate::tick::TickState;
use crate::tick::events::Channels;
use crate::tick::lifecycle::Lifecycles;
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
    game: String,
    consent: Consent,
    when_gone: WhenGone,
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
            game: program_name(),
            consent: Consent::default(),
            when_gone: WhenGone::default(),
            caps: Caps::default(),
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

    /// The name of the game, as far as [`ModGrants`] are concerned: grants of another game do not count. By default it is the
    /// name of the program's file.
    pub fn game(mut self, name: impl Into<String>) -> Self {
        self.game = name.into();
        self
    }

    /// Whether mods run before the player has agreed. By default they do.
    pub fn consent(mut self, consent: Consent) -> Self {
        self.consent = consent;
        self
    }

    /// What becomes of the entities that a mod has spawned when it is removed. By default they stay.
    pub fn when_gone(mut self, when_gone: WhenGone) -> Self {
        self.when_gone = when_gone;
        self
    }

    /// The most that any mod can be given.
    pub fn limits(mut self, limits: ModLimits) -> Self {
        self.caps.any = limits;
        self
    }

    /// The most that the mod with this id can be given, in place of the limits for all. An id is what a manifest says: more than
    /// others should only be given to a mod by its id if the player is asked for [consent](ModdingPlugin::consent).
    pub fn limits_for(mut self, id: impl Into<String>, limits: ModLimits) -> Self {
        self.caps.by_id.insert(id.into(), limits);
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

    /// The address space that each mod's memory reserves, in bytes. The default is 4 GiB, with which mods are fastest, and
    /// which costs no memory. If the system gives the game's process too little address space for all mods, a smaller
    /// reservation lets more of them run, but more slowly. It has no effect on what mods compute.
    pub fn memory_reservation(mut self, bytes: u64) -> Self {
        self.memory_reservation = Some(bytes);
        self
    }
}

/// When mods are loaded: in `Startup`.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoadMods;

/// When mods are managed: in `PreUpdate`. What was asked of [`Mods`] is done, and new code takes over. It is apart from
/// [`TickMods`] so that a game that is paused can load, allow, turn off and reload mods.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct ManageMods;

/// When mods run. Set [`ModTime`] before it. With a run condition on this set, or with [`Mods::pause`], mods rest; they are
/// still managed.
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
        let (channels, lifecycles) = (Channels::default(), Lifecycles::default());
        let shown = ShownMods::default();
        let tick = TickState { frame_fuel: self.frame_fuel, pool, channels, lifecycles, shown };
        let settings = Settings {
            engine,
            exposed: Exposed::default(),
            contract: Arc::new(contract),
            functions: Arc::default(),
            caps: Arc::new(self.caps.clone()),
        };
        let reload = ReloadState {
            game: self.game.clone(),
            consent: self.consent,
            when_gone: self.when_gone,
            ..ReloadState::default()
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
            .init_resource::<ModGrants>()
            .insert_resource(Frame::new(environment, tick, reload, schedule))
            .add_systems(Startup, load_mods.in_set(LoadMods))
            .add_systems(PreUpdate, manage_mods.in_set(ManageMods))
            .add_systems(self.schedule, tick_mods.in_set(TickMods).after(ManageMods))
            .add_systems(Last, collect_lifecycles)
            .add_observer(check_change_ticks);
    }
}

/// The name of the program's file; empty if the system does not say.
fn program_name() -> String {
    let file = std::env::current_exe().unwrap_or_default();
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

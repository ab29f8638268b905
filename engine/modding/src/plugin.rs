//! The plugin: what a game adds, and its settings.
//!
//! It only puts the parts together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy_app::{App, Last, Plugin, PreUpdate, Startup, Update};
use bevy_ecs::error::FallbackErrorHandler;
use bevy_ecs::schedule::{InternedScheduleLabel, IntoScheduleConfigs, ScheduleLabel, SystemSet};
use bevy_tasks::TaskPoolBuilder;
use tinkerbox_wasm::{Config, Engine};

#[cfg(feature = "bevy")]
use crate::bevy::{follow_fixed_time, follow_time};
use crate::exposed::Exposed;
use crate::exposed::time::ModTime;
use crate::frame::{Frame, collect_lifecycles, load_mods, manage_mods, tick_mods};
use crate::game::consent::{Consent, ModGrants};
use crate::game::entity::SpawnCounts;
#[cfg(feature = "reflect")]
use crate::game::entity::{FuelBudget, ModInfo, ModStats, ModStatus};
use crate::game::loading::ModLoading;
use crate::game::ownership::WhenGone;
use crate::game::report::ModReport;
use crate::game::requests::Mods;
use crate::guest::instance::GuestEnvironment;
use crate::host;
use crate::limits::{CACHE_BYTES, ModLimits};
use crate::package::build::Settings;
use crate::package::cache::{FolderCache, why_not_there};
use crate::package::manifest::Caps;
use crate::reload::context::ReloadState;
use crate::reload::reloads::ModReloads;
use crate::tick::TickState;
use crate::tick::events::Channels;
use crate::tick::lifecycle::Lifecycles;
use crate::tick::show::{ShownMods, SlotsLost};
use crate::unoptimised::tell_once;

/// Loads the mods of one or more folders and runs them once a frame.
///
/// The game exposes to mods what they may name, with [`Expose`](crate::Expose), and sets [`ModTime`] before [`TickMods`].
#[derive(Clone, Debug)]
pub struct ModdingPlugin {
    /// A later one takes precedence.
    folders: Vec<PathBuf>,
    cache: Option<PathBuf>,
    cache_bytes: u64,
    waits: bool,
    seed: u64,
    watch: bool,
    development: bool,
    schedule: InternedScheduleLabel,
    game: String,
    consent: Consent,
    when_gone: WhenGone,
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
            folders: vec![folder.into()],
            cache: None,
            cache_bytes: CACHE_BYTES,
            waits: false,
            seed: 0,
            watch: true,
            development: false,
            schedule: Update.intern(),
            clock: ModClock::Game,
            game: program_name(),
            consent: Consent::default(),
            when_gone: WhenGone::default(),
            caps: Caps::default(),
            frame_fuel: u64::MAX,
            threads: None,
            memory_reservation: None,
        }
    }

    /// A further folder of mods: of the player, say, beside that of the game. If mods in several of them have the same id, the
    /// one in the folder that was added last runs, and the others are refused.
    ///
    /// A folder that was added already, under whatever path, is not added again. It may be inside another one.
    pub fn also(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Keeps compiled mods in this folder, so that the next start of the game does not compile them again. By default nothing
    /// is kept.
    ///
    /// The folder is made when it is needed, holds at most [`ModdingPlugin::cache_bytes`], and may be shared by several
    /// processes. What is damaged in it, or was made by another version of the game, is compiled again. If the folder can't
    /// be used, a warning says so, and the game goes on without.
    ///
    /// It holds machine code, which the game trusts: whoever can write there can run code in the game. So it is a folder of
    /// the game's own, in the place that the system has for caches of the user. One that is inside a folder of mods, that is
    /// another user's, or into which every user may write, or in whose place they may put another one, is refused, as
    /// [`ModReloads::cache_failure`] says.
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(folder.into());
        self
    }

    /// The most that compiled mods take in the folder of [`ModdingPlugin::cache`], in bytes: 512 MiB by default. What was used
    /// longest ago goes first.
    pub fn cache_bytes(mut self, bytes: u64) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// Whether the game waits in `Startup` until all mods are built and started: for dedicated servers, tests and tools. By
    /// default they are built beside the running game, whose frames do not wait for them: see
    /// [`ModLoading`](crate::ModLoading).
    pub fn wait_for_mods(mut self, wait: bool) -> Self {
        self.waits = wait;
        self
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

/// What sets the time of mods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModClock {
    /// The game sets [`ModTime`] before [`TickMods`].
    #[default]
    Game,
    /// In each run of [`TickMods`], [`ModTime`] first advances by what `Time` says has passed in its schedule. While mods rest,
    /// no time passes for them.
    #[cfg(feature = "bevy")]
    Time,
    /// In each run of [`TickMods`], which is in `FixedUpdate` then, [`ModTime`] first advances by the step of `Time<Fixed>`.
    /// While mods rest, no time passes for them.
    #[cfg(feature = "bevy")]
    Fixed,
}

/// When loading mods begins: in `Startup`. If the game [waits](ModdingPlugin::wait_for_mods) for them, it also ends there.
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

impl ModdingPlugin {
    /// Why compiled modules are not kept, if that was asked for and the folder is refused.
    fn cache_failure(&self) -> Option<String> {
        let folders: Vec<&Path> = self.folders.iter().map(PathBuf::as_path).collect();
        why_not_there(self.cache.as_deref()?, &folders)
    }
}

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
        let cache_failure = self.cache_failure();
        if let Some(failure) = &cache_failure {
            tracing::error!("{failure}");
        }
        if let Some(folder) = self.cache.as_ref().filter(|_| cache_failure.is_none()) {
            // The game's working folder may change later.
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            config.module_cache(Some(Arc::new(FolderCache::new(folder, self.cache_bytes))));
        }
        tell_once();
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
        let mut reloads = ModReloads::new(settings, self.waits, cache_failure);
        self.folders.iter().for_each(|folder| reloads.add_folder(folder, self.development, self.watch));
        let frame = Frame::new(app.world_mut(), environment, tick, reload, schedule);
        app.add_message::<ModReport>()
            .init_resource::<ModTime>()
            .init_resource::<ModLoading>()
            // The plugin replaces the handler while mods are ticked. Initialised, it is what it would be without the plugin.
            .init_resource::<FallbackErrorHandler>()
            .init_resource::<SlotsLost>()
            .init_resource::<SpawnCounts>()
            .init_resource::<Exposed>()
            .insert_resource(reloads)
            .init_resource::<Mods>()
            .init_resource::<ModGrants>()
            .insert_resource(frame)
            .add_systems(Startup, load_mods.in_set(LoadMods))
            .add_systems(PreUpdate, manage_mods.in_set(ManageMods))
            .add_systems(self.schedule, tick_mods.in_set(TickMods).after(ManageMods))
            .add_systems(Last, collect_lifecycles);
        #[cfg(feature = "reflect")]
        app.register_type::<ModInfo>()
            .register_type::<ModStatus>()
            .register_type::<FuelBudget>()
            .register_type::<ModStats>()
            .register_type::<crate::game::entity::ModPermissions>()
            .register_type::<crate::game::ownership::SpawnedBy>();
        match self.clock {
            ModClock::Game => {}
            #[cfg(feature = "bevy")]
            ModClock::Time => {
                app.add_systems(self.schedule, follow_time.in_set(TickMods).before(tick_mods));
            }
            #[cfg(feature = "bevy")]
            ModClock::Fixed => {
                app.add_systems(self.schedule, follow_fixed_time.in_set(TickMods).before(tick_mods));
            }
        }
    }
}

/// The name of the program's file; empty if the system does not say.
fn program_name() -> String {
    let file = std::env::current_exe().unwrap_or_default();
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

//! The plugin: what a game adds, and the settings it can make.
//!
//! The first thing an integrator sees. It only puts the parts together.

use std::path::PathBuf;

use bevy_app::{App, Plugin, Startup, Update};
use bevy_ecs::schedule::{InternedScheduleLabel, IntoScheduleConfigs, ScheduleLabel, SystemSet};
use tinkerbox_wasm::{Config, Engine};

use crate::exposed::Exposed;
use crate::host;
use crate::mods::Mods;
use crate::package::build::Settings;
use crate::package::manifest::Caps;
use crate::reload::{ModReloads, load_all};
use crate::report::ModReport;
use crate::tick::tick_mods;
use crate::time::ModTime;

/// Loads the mods of a folder and runs them once a frame.
///
/// The game shows its components with [`ExposeComponents`](crate::ExposeComponents), and sets [`ModTime`]
/// before [`TickMods`].
#[derive(Clone, Debug)]
pub struct ModdingPlugin {
    folder: PathBuf,
    seed: u64,
    watch: bool,
    schedule: InternedScheduleLabel,
    caps: Caps,
}

impl ModdingPlugin {
    /// Mods lie in `folder`, each in a folder of its own.
    ///
    /// Until told otherwise: seed 0, files are watched, mods run in `Update`, and a mod gets at most 50
    /// million units of fuel in a frame and 256 MiB of memory.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            seed: 0,
            watch: true,
            schedule: Update.intern(),
            caps: Caps { fuel: 50_000_000, memory_bytes: 256 << 20 },
        }
    }

    /// The seed of the world: mods draw the same random numbers with the same seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether changed files are noticed and loaded.
    pub fn watch(mut self, watch: bool) -> Self {
        self.watch = watch;
        self
    }

    /// The schedule in which mods run.
    pub fn schedule(mut self, schedule: impl ScheduleLabel) -> Self {
        self.schedule = schedule.intern();
        self
    }

    /// The most fuel that a mod can be given in one frame, in units: a manifest that asks for more is
    /// refused.
    pub fn max_fuel(mut self, units: u64) -> Self {
        self.caps.fuel = units;
        self
    }

    /// The most memory that a mod can be given, in bytes: a manifest that asks for more is refused.
    pub fn max_memory(mut self, bytes: u64) -> Self {
        self.caps.memory_bytes = bytes;
        self
    }
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
        let engine = Engine::new(Config::new().consume_fuel(true).cranelift_nan_canonicalization(true))
            .expect("the machine can run compiled WebAssembly");
        let linker = host::link(&engine).expect("each host function is defined once");
        let settings = Settings { engine, exposed: Exposed::default(), caps: self.caps };
        let mut reloads = ModReloads::new(&self.folder, settings);
        if self.watch {
            reloads.watch();
        }
        app.add_message::<ModReport>()
            .init_resource::<ModTime>()
            .init_resource::<Exposed>()
            .insert_resource(reloads)
            .insert_resource(Mods::new(linker, self.seed))
            .add_systems(Startup, load_all.in_set(LoadMods))
            .add_systems(self.schedule, tick_mods.in_set(TickMods));
    }
}

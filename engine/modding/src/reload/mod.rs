//! From a changed file to new code in the running game.
//!
//! ```text
//! watch (notify) -> debounce -> build, on a thread of its own -> [frame boundary] handover
//! ```
//!
//! Only `watch` and `build` touch the outside, and hold no decisions; `debounce` is pure; `handover` decides.

mod build;
mod debounce;
mod handover;
mod requests;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use bevy_tasks::{ComputeTaskPool, TaskPool};

use crate::exposed::Exposed;
use crate::host;
use crate::mods::Mods;
use crate::package::build::{Outcome, Settings, build};
use crate::package::files;
use crate::table::Table;

use build::Builder;
use debounce::Debouncer;
use watch::Watcher;

/// Changes of mods' files on their way into the game.
///
/// With [`ModdingPlugin::watch`](crate::ModdingPlugin::watch) this works by itself. Without, a game (or a
/// test) may say itself what has changed, and when.
#[derive(Resource)]
pub struct ModReloads {
    root: PathBuf,
    settings: Settings,
    debouncer: Debouncer,
    builder: Builder,
    watcher: Option<Watcher>,
    watch_failure: Option<String>,
    started: Instant,
}

impl ModReloads {
    pub(crate) fn new(root: &Path, settings: Settings) -> Self {
        Self {
            root: root.to_owned(),
            settings,
            debouncer: Debouncer::new(root),
            builder: Builder::default(),
            watcher: None,
            watch_failure: None,
            started: Instant::now(),
        }
    }

    /// Watches the mods' folder from now on.
    pub(crate) fn watch(&mut self) {
        match Watcher::new(&self.root) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => {
                let failure = format!(
                    "changed mods will not be noticed: {} can't be watched: {error}",
                    self.root.display()
                );
                tracing::warn!("{failure}");
                self.watch_failure = Some(failure);
            }
        }
    }

    /// Why changed files are not noticed, if the folder was to be watched and can't be.
    pub fn watch_failure(&self) -> Option<&str> {
        self.watch_failure.as_deref()
    }

    /// Takes down that `path` has changed at `now`, counted from any fixed moment. The path begins with the
    /// folder given to the plugin; others are ignored.
    pub fn record(&mut self, path: &Path, now: Duration) {
        self.debouncer.record(path, now);
    }

    /// Begins to build the mods whose folders have been quiet for 80 ms by `now`.
    pub fn settle(&mut self, now: Duration) {
        for folder in self.debouncer.settled(now) {
            self.builder.start(folder, &self.settings);
        }
    }

    /// Begins to build the mod of a folder, even if it is known.
    fn load(&mut self, folder: &Path) {
        let (parent, name) = (folder.parent(), folder.file_name());
        let Some(name) = name.filter(|_| parent.is_some_and(|parent| is_same_folder(parent, &self.root)))
        else {
            let root = self.root.display();
            tracing::warn!(
                "{} is not loaded: mods lie in folders inside {root}; put it there and load it from there",
                folder.display()
            );
            return;
        };
        // However it was spelled: mods are known by their folder inside the plugin's.
        let folder = self.root.join(name);
        if !folder.is_dir() {
            tracing::warn!(
                "{} is not loaded: there is no such folder; look how it is spelled",
                folder.display()
            );
        }
        self.builder.forget(&folder);
        self.builder.start(folder, &self.settings);
    }

    /// Waits until everything that was begun is built. The next tick swaps it in.
    pub fn finish_builds(&mut self) {
        self.builder.finish();
    }

    fn pump(&mut self) {
        let now = self.started.elapsed();
        let Some(watcher) = &self.watcher else { return };
        for path in watcher.changed() {
            self.debouncer.record(&path, now);
        }
        self.settle(now);
    }
}

/// Whether two paths lead to the same folder, as far as they lead anywhere.
fn is_same_folder(one: &Path, other: &Path) -> bool {
    // The parent of `wolves` is nothing, which is here.
    let full = |path: &Path| if path.as_os_str().is_empty() { Path::new(".") } else { path }.canonicalize();
    one == other || matches!((full(one), full(other)), (Ok(one), Ok(other)) if one == other)
}

/// Loads all mods of the folder, one after the other, in the order of the folders' names.
pub(crate) fn load_all(world: &mut World) {
    world.resource_scope(|world, mut table: bevy_ecs::world::Mut<Table>| {
        let table = &mut *table;
        let exposed = world.resource::<Exposed>().clone();
        let mut reloads = world.resource_mut::<ModReloads>();
        table.linker =
            host::link(&reloads.settings.engine, &exposed).expect("each host function is defined once");
        table.exposed = exposed.clone();
        if table.pool.is_none() {
            // Where the game has not set it up.
            ComputeTaskPool::get_or_init(TaskPool::default);
        }
        reloads.settings.functions = Arc::new(exposed.function_types(&table.linker));
        reloads.settings.exposed = exposed;
        let folders = files::mod_folders(&reloads.root).unwrap_or_else(|error| {
            tracing::warn!("no mods are loaded: {} can't be read: {error}", reloads.root.display());
            Vec::new()
        });
        let outcomes: Vec<Outcome> = folders
            .iter()
            .map(|folder| {
                let outcome = build(folder, None, &reloads.settings);
                reloads.builder.remember(&outcome);
                outcome
            })
            .collect();
        handover::take_all(world, table, outcomes);
    });
}

/// Does what the game has asked for, and swaps in what is built: the first step of a frame.
pub(crate) fn begin_frame(world: &mut World, table: &mut Table) {
    handover::forget_despawned(world, table);
    requests::take(world, table);
    let folders = world.resource_mut::<Mods>().take_folders();
    let mut reloads = world.resource_mut::<ModReloads>();
    for folder in folders {
        reloads.load(&folder);
    }
    reloads.pump();
    for outcome in reloads.builder.finished() {
        handover::take(world, table, outcome);
    }
    handover::take_waiting(world, table);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_the_same_however_they_are_named() {
        let here = std::env::current_dir().expect("the tests run somewhere");
        let here = here.to_str().expect("the project's path is text");
        let same = ["", ".", "./", "src/..", "./src/../.", here];
        let others = ["src", "..", "/", "no such folder"];
        for one in same {
            same.iter()
                .for_each(|other| assert!(is_same_folder(Path::new(one), Path::new(other)), "{one} {other}"));
            others.iter().for_each(|other| {
                assert!(!is_same_folder(Path::new(one), Path::new(other)), "{one} {other}")
            });
        }
    }
}

//! From a changed file to new code in the running game.
//!
//! ```text
//! watch (notify) -> debounce -> build, on a thread of its own -> [frame boundary] claims, handover
//!                               \ ways -> plan: what is watched from then on
//! ```
//!
//! Only `watch`, `ways` and `build` touch the outside, and hold no decisions; `debounce` and `plan` are pure; `claims`
//! decides which mods run, `handover` how new code takes over.

mod build;
mod claims;
mod debounce;
mod grants;
mod handover;
mod late;
mod plan;
mod requests;
mod watch;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use bevy_tasks::{ComputeTaskPool, TaskPool};

use crate::exposed::Exposed;
use crate::host;
use crate::mods::Mods;
use crate::package::build::{Outcome, Settings, build};
use crate::package::files;
use crate::table::{Table, with_table};
use crate::text::shown;

use build::{Builder, Request};
use debounce::{Changed, Debouncer};
use watch::Watcher;

pub(crate) use grants::Grants;
pub(crate) use handover::Allowances;

/// Changes of mods' files on their way into the game.
///
/// With [`ModdingPlugin::watch`](crate::ModdingPlugin::watch) this works by itself. Without, a game (or a
/// test) may say itself what has changed, and when.
#[derive(Resource)]
pub struct ModReloads {
    /// The mods' folder as the plugin was told, and where that was at the time: the game may work elsewhere later.
    given: PathBuf,
    root: PathBuf,
    settings: Settings,
    debouncer: Debouncer,
    builder: Builder,
    watcher: Option<Watcher>,
    watch_failure: Option<String>,
    /// What was said already of paths that can't be read or watched.
    told: BTreeMap<PathBuf, String>,
    /// That changes were missed was said, and they are not made up for yet.
    is_lost: bool,
    started: Instant,
}

impl ModReloads {
    pub(crate) fn new(given: &Path, settings: Settings) -> Self {
        // The empty path is here, too.
        let root = std::path::absolute(Path::new(".").join(given)).unwrap_or_else(|_| given.to_owned());
        Self {
            given: given.to_owned(),
            settings,
            debouncer: Debouncer::new(&root),
            root,
            builder: Builder::default(),
            watcher: None,
            watch_failure: None,
            told: BTreeMap::new(),
            is_lost: false,
            started: Instant::now(),
        }
    }

    /// Watches the mods' folder from now on, also where it is not there yet.
    pub(crate) fn watch(&mut self) {
        match Watcher::new(&self.root) {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                self.follow();
            }
            Err(error) => {
                let failure = format!(
                    "changed mods will not be noticed: {} can't be watched: {error}",
                    shown(&self.root)
                );
                tracing::warn!("{failure}");
                self.watch_failure = Some(failure);
            }
        }
    }

    /// Why changed files are not noticed, if they are to be and some can't be watched.
    pub fn watch_failure(&self) -> Option<&str> {
        self.watch_failure.as_deref().or(self.told.values().next().map(String::as_str))
    }

    /// Takes down that `path` has changed at `now`, counted from any fixed moment. The path begins with the
    /// folder given to the plugin; others are ignored. That folder itself means that anything in it may have changed.
    pub fn record(&mut self, path: &Path, now: Duration) {
        match path.strip_prefix(&self.given) {
            Ok(inside) => self.debouncer.record(&self.root.join(inside), now),
            Err(_) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
                self.debouncer.record(&path, now);
            }
        }
    }

    /// Begins to build the mods whose folders have been quiet for 80 ms by `now`.
    pub fn settle(&mut self, now: Duration) {
        let changed = self.debouncer.settled(now);
        if !changed.is_empty() {
            self.is_lost &= !changed.everything;
            self.start(changed, false);
        }
    }

    fn start(&mut self, changed: Changed, again: bool) {
        let follower = self.watcher.as_ref().map(Watcher::follower);
        let (root, settings) = (self.root.clone(), self.settings.clone());
        self.builder.start(Request { root, changed, again, follower, settings });
    }

    /// Watches what the paths lead to now, before it is read.
    fn follow(&mut self) {
        let Some(watcher) = &self.watcher else { return };
        let follower = watcher.follower();
        let followed = follower.lock().unwrap_or_else(PoisonError::into_inner).follow();
        self.tell(followed.trouble);
    }

    /// Says what was not said before.
    fn tell(&mut self, trouble: BTreeMap<PathBuf, String>) {
        for (path, text) in &trouble {
            if self.told.get(path) != Some(text) {
                tracing::warn!("{text}");
            }
        }
        self.told = trouble;
    }

    /// The mods' folders as they are now; none where they can't be read, which a warning says.
    fn list(&self) -> Vec<PathBuf> {
        files::mod_folders(&self.root).unwrap_or_else(|error| {
            let remedy = match (error.kind(), &self.watcher) {
                (io::ErrorKind::NotFound, Some(_)) => {
                    "Make it: its mods are loaded as soon as they are there"
                }
                (io::ErrorKind::NotFound, None) => "Make it and start the game again",
                _ => "Make it readable for the game",
            };
            tracing::warn!("no mods are loaded: {} can't be read: {error}. {remedy}", shown(&self.root));
            Vec::new()
        })
    }

    /// Begins to build the mod of a folder, even if it is known.
    fn load(&mut self, folder: &Path) {
        let (parent, name) = (folder.parent(), folder.file_name());
        let is_ours = |parent: &Path| parent == self.given || is_same_folder(parent, &self.root);
        let Some(name) = name.filter(|name| parent.is_some_and(is_ours) && files::is_mods_name(name)) else {
            let root = shown(&self.root);
            tracing::warn!(
                "{} is not loaded: mods lie in folders inside {root} that are not hidden; put it there and load it \
                 from there",
                shown(folder)
            );
            return;
        };
        // However it was spelled: mods are known by their folder inside the plugin's.
        let folder = self.root.join(name);
        if !files::is_folder(&folder) {
            tracing::warn!(
                "{} is not loaded: there is no such folder; look how it is spelled",
                shown(&folder)
            );
        }
        self.start(Changed { everything: false, folders: BTreeSet::from([folder]) }, true);
    }

    /// Waits until everything that was begun is built. The next tick swaps it in.
    pub fn finish_builds(&mut self) {
        self.builder.finish();
    }

    fn pump(&mut self) {
        let now = self.started.elapsed();
        let Some(watcher) = &self.watcher else { return };
        let noticed = watcher.noticed();
        if let Some(why) = noticed.lost.filter(|_| !self.is_lost) {
            self.is_lost = true;
            tracing::warn!("changes of mods may have been missed, and all are looked at again: {why}");
        }
        noticed.subjects.into_iter().for_each(|subject| self.debouncer.record_subject(subject, now));
        self.settle(now);
    }
}

/// Whether two paths lead to the same folder, as far as they lead anywhere.
fn is_same_folder(one: &Path, other: &Path) -> bool {
    // The parent of `wolves` is nothing, which is here.
    let full = |path: &Path| if path.as_os_str().is_empty() { Path::new(".") } else { path }.canonicalize();
    one == other || matches!((full(one), full(other)), (Ok(one), Ok(other)) if one == other)
}

/// Loads all mods of the folder, in the order of the folders' names. Once: in `Startup`, or in the first frame of a plugin
/// that was added later.
pub(crate) fn load_all(world: &mut World) {
    with_table(world, |world, table| {
        if std::mem::replace(&mut table.is_loaded, true) {
            return;
        }
        let exposed = world.resource::<Exposed>().clone();
        let engine = &world.resource::<ModReloads>().settings.engine;
        table.linker = host::link(engine).expect("each host function is defined once");
        late::adopt(world, table, exposed);
        if table.pool.is_none() {
            // Where the game has not set it up.
            ComputeTaskPool::get_or_init(TaskPool::default);
        }
        let mut reloads = world.resource_mut::<ModReloads>();
        reloads.follow();
        let folders = reloads.list();
        let outcomes: Vec<Outcome> = folders
            .iter()
            .map(|folder| {
                let outcome = build(folder, None, &reloads.settings);
                reloads.builder.remember(&outcome);
                outcome
            })
            .collect();
        handover::take(world, table, outcomes);
        claims::decide(world, table);
    });
}

/// Does what the game has asked for, and swaps in what is built: the first step of a frame.
pub(crate) fn begin_frame(world: &mut World, table: &mut Table) {
    late::take(world, table);
    handover::forget_despawned(world, table);
    // What the game allows is what waited in the last frame: before anything else may come to wait.
    handover::take_allowances(world, table);
    requests::take(world, table);
    let folders = world.get_resource_or_init::<Mods>().take_folders();
    let batches = world.get_resource_mut::<ModReloads>().map_or_else(Vec::new, |mut reloads| {
        for folder in folders {
            reloads.load(&folder);
        }
        reloads.pump();
        reloads.builder.finished()
    });
    for batch in batches {
        if let Some(mut reloads) = world.get_resource_mut::<ModReloads>() {
            reloads.tell(batch.trouble);
        }
        handover::take(world, table, batch.outcomes);
    }
    claims::decide(world, table);
    handover::take_waiting(world, table);
    claims::decide(world, table);
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

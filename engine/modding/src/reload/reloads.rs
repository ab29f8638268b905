//! Changes of files on their way to a build: the shell around watching, debouncing and building.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use bevy_ecs::resource::Resource;

use super::builder::{Batch, BuildRequest, Builder};
use super::development;
use super::watch::Watcher;
use super::watch::debounce::{Changed, Debouncer};
use crate::dev_builds::DevBuilds;
use crate::exposed::Exposed;
use crate::package::build::{BuildOutcome, Settings, build};
use crate::package::contract::FunctionTypes;
use crate::package::files;
use crate::text::shown;

/// Changes of mods' files on their way into the game.
///
/// With [`ModdingPlugin::watch`](crate::ModdingPlugin::watch) this works by itself. Without, a game (or a
/// test) may say itself what has changed, and when.
#[derive(Resource)]
pub struct ModReloads {
    /// The mods' folder as it was given to the plugin, and as an absolute path: the game's working folder may change later.
    given: PathBuf,
    root: PathBuf,
    settings: Settings,
    /// The game believes what an author's tool says.
    is_in_development: bool,
    debouncer: Debouncer,
    builder: Builder,
    watcher: Option<Watcher>,
    watch_failure: Option<String>,
    /// What was reported of paths that can't be read or watched.
    trouble: BTreeMap<PathBuf, String>,
    /// It was reported that changes were missed, and not everything was looked at since.
    is_lost: bool,
    started: Instant,
}

impl ModReloads {
    pub(crate) fn new(given: &Path, settings: Settings, is_in_development: bool) -> Self {
        // The empty path names this folder, too.
        let root = std::path::absolute(Path::new(".").join(given)).unwrap_or_else(|_| given.to_owned());
        Self {
            given: given.to_owned(),
            settings,
            is_in_development,
            debouncer: Debouncer::new(&root),
            root,
            builder: Builder::default(),
            watcher: None,
            watch_failure: None,
            trouble: BTreeMap::new(),
            is_lost: false,
            started: Instant::now(),
        }
    }

    /// Watches the mods' folder from now on, even if it does not exist yet.
    pub(crate) fn watch(&mut self) {
        match Watcher::new(&self.root, self.is_in_development) {
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

    /// Why changed files are not noticed, if the folder is to be watched and some of it can't be.
    pub fn watch_failure(&self) -> Option<&str> {
        self.watch_failure.as_deref().or(self.trouble.values().next().map(String::as_str))
    }

    /// Records that `path` has changed at `now`, counted from any fixed moment. The path begins with the
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

    /// Starts builds of the mods whose folders have been quiet for 80 ms by `now`.
    pub fn settle(&mut self, now: Duration) {
        let changed = self.debouncer.settled(now);
        if !changed.is_empty() {
            self.is_lost &= !changed.everything;
            self.start(changed, false);
        }
    }

    /// What each build begins with. While a test holds it, nothing is built.
    #[cfg(test)]
    pub(super) fn follower(&self) -> Arc<std::sync::Mutex<super::watch::Follower>> {
        self.watcher.as_ref().expect("the folder is watched").follower()
    }

    fn start(&mut self, changed: Changed, again: bool) {
        let follower = self.watcher.as_ref().map(Watcher::follower);
        let (root, settings) = (self.root.clone(), self.settings.clone());
        let reads_dev_builds = self.is_in_development;
        self.builder.start(BuildRequest { root, changed, again, follower, settings, reads_dev_builds });
    }

    /// Watches what the paths lead to now. It comes before anything is read.
    fn follow(&mut self) {
        let Some(watcher) = &self.watcher else { return };
        let follower = watcher.follower();
        let followed = follower.lock().unwrap_or_else(PoisonError::into_inner).follow();
        self.report_trouble(followed.trouble);
    }

    /// Warns of what was not reported before.
    pub(super) fn report_trouble(&mut self, trouble: BTreeMap<PathBuf, String>) {
        for (path, text) in &trouble {
            if self.trouble.get(path) != Some(text) {
                tracing::warn!("{text}");
            }
        }
        self.trouble = trouble;
    }

    /// The mods' folders as they are now; none, and a warning, if they can't be read.
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

    /// Starts a build of the mod in a folder, even if its content is known.
    fn load(&mut self, folder: &Path) {
        let (parent, name) = (folder.parent(), folder.file_name());
        let is_ours = |parent: &Path| parent == self.given || is_same_folder(parent, &self.root);
        let Some(name) = name.filter(|name| parent.is_some_and(is_ours) && files::is_mods_name(name)) else {
            let root = shown(&self.root);
            tracing::warn!(
                "{} is not loaded: mods are in folders inside {root} that are not hidden; put it there and load it \
                 from there",
                shown(folder)
            );
            return;
        };
        // Mods are known by their folder inside the plugin's, however the path was spelled.
        let folder = self.root.join(name);
        if !files::is_folder(&folder) {
            tracing::warn!("{} is not loaded: there is no such folder; check its spelling", shown(&folder));
        }
        self.start(Changed { folders: BTreeSet::from([folder]), ..Changed::default() }, true);
    }

    /// Waits until all started builds have finished. The next tick applies them.
    pub fn finish_builds(&mut self) {
        self.builder.finish();
    }

    /// Builds all mods of the folder and waits for them.
    pub(super) fn build_all_now(&mut self) -> Vec<BuildOutcome> {
        self.follow();
        self.list().iter().map(|folder| self.build_now(folder)).collect()
    }

    /// What an author's tool has built, and for which folder of mods; nothing if the game is not in development.
    pub(super) fn read_dev_builds(&self) -> Option<(PathBuf, Result<DevBuilds, String>)> {
        self.is_in_development.then(|| (self.root.clone(), development::file::read(&self.root)))
    }

    /// Builds the mod of a folder and waits for it.
    pub(super) fn build_now(&self, folder: &Path) -> BuildOutcome {
        let outcome = build(folder, None, &self.settings);
        self.builder.remember(&outcome);
        outcome
    }

    /// Later builds are checked against these.
    pub(super) fn build_against(&mut self, exposed: Exposed, functions: Arc<FunctionTypes>) {
        (self.settings.exposed, self.settings.functions) = (exposed, functions);
    }

    /// Returns the builds that have finished, and starts those of these folders and of what has changed; never waits.
    pub(super) fn advance(&mut self, to_load: Vec<PathBuf>) -> Vec<Batch> {
        // First: what this frame starts is for a later frame, however quickly it is built.
        let finished = self.builder.finished();
        to_load.iter().for_each(|folder| self.load(folder));
        self.poll_watcher();
        finished
    }

    fn poll_watcher(&mut self) {
        let now = self.started.elapsed();
        let Some(watcher) = &self.watcher else { return };
        let noticed = watcher.noticed();
        if let Some(why) = noticed.lost.filter(|_| !self.is_lost) {
            self.is_lost = true;
            tracing::warn!("changes of mods may have been missed, so all mods are checked again: {why}");
        }
        noticed.subjects.into_iter().for_each(|subject| self.debouncer.record_subject(subject, now));
        self.settle(now);
    }
}

/// Whether two paths lead to the same folder, if they lead to any.
fn is_same_folder(one: &Path, other: &Path) -> bool {
    // The parent of `wolves` is the empty path, which names this folder.
    let full = |path: &Path| if path.as_os_str().is_empty() { Path::new(".") } else { path }.canonicalize();
    one == other || matches!((full(one), full(other)), (Ok(one), Ok(other)) if one == other)
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

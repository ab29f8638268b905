//! Mods on their way to a build: the shell around watching, debouncing and building.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy_ecs::resource::Resource;

use super::building::answer::{Batch, BuildRequest, ChangedRoot, Embedded};
use super::building::builder::{Builder, Progress};
use super::building::root::ModsFolder;
use crate::exposed::Exposed;
use crate::limits::LOADING_TIME;
use crate::package::build::Settings;
use crate::package::contract::FunctionTypes;
use crate::package::files;
use crate::text::shown;

/// Changes of mods' files on their way into the game.
///
/// With [`ModdingPlugin::watch`](crate::ModdingPlugin::watch) this works by itself. Without, a game (or a
/// test) may say itself what has changed, and when.
#[derive(Resource)]
pub struct ModReloads {
    /// The folders that hold mods' folders. A later one takes precedence.
    roots: Vec<ModsFolder>,
    /// Mods that the game has in memory, by the paths by which they are known.
    embedded: BTreeMap<PathBuf, Arc<Embedded>>,
    settings: Settings,
    builder: Builder,
    /// Mods are started before the game goes on.
    waits: bool,
    cache_failure: Option<String>,
    /// How long loading may take in a frame.
    loading_time: Duration,
    started: Instant,
}

impl ModReloads {
    pub(crate) fn new(settings: Settings, waits: bool, cache_failure: Option<String>) -> Self {
        let (roots, embedded, builder) = Default::default();
        let (loading_time, started) = (LOADING_TIME, Instant::now());
        Self { roots, embedded, settings, builder, waits, cache_failure, loading_time, started }
    }

    /// Adds a folder that holds mods' folders, which takes precedence over those before it.
    pub(crate) fn add_folder(&mut self, given: &Path, is_in_development: bool, is_watched: bool) {
        let mut root = ModsFolder::new(given, is_in_development);
        if self.roots.iter().any(|known| known.real == root.real) {
            tracing::warn!("{} is a folder of mods already: it is not added twice", shown(given));
            return;
        }
        if is_watched {
            root.watch();
        }
        for other in &mut self.roots {
            other.others.push(root.real.clone());
            root.others.push(other.real.clone());
        }
        self.roots.push(root);
    }

    /// Why changed files are not noticed, if the folders are to be watched and some of that is not possible.
    pub fn watch_failure(&self) -> Option<&str> {
        self.roots.iter().find_map(ModsFolder::watch_failure)
    }

    /// Why compiled modules are not kept, if the folder for them was refused.
    pub fn cache_failure(&self) -> Option<&str> {
        self.cache_failure.as_deref()
    }

    /// The number of mods that were compiled so far. Those whose code was in the [cache](crate::ModdingPlugin::cache) do not
    /// count.
    pub fn compiled(&self) -> u64 {
        self.settings.engine.modules_compiled()
    }

    /// Records that `path` has changed at `now`, counted from any fixed moment. The path begins with a
    /// folder given to the plugin; others are ignored. That folder itself means that anything in it may have changed.
    pub fn record(&mut self, path: &Path, now: Duration) {
        self.roots.iter_mut().for_each(|root| root.record(path, now));
    }

    /// Starts builds of the mods whose folders have been quiet for 80 ms by `now`.
    pub fn settle(&mut self, now: Duration) {
        let settled: Vec<ChangedRoot> = self.roots.iter_mut().filter_map(|root| root.settled(now)).collect();
        if !settled.is_empty() {
            self.start(settled, Vec::new(), false);
        }
    }

    /// What each build begins with. While a test holds it, nothing is built.
    #[cfg(test)]
    pub(super) fn follower(&self) -> Arc<std::sync::Mutex<super::watch::Follower>> {
        self.roots[0].follower()
    }

    /// Mods are loaded in frames of one step each, so that a test can act between any two of them.
    #[cfg(test)]
    pub(super) fn load_step_by_step(&mut self) {
        self.loading_time = Duration::ZERO;
    }

    /// How long loading may take in a frame.
    pub(super) fn loading_time(&self) -> Duration {
        self.loading_time
    }

    /// Waits until all started builds have finished. The next tick applies them.
    pub fn finish_builds(&mut self) {
        self.builder.finish();
    }

    fn start(&mut self, roots: Vec<ChangedRoot>, embedded: Vec<Arc<Embedded>>, again: bool) {
        let (settings, ignored) = (self.settings.clone(), BTreeSet::new());
        self.builder.start(BuildRequest { roots, embedded, again, settings, ignored });
    }

    /// Starts to build all mods of all folders, and those in memory.
    pub(super) fn start_all(&mut self) {
        let roots = self.roots.iter().map(ModsFolder::all).collect();
        self.start(roots, self.embedded.values().cloned().collect(), true);
    }

    /// Starts to build these mods, even if their content is known. If mods are waited for, so are these.
    pub(super) fn start_again(&mut self, paths: &[PathBuf]) {
        let embedded = paths.iter().filter_map(|path| self.embedded.get(path)).cloned().collect();
        let of_root = |root: &ModsFolder| {
            let own = paths.iter().filter(|path| path.parent() == Some(&root.path));
            let own: BTreeSet<PathBuf> = own.cloned().collect();
            (!own.is_empty()).then(|| root.folders(own))
        };
        let roots = self.roots.iter().filter_map(of_root).collect();
        self.start(roots, embedded, true);
        if self.waits {
            self.builder.finish();
        }
    }

    /// Remembers a mod that the game has in memory.
    pub(super) fn embed(&mut self, embedded: Embedded) -> Arc<Embedded> {
        let embedded = Arc::new(embedded);
        self.embedded.insert(embedded.path.clone(), embedded.clone());
        embedded
    }

    /// Starts a build of the mod in a folder, even if its content is known.
    fn load(&mut self, folder: &Path) {
        let (parent, name) = (folder.parent(), folder.file_name());
        let of_parent = |parent: &Path| self.roots.iter().find(|root| root.is_at(parent));
        let name = name.filter(|name| files::is_mods_name(name));
        let Some((root, name)) = parent.and_then(of_parent).zip(name) else {
            let roots: Vec<String> = self.roots.iter().map(|root| shown(&root.path)).collect();
            let roots = roots.join(" or ");
            tracing::warn!(
                "{} is not loaded: mods are in folders inside {roots} that are not hidden; put it there and load it \
                 from there",
                shown(folder)
            );
            return;
        };
        // Mods are known by their folder inside the plugin's, however the path was spelled.
        let folder = root.path.join(name);
        if !files::is_folder(&folder) {
            tracing::warn!("{} is not loaded: there is no such folder; check its spelling", shown(&folder));
        }
        let changed = root.folders(BTreeSet::from([folder]));
        self.start(vec![changed], Vec::new(), true);
    }

    /// The game does not want this mod any more.
    pub(super) fn forget(&mut self, path: &Path) {
        self.builder.forget(path);
        self.embedded.remove(path);
    }

    /// Later builds are checked against these.
    pub(super) fn build_against(&mut self, exposed: Exposed, functions: Arc<FunctionTypes>) {
        (self.settings.exposed, self.settings.functions) = (exposed, functions);
    }

    /// Whether mods are started before the game goes on.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// How far the builds are.
    pub(super) fn progress(&self) -> Progress {
        self.builder.progress()
    }

    /// The folders that hold mods' folders. A later one takes precedence.
    pub(super) fn roots(&self) -> Vec<PathBuf> {
        self.roots.iter().map(|root| root.path.clone()).collect()
    }

    /// Whether nothing is being built, and nothing waits for that.
    pub(super) fn is_idle(&self) -> bool {
        self.builder.is_idle()
    }

    /// The builds that have finished; never waits.
    pub(super) fn finished(&mut self) -> Vec<Batch> {
        self.builder.finished()
    }

    /// Starts builds of these folders, of these mods, and of what has changed. What this frame starts is for a later frame,
    /// however quickly it is built.
    pub(super) fn start_builds(&mut self, to_load: Vec<PathBuf>, to_add: Vec<Arc<Embedded>>) {
        to_load.iter().for_each(|folder| self.load(folder));
        if !to_add.is_empty() {
            self.start(Vec::new(), to_add, true);
        }
        let now = self.started.elapsed();
        let watched = self.roots.iter_mut().filter_map(|root| root.poll_watcher(now).then_some(()));
        if watched.count() > 0 {
            self.settle(now);
        }
    }

    /// Warns of what was not reported before.
    pub(super) fn report_trouble(&mut self, root: &Path, trouble: BTreeMap<PathBuf, String>) {
        if let Some(root) = self.roots.iter_mut().find(|known| known.path == root) {
            root.report_trouble(trouble);
        }
    }
}

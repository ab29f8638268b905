//! What a request to build means: which folders are looked at, and what becomes of each.
//!
//! ```text
//! what has changed ─> follow (watch what the paths lead to now) ─> list the mods' folders ─> a job for each mod
//! ```
//!
//! A thin shell around `package::build`, for any thread. It remembers the last content of each folder, so that a file that
//! was only touched is not compiled again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::dev_builds::DevBuilds;
use crate::game_code::words;
use crate::package::build::{self, BuildOutcome, BuildResult, Settings};
use crate::package::files::{self, ContentHash};
use crate::package::refusal::Refusal;
use crate::reload::development;
use crate::reload::watch::Follower;
use crate::reload::watch::debounce::Changed;
use crate::text::shown;

/// Folders that existed when they were last looked at, and their content if it could be read.
pub(crate) type KnownContents = BTreeMap<PathBuf, Option<ContentHash>>;

/// What is to be built.
pub(crate) struct BuildRequest {
    pub roots: Vec<ChangedRoot>,
    /// Mods that the game has in memory.
    pub embedded: Vec<Arc<Embedded>>,
    /// Build even what has not changed.
    pub again: bool,
    pub settings: Settings,
    /// Folders whose outcomes nobody wants any more.
    pub ignored: BTreeSet<PathBuf>,
}

/// What has changed in a folder that holds mods' folders.
pub(crate) struct ChangedRoot {
    pub root: PathBuf,
    /// Other such folders, without links.
    pub others: Vec<PathBuf>,
    pub changed: Changed,
    pub follower: Option<Arc<Mutex<Follower>>>,
    /// Read what an author's tool says that it has built.
    pub reads_dev_builds: bool,
    /// What is to be done if the folder can't be listed, if that is to be said.
    pub remedy_if_missing: Option<&'static str>,
}

/// A mod that the game has in memory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Embedded {
    /// By this it is known; there is no such folder.
    pub path: PathBuf,
    pub manifest: Vec<u8>,
    pub wasm: Vec<u8>,
}

/// What became of folders that have changed together.
#[derive(Default)]
pub(crate) struct Batch {
    pub outcomes: Vec<BuildOutcome>,
    pub roots: Vec<RootNews>,
}

/// What was learnt of a folder that holds mods' folders, beside its mods.
pub(crate) struct RootNews {
    pub root: PathBuf,
    /// What could not be read or watched, and what to do about it, by path.
    pub trouble: BTreeMap<PathBuf, String>,
    /// Why it could not be listed when it was read for the first time.
    pub warning: Option<String>,
    /// What an author's tool has built, if that was to be read.
    pub dev_builds: Option<Result<DevBuilds, String>>,
}

/// A mod that is to be looked at.
pub(crate) struct Job {
    what: What,
    held: Option<ContentHash>,
    settings: Arc<Settings>,
}

enum What {
    Folder(PathBuf),
    /// There is no such folder any more.
    Gone(PathBuf),
    Embedded(Arc<Embedded>),
}

impl Job {
    pub fn folder(&self) -> &Path {
        match &self.what {
            What::Folder(folder) | What::Gone(folder) => folder,
            What::Embedded(embedded) => &embedded.path,
        }
    }
}

/// Follows and lists. Watching comes first, so that a change after a file was read is noticed.
pub(super) fn list(request: BuildRequest, known: &Mutex<KnownContents>) -> (Batch, Vec<Job>) {
    let BuildRequest { roots, embedded, again, settings, ignored: _ } = request;
    let known = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut batch = Batch::default();
    let mut wanted: Vec<What> = embedded.into_iter().map(What::Embedded).collect();
    for root in roots {
        let (news, found) = list_root(root, &known);
        batch.roots.push(news);
        wanted.extend(found);
    }
    let settings = Arc::new(settings);
    let jobs = wanted.into_iter().map(|what| {
        let mut job = Job { what, held: None, settings: settings.clone() };
        job.held = known.get(job.folder()).copied().flatten().filter(|_| !again);
        job
    });
    (batch, jobs.collect())
}

fn list_root(changed: ChangedRoot, known: &KnownContents) -> (RootNews, Vec<What>) {
    let ChangedRoot { root, others, mut changed, follower, reads_dev_builds, remedy_if_missing } = changed;
    let (trouble, warning, dev_builds) = Default::default();
    let mut news = RootNews { root, trouble, warning, dev_builds };
    let root = &news.root;
    if let Some(follower) = follower {
        let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
        let followed = follower.follow();
        changed.add(followed.changed, root);
        news.trouble = followed.trouble;
    }
    let mut listed = files::mod_folders(root);
    if let (Ok(folders), false) = (&mut listed, others.is_empty()) {
        folders.retain(|folder| !others.contains(&files::real_path(folder)));
    }
    if let (Err(error), Some(remedy)) = (&listed, remedy_if_missing) {
        let remedy =
            if error.kind() == io::ErrorKind::NotFound { remedy } else { "Make it readable for the game" };
        news.warning = Some(format!("no mods are loaded: {} can't be read: {error}. {remedy}", shown(root)));
    }
    let existing: BTreeSet<PathBuf> = match listed {
        Ok(existing) => existing.into_iter().collect(),
        // The folder is gone, and its mods with it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
        Err(error) => {
            let text = format!(
                "changed mods are not loaded: {} can't be read: {error}. Its mods stay as they are; make it readable",
                shown(root)
            );
            news.trouble.insert(root.clone(), text);
            return (news, Vec::new());
        }
    };
    let own = known.keys().filter(|folder| folder.parent() == Some(root));
    let folders: BTreeSet<&PathBuf> = match &changed {
        Changed { everything: true, .. } => existing.iter().chain(own).collect(),
        Changed { folders, .. } => folders.iter().collect(),
    };
    let what = |folder: &PathBuf| match existing.contains(folder) {
        true => What::Folder(folder.clone()),
        false => What::Gone(folder.clone()),
    };
    let wanted = folders.into_iter().map(what).collect();
    // Tools write it before they install what they have built.
    news.dev_builds = reads_dev_builds.then(|| development::file::read(root));
    (news, wanted)
}

/// Builds a mod, and remembers its content.
pub(super) fn build(job: Job, known: &Mutex<KnownContents>) -> BuildOutcome {
    let Job { what, held, settings } = &job;
    let build = || match what {
        What::Folder(folder) => build::build(folder, *held, settings),
        What::Gone(folder) => BuildOutcome { folder: folder.clone(), hash: None, result: BuildResult::Gone },
        What::Embedded(embedded) => {
            let Embedded { path, manifest, wasm } = &**embedded;
            build::build_embedded(path, (manifest, wasm), *held, settings)
        }
    };
    // Otherwise the game would wait forever for a mod on account of a mistake of ours.
    let outcome = catch_unwind(AssertUnwindSafe(build)).unwrap_or_else(|panic| {
        let problem = format!("building it panicked: {}", words(&*panic));
        let refusal =
            Refusal::new(job.folder(), problem, "This is a mistake in tinkerbox: please report it.");
        let result = BuildResult::Refused { about: None, refusal };
        BuildOutcome { folder: job.folder().to_owned(), hash: None, result }
    });
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    match outcome.result {
        BuildResult::Gone => known.remove(&outcome.folder),
        _ => known.insert(outcome.folder.clone(), outcome.hash),
    };
    outcome
}

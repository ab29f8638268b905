//! Builds mods while the game runs, on a thread of its own.
//!
//! ```text
//! what has changed ─> follow (watch what the paths lead to now) ─> list the mods' folder ─> build each ─> one batch
//! ```
//!
//! A thin shell around `package::build`: requests in, batches of outcomes out. It remembers the last content of each
//! folder, so that a file that was only touched is not compiled again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::development;
use super::watch::Follower;
use super::watch::debounce::Changed;
use crate::dev_builds::DevBuilds;
use crate::package::build::{BuildOutcome, BuildResult, Settings, build};
use crate::package::files::{self, ContentHash};
use crate::text::shown;

/// Builds mods one after the other.
#[derive(Default)]
pub(crate) struct Builder {
    /// `Some` from the first build on; the thread ends when it is dropped.
    thread: Option<BuildThread>,
    in_flight: usize,
    finished: Vec<Batch>,
    known: Arc<Mutex<Known>>,
}

/// Folders that existed when they were last looked at, and their content if it could be read.
type Known = BTreeMap<PathBuf, Option<ContentHash>>;

/// What became of folders that have changed together.
#[derive(Default)]
pub(crate) struct Batch {
    pub outcomes: Vec<BuildOutcome>,
    /// What could not be read or watched, and what to do about it, by path.
    pub trouble: BTreeMap<PathBuf, String>,
    /// What an author's tool has built, and for which folder of mods, if that was to be read.
    pub dev_builds: Option<(PathBuf, Result<DevBuilds, String>)>,
}

/// The ends of the channels to the thread.
struct BuildThread {
    requests: Sender<BuildRequest>,
    batches: Mutex<Receiver<Batch>>,
}

/// What is to be built.
pub(crate) struct BuildRequest {
    /// The folder that holds the mods' folders.
    pub root: PathBuf,
    pub changed: Changed,
    /// Build even what has not changed.
    pub again: bool,
    pub follower: Option<Arc<Mutex<Follower>>>,
    pub settings: Settings,
    /// Read what an author's tool says that it has built.
    pub reads_dev_builds: bool,
}

impl Builder {
    /// Starts to build what has changed.
    pub fn start(&mut self, request: BuildRequest) {
        let thread = self.thread.get_or_insert_with(|| spawn_thread(self.known.clone()));
        match thread.requests.send(request) {
            Ok(()) => self.in_flight += 1,
            Err(_) => tracing::error!("changed mods are not loaded: the thread that builds mods has ended"),
        }
    }

    /// Waits for all started builds.
    pub fn finish(&mut self) {
        while self.in_flight > 0 {
            let batches = self.thread.as_ref().expect("a build was started").batches.lock();
            let batch = batches.unwrap_or_else(PoisonError::into_inner).recv();
            self.receive(batch.unwrap_or_default());
        }
    }

    /// What was built since the last call. Never waits.
    pub fn finished(&mut self) -> Vec<Batch> {
        while self.in_flight > 0 {
            let batches = self.thread.as_ref().expect("a build was started").batches.lock();
            let Ok(batch) = batches.unwrap_or_else(PoisonError::into_inner).try_recv() else {
                break;
            };
            self.receive(batch);
        }
        std::mem::take(&mut self.finished)
    }

    /// Remembers the content of a folder that was built elsewhere.
    pub fn remember(&self, outcome: &BuildOutcome) {
        remember(&self.known, outcome);
    }

    fn receive(&mut self, batch: Batch) {
        self.in_flight -= 1;
        self.finished.push(batch);
    }
}

fn remember(known: &Mutex<Known>, outcome: &BuildOutcome) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    match outcome.result {
        BuildResult::Gone => known.remove(&outcome.folder),
        _ => known.insert(outcome.folder.clone(), outcome.hash),
    };
}

/// Follows, lists and builds. Watching comes first, so that a change after a file was read is noticed.
fn answer(request: BuildRequest, all_known: &Mutex<Known>) -> Batch {
    let BuildRequest { root, mut changed, again, follower, settings, reads_dev_builds } = request;
    let mut batch = Batch::default();
    if let Some(follower) = follower {
        let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
        let followed = follower.follow();
        changed.add(followed.changed, &root);
        batch.trouble = followed.trouble;
    }
    let existing = match files::mod_folders(&root) {
        Ok(existing) => existing,
        // The folder is gone, and its mods with it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            let text = format!(
                "changed mods are not loaded: {} can't be read: {error}. Its mods stay as they are; make it readable",
                shown(&root)
            );
            batch.trouble.insert(root, text);
            return batch;
        }
    };
    let existing: BTreeSet<PathBuf> = existing.into_iter().collect();
    let known = all_known.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let folders: BTreeSet<&PathBuf> = match &changed {
        Changed { everything: true, .. } => existing.iter().chain(known.keys()).collect(),
        Changed { folders, .. } => folders.iter().collect(),
    };
    batch.outcomes = folders
        .into_iter()
        .map(|folder| {
            let held = known.get(folder).copied().flatten().filter(|_| !again);
            let outcome = match existing.contains(folder) {
                true => build(folder, held, &settings),
                false => BuildOutcome { folder: folder.clone(), hash: None, result: BuildResult::Gone },
            };
            remember(all_known, &outcome);
            outcome
        })
        .collect();
    // Tools write it before they install what they have built.
    batch.dev_builds = reads_dev_builds.then(|| (root.clone(), development::file::read(&root)));
    batch
}

fn spawn_thread(known: Arc<Mutex<Known>>) -> BuildThread {
    let (requests, to_build) = channel::<BuildRequest>();
    let (built, batches) = channel();
    thread::Builder::new()
        .name("mod builder".to_owned())
        .spawn(move || {
            for request in to_build {
                if built.send(answer(request, &known)).is_err() {
                    break;
                }
            }
        })
        .expect("the operating system gives the game one more thread");
    BuildThread { requests, batches: Mutex::new(batches) }
}

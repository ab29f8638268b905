//! Building mods beside the game, on one thread of its own.
//!
//! ```text
//! what has changed ─> follow (watch what the paths lead to now) ─> list the mods' folder ─> build each ─> one batch
//! ```
//!
//! A thin shell around `package::build`: requests in, batches of outcomes out. It remembers what each folder held
//! last, so that a file that was only touched is not compiled again.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::debounce::Changed;
use super::watch::Follower;
use crate::package::build::{Built, Outcome, Settings, build};
use crate::package::files::{self, ContentHash};
use crate::text::shown;

/// Builds mods one after the other.
#[derive(Default)]
pub(crate) struct Builder {
    /// There from the first build on; the thread ends when it is dropped.
    thread: Option<Channels>,
    in_flight: usize,
    finished: Vec<Batch>,
    known: Arc<Mutex<Known>>,
}

/// Folders that were there when they were looked at last, and what they held if they could be read.
type Known = BTreeMap<PathBuf, Option<ContentHash>>;

/// What has become of folders that have changed together.
#[derive(Default)]
pub(crate) struct Batch {
    pub outcomes: Vec<Outcome>,
    /// What could not be read or watched, and what to do about it, by path.
    pub trouble: BTreeMap<PathBuf, String>,
}

struct Channels {
    requests: Sender<Request>,
    batches: Mutex<Receiver<Batch>>,
}

/// What is to be built.
pub(crate) struct Request {
    /// The folder that holds the mods' folders.
    pub root: PathBuf,
    pub changed: Changed,
    /// Even what has not changed.
    pub again: bool,
    pub follower: Option<Arc<Mutex<Follower>>>,
    pub settings: Settings,
}

impl Builder {
    /// Begins to build what has changed.
    pub fn start(&mut self, request: Request) {
        let channels = self.thread.get_or_insert_with(|| spawn_thread(self.known.clone()));
        match channels.requests.send(request) {
            Ok(()) => self.in_flight += 1,
            Err(_) => tracing::error!("changed mods are not loaded: the thread that builds mods has ended"),
        }
    }

    /// Waits for everything that was begun.
    pub fn finish(&mut self) {
        while self.in_flight > 0 {
            let batches = self.thread.as_ref().expect("something was begun").batches.lock();
            let batch = batches.unwrap_or_else(PoisonError::into_inner).recv();
            self.take_in(batch.unwrap_or_default());
        }
    }

    /// What was built since the last time. Never waits.
    pub fn finished(&mut self) -> Vec<Batch> {
        while self.in_flight > 0 {
            let batches = self.thread.as_ref().expect("something was begun").batches.lock();
            let Ok(batch) = batches.unwrap_or_else(PoisonError::into_inner).try_recv() else {
                break;
            };
            self.take_in(batch);
        }
        std::mem::take(&mut self.finished)
    }

    /// Remembers what a folder held that was built elsewhere.
    pub fn remember(&self, outcome: &Outcome) {
        remember(&self.known, outcome);
    }

    fn take_in(&mut self, batch: Batch) {
        self.in_flight -= 1;
        self.finished.push(batch);
    }
}

fn remember(known: &Mutex<Known>, outcome: &Outcome) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    match outcome.result {
        Built::Gone => known.remove(&outcome.folder),
        _ => known.insert(outcome.folder.clone(), outcome.hash),
    };
}

/// Follows, lists and builds. Watching comes first: what changes after a file was read is noticed.
fn answer(request: Request, all_known: &Mutex<Known>) -> Batch {
    let Request { root, mut changed, again, follower, settings } = request;
    let mut batch = Batch::default();
    if let Some(follower) = follower {
        let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
        let followed = follower.follow();
        changed.add(followed.changed, &root);
        batch.trouble = followed.trouble;
    }
    let there = match files::mod_folders(&root) {
        Ok(there) => there,
        // It has gone, and its mods with it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            let text = format!(
                "changed mods are not loaded: {} can't be read: {error}. Its mods run on as they are; make it readable",
                shown(&root)
            );
            batch.trouble.insert(root, text);
            return batch;
        }
    };
    let there: BTreeSet<PathBuf> = there.into_iter().collect();
    let known = all_known.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let folders: BTreeSet<&PathBuf> = match &changed {
        Changed { everything: true, .. } => there.iter().chain(known.keys()).collect(),
        Changed { folders, .. } => folders.iter().collect(),
    };
    batch.outcomes = folders
        .into_iter()
        .map(|folder| {
            let held = known.get(folder).copied().flatten().filter(|_| !again);
            let outcome = match there.contains(folder) {
                true => build(folder, held, &settings),
                false => Outcome { folder: folder.clone(), hash: None, result: Built::Gone },
            };
            remember(all_known, &outcome);
            outcome
        })
        .collect();
    batch
}

fn spawn_thread(known: Arc<Mutex<Known>>) -> Channels {
    let (requests, to_build) = channel::<Request>();
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
    Channels { requests, batches: Mutex::new(batches) }
}

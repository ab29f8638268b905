//! Building mods beside the game, on one thread of its own.
//!
//! A thin shell around `package::build`: requests in, outcomes out. It remembers what each folder held
//! last, so that a file that was only touched is not compiled again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::package::build::{Outcome, Settings, build};
use crate::package::files::ContentHash;

/// Builds mods one after the other.
#[derive(Default)]
pub(crate) struct Builder {
    /// There from the first build on; the thread ends when it is dropped.
    thread: Option<Channels>,
    in_flight: usize,
    finished: Vec<Outcome>,
    known: BTreeMap<PathBuf, ContentHash>,
}

struct Channels {
    requests: Sender<Request>,
    outcomes: Mutex<Receiver<Outcome>>,
}

struct Request {
    folder: PathBuf,
    known: Option<ContentHash>,
    settings: Settings,
}

impl Builder {
    /// Begins to build a folder.
    pub fn start(&mut self, folder: PathBuf, settings: &Settings) {
        let known = self.known.get(&folder).copied();
        let request = Request { folder, known, settings: settings.clone() };
        let channels = self.thread.get_or_insert_with(spawn_thread);
        match channels.requests.send(request) {
            Ok(()) => self.in_flight += 1,
            Err(_) => tracing::error!("a changed mod is not loaded: the thread that builds mods has ended"),
        }
    }

    /// Waits for everything that was begun.
    pub fn finish(&mut self) {
        while self.in_flight > 0 {
            let outcomes = self.thread.as_ref().expect("something was begun").outcomes.lock();
            let outcome = outcomes.unwrap_or_else(PoisonError::into_inner).recv();
            self.take_in(outcome.ok());
        }
    }

    /// What was built since the last time. Never waits.
    pub fn finished(&mut self) -> Vec<Outcome> {
        while self.in_flight > 0 {
            let outcomes = self.thread.as_ref().expect("something was begun").outcomes.lock();
            let Ok(outcome) = outcomes.unwrap_or_else(PoisonError::into_inner).try_recv() else {
                break;
            };
            self.take_in(Some(outcome));
        }
        std::mem::take(&mut self.finished)
    }

    /// Remembers what a folder held.
    pub fn remember(&mut self, outcome: &Outcome) {
        match outcome.hash {
            Some(hash) => self.known.insert(outcome.folder.clone(), hash),
            None => self.known.remove(&outcome.folder),
        };
    }

    /// Builds the folder anew the next time, whatever it holds.
    pub fn forget(&mut self, folder: &Path) {
        self.known.remove(folder);
    }

    fn take_in(&mut self, outcome: Option<Outcome>) {
        self.in_flight -= 1;
        if let Some(outcome) = outcome {
            self.remember(&outcome);
            self.finished.push(outcome);
        }
    }
}

fn spawn_thread() -> Channels {
    let (requests, to_build) = channel::<Request>();
    let (built, outcomes) = channel();
    thread::Builder::new()
        .name("mod builder".to_owned())
        .spawn(move || {
            for request in to_build {
                let outcome = build(&request.folder, request.known, &request.settings);
                if built.send(outcome).is_err() {
                    break;
                }
            }
        })
        .expect("the operating system gives the game one more thread");
    Channels { requests, outcomes: Mutex::new(outcomes) }
}

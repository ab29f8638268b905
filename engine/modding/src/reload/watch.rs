//! Which paths have changed, as the operating system tells it.
//!
//! A thin shell around `notify`: no clock, no decision but what is a change at all.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

/// Watches a folder until it is dropped.
pub(crate) struct Watcher {
    _watcher: RecommendedWatcher,
    events: Mutex<Receiver<notify::Result<Event>>>,
    /// The folder as it was given, and as the operating system names it.
    root: PathBuf,
    real_root: PathBuf,
}

impl Watcher {
    pub fn new(root: &Path) -> notify::Result<Self> {
        let real_root = root.canonicalize().map_err(notify::Error::io)?;
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(move |event| {
            // The receiver is gone only when the watcher is being dropped.
            let _ = sender.send(event);
        })?;
        watcher.watch(&real_root, RecursiveMode::Recursive)?;
        Ok(Self { _watcher: watcher, events: Mutex::new(events), root: root.to_owned(), real_root })
    }

    /// What has changed since the last time. Never waits.
    pub fn changed(&self) -> Vec<PathBuf> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = Vec::new();
        for event in events.try_iter() {
            match event {
                Ok(event) if is_change(event.kind) => changed.extend(event.paths),
                Ok(_) => {}
                Err(error) => tracing::warn!("a change of a mod may have been missed: {error}"),
            }
        }
        let named_as_given = |path: PathBuf| match path.strip_prefix(&self.real_root) {
            Ok(inside) => self.root.join(inside),
            Err(_) => path,
        };
        changed.into_iter().map(named_as_given).collect()
    }
}

/// Reading a file is an event too, and we read them ourselves.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

//! What has changed, as the operating system reports it.
//!
//! ```text
//!   game's thread       Watcher   takes what was noticed
//!   notify's thread               asks the plan what an event means, and records it
//!   builder's thread    Follower  looks where the paths lead now, and watches the folders on them
//! ```
//!
//! A thin shell around `notify`: no clock, and no decision but what kind of change an event is. What was noticed is a set,
//! so that it does not grow while the game does not ask.

pub(crate) mod debounce;
mod plan;
mod routes;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use plan::{Happened, Plan, Subject};

use crate::limits::FOLLOW_ROUNDS_MAX;
use crate::text::shown;

/// Watches a folder until it is dropped.
pub(crate) struct Watcher {
    shared: Arc<Shared>,
    follower: Arc<Mutex<Follower>>,
}

/// Keeps watching what the paths lead to.
pub(crate) struct Follower {
    root: PathBuf,
    /// What an author's tool says that it has built is watched, too.
    reads_dev_builds: bool,
    watcher: RecommendedWatcher,
    shared: Arc<Shared>,
}

/// What was noticed since the last call of [`Watcher::noticed`].
#[derive(Debug, Default)]
pub(crate) struct Noticed {
    pub subjects: BTreeSet<Subject>,
    /// Why it is not known what has changed, if that is so.
    pub lost: Option<String>,
}

/// The result of [`Follower::follow`].
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// What may have changed before it was watched.
    pub changed: BTreeSet<Subject>,
    /// Folders that can't be watched, and what to do about it.
    pub trouble: BTreeMap<PathBuf, String>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    #[cfg(test)]
    has_news: std::sync::Condvar,
}

#[derive(Default)]
struct State {
    plan: Plan,
    /// Folders that are watched.
    watched: BTreeSet<PathBuf>,
    /// Of these, folders that may have been replaced by others of the same path.
    stale: BTreeSet<PathBuf>,
    noticed: Noticed,
}

impl Watcher {
    pub fn new(root: &Path, reads_dev_builds: bool) -> notify::Result<Self> {
        let shared = Arc::new(Shared::default());
        let noticing = Arc::clone(&shared);
        let watcher = notify::recommended_watcher(move |event| noticing.notice(event))?;
        let follower =
            Follower { root: root.to_owned(), reads_dev_builds, watcher, shared: Arc::clone(&shared) };
        Ok(Self { shared, follower: Arc::new(Mutex::new(follower)) })
    }

    pub fn follower(&self) -> Arc<Mutex<Follower>> {
        Arc::clone(&self.follower)
    }

    /// What was noticed since the last call. Never waits.
    pub fn noticed(&self) -> Noticed {
        std::mem::take(&mut self.shared.state().noticed)
    }
}

impl Follower {
    /// Looks where the paths lead now, and watches what is not watched yet.
    pub fn follow(&mut self) -> Followed {
        let mut followed = Followed::default();
        for _ in 0..FOLLOW_ROUNDS_MAX {
            let plan = Plan::new(&routes::look(&self.root, self.reads_dev_builds));
            let (old, new) = self.shared.state().replace(plan.clone());
            for folder in old {
                // In most cases it does not exist any more.
                let _ = self.watcher.unwatch(&folder);
            }
            followed.trouble.clear();
            let mut has_new = false;
            for folder in new {
                let Err(error) = self.watcher.watch(&folder, RecursiveMode::NonRecursive) else {
                    has_new = true;
                    followed.changed.extend(plan.of_folder(&folder));
                    continue;
                };
                self.shared.state().watched.remove(&folder);
                if plan.is_needed(&folder) {
                    let text = not_watched(&folder, &error);
                    followed.trouble.insert(folder, text);
                }
            }
            // What changed between looking and watching is seen by looking again.
            if !has_new {
                break;
            }
        }
        followed
    }
}

fn not_watched(folder: &Path, error: &notify::Error) -> String {
    let remedy = match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system watches no more folders; raise its limit, on Linux fs.inotify.max_user_watches"
        }
        _ => "make it readable for the game",
    };
    format!("changes in {} will not be noticed: {error}; {remedy}", shown(folder))
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notice(&self, event: notify::Result<Event>) {
        self.state().notice(event);
        #[cfg(test)]
        self.has_news.notify_all();
    }
}

impl State {
    /// Adopts a new plan. Returns the folders that are not to be watched any more, and those that are to be watched. The
    /// latter count as watched from now on, so that their removal is noticed while they are being added.
    fn replace(&mut self, plan: Plan) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let stale = std::mem::take(&mut self.stale);
        let wanted: BTreeSet<PathBuf> = plan.folders().map(Path::to_owned).collect();
        let is_old = |folder: &PathBuf| !wanted.contains(folder) || stale.contains(folder);
        let old: Vec<PathBuf> = self.watched.extract_if(.., |folder| is_old(folder)).collect();
        self.plan = plan;
        let new: Vec<PathBuf> = wanted.difference(&self.watched).cloned().collect();
        self.watched.extend(new.iter().cloned());
        (old, new)
    }

    fn notice(&mut self, event: notify::Result<Event>) {
        let event = match event {
            Ok(event) if event.need_rescan() => {
                return self.lose("changes came faster than they could be reported");
            }
            Ok(event) => event,
            Err(error) => return self.lose(&error.to_string()),
        };
        let Some(happened) = happened(event.kind) else { return };
        for path in &event.paths {
            self.noticed.subjects.extend(self.plan.meaning(path, happened));
            if happened == Happened::Removed {
                // In this order a folder is followed by those in it.
                let from = self.watched.range::<Path, _>((Bound::Included(path.as_path()), Bound::Unbounded));
                self.stale.extend(from.take_while(|folder| folder.starts_with(path)).cloned());
            }
        }
    }

    /// Anything may have changed, and any folder may be another one of the same path.
    fn lose(&mut self, why: &str) {
        self.stale.clone_from(&self.watched);
        self.noticed.subjects.insert(Subject::Everything);
        self.noticed.lost.get_or_insert_with(|| why.to_owned());
    }
}

/// Reading a file is an event too; those are ignored, since the builder reads files.
fn happened(kind: EventKind) -> Option<Happened> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Happened::Written),
        EventKind::Access(_) => None,
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => Some(Happened::Removed),
        EventKind::Modify(ModifyKind::Data(_)) => Some(Happened::Written),
        _ => Some(Happened::Changed),
    }
}

#[cfg(test)]
mod tests;

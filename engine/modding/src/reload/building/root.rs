//! A folder that holds mods' folders: what changes in it, from the watcher to what is to be built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::answer::ChangedRoot;
use crate::package::files;
use crate::reload::watch::Watcher;
use crate::reload::watch::debounce::{Changed, Debouncer};
use crate::text::shown;

/// A folder that holds mods' folders.
pub(crate) struct ModsFolder {
    /// The folder as it was given to the plugin, and as an absolute path: the game's working folder may change later.
    pub given: PathBuf,
    pub path: PathBuf,
    /// The same without links, and the game's other folders that hold mods' folders: one of those inside this one is no mod.
    pub real: PathBuf,
    pub others: Vec<PathBuf>,
    /// The game believes what an author's tool says.
    is_in_development: bool,
    debouncer: Debouncer,
    watcher: Option<Watcher>,
    watch_failure: Option<String>,
    /// What was reported of paths that can't be read or watched.
    trouble: BTreeMap<PathBuf, String>,
    /// It was reported that changes were missed, and not everything was looked at since.
    is_lost: bool,
}

impl ModsFolder {
    pub fn new(given: &Path, is_in_development: bool) -> Self {
        // The empty path names this folder, too.
        let path = std::path::absolute(Path::new(".").join(given)).unwrap_or_else(|_| given.to_owned());
        Self {
            given: given.to_owned(),
            is_in_development,
            debouncer: Debouncer::new(&path),
            path,
            real: files::real_path(given),
            others: Vec::new(),
            watcher: None,
            watch_failure: None,
            trouble: BTreeMap::new(),
            is_lost: false,
        }
    }

    /// Watches the folder from the next build on, even if it does not exist yet.
    pub fn watch(&mut self) {
        match Watcher::new(&self.path, self.is_in_development) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => {
                let failure = format!(
                    "changed mods will not be noticed: {} can't be watched: {error}",
                    shown(&self.path)
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

    /// Records that a path has changed; paths outside are ignored.
    pub fn record(&mut self, path: &Path, now: Duration) {
        match path.strip_prefix(&self.given) {
            Ok(inside) => self.debouncer.record(&self.path.join(inside), now),
            Err(_) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
                self.debouncer.record(&path, now);
            }
        }
    }

    /// Records what the watcher has noticed. Returns whether there is one.
    pub fn poll_watcher(&mut self, now: Duration) -> bool {
        let Some(watcher) = &self.watcher else { return false };
        let noticed = watcher.noticed();
        if let Some(why) = noticed.lost.filter(|_| !self.is_lost) {
            self.is_lost = true;
            tracing::warn!("changes of mods may have been missed, so all mods are checked again: {why}");
        }
        noticed.subjects.into_iter().for_each(|subject| self.debouncer.record_subject(subject, now));
        true
    }

    /// What is quiet by now, if anything is.
    pub fn settled(&mut self, now: Duration) -> Option<ChangedRoot> {
        let changed = self.debouncer.settled(now);
        self.is_lost &= !changed.everything;
        (!changed.is_empty()).then(|| self.changed(changed))
    }

    /// All that is in it, which is read for the first time.
    pub fn all(&self) -> ChangedRoot {
        let remedy = match self.watcher {
            Some(_) => "Make it: its mods are loaded as soon as they are there",
            None => "Make it and start the game again",
        };
        let everything = Changed { everything: true, ..Changed::default() };
        ChangedRoot { remedy_if_missing: Some(remedy), ..self.changed(everything) }
    }

    /// These mods' folders.
    pub fn folders(&self, folders: BTreeSet<PathBuf>) -> ChangedRoot {
        self.changed(Changed { folders, ..Changed::default() })
    }

    fn changed(&self, changed: Changed) -> ChangedRoot {
        ChangedRoot {
            root: self.path.clone(),
            others: self.others.clone(),
            changed,
            follower: self.watcher.as_ref().map(Watcher::follower),
            reads_dev_builds: self.is_in_development,
            remedy_if_missing: None,
        }
    }

    /// Whether this is the folder, however its path is spelled.
    pub fn is_at(&self, path: &Path) -> bool {
        path == self.given || is_same_folder(path, &self.path)
    }

    /// Warns of what was not reported before.
    pub fn report_trouble(&mut self, trouble: BTreeMap<PathBuf, String>) {
        for (path, text) in &trouble {
            if self.trouble.get(path) != Some(text) {
                tracing::warn!("{text}");
            }
        }
        self.trouble = trouble;
    }

    /// What each build begins with. While a test holds it, nothing is built.
    #[cfg(test)]
    pub fn follower(&self) -> std::sync::Arc<std::sync::Mutex<crate::reload::watch::Follower>> {
        self.watcher.as_ref().expect("the folder is watched").follower()
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

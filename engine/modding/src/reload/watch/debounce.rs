//! Waits until a changed folder has been quiet for long enough to be read.
//!
//! Editors and compilers write a file in many steps. Pure: paths and times in, folders out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::plan::Subject;
use crate::dev_builds::DevBuilds;
use crate::limits::SETTLE_TIME;
use crate::package::files::is_mods_name;

/// What has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// The mods' folder itself, or it is not known what: all of it is to be looked at.
    pub everything: bool,
    /// Mods' folders.
    pub folders: BTreeSet<PathBuf>,
    /// What an author's tool says that it has built.
    pub dev_builds: bool,
}

impl Changed {
    pub fn is_empty(&self) -> bool {
        !self.everything && !self.dev_builds && self.folders.is_empty()
    }

    /// Adds what was noticed in the mods' folder.
    pub fn add(&mut self, noticed: BTreeSet<Subject>, root: &Path) {
        for subject in noticed {
            match subject {
                Subject::Everything => self.everything = true,
                Subject::DevBuilds => self.dev_builds = true,
                Subject::Folder(name) => drop(self.folders.insert(root.join(name))),
            }
        }
    }
}

/// Collects changes until their subjects are quiet.
#[derive(Debug)]
pub(crate) struct Debouncer {
    /// The folder that holds the mods' folders.
    root: PathBuf,
    /// What has changed, and when it last changed.
    unsettled: BTreeMap<Subject, Duration>,
}

impl Debouncer {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), unsettled: BTreeMap::new() }
    }

    /// Records that a path has changed. Paths outside of mods' folders are ignored.
    pub fn record(&mut self, path: &Path, now: Duration) {
        let Ok(inside) = path.strip_prefix(&self.root) else {
            return;
        };
        match inside.components().next() {
            None => self.record_subject(Subject::Everything, now),
            Some(_) if inside == Path::new(DevBuilds::FILE) => self.record_subject(Subject::DevBuilds, now),
            Some(Component::Normal(name)) => self.record_subject(Subject::Folder(name.to_owned()), now),
            Some(_) => {}
        }
    }

    /// Records that something has changed.
    pub fn record_subject(&mut self, subject: Subject, now: Duration) {
        if matches!(&subject, Subject::Folder(name) if !is_mods_name(name)) {
            return;
        }
        let last = self.unsettled.entry(subject).or_insert(now);
        *last = now.max(*last);
    }

    /// What is quiet by now; each subject once.
    pub fn settled(&mut self, now: Duration) -> Changed {
        let is_settled = |last: &mut Duration| now.saturating_sub(*last) >= SETTLE_TIME;
        let mut changed = Changed::default();
        let settled = self.unsettled.extract_if(.., |_, last| is_settled(last)).map(|(subject, _)| subject);
        changed.add(settled.collect(), &self.root);
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `time path` records, `time ?` asks.
    fn run(steps: &str) -> String {
        let mut debouncer = Debouncer::new(Path::new("/mods"));
        let mut settled = Vec::new();
        for step in steps.split(", ") {
            let (time, what) = step.split_once(' ').unwrap();
            let now = Duration::from_millis(time.parse().unwrap());
            match what {
                "?" => {
                    let Changed { everything, folders, dev_builds } = debouncer.settled(now);
                    settled.extend(dev_builds.then(|| format!("{time}:builds")));
                    settled.extend(everything.then(|| format!("{time}:everything")));
                    settled.extend(folders.iter().map(|path| format!("{time}:{}", path.display())));
                }
                path => debouncer.record(Path::new(path), now),
            }
        }
        settled.join(" ")
    }

    #[test]
    fn a_folder_settles_once_when_it_is_quiet() {
        assert_eq!(run("0 /mods/a/x.wasm, 79 ?, 80 ?, 200 ?"), "80:/mods/a");
    }

    #[test]
    fn each_write_starts_the_wait_anew() {
        assert_eq!(run("0 /mods/a/x.wasm, 50 /mods/a/mod.toml, 100 ?, 129 ?, 130 ?"), "130:/mods/a");
    }

    #[test]
    fn folders_settle_one_by_one_and_in_order() {
        assert_eq!(run("0 /mods/b/x, 10 /mods/a/y, 85 ?, 200 ?"), "85:/mods/b 200:/mods/a");
        assert_eq!(run("0 /mods/b/x, 0 /mods/a/y, 85 ?"), "85:/mods/a 85:/mods/b");
    }

    #[test]
    fn the_mod_is_the_folder_below_the_root() {
        assert_eq!(run("0 /mods/a/deep/er/x, 0 /mods/a, 80 ?"), "80:/mods/a");
        assert_eq!(run("0 /elsewhere/a/x, 0 /modsandmore/a, 80 ?"), "");
    }

    #[test]
    fn the_mods_folder_itself_is_everything() {
        assert_eq!(run("0 /mods, 10 /mods/a/x, 79 ?, 80 ?, 90 ?"), "80:everything 90:/mods/a");
    }

    #[test]
    fn what_is_hidden_is_not_a_mod() {
        assert_eq!(run("0 /mods/.git/index, 0 /mods/.a, 0 /mods/a/.git, 80 ?"), "80:/mods/a");
    }

    #[test]
    fn what_was_built_is_in_one_file() {
        assert_eq!(run("0 /mods/.tinkerbox/builds.toml, 80 ?"), "80:builds");
        let others = "0 /mods/.tinkerbox, 0 /mods/.tinkerbox/x, 0 /mods/a/.tinkerbox/builds.toml, 0 /x/.tinkerbox/builds.toml";
        assert_eq!(run(&format!("{others}, 80 ?")), "80:/mods/a");
    }

    #[test]
    fn events_out_of_order_do_not_shorten_the_wait() {
        assert_eq!(run("50 /mods/a/x, 0 /mods/a/x, 80 ?, 130 ?"), "130:/mods/a");
    }
}

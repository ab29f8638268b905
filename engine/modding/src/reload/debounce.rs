//! When has a folder been quiet for long enough to be read?
//!
//! Editors and compilers write a file in many steps. Pure: paths and times in, folders out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a folder must be quiet.
const SETTLE: Duration = Duration::from_millis(80);

/// Collects changed paths until their mod's folder has come to rest.
#[derive(Debug)]
pub(crate) struct Debouncer {
    /// The folder that holds the mods' folders.
    root: PathBuf,
    /// Folders with changes, and when the last of them was.
    unsettled: BTreeMap<PathBuf, Duration>,
}

impl Debouncer {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), unsettled: BTreeMap::new() }
    }

    /// A path has changed. What lies in no mod's folder is ignored.
    pub fn record(&mut self, path: &Path, now: Duration) {
        let Ok(inside) = path.strip_prefix(&self.root) else {
            return;
        };
        let Some(folder) = inside.components().next() else {
            return;
        };
        let last = self.unsettled.entry(self.root.join(folder)).or_insert(now);
        *last = now.max(*last);
    }

    /// The folders that have come to rest by now, each once.
    pub fn settled(&mut self, now: Duration) -> Vec<PathBuf> {
        let is_settled = |last: &mut Duration| now.saturating_sub(*last) >= SETTLE;
        self.unsettled.extract_if(.., |_, last| is_settled(last)).map(|(folder, _)| folder).collect()
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
                "?" => settled
                    .extend(debouncer.settled(now).iter().map(|path| format!("{time}:{}", path.display()))),
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
        assert_eq!(run("0 /mods, 0 /elsewhere/a/x, 80 ?"), "");
    }

    #[test]
    fn events_out_of_order_do_not_shorten_the_wait() {
        assert_eq!(run("50 /mods/a/x, 0 /mods/a/x, 80 ?, 130 ?"), "130:/mods/a");
    }
}

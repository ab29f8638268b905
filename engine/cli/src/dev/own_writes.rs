//! Finds out which files builds write themselves, though nothing says so: each such change would set off the next build, for
//! ever.
//!
//! Pure: files and times in. Nobody saves the same file during each of many builds that follow each other at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// During so many builds in a row has a file changed that builds write.
const BUILDS: u32 = 10;
/// Builds that follow each other more slowly may have been set off by a person.
const PACE: Duration = Duration::from_secs(1);

/// What has changed during the last builds.
#[derive(Debug, Default)]
pub(super) struct OwnWrites {
    started: Duration,
    /// In how many builds in a row each file has changed, without the one that runs.
    builds: BTreeMap<PathBuf, u32>,
    /// What has changed since the build that runs has started.
    now: BTreeSet<PathBuf>,
}

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    OfSources,
    /// Found out just now.
    FirstOwn,
    Own,
}

impl OwnWrites {
    /// A build starts.
    pub fn build_starts(&mut self, now: Duration) {
        let is_slow = now.saturating_sub(self.started) > PACE;
        self.started = now;
        let before = std::mem::take(&mut self.builds);
        let changed = std::mem::take(&mut self.now);
        if !is_slow {
            self.builds = changed
                .into_iter()
                .map(|file| {
                    let builds = before.get(&file).copied().unwrap_or(0) + 1;
                    (file, builds)
                })
                .collect();
        }
    }

    /// A file has changed while a build runs.
    pub fn change(&mut self, file: &Path) -> Change {
        let is_new = self.now.insert(file.to_owned());
        match self.builds.get(file).copied().unwrap_or(0) {
            builds if builds < BUILDS => Change::OfSources,
            BUILDS if is_new => Change::FirstOwn,
            _ => Change::Own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds at this pace, during each of which the file changes: the number of the build in which it is found out.
    fn found_out(pace: Duration, changes: impl Fn(u32) -> bool) -> Option<u32> {
        let mut own = OwnWrites::default();
        (1..50).find(|build| {
            own.build_starts(pace * *build);
            changes(*build) && own.change(Path::new("stamp.h")) != Change::OfSources
        })
    }

    #[test]
    fn only_what_changes_during_every_build_is_the_builds_own() {
        let fast = Duration::from_millis(100);
        assert_eq!(found_out(fast, |_| true), Some(BUILDS + 1));
        assert_eq!(found_out(fast, |build| build % 2 == 0), None);
        assert_eq!(found_out(fast, |build| build % BUILDS != 0), None);
        assert_eq!(found_out(2 * PACE, |_| true), None);
        assert_eq!(found_out(fast, |_| false), None);
    }
}

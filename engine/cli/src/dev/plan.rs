//! What to do about changed sources: when to build which mods, and when a build has been overtaken by newer edits.
//!
//! ```text
//! a change ─> waits until nothing changes for a moment ─> build ──────────────> installed
//!                        a change of what is built ─> cancel ─┘ and its mods wait again
//! ```
//!
//! Pure: changes, ends of builds and times in, steps out.

use std::collections::BTreeSet;
use std::time::Duration;

/// How long sources must be quiet before they are built: an editor that saves several files saves them within this time.
pub(super) const SETTLE_TIME: Duration = Duration::from_millis(20);

/// What is to be built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// The names of mods.
    pub mods: BTreeSet<String>,
    /// Find the mods again first, and build all of them: a manifest has changed.
    pub is_anew: bool,
}

impl Work {
    fn is_empty(&self) -> bool {
        self.mods.is_empty() && !self.is_anew
    }

    fn add(&mut self, other: Work) {
        self.mods.extend(other.mods);
        self.is_anew |= other.is_anew;
    }

    /// Whether what comes of this work is out of date when the other work has come up.
    fn is_overtaken_by(&self, other: &Work) -> bool {
        other.is_anew || (self.is_anew && !other.is_empty()) || !self.mods.is_disjoint(&other.mods)
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Start to build.
    Build(Work),
    /// End the build that runs.
    Cancel,
    /// Wait for something to happen, but no longer than this.
    Wait(Option<Duration>),
}

/// What waits to be built, and what is being built.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    waiting: Work,
    changed_at: Option<Duration>,
    running: Option<Work>,
    is_cancelling: bool,
}

impl Plan {
    /// Sources have changed.
    pub fn change(&mut self, work: Work, now: Duration) {
        self.waiting.add(work);
        self.changed_at = Some(now);
    }

    /// Mods are to be built without waiting for quiet.
    pub fn demand(&mut self, work: Work) {
        self.waiting.add(work);
    }

    /// The build that was started has ended, by itself or since it was cancelled.
    pub fn ended(&mut self, was_cancelled: bool) {
        let work = self.running.take().unwrap_or_default();
        self.is_cancelling = false;
        if was_cancelled {
            self.waiting.add(work);
        }
    }

    /// What to do next. A step other than to wait is taken for done.
    pub fn step(&mut self, now: Duration) -> Step {
        if let Some(running) = &self.running {
            if self.is_cancelling || !running.is_overtaken_by(&self.waiting) {
                return Step::Wait(None);
            }
            self.is_cancelling = true;
            return Step::Cancel;
        }
        if self.waiting.is_empty() {
            return Step::Wait(None);
        }
        let quiet = self.changed_at.map_or(SETTLE_TIME, |at| now.saturating_sub(at));
        if quiet < SETTLE_TIME {
            return Step::Wait(Some(SETTLE_TIME - quiet));
        }
        let work = std::mem::take(&mut self.waiting);
        self.running = Some(work.clone());
        Step::Build(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What can happen, in the sweep below.
    #[derive(Clone, Copy, Debug)]
    enum Happens {
        Edit(&'static str),
        Manifest,
        Ends,
        Passes(u64),
    }

    const ALL: [Happens; 6] = [
        Happens::Edit("a"),
        Happens::Edit("b"),
        Happens::Manifest,
        Happens::Ends,
        Happens::Passes(1),
        Happens::Passes(20),
    ];

    fn work(mods: &[&str], is_anew: bool) -> Work {
        Work { mods: mods.iter().map(|&name| name.to_owned()).collect(), is_anew }
    }

    /// Runs a plan beside what it has to bring about.
    #[derive(Default)]
    struct Run {
        plan: Plan,
        now: u64,
        last_change: Option<u64>,
        /// How often each mod was edited, and as of which edit it was installed.
        edits: [u32; 2],
        installed: [u32; 2],
        manifests: u32,
        found: u32,
        /// The build that runs: as of which edits, and whether it was cancelled.
        building: Option<(Work, [u32; 2], u32, bool)>,
    }

    impl Run {
        fn happens(&mut self, what: Happens) {
            let now = Duration::from_millis(self.now);
            match what {
                Happens::Edit(name) => {
                    self.edits[usize::from(name == "b")] += 1;
                    self.last_change = Some(self.now);
                    self.plan.change(work(&[name], false), now);
                }
                Happens::Manifest => {
                    self.manifests += 1;
                    self.last_change = Some(self.now);
                    self.plan.change(work(&[], true), now);
                }
                Happens::Ends => self.end(),
                Happens::Passes(ms) => self.now += ms,
            }
            self.follow();
        }

        fn end(&mut self) {
            let Some((work, edits, manifests, was_cancelled)) = self.building.take() else { return };
            self.plan.ended(was_cancelled);
            if was_cancelled {
                return;
            }
            for (place, name) in ["a", "b"].into_iter().enumerate() {
                if work.is_anew || work.mods.contains(name) {
                    self.installed[place] = edits[place];
                }
            }
            self.found = if work.is_anew { manifests } else { self.found };
        }

        fn follow(&mut self) {
            loop {
                match self.plan.step(Duration::from_millis(self.now)) {
                    Step::Wait(_) => break,
                    Step::Build(work) => {
                        assert!(self.building.is_none(), "two builds at once");
                        assert!(!work.is_empty());
                        let quiet = self.last_change.map_or(20, |at| self.now - at);
                        assert!(quiet >= 20, "built after {quiet} ms");
                        self.building = Some((work, self.edits, self.manifests, false));
                    }
                    Step::Cancel => {
                        let building = self.building.as_mut().expect("only what runs is cancelled");
                        assert!(!building.3, "cancelled twice");
                        building.3 = true;
                    }
                }
            }
            // What runs is either up to date or cancelled.
            if let Some((work, edits, manifests, is_cancelled)) = &self.building {
                let is_old = |place: usize, name| {
                    (work.is_anew || work.mods.contains(name)) && edits[place] != self.edits[place]
                };
                let is_overtaken = is_old(0, "a") || is_old(1, "b") || *manifests != self.manifests;
                assert_eq!(is_overtaken, *is_cancelled);
            }
        }
    }

    #[test]
    fn after_any_events_everything_is_built_as_it_was_saved_last() {
        let length = 7;
        for number in 0..ALL.len().pow(length) {
            let events = (0..length).map(|place| ALL[number / ALL.len().pow(place) % ALL.len()]);
            let mut run = Run::default();
            events.clone().for_each(|event| run.happens(event));
            for _ in 0..4 {
                run.happens(Happens::Passes(20));
                run.happens(Happens::Ends);
            }
            let events: Vec<Happens> = events.collect();
            assert!(run.building.is_none(), "{events:?}");
            assert_eq!((run.installed, run.found), (run.edits, run.manifests), "{events:?}");
        }
    }

    #[test]
    fn a_build_that_is_asked_for_starts_at_once() {
        let mut plan = Plan::default();
        assert_eq!(plan.step(Duration::ZERO), Step::Wait(None));
        plan.demand(work(&["a"], false));
        assert_eq!(plan.step(Duration::ZERO), Step::Build(work(&["a"], false)));
    }

    #[test]
    fn a_change_of_another_mod_waits_for_the_build() {
        let mut plan = Plan::default();
        plan.demand(work(&["a"], false));
        plan.step(Duration::ZERO);
        plan.change(work(&["b"], false), Duration::ZERO);
        assert_eq!(plan.step(SETTLE_TIME), Step::Wait(None));
        plan.ended(false);
        assert_eq!(plan.step(SETTLE_TIME / 2), Step::Wait(Some(SETTLE_TIME / 2)));
        assert_eq!(plan.step(SETTLE_TIME), Step::Build(work(&["b"], false)));
    }
}

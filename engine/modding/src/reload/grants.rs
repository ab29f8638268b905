//! Which builds may run: what ran of each mod in this session, against what the game has granted.
//!
//! Where mods [run at once](Consent::RunAtOnce), a mod that is found for the first time gets what it asks for, since someone
//! put it into the folder. From then on its id gets no more than the last version that ran, unless the game grants a content,
//! which is known by its hash. Where the player is asked, only a content that was granted runs. Both outlive mods: one that
//! is removed and put back finds the same.
//!
//! An id is only what a manifest says. So a new id in a folder from which another mod ran is no reason to grant more: it
//! gets what the last mod had that ran there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::game::consent::{Consent, ModGrants};
use crate::mods::entry::Waiting;
use crate::package::Build;
use crate::package::access::Rights;
use crate::package::files::ContentHash;
use crate::package::manifest::Budget;

/// Decides which builds may run.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub consent: Consent,
    pub session: &'a Grants,
    pub given: &'a ModGrants,
}

impl Judge<'_> {
    /// Why a build may not run in this folder; `None` if it may. `is_running` says that an older version of the mod runs, or
    /// is off with its memory kept: then that it is off does not count.
    pub fn waiting(&self, build: &Build, folder: &Path, is_running: bool) -> Option<Waiting> {
        let (id, content) = (build.about.id.as_str(), &build.hash);
        if !is_running && self.given.is_off(id) {
            return Some(Waiting::Off);
        }
        if self.session.is_built_here(build, folder) {
            return None;
        }
        if self.given.has_refused(id, content) {
            return Some(Waiting::Refused);
        }
        if self.given.has_granted(id, content) {
            return None;
        }
        if self.is_off_until_enabled(build) {
            return Some(Waiting::Off);
        }
        let lacking = self.session.beyond_granted(build, folder);
        match self.consent {
            Consent::RunAtOnce if lacking.is_empty() => None,
            Consent::Ask | Consent::OffUntilEnabled if lacking.is_empty() => Some(Waiting::Consent),
            _ => Some(Waiting::More(lacking)),
        }
    }
}

impl Judge<'_> {
    /// Whether the mod is off since nothing of it was ever enabled.
    pub fn is_off_until_enabled(&self, build: &Build) -> bool {
        self.consent == Consent::OffUntilEnabled && !self.given.knows(&build.about.id)
    }
}

/// What ran in this run of the game.
#[derive(Default)]
pub(crate) struct Grants {
    by_id: BTreeMap<String, Granted>,
    /// The id of the mod that last ran from a folder, and what it had.
    by_folder: BTreeMap<PathBuf, (String, Share)>,
    /// The content of each folder that an author's tool has built on this machine: it may run with everything that it asks
    /// for. Empty unless the game is in development.
    pub built_here: BTreeMap<PathBuf, ContentHash>,
}

struct Granted {
    /// Contents that may run with everything that they ask for.
    contents: BTreeSet<ContentHash>,
    /// What any other content may ask for.
    share: Share,
}

/// The rights and the budget of a mod.
#[derive(Clone)]
struct Share {
    rights: Rights,
    budget: Budget,
}

impl Share {
    /// Everything that a build asks for.
    fn of(build: &Build) -> Share {
        Share { rights: build.rights.clone(), budget: build.budget.clone() }
    }

    /// What a build asks for beyond this, in words.
    fn lacking(&self, build: &Build) -> Vec<String> {
        let mut lacking = build.rights.beyond(&self.rights);
        lacking.extend(build.budget.beyond(&self.budget));
        lacking
    }
}

impl Grants {
    /// Whether an author's tool has built this content for this folder.
    pub fn is_built_here(&self, build: &Build, folder: &Path) -> bool {
        self.built_here.get(folder) == Some(&build.hash)
    }

    /// For the report of a build that runs from now on: what it asks for that needed no question.
    pub fn note(&self, build: &Build, folder: &Path) -> String {
        let wider = self.beyond_granted(build, folder);
        if wider.is_empty() || !self.is_built_here(build, folder) {
            return String::new();
        }
        format!(
            "; it asks for more than before: {}; allowed, since it was built on this machine",
            wider.join(", ")
        )
    }

    /// What a build asks for beyond what was granted to its id or folder, in words.
    fn beyond_granted(&self, build: &Build, folder: &Path) -> Vec<String> {
        let share = match self.by_id.get(&build.about.id) {
            Some(granted) if granted.contents.contains(&build.hash) => None,
            Some(granted) => Some(&granted.share),
            None => self.by_folder.get(folder).map(|(_, share)| share),
        };
        share.map_or_else(Vec::new, |share| share.lacking(build))
    }

    /// The mod whose grants count for a build whose own id has none: the mod that last ran in this folder.
    pub fn predecessor(&self, build: &Build, folder: &Path) -> Option<&str> {
        let is_new = !self.by_id.contains_key(&build.about.id);
        self.by_folder.get(folder).filter(|_| is_new).map(|(id, _)| id.as_str())
    }

    /// This content runs from now on: later contents, of its id or in its folder, may ask for as much as it has.
    pub fn run(&mut self, build: &Build, folder: &Path) {
        let granted = self.entry(build, folder);
        granted.contents.insert(build.hash);
        granted.share = Share::of(build);
        self.by_folder.insert(folder.to_owned(), (build.about.id.clone(), Share::of(build)));
    }

    /// What is granted to the id of a build. A new id starts with what the last mod had that ran in the folder.
    fn entry(&mut self, build: &Build, folder: &Path) -> &mut Granted {
        let Grants { by_id, by_folder, .. } = self;
        by_id.entry(build.about.id.clone()).or_insert_with(|| Granted {
            contents: BTreeSet::new(),
            share: by_folder.get(folder).map_or_else(|| Share::of(build), |(_, share)| share.clone()),
        })
    }
}

//! What was granted to mods: under each id, which contents may run, and how much any other may ask for.
//!
//! A mod that is found for the first time is granted what it asks for, since someone put it into the folder. From then on
//! its id gets no more than the last version that ran, unless the game allows a content, which is known by its hash. Grants
//! outlive mods: one that is removed and put back finds the same.
//!
//! An id is only what a manifest says. So a new id in a folder from which another mod ran is no reason to grant more: it
//! gets what the last mod had that ran there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::package::Build;
use crate::package::access::Rights;
use crate::package::files::ContentHash;
use crate::package::manifest::Budget;

/// All grants of this run of the game.
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
    /// What a build asks for and was not granted, in words; empty if it may run in this folder.
    pub fn lacking(&self, build: &Build, folder: &Path) -> Vec<String> {
        if self.is_built_here(build, folder) { Vec::new() } else { self.beyond_granted(build, folder) }
    }

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

    /// The game allows this content everything that it asks for.
    pub fn allow(&mut self, build: &Build, folder: &Path) {
        self.entry(build, folder).contents.insert(build.hash);
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

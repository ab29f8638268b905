//! What was granted to mods: under each id, which contents may run, and how much any other may ask for.
//!
//! A mod that is found for the first time is granted what it asks for, since someone put it into the folder. From then on
//! its id gets no more than the last version that ran, unless the game allows a content, which is known by its hash. Grants
//! outlive mods: one that is removed and put back finds the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::package::Build;
use crate::package::access::Rights;
use crate::package::files::ContentHash;
use crate::package::manifest::Budget;

/// All grants of this run of the game, by the mod's id.
#[derive(Default)]
pub(crate) struct Grants(BTreeMap<String, Granted>);

struct Granted {
    /// Contents that may run with all that they ask for.
    contents: BTreeSet<ContentHash>,
    /// What any other content may ask for.
    rights: Rights,
    budget: Budget,
}

impl Grants {
    /// What a build asks for and was not granted, in words; empty if it may run.
    pub fn lacking(&self, build: &Build) -> Vec<String> {
        match self.0.get(&build.about.id) {
            Some(granted) if !granted.contents.contains(&build.hash) => {
                let mut lacking = build.rights.beyond(&granted.rights);
                lacking.extend(build.budget.beyond(&granted.budget));
                lacking
            }
            _ => Vec::new(),
        }
    }

    /// The game allows this content all that it asks for.
    pub fn allow(&mut self, build: &Build) {
        self.entry(build).contents.insert(build.hash);
    }

    /// This content runs from now on: later contents may ask for as much as it has.
    pub fn run(&mut self, build: &Build) {
        let granted = self.entry(build);
        granted.contents.insert(build.hash);
        (granted.rights, granted.budget) = (build.rights.clone(), build.budget.clone());
    }

    fn entry(&mut self, build: &Build) -> &mut Granted {
        self.0.entry(build.about.id.clone()).or_insert_with(|| Granted {
            contents: BTreeSet::new(),
            rights: build.rights.clone(),
            budget: build.budget.clone(),
        })
    }
}

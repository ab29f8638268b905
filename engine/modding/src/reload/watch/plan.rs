//! Which folders have to be watched for mods' files, and what a change of a path means.
//!
//! ```text
//!   /home/ada/game/mods          each name on the path: everything is looked at again
//!   /home/ada/game/mods/*        a mod's folder was added, removed or changed
//!   .../mods/flock -> /src/flock     the link, each name on the path of its target, and that folder
//!   .../mods/grass/grass.wasm -> /src/target/grass.wasm     the same
//! ```
//!
//! Pure: a [`Listing`] of the file system in, folders to watch and the meaning of events out. Each folder is watched under
//! its real path and for what is directly in it, so that links are followed in the same way on every system.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::routes::{Listing, Route};
use crate::package::files::is_mods_name;

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// All mods: the mods' folder itself has changed, or it is not known what has.
    Everything,
    /// What an author's tool says that it has built.
    DevBuilds,
    /// The mod's folder with this name.
    Folder(OsString),
}

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    /// It was created, or its attributes changed.
    Changed,
    /// It was removed or renamed. Folders below it are not watched any more.
    Removed,
    /// It was written.
    Written,
}

/// The folders to watch, by their real paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    folders: BTreeMap<PathBuf, Meaning>,
}

/// What changes in a folder mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Meaning {
    /// A change of anything in it.
    all: BTreeSet<Subject>,
    /// A change of what has this name.
    names: BTreeMap<OsString, BTreeSet<Subject>>,
    /// Each name in it is a mod's folder.
    holds_mods: bool,
    /// Changes would be missed if it were not watched. Other folders are only on a path, and seldom change.
    is_needed: bool,
}

impl Plan {
    /// What has to be watched so that every change of this listing is noticed.
    pub fn new(listing: &Listing) -> Plan {
        let mut plan = Plan::default();
        plan.add_route(&listing.root, &Subject::Everything);
        if let Some(root) = &listing.root.folder {
            let meaning = plan.folders.entry(root.clone()).or_default();
            (meaning.holds_mods, meaning.is_needed) = (true, true);
        }
        plan.add_route(&listing.dev_builds, &Subject::DevBuilds);
        for (name, folder) in &listing.folders {
            let subject = Subject::Folder(name.clone());
            plan.add_route(&folder.route, &subject);
            folder.links.iter().for_each(|route| plan.add_route(route, &subject));
            if let Some(folder) = &folder.route.folder {
                let meaning = plan.folders.entry(folder.clone()).or_default();
                meaning.all.insert(subject);
                meaning.is_needed = true;
            }
        }
        plan
    }

    fn add_route(&mut self, route: &Route, subject: &Subject) {
        for (number, step) in route.steps.iter().enumerate() {
            let meaning = self.folders.entry(step.folder.clone()).or_default();
            meaning.names.entry(step.name.clone()).or_default().insert(subject.clone());
            meaning.is_needed |= step.is_link || number + 1 == route.steps.len();
        }
    }

    /// The folders, each before those in it.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.folders.keys().map(PathBuf::as_path)
    }

    /// Whether changes are missed while the folder is not watched.
    pub fn is_needed(&self, folder: &Path) -> bool {
        self.folders.get(folder).is_some_and(|meaning| meaning.is_needed)
    }

    /// All subjects for which a folder is watched.
    pub fn of_folder(&self, folder: &Path) -> BTreeSet<Subject> {
        let Some(meaning) = self.folders.get(folder) else { return BTreeSet::new() };
        let everything = meaning.holds_mods.then_some(Subject::Everything);
        meaning.all.iter().chain(meaning.names.values().flatten()).cloned().chain(everything).collect()
    }

    /// What it means that this happened to a path.
    pub fn meaning(&self, path: &Path, happened: Happened) -> BTreeSet<Subject> {
        let mut subjects = BTreeSet::new();
        if happened != Happened::Written {
            subjects.extend(self.of_folder(path));
        }
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name())
            && let Some(meaning) = self.folders.get(folder)
        {
            subjects.extend(meaning.of_name(name));
        }
        subjects
    }
}

impl Meaning {
    fn of_name(&self, name: &OsStr) -> impl Iterator<Item = Subject> {
        let own = (self.holds_mods && is_mods_name(name)).then(|| Subject::Folder(name.to_owned()));
        self.all.iter().chain(self.names.get(name).into_iter().flatten()).cloned().chain(own)
    }
}

#[cfg(test)]
mod tests {
    use super::super::routes::{Folder, Step};
    use super::*;

    /// `/a b>link c` is the folder `/a`, the names `b`, a link, and `c` on the path. What follows `=` is the real folder.
    fn route(text: &str) -> Route {
        let (steps, folder) = text.split_once('=').unwrap_or((text, ""));
        let steps = steps.split_whitespace().map(|step| {
            let (folder, name) = step.rsplit_once('/').unwrap();
            let (name, is_link) = name.strip_suffix('>').map_or((name, false), |name| (name, true));
            let folder = if folder.is_empty() { "/" } else { folder };
            Step { folder: folder.into(), name: name.into(), is_link }
        });
        Route { steps: steps.collect(), folder: (!folder.is_empty()).then(|| folder.trim().into()) }
    }

    fn plan() -> Plan {
        let root = route("/game /game/mods> /disk /disk/v1 =/disk/v1");
        let folders = [
            ("flock", Folder { route: route("=/disk/v1/flock"), links: vec![] }),
            ("grass", Folder { route: route("/disk/v1/grass> /src /src/grass =/src/grass"), links: vec![] }),
            (
                "wolves",
                Folder {
                    route: route("=/disk/v1/wolves"),
                    links: vec![route("/disk/v1/wolves/w.wasm> /out /out/w.wasm")],
                },
            ),
            ("gone", Folder { route: route("/disk/v1/gone> /lost"), links: vec![] }),
        ];
        let dev_builds = route("/disk/v1/.tinkerbox /disk/v1/.tinkerbox/builds.toml");
        let folders = folders.into_iter().map(|(name, folder)| (OsString::from(name), folder)).collect();
        Plan::new(&Listing { root, folders, dev_builds })
    }

    fn meaning(path: &str, happened: Happened) -> String {
        let text = |subject| match subject {
            Subject::Everything => "everything".to_owned(),
            Subject::DevBuilds => "builds".to_owned(),
            Subject::Folder(name) => name.into_string().unwrap(),
        };
        let subjects = plan().meaning(Path::new(path), happened).into_iter().map(text);
        subjects.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_path_means_what_it_leads_to() {
        let cases = [
            ("/game/mods", "everything"),
            ("/game/save", ""),
            ("/disk/v1/flock/flock.wasm", "flock"),
            ("/disk/v1/new", "new"),
            ("/disk/v1/.git", ""),
            ("/disk/v1/grass", "grass"),
            ("/src/grass/grass.wasm", "grass"),
            ("/src/other", ""),
            ("/out/w.wasm", "wolves"),
            ("/out/other.wasm", ""),
            ("/lost", "gone"),
            ("/elsewhere/x", ""),
            ("/disk/v1/.tinkerbox", "builds"),
            ("/disk/v1/.tinkerbox/builds.toml", "builds"),
            ("/disk/v1/.tinkerbox/other", ""),
            ("/disk/v1/flock/.tinkerbox", "flock"),
        ];
        for (path, expected) in cases {
            assert_eq!(meaning(path, Happened::Changed), expected, "{path}");
        }
    }

    #[test]
    fn a_folder_on_the_way_means_all_that_lies_behind_it() {
        assert_eq!(meaning("/disk/v1", Happened::Removed), "everything builds gone grass");
        assert_eq!(meaning("/src", Happened::Removed), "grass");
        assert_eq!(meaning("/out", Happened::Removed), "wolves");
        assert_eq!(meaning("/disk/v1/flock", Happened::Written), "flock");
    }

    #[test]
    fn folders_above_come_first() {
        let plan = plan();
        let folders: Vec<_> = plan.folders().collect();
        assert!(folders.is_sorted());
        assert!(plan.is_needed(Path::new("/disk/v1/flock")) && plan.is_needed(Path::new("/game")));
        let all: BTreeSet<_> = folders.into_iter().flat_map(|folder| plan.of_folder(folder)).collect();
        assert_eq!(all.len(), 6, "what was built, each mod and the mods' folder: {all:?}");
    }
}

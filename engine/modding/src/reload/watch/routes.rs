//! Where the paths of mods' files lead, step by step.
//!
//! A thin shell around the file system, which is only read: it lists, and `plan.rs` draws the conclusions.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::dev_builds::DevBuilds;
use crate::limits::{LINKED_FILES_MAX, LINKS_MAX};
use crate::package::files::{is_mods_name, is_wasms_name};
use crate::package::manifest;

/// What the mods' folder holds, and where its links lead.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The route to the mods' folder.
    pub root: Route,
    /// The mods' folders in it, and links that may lead to some.
    pub folders: BTreeMap<OsString, Folder>,
    /// The route from there to the file in which an author's tool says what it has built; without steps if nothing is to be
    /// read of it.
    pub dev_builds: Route,
}

/// A mod's folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// The route to it from the mods' folder; without steps if it is there itself.
    pub route: Route,
    /// The routes to those of its files that are links.
    pub links: Vec<Route>,
}

/// How a path is resolved.
#[derive(Debug, Default)]
pub(crate) struct Route {
    /// Each name on the path, in the folder where it really is. The last one is a file, or a name that does not exist.
    pub steps: Vec<Step>,
    /// The folder to which it leads, by its real path.
    pub folder: Option<PathBuf>,
}

/// A name on a route.
#[derive(Debug)]
pub(crate) struct Step {
    /// The folder in which it is looked up, by its real path.
    pub folder: PathBuf,
    pub name: OsString,
    pub is_link: bool,
}

/// Lists all that matters to the mods of a folder.
pub(crate) fn look(root: &Path, reads_dev_builds: bool) -> Listing {
    let root = route(root);
    let dev_builds = root.folder.as_ref().filter(|_| reads_dev_builds).map(|root| dev_builds(root));
    let mut folders = BTreeMap::new();
    // That a folder can't be read is reported where it is read for a build.
    let entries = root.folder.iter().filter_map(|root| fs::read_dir(root).ok()).flatten().flatten();
    for entry in entries.filter(|entry| is_mods_name(&entry.file_name())) {
        let Ok(kind) = entry.file_type() else { continue };
        let found = match kind {
            _ if kind.is_symlink() => route(&entry.path()),
            _ if kind.is_dir() => Route { steps: Vec::new(), folder: Some(entry.path()) },
            _ => continue,
        };
        let links = found.folder.as_deref().map(links).unwrap_or_default();
        folders.insert(entry.file_name(), Folder { route: found, links });
    }
    Listing { root, folders, dev_builds: dev_builds.unwrap_or_default() }
}

/// The route to what was built. No link on it is followed, since none is when it is read.
fn dev_builds(root: &Path) -> Route {
    let step =
        |folder: &Path, name: &str| Step { folder: folder.to_owned(), name: name.into(), is_link: false };
    let mut steps = Vec::new();
    let mut at = root.to_owned();
    for part in DevBuilds::FILE.split('/') {
        if !fs::symlink_metadata(&at).is_ok_and(|found| found.is_dir()) {
            break;
        }
        steps.push(step(&at, part));
        at.push(part);
    }
    Route { steps, folder: None }
}

/// The routes to those of a mod's files that are links.
fn links(folder: &Path) -> Vec<Route> {
    let is_file = |name: &OsString| name == manifest::FILE_NAME || is_wasms_name(name);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    let mut names: Vec<OsString> = links.map(|entry| entry.file_name()).filter(is_file).collect();
    names.sort();
    names.iter().take(LINKED_FILES_MAX).map(|name| route(&folder.join(name))).collect()
}

/// Follows an absolute path and the links on it.
fn route(path: &Path) -> Route {
    let mut steps = Vec::new();
    let mut at = PathBuf::new();
    let mut rest: VecDeque<OsString> = parts(path).collect();
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        match Path::new(&part).components().next() {
            Some(Component::Normal(name)) => {
                let found = fs::symlink_metadata(at.join(name));
                let is_link = found.as_ref().is_ok_and(|found| found.is_symlink());
                steps.push(Step { folder: at.clone(), name: name.to_owned(), is_link });
                match found {
                    Ok(found) if found.is_dir() => at.push(name),
                    Ok(_) if is_link && links < LINKS_MAX => {
                        links += 1;
                        let Ok(target) = fs::read_link(at.join(name)) else {
                            return Route { steps, folder: None };
                        };
                        parts(&target).rev().for_each(|part| rest.push_front(part));
                    }
                    _ => return Route { steps, folder: None },
                }
            }
            Some(Component::ParentDir) => drop(at.pop()),
            Some(Component::CurDir) | None => {}
            // The root, and on Windows the prefix before it.
            Some(_) => at.push(&part),
        }
    }
    // On other systems a watch covers everything below a folder, so to watch the whole route is to watch the whole disk.
    if !cfg!(target_os = "linux") {
        let last = steps.len().saturating_sub(1);
        let mut number = 0..;
        steps.retain(|step| number.next() == Some(last) || step.is_link);
    }
    Route { steps, folder: Some(at) }
}

fn parts(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    path.components().map(|component| component.as_os_str().to_owned())
}

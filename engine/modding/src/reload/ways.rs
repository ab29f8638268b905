//! Where the paths of mods' files lead, step by step.
//!
//! A thin shell around the file system, which is only read: it lists, and `plan.rs` concludes.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::package::files::{is_mods_name, is_wasms_name};
use crate::package::manifest;

/// As many links as an operating system follows before it takes them for a circle.
const LINKS_MAX: usize = 40;
/// Of files of a mod that are links so many are followed: it has two.
const FILES_MAX: usize = 8;

/// What the mods' folder holds, and where its links lead.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The way to the mods' folder.
    pub root: Way,
    /// The mods' folders in it, and links that may lead to some.
    pub folders: BTreeMap<OsString, Folder>,
}

/// A mod's folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// The way to it from the mods' folder; no steps where it lies there itself.
    pub way: Way,
    /// Its files that are links.
    pub links: Vec<Way>,
}

/// How a path is found.
#[derive(Debug, Default)]
pub(crate) struct Way {
    /// Each name on the way, in the folder where it really lies. It ends at a file, or at a name that is not there.
    pub steps: Vec<Step>,
    /// The folder that it leads to, by its real path.
    pub folder: Option<PathBuf>,
}

/// A name on a way.
#[derive(Debug)]
pub(crate) struct Step {
    /// The folder that it is looked up in, by its real path.
    pub folder: PathBuf,
    pub name: OsString,
    pub is_link: bool,
}

/// Looks at all that matters to the mods of a folder.
pub(crate) fn look(root: &Path) -> Listing {
    let root = way(root);
    let mut folders = BTreeMap::new();
    // What can't be read is said by whoever reads it.
    let entries = root.folder.iter().filter_map(|root| fs::read_dir(root).ok()).flatten().flatten();
    for entry in entries.filter(|entry| is_mods_name(&entry.file_name())) {
        let Ok(kind) = entry.file_type() else { continue };
        let found = match kind {
            _ if kind.is_symlink() => way(&entry.path()),
            _ if kind.is_dir() => Way { steps: Vec::new(), folder: Some(entry.path()) },
            _ => continue,
        };
        let links = found.folder.as_deref().map(links).unwrap_or_default();
        folders.insert(entry.file_name(), Folder { way: found, links });
    }
    Listing { root, folders }
}

/// The ways of a mod's files that are links.
fn links(folder: &Path) -> Vec<Way> {
    let is_file = |name: &OsString| name == manifest::FILE_NAME || is_wasms_name(name);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    let mut names: Vec<OsString> = links.map(|entry| entry.file_name()).filter(is_file).collect();
    names.sort();
    names.iter().take(FILES_MAX).map(|name| way(&folder.join(name))).collect()
}

/// Walks an absolute path, along the links on it.
fn way(path: &Path) -> Way {
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
                            return Way { steps, folder: None };
                        };
                        parts(&target).rev().for_each(|part| rest.push_front(part));
                    }
                    _ => return Way { steps, folder: None },
                }
            }
            Some(Component::ParentDir) => drop(at.pop()),
            Some(Component::CurDir) | None => {}
            // The root, and on Windows what stands before it.
            Some(_) => at.push(&part),
        }
    }
    // Elsewhere an event's folder is watched with all that it holds, and the whole way is the whole disk.
    if !cfg!(target_os = "linux") {
        let last = steps.len().saturating_sub(1);
        let mut number = 0..;
        steps.retain(|step| number.next() == Some(last) || step.is_link);
    }
    Way { steps, folder: Some(at) }
}

fn parts(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    path.components().map(|component| component.as_os_str().to_owned())
}

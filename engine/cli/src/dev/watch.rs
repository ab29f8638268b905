//! Watches folders of sources, as the operating system reports changes.
//!
//! A thin shell around `notify`. Folders are watched one by one and not as trees, so that those in which tools work are left
//! out: a build makes thousands of files there. Whether a path is a source is decided elsewhere; here only a file whose
//! content is the same as before is passed over, so that a file which a build writes again does not set off the next.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use sha2::{Digest, Sha256};

use super::source_paths::is_source_folder;

/// Larger files are not compared: they count as changed.
const COMPARED_BYTES_MAX: u64 = 16 << 20;

/// What was noticed.
#[derive(Debug)]
pub(super) enum Noticed {
    /// Something happened to these paths.
    Paths(Vec<PathBuf>),
    /// It is not known what has changed.
    Lost,
}

/// Watches folders until it is dropped.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    /// The folders whose trees are watched.
    roots: BTreeSet<PathBuf>,
    /// Single files that are watched besides.
    files: BTreeSet<PathBuf>,
    contents: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

impl Watch {
    /// A watch of nothing yet, which passes on what it notices.
    pub fn new(mut tell: impl FnMut(Noticed) + Send + 'static) -> anyhow::Result<Watch> {
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
            Ok(event) if event.need_rescan() => tell(Noticed::Lost),
            Ok(event) if is_change(event.kind) => tell(Noticed::Paths(event.paths)),
            Ok(_) => {}
            Err(_) => tell(Noticed::Lost),
        });
        let watcher = watcher.context("changes of files can't be watched on this system")?;
        Ok(Watch {
            watcher,
            watched: BTreeSet::new(),
            roots: BTreeSet::new(),
            files: BTreeSet::new(),
            contents: BTreeMap::new(),
        })
    }

    /// Watches these folders with all sources in them.
    ///
    /// # Errors
    /// If the system watches no more folders.
    pub fn add(&mut self, roots: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
        self.roots.extend(roots.iter().cloned());
        roots.iter().try_for_each(|root| self.add_tree(root).map(drop))?;
        // A root that is removed and made again is noticed in the folder that it is in.
        self.add_parents(roots)
    }

    /// Watches these files, which are in no root.
    ///
    /// # Errors
    /// If the system watches no more folders.
    pub fn add_files(&mut self, files: BTreeSet<PathBuf>) -> anyhow::Result<()> {
        self.add_parents(&files)?;
        self.files = files;
        Ok(())
    }

    fn add_parents(&mut self, paths: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
        paths.iter().filter_map(|path| path.parent()).try_for_each(|folder| self.add_folder(folder).map(drop))
    }

    fn is_of_interest(&self, path: &Path) -> bool {
        self.files.contains(path) || self.roots.iter().any(|root| path.starts_with(root))
    }

    /// Watches the folder and those in it. Returns the files in folders that were not watched before.
    fn add_tree(&mut self, root: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let is_new = self.add_folder(&folder)?;
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && is_source_folder(&entry.file_name()) => {
                        folders.push(entry.path())
                    }
                    Ok(kind) if kind.is_file() && is_new => files.push(entry.path()),
                    _ => {}
                }
            }
        }
        Ok(files)
    }

    fn add_folder(&mut self, folder: &Path) -> anyhow::Result<bool> {
        if !self.watched.insert(folder.to_owned()) {
            return Ok(false);
        }
        match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => Err(error).context(
                "the system watches no more folders; raise its limit, on Linux fs.inotify.max_user_watches",
            ),
            // It has gone meanwhile.
            Err(_) => {
                self.watched.remove(folder);
                Ok(false)
            }
        }
    }

    /// The files among these paths that have changed since they were last seen, and those in folders that are new.
    ///
    /// # Errors
    /// If the system watches no more folders.
    pub fn changed(&mut self, paths: Vec<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in paths.into_iter().filter(|path| self.is_of_interest(path)).collect::<Vec<_>>() {
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => {
                    if self.roots.contains(&path) || path.file_name().is_some_and(is_source_folder) {
                        files.extend(self.add_tree(&path)?);
                    }
                }
                Ok(_) => files.push(path),
                Err(_) => {
                    // A folder of the same name is another one.
                    self.watched.retain(|watched| !watched.starts_with(&path));
                    files.push(path);
                }
            }
        }
        files.retain(|file| self.has_changed(file));
        Ok(files)
    }

    fn has_changed(&mut self, file: &Path) -> bool {
        let is_small = |file: &Path| fs::metadata(file).is_ok_and(|found| found.len() <= COMPARED_BYTES_MAX);
        let content = fs::read(file).ok().map(|bytes| Sha256::digest(bytes).to_vec());
        let before = self.contents.insert(file.to_owned(), content.clone());
        before != Some(content) || (file.exists() && !is_small(file))
    }
}

/// Reading a file is an event too, and building reads all of them.
fn is_change(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

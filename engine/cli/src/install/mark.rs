//! The mark of an installed folder: which folder was installed, and which files.
//!
//! ```text
//! Written by `tinkerbox build`, which replaces or removes this folder only while this file describes it.
//! folder flock
//! sha256 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752 flock.wasm
//! sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 mod.toml
//! ```
//!
//! A folder is ours if its mark names it and every file in it is one that the mark lists, with the same content. A file that
//! is missing makes no difference: nothing is lost by installing it again. While files are replaced, the mark lists both the
//! old and the new content, so a folder is also ours after an installation that was interrupted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The name of the mark. It is hidden, so that games do not take it for a file of the mod.
pub(super) const MARK: &str = ".installed-by-tinkerbox-build";

const HEAD: &str =
    "Written by `tinkerbox build`, which replaces or removes this folder only while this file describes it.";

/// More differences than this are counted and not named.
const NAMED_MAX: usize = 5;

/// What a mark says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The name of the folder.
    folder: String,
    /// Names of files and the hashes of their contents. A name has two hashes while its file is replaced.
    files: BTreeSet<(String, String)>,
}

/// What is at the place where a mod is to be installed.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing, or an empty folder.
    Nothing,
    /// A folder that was installed, and the hashes of the files that are in it.
    Ours(Mark, BTreeMap<String, String>),
    /// Something else.
    NotOurs(NotOurs),
}

/// Why a folder is not ours.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NotOurs {
    /// It has no mark.
    Unmarked,
    /// It has a mark, which does not describe it, for this reason.
    Different(String),
}

impl Mark {
    /// The mark of a folder with these files.
    pub fn new(folder: &str, files: &BTreeMap<String, Vec<u8>>) -> Mark {
        let files = files.iter().map(|(name, bytes)| (name.clone(), hash(bytes)));
        Mark { folder: folder.to_owned(), files: files.collect() }
    }

    /// The mark of the same folder while its files are replaced by those of `new`.
    pub fn during(&self, new: &Mark) -> Mark {
        Mark { folder: new.folder.clone(), files: self.files.union(&new.files).cloned().collect() }
    }

    /// Whether it lists a file with this content.
    pub fn lists(&self, name: &str, hash: &str) -> bool {
        self.files.contains(&(name.to_owned(), hash.to_owned()))
    }

    /// Whether it lists a file of this name.
    pub fn names(&self, name: &str) -> bool {
        self.files.iter().any(|(listed, _)| listed == name)
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let files: String = self.files.iter().map(|(name, hash)| format!("sha256 {hash} {name}\n")).collect();
        format!("{HEAD}\nfolder {}\n{files}", self.folder)
    }

    /// Reads the text of the file, if this is how [`text`](Self::text) would write it.
    fn parse(text: &str) -> Option<Mark> {
        let mut lines = text.lines().skip(1);
        let folder = lines.next()?.strip_prefix("folder ")?.to_owned();
        let file = |line: &str| {
            let (hash, name) = line.strip_prefix("sha256 ")?.split_once(' ')?;
            Some((name.to_owned(), hash.to_owned()))
        };
        let mark = Mark { folder, files: lines.map(file).collect::<Option<_>>()? };
        (mark.text() == text).then_some(mark)
    }
}

/// Looks at a folder and its mark. Changes nothing.
pub(super) fn look(folder: &Path) -> Found {
    match read(folder) {
        Ok(found) => found,
        Err(why) => Found::NotOurs(why),
    }
}

fn read(folder: &Path) -> Result<Found, NotOurs> {
    let Ok(metadata) = fs::symlink_metadata(folder) else { return Ok(Found::Nothing) };
    if !metadata.is_dir() {
        return Err(NotOurs::Unmarked);
    }
    let unreadable = |error| NotOurs::Different(format!("it can't be read: {error}"));
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        names.push(entry.map_err(unreadable)?.file_name());
    }
    if names.is_empty() {
        return Ok(Found::Nothing);
    }
    if !names.iter().any(|name| name == MARK) {
        return Err(NotOurs::Unmarked);
    }
    let mark = read_mark(folder).map_err(NotOurs::Different)?;
    let mut present = BTreeMap::new();
    let mut different = Vec::new();
    names.sort();
    for name in names.iter().filter(|name| *name != MARK) {
        match name.to_str().filter(|name| mark.names(name)) {
            None => different.push(format!("{name:?} was added")),
            Some(listed) => match hash_of(&folder.join(listed)).filter(|hash| mark.lists(listed, hash)) {
                None => different.push(format!("{name:?} was changed")),
                Some(hash) => drop(present.insert(listed.to_owned(), hash)),
            },
        }
    }
    match different.is_empty() {
        true => Ok(Found::Ours(mark, present)),
        false => Err(NotOurs::Different(format!("{} after it was installed", list(different)))),
    }
}

fn read_mark(folder: &Path) -> Result<Mark, String> {
    let text = read_file(&folder.join(MARK)).and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(|| format!("its {MARK} is not a text file"))?;
    let Some(mark) = Mark::parse(&text) else {
        return Err(match is_old(&text) {
            true => {
                format!("its {MARK} was written by an older version, which did not record what it installed")
            }
            false => format!("its {MARK} was changed"),
        });
    };
    if folder.file_name().is_none_or(|name| name != mark.folder.as_str()) {
        return Err(format!("it was installed as {:?}, and copied or renamed since", mark.folder));
    }
    Ok(mark)
}

/// Whether this is a mark from before there were hashes: names of files, one a line.
fn is_old(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(HEAD) && text.lines().any(|line| line == "mod.toml")
}

/// The content of a file. Links are not followed: what they lead to was not installed.
fn read_file(path: &Path) -> Option<Vec<u8>> {
    let is_file = fs::symlink_metadata(path).ok()?.is_file();
    let mut bytes = Vec::new();
    fs::File::open(path).ok().filter(|_| is_file)?.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn hash_of(path: &Path) -> Option<String> {
    read_file(path).map(|bytes| hash(&bytes))
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn list(mut items: Vec<String>) -> String {
    let more = items.len().saturating_sub(NAMED_MAX);
    items.truncate(NAMED_MAX);
    if more > 0 {
        items.push(format!("{more} more files were added or changed"));
    }
    items.join(", ")
}

//! Installs built mods where a game loads them from: a folder for each, with `mod.toml` and one `.wasm` file.
//!
//! A file is written beside the mods' folders and then moved to its place, so no reader ever sees half of one; and only if
//! it has changed, so nothing is reloaded in vain. A folder is replaced or removed only if it is as it was installed, which
//! its mark tells (`mark.rs`). Anything else may be an author's work, and stays.

mod mark;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::build::sources::Source;
use crate::project::{Files, MANIFEST};
use crate::report::BuildOutcome;
use mark::{Found, MARK, Mark, NotOurs, look};

/// Serialises installations into the same folder. Hidden, so that games do not take it for a mod, as is the next.
const LOCK: &str = ".tinkerbox-build.lock";
/// A file that is being written.
const UNFINISHED: &str = ".tinkerbox-build.new";

/// Reads the files of a mod, with the WebAssembly file that was built for it.
///
/// # Errors
/// If one of them can't be read.
pub(crate) fn files(source: &Source, wasm: &Path) -> anyhow::Result<Files> {
    let read = |file: &Path| fs::read(file).with_context(|| format!("{} can't be read", file.display()));
    Ok(BTreeMap::from([
        (MANIFEST.to_owned(), read(&source.folder.join(MANIFEST))?),
        (wasm_name(source), read(wasm)?),
    ]))
}

/// The name of a mod's WebAssembly file where it is installed.
pub(crate) fn wasm_name(source: &Source) -> String {
    format!("{}.wasm", source.name)
}

/// Installs a mod into a folder of `to`.
///
/// # Errors
/// If a file can't be written, or if the folder is not as it was installed.
pub(crate) fn install(source: &Source, files: &Files, to: &Path) -> anyhow::Result<BuildOutcome> {
    let folder = to.join(&source.name);
    let _lock = lock(to).with_context(|| format!("{} can't be locked", to.display()))?;
    let (before, present) = match look(&folder) {
        Found::Nothing => (None, BTreeMap::new()),
        Found::Ours(mark, present) => (Some(mark), present),
        Found::NotOurs(why) => bail!(refusal(&folder, &source.folder, &why)),
    };
    let new = Mark::new(&source.name, files);
    replace(&folder, before.as_ref(), &present, &new, files)
        .with_context(|| format!("the mod can't be installed into {}", folder.display()))
}

fn refusal(folder: &Path, source: &Path, why: &NotOurs) -> String {
    let why = match why {
        NotOurs::Unmarked => "`tinkerbox build` did not make it",
        NotOurs::Different(why) => why,
    };
    format!(
        "{folder:?} is not replaced: {why}. Move the folder away, or delete it if you do not need it, and build again; a \
         change that you want to keep belongs in {source:?}"
    )
}

/// Makes the folder hold these files and no others.
fn replace(
    folder: &Path,
    before: Option<&Mark>,
    present: &BTreeMap<String, String>,
    new: &Mark,
    files: &Files,
) -> io::Result<BuildOutcome> {
    let is_new = |name: &str| present.get(name).is_some_and(|hash| new.lists(name, hash));
    let changed: Vec<_> = files.iter().filter(|(name, _)| !is_new(name)).collect();
    let stale: Vec<_> = present.keys().filter(|name| !new.names(name)).collect();
    let is_changed = !changed.is_empty() || !stale.is_empty();
    if is_changed {
        fs::create_dir_all(folder)?;
        // Before anything else is written, so that an interrupted installation can be repeated.
        write(folder, MARK, before.map_or(new.clone(), |before| before.during(new)).text().as_bytes())?;
    }
    for (name, bytes) in changed {
        write(folder, name, bytes)?;
    }
    for name in stale {
        fs::remove_file(folder.join(name))?;
    }
    if is_changed || before != Some(new) {
        write(folder, MARK, new.text().as_bytes())?;
    }
    Ok(if is_changed { BuildOutcome::Installed } else { BuildOutcome::Unchanged })
}

/// Removes the installed folders whose names are not among these. Returns which, and why others that have a mark are kept.
///
/// # Errors
/// If `to` can't be read, or a file in it can't be removed.
pub(crate) fn remove_others(to: &Path, names: &[&str]) -> anyhow::Result<(Vec<PathBuf>, Vec<String>)> {
    let tidy = || -> io::Result<_> {
        let _lock = lock(to)?;
        let mut folders: Vec<PathBuf> =
            fs::read_dir(to)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        folders.retain(|folder| folder.file_name().is_some_and(|own| !names.iter().any(|name| own == *name)));
        folders.sort();
        let (mut removed, mut kept) = (Vec::new(), Vec::new());
        for folder in folders {
            match look(&folder) {
                Found::Ours(_, present) => {
                    remove(&folder, present.keys())?;
                    removed.push(folder);
                }
                Found::NotOurs(NotOurs::Different(why)) => kept.push(kept_text(&folder, &why)),
                Found::Nothing | Found::NotOurs(NotOurs::Unmarked) => {}
            }
        }
        Ok((removed, kept))
    };
    tidy().with_context(|| format!("{} can't be tidied", to.display()))
}

fn kept_text(folder: &Path, why: &str) -> String {
    format!(
        "{folder:?} is not removed, although there is no mod of this name: {why}. Delete it if you do not need it, or delete the file \
         {MARK} in it to keep it"
    )
}

/// Removes a folder with these files. The mark goes last, so that an interrupted removal can be repeated.
fn remove<'n>(folder: &Path, files: impl Iterator<Item = &'n String>) -> io::Result<()> {
    for name in files.map(String::as_str).chain([MARK]) {
        fs::remove_file(folder.join(name))?;
    }
    fs::remove_dir(folder)
}

/// Writes a file in a folder beside the mods' folders, or in one of these.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    write_by_way_of(&folder.with_file_name(UNFINISHED), &folder.join(name), bytes)
}

/// Writes a file under a hidden name in its own folder, and then moves it to its place, so that no reader sees half of it.
pub(crate) fn write_beside(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut hidden = OsString::from(".");
    hidden.push(file.file_name().ok_or(io::ErrorKind::InvalidFilename)?);
    hidden.push(".new");
    write_by_way_of(&file.with_file_name(hidden), file, bytes)
}

fn write_by_way_of(unfinished: &Path, file: &Path, bytes: &[u8]) -> io::Result<()> {
    // Left by an interrupted installation. If it is a link, what it leads to is not ours to write.
    match fs::remove_file(unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(unfinished)?.write_all(bytes)?;
    fs::rename(unfinished, file)
}

/// Makes other installations into the same folder wait until the file is dropped.
pub(crate) fn lock(to: &Path) -> io::Result<File> {
    fs::create_dir_all(to)?;
    // What a link leads to is not ours.
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let file = OpenOptions::new().create(true).append(true).custom_flags(no_link).open(to.join(LOCK))?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests;

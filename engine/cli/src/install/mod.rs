//! Puts built mods where Meadow loads them: a folder each, with `mod.toml` and one `.wasm`.
//!
//! A file is written beside its place and then moved there, so that nobody ever reads half of one; and it is written
//! only if it has changed, so that nothing is reloaded in vain. Beside them lies a mark with the names of what was
//! installed: what it does not name was put there by somebody else, and is left alone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::BuildOutcome;
use crate::sources::Source;

/// The file that says what was installed. Mods' files are never hidden ones.
const MARK: &str = ".installed-by-tinkerbox-build";

/// Installs a mod into a folder of `to`, with the WebAssembly that was built for it.
///
/// # Errors
/// If a file of the mod can't be read or written, or if the folder is somebody else's.
pub(crate) fn install(source: &Source, wasm: &Path, to: &Path) -> anyhow::Result<BuildOutcome> {
    let wasm =
        fs::read(wasm).with_context(|| format!("{}: what cargo has built can't be read", wasm.display()))?;
    let manifest = source.folder.join("mod.toml");
    let manifest = fs::read(&manifest)
        .with_context(|| format!("{}: a mod needs this file beside its Cargo.toml", manifest.display()))?;
    let folder = to.join(&source.name);
    let _alone = lock(to).with_context(|| format!("{} can't be locked", to.display()))?;
    let files = [("mod.toml".to_owned(), manifest), (format!("{}.wasm", source.name), wasm)];
    if is_foreign(&folder, &files)? {
        bail!(
            "{} was not made by `tinkerbox build`, which would write over it. Move it away and build again",
            folder.display()
        );
    }
    put(&folder, &files).with_context(|| format!("the mod can't be installed into {}", folder.display()))
}

/// Removes the folders of mods that were installed once and have no sources any more. Says which.
pub(crate) fn remove_others(installed: &Path, names: &[&str]) -> anyhow::Result<(Vec<PathBuf>, Vec<String>)> {
    let remove = || -> io::Result<Vec<PathBuf>> {
        fs::create_dir_all(installed)?;
        let _alone = lock(installed)?;
        let mut removed = Vec::new();
        for entry in fs::read_dir(installed)? {
            let entry = entry?;
            let is_kept = names.iter().any(|name| entry.file_name() == **name);
            // A link is somebody's own, whatever it leads to.
            if is_kept || !entry.file_type()?.is_dir() {
                continue;
            }
            let Some(ours) = marked(&entry.path()) else { continue };
            for name in ours.iter().map(String::as_str).chain([MARK]) {
                remove_file(&entry.path().join(name))?;
            }
            // What else is in it stays, and so does the folder.
            if fs::remove_dir(entry.path()).is_ok() {
                removed.push(entry.path());
            } else {
                removed.extend(ours.iter().map(|name| entry.path().join(name)));
            }
        }
        Ok(removed)
    };
    let removed = remove().with_context(|| format!("{} can't be tidied up", installed.display()))?;
    Ok((removed, Vec::new()))
}

/// The names in a folder's mark, if it has one.
fn marked(folder: &Path) -> Option<BTreeSet<String>> {
    let mark = fs::read_to_string(folder.join(MARK)).ok()?;
    // A name is one part of a path: nothing outside the folder is ours.
    let is_name =
        |line: &&str| !line.is_empty() && !line.contains(['/', '\\']) && *line != "." && *line != "..";
    Some(mark.lines().filter(is_name).map(str::to_owned).collect())
}

/// Whether somebody else has made the folder. One that holds just these files is what was installed before there were
/// marks.
fn is_foreign(folder: &Path, files: &[(String, Vec<u8>)]) -> anyhow::Result<bool> {
    let Ok(metadata) = fs::symlink_metadata(folder) else { return Ok(false) };
    if !metadata.is_dir() {
        return Ok(true);
    }
    if marked(folder).is_some() {
        return Ok(false);
    }
    let entries = fs::read_dir(folder).with_context(|| format!("{} can't be read", folder.display()))?;
    let names: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    let is_ours =
        names.len() == files.len() && files.iter().all(|(own, _)| names.iter().any(|name| *name == **own));
    Ok(!names.is_empty() && !is_ours)
}

/// Makes the folder hold these files, and none that were installed before and are not among them.
fn put(folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<BuildOutcome> {
    fs::create_dir_all(folder)?;
    let mut installed = BuildOutcome::Unchanged;
    let names: BTreeSet<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let before = marked(folder).unwrap_or_default();
    // Before anything is written: whatever happens in between, all of it is known to be ours.
    mark(folder, before.union(&names))?;
    for (name, bytes) in files {
        let file = folder.join(name);
        if fs::read(&file).is_ok_and(|old| old == *bytes) {
            continue;
        }
        write(&file, bytes)?;
        installed = BuildOutcome::Installed;
    }
    for name in before.difference(&names) {
        if remove_file(&folder.join(name))? {
            eprintln!(
                "{:>12} {}: it is not a file of the mod any more",
                "removed",
                folder.join(name).display()
            );
            installed = BuildOutcome::Installed;
        }
    }
    mark(folder, names.iter())?;
    Ok(installed)
}

fn mark<'n>(folder: &Path, names: impl Iterator<Item = &'n String>) -> io::Result<()> {
    let text: String = names.map(|name| format!("{name}\n")).collect();
    let file = folder.join(MARK);
    match fs::read_to_string(&file).is_ok_and(|old| old == text) {
        true => Ok(()),
        false => write(&file, text.as_bytes()),
    }
}

fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // Hidden, and no `.wasm`: the game looks at neither.
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = file.with_file_name(format!(".{name}.new"));
    fs::write(&unfinished, bytes)?;
    fs::rename(&unfinished, file)
}

/// Whether there was one.
fn remove_file(file: &Path) -> io::Result<bool> {
    match fs::remove_file(file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Keeps others waiting that install at the same time, until the file is dropped. It lies beside the folder: what
/// lies inside is taken for a mod.
fn lock(installed: &Path) -> io::Result<File> {
    fs::create_dir_all(installed)?;
    let file = File::create(installed.with_extension("lock"))?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source folder, cargo's output and the folder to install into, all empty at first.
    struct Case {
        root: tempfile::TempDir,
        source: Source,
        to: PathBuf,
    }

    impl Case {
        fn new() -> Case {
            let root = tempfile::tempdir().unwrap();
            let folder = root.path().join("mods/two-words");
            fs::create_dir_all(&folder).unwrap();
            let source = Source { name: "two-words".to_owned(), folder, package: None };
            Case { source, to: root.path().join("installed"), root }
        }

        fn install(&self, manifest: &str, wasm: &[u8]) -> anyhow::Result<BuildOutcome> {
            fs::write(self.source.folder.join("mod.toml"), manifest).unwrap();
            let built = self.root.path().join("other_name.wasm");
            fs::write(&built, wasm).unwrap();
            install(&self.source, &built, &self.to)
        }

        fn remove_others(&self) -> Vec<PathBuf> {
            remove_others(&self.to, &[&self.source.name]).unwrap().0
        }

        /// Files in an installed folder that are not hidden.
        fn installed(&self, folder: &str) -> Vec<String> {
            let entries = fs::read_dir(self.to.join(folder)).unwrap();
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.retain(|name| name != MARK);
            names.sort();
            names
        }
    }

    #[test]
    fn a_mod_is_a_folder_of_two_files() {
        let case = Case::new();
        assert_eq!(case.install("[mod]", b"wasm").unwrap(), BuildOutcome::Installed);
        assert_eq!(case.installed("two-words"), ["mod.toml", "two-words.wasm"]);
        assert_eq!(fs::read(case.to.join("two-words/two-words.wasm")).unwrap(), b"wasm");
    }

    #[test]
    fn only_what_has_changed_is_written() {
        let case = Case::new();
        case.install("[mod]", b"wasm").unwrap();
        let written =
            |name: &str| fs::metadata(case.to.join("two-words").join(name)).unwrap().modified().unwrap();
        let before = [written("mod.toml"), written(MARK)];
        assert_eq!(case.install("[mod]", b"wasm").unwrap(), BuildOutcome::Unchanged);
        assert_eq!(case.install("[mod]", b"other").unwrap(), BuildOutcome::Installed);
        assert_eq!([written("mod.toml"), written(MARK)], before);
    }

    #[test]
    fn what_was_installed_goes_and_what_was_not_stays() {
        let mut case = Case::new();
        case.install("[mod]", b"wasm").unwrap();
        // Another mod, with a note beside it; a folder that somebody has put there; one that only looks like ours.
        let mine = std::mem::replace(&mut case.source.name, "old".to_owned());
        case.install("[mod]", b"wasm").unwrap();
        let old = std::mem::replace(&mut case.source.name, "noted".to_owned());
        case.install("[mod]", b"wasm").unwrap();
        case.source.name = mine;
        fs::write(case.to.join("noted/note.txt"), "mine").unwrap();
        fs::create_dir_all(case.to.join("somebodys")).unwrap();
        fs::write(case.to.join("somebodys/mod.toml"), "[mod]").unwrap();

        let mut removed = case.remove_others();
        removed.sort();
        let expected = ["noted/mod.toml", "noted/noted.wasm", old.as_str()];
        assert_eq!(removed, expected.map(|path| case.to.join(path)));
        assert!(!case.to.join("old").exists());
        assert_eq!(case.installed("noted"), ["note.txt"]);
        assert_eq!(case.installed("somebodys"), ["mod.toml"]);
        assert_eq!(case.installed("two-words"), ["mod.toml", "two-words.wasm"]);
        assert!(case.remove_others().is_empty());
    }

    #[test]
    fn a_mark_names_nothing_outside_its_folder() {
        let case = Case::new();
        case.install("[mod]", b"wasm").unwrap();
        fs::create_dir_all(case.to.join("evil")).unwrap();
        fs::write(case.to.join("evil").join(MARK), "../two-words/mod.toml\n..\n/etc/passwd\n").unwrap();
        case.remove_others();
        assert_eq!(case.installed("two-words"), ["mod.toml", "two-words.wasm"]);
    }

    #[test]
    fn a_folder_of_somebody_else_is_not_written_over() {
        let case = Case::new();
        fs::create_dir_all(case.to.join("two-words")).unwrap();
        fs::write(case.to.join("two-words/mod.toml"), "theirs").unwrap();
        fs::write(case.to.join("two-words/other.wasm"), "theirs").unwrap();
        let error = case.install("[mod]", b"wasm").unwrap_err().to_string();
        assert!(
            error.contains("was not made by `tinkerbox build`") && error.contains("Move it away"),
            "{error}"
        );
        assert_eq!(case.installed("two-words"), ["mod.toml", "other.wasm"]);
        // What was installed before there were marks is ours.
        fs::rename(case.to.join("two-words/other.wasm"), case.to.join("two-words/two-words.wasm")).unwrap();
        case.install("[mod]", b"wasm").unwrap();
        assert_eq!(case.installed("two-words"), ["mod.toml", "two-words.wasm"]);
        // What else comes into it stays there; the game will say that there are two.
        fs::write(case.to.join("two-words/extra.wasm"), "theirs").unwrap();
        case.install("[mod]", b"new").unwrap();
        assert_eq!(case.installed("two-words"), ["extra.wasm", "mod.toml", "two-words.wasm"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let case = Case::new();
        let error = install(&case.source, &case.root.path().join("none.wasm"), &case.to).unwrap_err();
        assert!(format!("{error:#}").contains("none.wasm"), "{error:#}");
        case.install("", b"wasm").unwrap();
        fs::remove_file(case.source.folder.join("mod.toml")).unwrap();
        let built = case.root.path().join("other_name.wasm");
        let error = format!("{:#}", install(&case.source, &built, &case.to).unwrap_err());
        assert!(error.contains("mod.toml: a mod needs this file"), "{error}");
    }
}

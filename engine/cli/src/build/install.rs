//! Puts built mods where Meadow loads them: a folder each, with `mod.toml` and one `.wasm`.
//!
//! A file is written beside its place and then moved there, so that nobody ever reads half of one; and it is written
//! only if it has changed, so that nothing is reloaded in vain.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::Context;

use super::{Source, TARGET};

/// Whether a file of the mod has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// At least one.
    Changed,
    /// None.
    Unchanged,
}

/// Installs what cargo has built in `target_dir` into a folder of `to`.
///
/// # Errors
/// If a file of the mod can't be read or written.
pub fn install(source: &Source, target_dir: &Path, to: &Path) -> anyhow::Result<Installed> {
    let built =
        target_dir.join(TARGET).join("release").join(format!("{}.wasm", source.name.replace('-', "_")));
    let wasm = fs::read(&built).with_context(|| {
        format!(
            "{}: cargo has not built it. In {}, the package must be named `{}` and its crate-type be [\"cdylib\"]",
            built.display(),
            source.folder.join("Cargo.toml").display(),
            source.name
        )
    })?;
    let manifest = source.folder.join("mod.toml");
    let manifest = fs::read(&manifest)
        .with_context(|| format!("{}: a mod needs this file beside its Cargo.toml", manifest.display()))?;
    let folder = to.join(&source.name);
    let _alone = lock(to).with_context(|| format!("{} can't be locked", to.display()))?;
    put(&folder, &[("mod.toml", &manifest), (&format!("{}.wasm", source.name), &wasm)])
        .with_context(|| format!("the mod can't be installed into {}", folder.display()))
}

/// Removes the folders of mods that have no sources any more.
pub(super) fn remove_others(installed: &Path, sources: &[Source]) -> anyhow::Result<()> {
    let remove = || -> io::Result<()> {
        fs::create_dir_all(installed)?;
        for entry in fs::read_dir(installed)? {
            let entry = entry?;
            let is_kept = sources.iter().any(|source| entry.file_name() == *source.name);
            if entry.path().is_dir() && !is_kept {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    };
    remove().with_context(|| format!("{} can't be tidied up", installed.display()))
}

/// Makes the folder hold these files and no others.
fn put(folder: &Path, files: &[(&str, &Vec<u8>)]) -> io::Result<Installed> {
    fs::create_dir_all(folder)?;
    let mut installed = Installed::Unchanged;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !files.iter().any(|(name, _)| entry.file_name() == **name) {
            fs::remove_file(entry.path())?;
            installed = Installed::Changed;
        }
    }
    for (name, bytes) in files {
        let file = folder.join(name);
        if fs::read(&file).is_ok_and(|old| old == **bytes) {
            continue;
        }
        let unfinished = folder.join(format!("{name}.new"));
        fs::write(&unfinished, bytes)?;
        fs::rename(&unfinished, &file)?;
        installed = Installed::Changed;
    }
    Ok(installed)
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
    use std::env;
    use std::path::PathBuf;

    use super::*;

    /// A source folder, cargo's target folder and the folder to install into, all empty at first.
    struct Case {
        source: Source,
        target_dir: PathBuf,
        to: PathBuf,
    }

    impl Case {
        fn new(name: &str) -> Case {
            let root = env::temp_dir().join(format!("tinkerbox-install-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&root);
            let folder = root.join("mods/two-words");
            let target_dir = root.join("target");
            fs::create_dir_all(&folder).unwrap();
            fs::create_dir_all(target_dir.join(TARGET).join("release")).unwrap();
            let source = Source { name: "two-words".to_owned(), folder };
            Case { source, target_dir, to: root.join("installed") }
        }

        fn build(&self, manifest: &str, wasm: &[u8]) {
            fs::write(self.source.folder.join("mod.toml"), manifest).unwrap();
            fs::write(self.target_dir.join(TARGET).join("release/two_words.wasm"), wasm).unwrap();
        }

        fn install(&self) -> anyhow::Result<Installed> {
            install(&self.source, &self.target_dir, &self.to)
        }

        fn installed(&self) -> Vec<String> {
            let entries = fs::read_dir(self.to.join("two-words")).unwrap();
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Case {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(self.to.parent().unwrap());
        }
    }

    #[test]
    fn a_mod_is_a_folder_of_two_files() {
        let case = Case::new("two_files");
        case.build("[mod]", b"wasm");
        assert_eq!(case.install().unwrap(), Installed::Changed);
        assert_eq!(case.installed(), ["mod.toml", "two-words.wasm"]);
        assert_eq!(fs::read(case.to.join("two-words/two-words.wasm")).unwrap(), b"wasm");
    }

    #[test]
    fn only_what_has_changed_is_written() {
        let case = Case::new("changed");
        case.build("[mod]", b"wasm");
        case.install().unwrap();
        let written = || fs::metadata(case.to.join("two-words/mod.toml")).unwrap().modified().unwrap();
        let before = written();
        assert_eq!(case.install().unwrap(), Installed::Unchanged);
        case.build("[mod]", b"other");
        assert_eq!(case.install().unwrap(), Installed::Changed);
        assert_eq!(written(), before);
    }

    #[test]
    fn what_does_not_belong_there_goes() {
        let case = Case::new("others");
        case.build("[mod]", b"wasm");
        fs::create_dir_all(case.to.join("two-words")).unwrap();
        fs::write(case.to.join("two-words/old-name.wasm"), b"old").unwrap();
        assert_eq!(case.install().unwrap(), Installed::Changed);
        assert_eq!(case.installed(), ["mod.toml", "two-words.wasm"]);

        fs::create_dir_all(case.to.join("gone")).unwrap();
        remove_others(&case.to, std::slice::from_ref(&case.source)).unwrap();
        assert!(!case.to.join("gone").exists() && case.to.join("two-words").exists());
    }

    #[test]
    fn what_is_missing_is_named() {
        let case = Case::new("missing");
        let error = format!("{:#}", case.install().unwrap_err());
        assert!(error.contains("two_words.wasm") && error.contains("cdylib"), "{error}");
        case.build("", b"wasm");
        fs::remove_file(case.source.folder.join("mod.toml")).unwrap();
        let error = format!("{:#}", case.install().unwrap_err());
        assert!(error.contains("mod.toml: a mod needs this file"), "{error}");
    }
}

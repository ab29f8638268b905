//! Installing and removing mods.

mod changed;

use std::os::unix::fs::symlink;

use super::*;
use crate::build::sources::{How, OfGame};

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
        let source = source("two-words", folder);
        Case { source, to: root.path().join("installed"), root }
    }

    fn install(&self, manifest: &str, wasm: &[u8]) -> anyhow::Result<BuildOutcome> {
        fs::write(self.source.folder.join("mod.toml"), manifest).unwrap();
        let built = self.root.path().join("other_name.wasm");
        fs::write(&built, wasm).unwrap();
        install(&self.source, &files(&self.source, &built)?, &self.to)
    }

    fn install_as(&mut self, name: &str) {
        let own = std::mem::replace(&mut self.source.name, name.to_owned());
        self.install("[mod]", b"wasm").unwrap();
        self.source.name = own;
    }

    /// The folder of the mod, which may be installed or not.
    fn folder(&self) -> PathBuf {
        self.to.join(&self.source.name)
    }

    fn remove_all(&self) -> (Vec<PathBuf>, Vec<String>) {
        remove_others(&self.to, &[]).unwrap()
    }

    /// Everything that is installed: paths, and what is there. Links are not followed.
    fn tree(&self) -> Vec<(PathBuf, String)> {
        let mut tree = Vec::new();
        collect(&self.to, &mut tree);
        tree.retain(|(path, _)| !path.ends_with(LOCK));
        tree.sort();
        tree
    }
}

fn source(name: &str, folder: PathBuf) -> Source {
    Source { name: name.to_owned(), folder, id: None, game: OfGame::default(), how: How::Not(String::new()) }
}

fn collect(folder: &Path, tree: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_symlink() {
            tree.push((path.clone(), format!("link to {:?}", fs::read_link(&path).unwrap())));
        } else if kind.is_dir() {
            tree.push((path.clone(), "folder".to_owned()));
            collect(&path, tree);
        } else {
            tree.push((path.clone(), format!("{:?}", fs::read(&path).unwrap())));
        }
    }
}

/// The files of a mod that is installed as `[mod]` and `wasm`, the mark among them.
const FILES: [&str; 3] = [MARK, "mod.toml", "two-words.wasm"];

#[test]
fn what_is_missing_is_installed_again() {
    for name in ["mod.toml", "two-words.wasm"] {
        let case = Case::new();
        case.install("[mod]", b"wasm").unwrap();
        let whole = case.tree();
        fs::remove_file(case.folder().join(name)).unwrap();
        assert_eq!(case.install("[mod]", b"wasm").unwrap(), BuildOutcome::Installed);
        assert_eq!(case.tree(), whole);
        fs::remove_file(case.folder().join(name)).unwrap();
        assert_eq!(case.remove_all(), (vec![case.folder()], vec![]));
        // An empty folder has nothing to lose.
        fs::create_dir(case.folder()).unwrap();
        case.install("[mod]", b"wasm").unwrap();
        assert_eq!(case.tree(), whole);
    }
}

#[test]
fn an_interrupted_installation_can_be_repeated() {
    let case = Case::new();
    case.install("[mod]", b"wasm").unwrap();
    let pair = |manifest: &str, wasm: &str| {
        BTreeMap::from(
            [("mod.toml", manifest), ("two-words.wasm", wasm)]
                .map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())),
        )
    };
    let (old, new) = (pair("[mod]", "wasm"), pair("[mod] # new", "new"));
    let (old_mark, new_mark) = (Mark::new("two-words", &old), Mark::new("two-words", &new));
    // After each of its writes: the first mark, then one file after the other. A file was half written each time.
    for written in 0..=2 {
        fs::write(case.folder().join(MARK), old_mark.during(&new_mark).text()).unwrap();
        for (number, name) in ["mod.toml", "two-words.wasm"].into_iter().enumerate() {
            let files = if number < written { &new } else { &old };
            fs::write(case.folder().join(name), &files[name]).unwrap();
        }
        fs::write(case.to.join(UNFINISHED), "ha").unwrap();
        let (manifest, wasm) = [("[mod]", "wasm"), ("[mod] # new", "new")][written % 2];
        case.install(manifest, wasm.as_bytes()).unwrap();
        let mark = fs::read_to_string(case.folder().join(MARK)).unwrap();
        assert_eq!(mark, [&old_mark, &new_mark][written % 2].text(), "{written}");
        assert_eq!(fs::read_to_string(case.folder().join("mod.toml")).unwrap(), manifest);
        assert!(!case.to.join(UNFINISHED).exists());
    }
}

#[test]
fn a_link_in_place_of_a_file_of_ours_is_not_followed() {
    let case = Case::new();
    fs::create_dir_all(&case.to).unwrap();
    let mine = case.root.path().join("mine");
    fs::write(&mine, "mine").unwrap();
    symlink(&mine, case.to.join(UNFINISHED)).unwrap();
    case.install("[mod]", b"wasm").unwrap();
    fs::remove_file(case.to.join(LOCK)).unwrap();
    let elsewhere = case.root.path().join("elsewhere");
    symlink(&elsewhere, case.to.join(LOCK)).unwrap();
    let error = format!("{:#}", case.install("[mod]", b"new").unwrap_err());
    assert!(error.contains("can't be locked"), "{error}");
    assert!(fs::read_to_string(&mine).unwrap() == "mine" && !elsewhere.exists());
}

#[test]
fn a_mod_is_a_folder_of_two_files_and_a_mark() {
    let case = Case::new();
    assert_eq!(case.install("[mod]", b"wasm").unwrap(), BuildOutcome::Installed);
    let names: Vec<_> = case.tree().iter().map(|(path, _)| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["two-words", MARK, "mod.toml", "two-words.wasm"]);
    assert_eq!(fs::read(case.folder().join("two-words.wasm")).unwrap(), b"wasm");
}

#[test]
fn only_what_has_changed_is_written() {
    let case = Case::new();
    case.install("[mod]", b"wasm").unwrap();
    let written = |name: &str| fs::metadata(case.folder().join(name)).unwrap().modified().unwrap();
    let before = FILES.map(written);
    assert_eq!(case.install("[mod]", b"wasm").unwrap(), BuildOutcome::Unchanged);
    assert_eq!(FILES.map(written), before);
    assert_eq!(case.install("[mod]", b"other").unwrap(), BuildOutcome::Installed);
    assert_eq!(written("mod.toml"), before[1]);
}

#[test]
fn mods_without_sources_are_removed_and_others_stay() {
    let mut case = Case::new();
    case.install("[mod]", b"wasm").unwrap();
    case.install_as("old");
    fs::create_dir_all(case.to.join("unmarked")).unwrap();
    fs::write(case.to.join("unmarked/mod.toml"), "[mod]").unwrap();
    assert_eq!(remove_others(&case.to, &["two-words"]).unwrap(), (vec![case.to.join("old")], vec![]));
    assert!(!case.to.join("old").exists());
    assert!(case.folder().join("mod.toml").is_file() && case.to.join("unmarked/mod.toml").is_file());
    assert_eq!(remove_others(&case.to, &["two-words"]).unwrap(), (vec![], vec![]));
}

#[test]
fn a_mark_names_nothing_outside_its_folder() {
    let case = Case::new();
    case.install("[mod]", b"wasm").unwrap();
    let whole = case.tree();
    let evil = case.to.join("evil");
    fs::create_dir_all(&evil).unwrap();
    let outside = BTreeMap::from([("../two-words/mod.toml".to_owned(), b"[mod]".to_vec())]);
    fs::write(evil.join(MARK), Mark::new("evil", &outside).text()).unwrap();
    assert_eq!(remove_others(&case.to, &["two-words"]).unwrap().0, std::slice::from_ref(&evil));
    assert_eq!(case.tree(), whole);
}

#[test]
fn a_missing_file_is_named() {
    let case = Case::new();
    let error = files(&case.source, &case.root.path().join("none.wasm")).unwrap_err();
    assert!(format!("{error:#}").contains("mod.toml can't be read"), "{error:#}");
    case.install("", b"wasm").unwrap();
    let error = files(&case.source, &case.root.path().join("none.wasm")).unwrap_err();
    assert!(format!("{error:#}").contains("none.wasm can't be read"), "{error:#}");
}

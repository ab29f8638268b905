//! Finds the mods in a folder, and decides how each is built.
//!
//! ```text
//! mod.toml with `[dev] build`         that command
//! mod.toml and Cargo.toml             cargo
//! Cargo.toml of a cdylib              cargo, but it is an unfinished mod, which its author wants to hear about
//! mod.toml alone                      it is not built, and the reason says what to write
//! ```
//!
//! Any other cargo package is a library.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::console::Console;
use super::workspace::{Member, Workspace};
use crate::project::{CommandLine, DevSettings, MANIFEST, Manifest};

/// The sources of a mod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The name of the package or the folder, and of the folder that the mod is installed in.
    pub name: String,
    /// The folder of `mod.toml`, as the file system spells it.
    pub folder: PathBuf,
    /// The id in its `mod.toml`.
    pub id: Option<String>,
    /// What its `mod.toml` says of the game.
    pub game: OfGame,
    pub how: How,
}

/// What a mod's `mod.toml` says of the game that the mod is for: paths as they can be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfGame {
    /// The folder that the game loads mods from.
    pub mods: Option<PathBuf>,
    /// The file that says what the game exposes.
    pub interface: Option<PathBuf>,
    /// The file that the interface becomes in the mod's language.
    pub bindings: Option<PathBuf>,
}

/// How a mod is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// By cargo, as this package of this workspace.
    Cargo { root: PathBuf, package: String, is_cdylib: bool },
    /// By a command, which makes this file.
    Command { command: CommandLine, output: PathBuf },
    /// Not at all, for this reason.
    Not(String),
}

/// What is in a folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The mods, in alphabetical order: the folder itself and the folders directly inside it.
    pub sources: Vec<Source>,
    /// The workspaces of those that cargo builds.
    pub workspaces: Vec<Workspace>,
}

/// Finds the mods of a folder, which is spelled as the file system does.
pub(crate) fn find(folder: &Path, console: Console) -> anyhow::Result<Found> {
    let cannot = || format!("{} can't be read", folder.display());
    let mut folders = BTreeSet::from([folder.to_owned()]);
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        folders.insert(path.canonicalize().unwrap_or(path));
    }
    let mut found = Found::default();
    // The folder's own workspace comes first, so that it answers for all its members.
    if folder.join("Cargo.toml").is_file() {
        found.workspaces.push(Workspace::of(folder, console)?);
    }
    for folder in folders {
        let source = found.source(folder, console)?;
        found.sources.extend(source);
    }
    found.sources.sort_by(|a, b| a.name.cmp(&b.name));
    found.keep_apart();
    if found.sources.is_empty() {
        bail!(
            "there is no mod in {}: a mod is a folder with {MANIFEST}, and for Rust with Cargo.toml. Name such a \
             folder, or one that contains some",
            folder.display()
        );
    }
    Ok(found)
}

impl Found {
    /// Of mods with one name only the first is built: they would be installed into one folder.
    fn keep_apart(&mut self) {
        let mut first: BTreeMap<String, PathBuf> = BTreeMap::new();
        for source in &mut self.sources {
            let Some(folder) = first.get(&source.name) else {
                first.insert(source.name.clone(), source.folder.clone());
                continue;
            };
            source.how = How::Not(format!(
                "the mod in {} is called {} too, and both would be installed into one folder. Give one of them another \
                 name, in its Cargo.toml, or to its folder",
                folder.display(),
                source.name
            ));
            source.name = source.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        }
    }

    /// The mod in this folder, if it is one.
    fn source(&mut self, folder: PathBuf, console: Console) -> anyhow::Result<Option<Source>> {
        let (has_manifest, has_package) =
            (folder.join(MANIFEST).is_file(), folder.join("Cargo.toml").is_file());
        let manifest = if has_manifest { Manifest::read(&folder) } else { Ok(Manifest::default()) };
        let (manifest, unread) = match manifest {
            Ok(manifest) => (manifest, None),
            Err(error) => (Manifest::default(), Some(format!("{error:#}"))),
        };
        let own = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (name, how) = match (&manifest.dev.build, unread) {
            (_, Some(why)) => (own, How::Not(why)),
            (Some(command), None) => (own, by_command(&folder, command, manifest.dev.output.as_deref())),
            (None, None) if has_package => match self.member(&folder, has_manifest, console) {
                // The other mods are built nevertheless.
                Err(error) => (own, How::Not(format!("{error:#}"))),
                Ok(Some((_, member))) if !member.is_cdylib && !has_manifest => return Ok(None),
                Ok(Some((root, member))) => (member.name.clone(), by_cargo(&folder, root, member)),
                Ok(None) if has_manifest => (own, How::Not(self.not_a_member(&folder))),
                Ok(None) => return Ok(None),
            },
            (None, None) if has_manifest => (own, How::Not(no_command(&folder))),
            (None, None) => return Ok(None),
        };
        let in_folder = |path: Option<PathBuf>| path.map(|path| folder.join(path));
        let DevSettings { mods, interface, bindings, .. } = manifest.dev;
        let game =
            OfGame { mods: in_folder(mods), interface: in_folder(interface), bindings: in_folder(bindings) };
        Ok(Some(Source { name, id: manifest.id, game, folder, how }))
    }

    /// The package in a folder, with the root of its workspace.
    fn member(
        &mut self,
        folder: &Path,
        is_mod: bool,
        console: Console,
    ) -> anyhow::Result<Option<(&Path, &Member)>> {
        let is_known = |workspace: &Workspace| {
            workspace.members.contains_key(folder) || folder.starts_with(&workspace.root)
        };
        // A package that is no mod and in no workspace of a mod is not of interest.
        if is_mod && !self.workspaces.iter().any(is_known) {
            self.workspaces.push(Workspace::of(folder, console)?);
        }
        let member = |workspace: &'_ Workspace| workspace.members.contains_key(folder);
        let workspace = self.workspaces.iter().find(|workspace| member(workspace));
        Ok(workspace.map(|workspace| (workspace.root.as_path(), &workspace.members[folder])))
    }

    fn not_a_member(&self, folder: &Path) -> String {
        let root =
            self.workspaces.iter().map(|workspace| &workspace.root).find(|root| folder.starts_with(root));
        let root = root.map_or(folder, PathBuf::as_path);
        format!(
            "it is not a member of the workspace. Add \"{}\" to `members` in {}",
            folder.strip_prefix(root).unwrap_or(folder).display(),
            root.join("Cargo.toml").display()
        )
    }
}

fn by_cargo(folder: &Path, root: &Path, member: &Member) -> How {
    match folder.join(MANIFEST).is_file() {
        true => {
            let package = member.id.clone();
            How::Cargo { root: root.to_owned(), package, is_cdylib: member.is_cdylib }
        }
        false => How::Not(format!(
            "{} is missing. Write it: a mod has it beside its Cargo.toml",
            folder.join(MANIFEST).display()
        )),
    }
}

/// The file that the command makes is named after the mod's folder unless the manifest says otherwise.
fn by_command(folder: &Path, command: &CommandLine, output: Option<&Path>) -> How {
    let own = || folder.file_name().unwrap_or_default().to_string_lossy().into_owned() + ".wasm";
    let output = output.map_or_else(|| folder.join(own()), |output| folder.join(output));
    How::Command { command: command.clone(), output }
}

fn no_command(folder: &Path) -> String {
    format!(
        "there is no Cargo.toml, and {} does not say how the mod is built. Add a table [dev] with the command and the \
         file that it makes, such as build = \"clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry src/mod.c -o \
         mod.wasm\" and output = \"mod.wasm\"",
        folder.join(MANIFEST).display()
    )
}

/// The sources with these names, or all of them if no name is given.
pub(crate) fn choose(mut sources: Vec<Source>, names: &[String]) -> anyhow::Result<Vec<Source>> {
    if let Some(unknown) = names.iter().find(|name| !sources.iter().any(|source| source.name == **name)) {
        let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        bail!("there is no mod `{unknown}`. Name some of {}", known.join(", "));
    }
    sources.retain(|source| names.is_empty() || names.contains(&source.name));
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(chosen: &[&str]) -> Result<Vec<String>, String> {
        let source = |name: &str| Source {
            name: name.to_owned(),
            folder: name.into(),
            id: None,
            game: OfGame::default(),
            how: How::Not(String::new()),
        };
        let chosen: Vec<String> = chosen.iter().map(|&name| name.to_owned()).collect();
        let sources = choose(["flock", "grass", "wolves"].map(source).into(), &chosen);
        Ok(sources.map_err(|error| error.to_string())?.into_iter().map(|source| source.name).collect())
    }

    #[test]
    fn no_name_means_all() {
        assert_eq!(names(&[]).unwrap(), ["flock", "grass", "wolves"]);
        assert_eq!(names(&["wolves", "flock"]).unwrap(), ["flock", "wolves"]);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        assert_eq!(
            names(&["wolf"]).unwrap_err(),
            "there is no mod `wolf`. Name some of flock, grass, wolves"
        );
    }

    /// A workspace of packages, and what is in it.
    struct Folder {
        root: tempfile::TempDir,
        found: Found,
    }

    impl Folder {
        fn new() -> Folder {
            let root = tempfile::tempdir().unwrap();
            let workspace = Workspace { root: root.path().canonicalize().unwrap(), ..Workspace::default() };
            Folder { root, found: Found { workspaces: vec![workspace], ..Found::default() } }
        }

        fn path(&self) -> PathBuf {
            self.root.path().canonicalize().unwrap()
        }

        fn add(&mut self, name: &str, files: &[(&str, &str)], member: Option<bool>) {
            let package = self.path().join(name);
            fs::create_dir_all(&package).unwrap();
            files.iter().for_each(|(file, text)| fs::write(package.join(file), text).unwrap());
            if let Some(is_cdylib) = member {
                let (id, name) = (format!("{name}#0.1.0"), format!("{name}-package"));
                let member = Member { id, name, is_cdylib, near: BTreeSet::new() };
                self.found.workspaces[0].members.insert(package, member);
            }
        }

        /// How a folder is built, in a word or by the reason why it is not.
        fn how(&mut self, name: &str) -> Option<(String, String)> {
            let folder = self.path().join(name);
            let source = self.found.source(folder, Console::Silent).unwrap()?;
            let how = match source.how {
                How::Cargo { package, .. } => format!("cargo {package}"),
                How::Command { command, output } => format!("{} -> {}", command.program(), output.display()),
                How::Not(why) => why,
            };
            Some((source.name, how))
        }
    }

    #[test]
    fn each_kind_of_folder_is_told_apart() {
        let mut folder = Folder::new();
        let (package, manifest) = (("Cargo.toml", ""), ("mod.toml", "[mod]\nid = \"x\"\n"));
        folder.add("a_mod", &[package, manifest], Some(true));
        folder.add("no_cdylib", &[package, manifest], Some(false));
        folder.add("no_manifest", &[package], Some(true));
        folder.add("a_library", &[package], Some(false));
        folder.add("no_member", &[package, manifest], None);
        folder.add("of_others", &[package], None);
        folder.add("empty", &[], None);
        folder.add("no_command", &[manifest], None);
        folder.add("no_output", &[("mod.toml", "[dev]\nbuild = \"make\"")], None);
        folder.add("by_make", &[("mod.toml", "[dev]\nbuild = \"make\"\noutput = \"x.wasm\"")], None);
        folder.add("broken", &[package, ("mod.toml", "[mod\n")], Some(true));
        let cases = [
            ("a_mod", Some(("a_mod-package", "cargo a_mod#0.1.0"))),
            ("no_cdylib", Some(("no_cdylib-package", "cargo no_cdylib#0.1.0"))),
            ("no_manifest", Some(("no_manifest-package", "mod.toml is missing. Write it"))),
            ("a_library", None),
            ("no_member", Some(("no_member", "Add \"no_member\" to `members` in "))),
            ("of_others", None),
            ("empty", None),
            ("no_command", Some(("no_command", "Add a table [dev] with the command"))),
            ("no_output", Some(("no_output", "make -> "))),
            ("by_make", Some(("by_make", "make -> "))),
            ("broken", Some(("broken", "line 1"))),
        ];
        for (name, expected) in cases {
            let how = folder.how(name);
            match (how, expected) {
                (None, None) => {}
                (Some((is_name, how)), Some((name, part))) if is_name == name && how.contains(part) => {}
                (how, expected) => panic!("{name}: {how:?} in place of {expected:?}"),
            }
        }
    }

    #[test]
    fn a_folder_without_mods_is_answered_with_what_a_mod_is() {
        let folder = Folder::new();
        let error = find(&folder.path(), Console::Silent).unwrap_err().to_string();
        assert!(error.starts_with("there is no mod in ") && error.contains("with mod.toml"), "{error}");
    }
}

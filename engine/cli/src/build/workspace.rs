//! A cargo workspace: which packages it has, as cargo says.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;
use tinyjson::JsonValue;
use toml::Spanned;

use super::console::Console;
use super::json::{items, text};

/// A cargo workspace, or a package that is in none.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Its packages, by their folders.
    pub members: BTreeMap<PathBuf, Member>,
}

/// A package of a workspace.
#[derive(Debug, Default)]
pub(crate) struct Member {
    /// How cargo's arguments name it.
    pub id: String,
    pub name: String,
    /// Whether it compiles to a file that a game can load.
    pub is_cdylib: bool,
    /// The folders of the packages that it depends on by path.
    pub near: BTreeSet<PathBuf>,
}

impl Workspace {
    /// Asks cargo for the workspace that a folder is in.
    pub fn of(folder: &Path, console: Console) -> anyhow::Result<Workspace> {
        let mut cargo = cargo(folder);
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
        let output = cargo.output().with_context(|| cannot_start(&cargo))?;
        if !output.status.success() {
            if let Some(lost) = lost_member(folder) {
                bail!(lost);
            }
            String::from_utf8_lossy(&output.stderr).lines().for_each(|line| console.line(line));
            bail!(
                "{} is in no cargo package or workspace that can be read: cargo says why above. Correct it and build \
                 again, or name another folder",
                folder.display()
            );
        }
        let metadata = String::from_utf8_lossy(&output.stdout);
        workspace(&metadata).context("the output of `cargo metadata` can't be read")
    }

    /// The folder that cargo builds in.
    pub fn target(&self) -> PathBuf {
        self.root.join("target")
    }
}

/// The workspace in cargo's metadata.
fn workspace(metadata: &str) -> Option<Workspace> {
    let metadata: JsonValue = metadata.parse().ok()?;
    let members = items(&metadata, "packages")?.iter();
    let members = members.map(|package| Some((folder_of(package)?, member_of(package)?)));
    Some(Workspace {
        root: text(&metadata, "workspace_root")?.into(),
        members: members.collect::<Option<_>>()?,
    })
}

fn member_of(package: &JsonValue) -> Option<Member> {
    let is_cdylib = |target: &JsonValue| {
        let types = items(target, "crate_types")?;
        Some(types.iter().any(|ty| ty.get::<String>().is_some_and(|ty| ty == "cdylib")))
    };
    let dependencies = items(package, "dependencies").into_iter().flatten();
    Some(Member {
        id: text(package, "id")?.to_owned(),
        name: text(package, "name")?.to_owned(),
        is_cdylib: items(package, "targets")?.iter().any(|target| is_cdylib(target) == Some(true)),
        near: dependencies.filter_map(|dependency| Some(text(dependency, "path")?.into())).collect(),
    })
}

/// The folder of the package that a message or an entry of cargo's describes.
pub(super) fn folder_of(of: &JsonValue) -> Option<PathBuf> {
    Some(Path::new(text(of, "manifest_path")?).parent()?.to_owned())
}

/// What to do about an entry of `members` whose folder is gone: cargo reads no package of the workspace then.
fn lost_member(folder: &Path) -> Option<String> {
    let manifests = folder.ancestors().map(|folder| folder.join("Cargo.toml"));
    for manifest in manifests.filter(|manifest| manifest.is_file()) {
        let text = fs::read_to_string(&manifest).ok()?;
        let root = manifest.parent()?;
        let is_lost = |member: &str| {
            !member.contains(['*', '?', '[']) && !root.join(member).join("Cargo.toml").is_file()
        };
        if let Some((line, member)) = members(&text)?.into_iter().find(|(_, member)| is_lost(member)) {
            return Some(format!(
                "{}: line {line}: the member \"{member}\" has no folder with a Cargo.toml. Remove \"{member}\" from \
                 `members`, or put its folder back",
                manifest.display()
            ));
        }
    }
    None
}

/// The entries of `members` in a workspace's manifest with their lines; none if it has no workspace.
fn members(manifest: &str) -> Option<Vec<(usize, String)>> {
    #[derive(Deserialize)]
    struct Manifest {
        workspace: Option<Members>,
    }
    #[derive(Deserialize)]
    struct Members {
        #[serde(default)]
        members: Vec<Spanned<String>>,
    }
    let read: Manifest = toml::from_str(manifest).ok()?;
    let members = read.workspace.into_iter().flat_map(|workspace| workspace.members);
    let line = |member: &Spanned<String>| manifest[..member.span().start].matches('\n').count() + 1;
    Some(members.map(|member| (line(&member), member.into_inner())).collect())
}

/// Cargo, run in a folder.
pub(super) fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.current_dir(folder);
    cargo
}

/// Why cargo can't be started, and what to do.
pub(super) fn cannot_start(cargo: &Command) -> String {
    format!(
        "{} can't be started. Mods in Rust are built with its cargo: install Rust from https://rustup.rs",
        cargo.get_program().display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_read_from_the_metadata() {
        let metadata = r#"{"workspace_root":"/m","packages":[
            {"id":"a#1","name":"a","manifest_path":"/m/a/Cargo.toml","targets":[{"crate_types":["cdylib","rlib"]}],
             "dependencies":[{"name":"x"},{"name":"y","path":"/y"}]},
            {"id":"b#1","name":"b","manifest_path":"/m/b/Cargo.toml","targets":[{"crate_types":["lib"]}]}]}"#;
        let workspace = workspace(metadata).unwrap();
        assert_eq!((workspace.root.to_str(), workspace.target()), (Some("/m"), "/m/target".into()));
        let members = workspace.members.iter().map(|(folder, member)| {
            (folder.to_str().unwrap(), member.id.as_str(), member.name.as_str(), member.is_cdylib)
        });
        assert_eq!(members.collect::<Vec<_>>(), [("/m/a", "a#1", "a", true), ("/m/b", "b#1", "b", false)]);
        assert_eq!(workspace.members[Path::new("/m/a")].near, ["/y".into()].into());
    }

    #[test]
    fn a_member_without_a_folder_is_named_with_its_line() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for name in ["here", "inner"] {
            fs::create_dir(root.join(name)).unwrap();
            fs::write(root.join(name).join("Cargo.toml"), "[package]\n").unwrap();
        }
        fs::write(
            root.join("Cargo.toml"),
            "[workspace]\nmembers = [\n  \"here\", \"in*\",\n  # \"gone\"\n  \"gone\",\n]\n",
        )
        .unwrap();
        let error = Workspace::of(&root.join("here"), Console::Silent).unwrap_err().to_string();
        let expected =
            format!("{}: line 5: the member \"gone\" has no folder", root.join("Cargo.toml").display());
        assert!(error.starts_with(&expected) && error.contains("Remove \"gone\" from `members`"), "{error}");
    }
}

//! Runs cargo and reads its messages: which packages a workspace has, and which files a build has made.
//!
//! Nothing is guessed from names, so a file that an earlier build left in the target folder is never taken for this one's.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use tinyjson::JsonValue;

use crate::target::{self, TARGET};

type Object = HashMap<String, JsonValue>;

/// A cargo workspace, or a package that is in none.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Its packages, by their folders.
    pub members: BTreeMap<PathBuf, Member>,
}

/// A package of a workspace.
#[derive(Debug)]
pub(crate) struct Member {
    /// How cargo's arguments name it.
    pub id: String,
    pub name: String,
    /// Whether it compiles to a file that a game can load.
    pub is_cdylib: bool,
}

impl Workspace {
    /// Asks cargo for the workspace that a folder is in.
    pub fn of(folder: &Path) -> anyhow::Result<Workspace> {
        let mut cargo = cargo(folder);
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]).stderr(Stdio::inherit());
        let output = cargo.output().with_context(|| cannot_start(&cargo))?;
        if !output.status.success() {
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
    let members =
        list(&metadata, "packages")?.iter().map(|package| Some((folder(package)?, member(package)?)));
    Some(Workspace {
        root: text(&metadata, "workspace_root")?.into(),
        members: members.collect::<Option<_>>()?,
    })
}

fn member(package: &JsonValue) -> Option<Member> {
    let is_cdylib = |target: &JsonValue| {
        let types = list(target, "crate_types")?;
        Some(types.iter().any(|ty| ty.get::<String>().is_some_and(|ty| ty == "cdylib")))
    };
    Some(Member {
        id: text(package, "id")?.to_owned(),
        name: text(package, "name")?.to_owned(),
        is_cdylib: list(package, "targets")?.iter().any(|target| is_cdylib(target) == Some(true)),
    })
}

/// Builds these packages, as many of them as can be built, and returns the WebAssembly file of each, by its folder.
pub(crate) fn compile(
    workspace: &Workspace,
    packages: &[&str],
) -> anyhow::Result<BTreeMap<PathBuf, PathBuf>> {
    let mut cargo = cargo(&workspace.root);
    cargo
        .args(["build", "--release", "--keep-going", "--target", TARGET, "--target-dir"])
        .arg(workspace.target())
        .args(["--message-format", "json-render-diagnostics", "--config"])
        .arg(path_remapping(&workspace.root)?)
        // Flags for this machine's own code do not fit WebAssembly.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stderr(Stdio::inherit());
    for package in packages {
        cargo.args(["--package", package]);
    }
    // Whether cargo fails as a whole says less than the files that it has made.
    let output = cargo.output().with_context(|| cannot_start(&cargo))?;
    Ok(artifacts(&String::from_utf8_lossy(&output.stdout)))
}

/// The `.wasm` files in cargo's messages, by the folders of their packages.
fn artifacts(messages: &str) -> BTreeMap<PathBuf, PathBuf> {
    let messages = messages.lines().filter_map(|line| line.parse::<JsonValue>().ok());
    let wasm = |message: JsonValue| {
        let files = list(&message, "filenames")?.iter().filter_map(|file| file.get::<String>());
        let is_wasm = |file: &&Path| file.extension().is_some_and(|extension| extension == "wasm");
        Some((folder(&message)?, files.map(Path::new).find(is_wasm)?.to_owned()))
    };
    messages.filter_map(wasm).collect()
}

/// The folder of the package that a message or an entry describes.
fn folder(of: &JsonValue) -> Option<PathBuf> {
    Some(Path::new(text(of, "manifest_path")?).parent()?.to_owned())
}

fn text<'v>(value: &'v JsonValue, key: &str) -> Option<&'v str> {
    value.get::<Object>()?.get(key)?.get::<String>().map(String::as_str)
}

fn list<'v>(value: &'v JsonValue, key: &str) -> Option<&'v Vec<JsonValue>> {
    value.get::<Object>()?.get(key)?.get()
}

/// The setting that keeps this machine's folders out of the compiled code, so that panic messages and backtraces are the
/// same wherever a mod is built, and do not name the author's home folder.
fn path_remapping(workspace: &Path) -> anyhow::Result<String> {
    let mut folders: Vec<(PathBuf, String)> = Vec::new();
    folders.extend(workspace.parent().map(|above| (above.to_owned(), String::new())));
    let home = || Some(env::home_dir()?.join(".cargo"));
    folders.extend(
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).map(|home| (home, ".cargo".to_owned())),
    );
    folders.push(target::standard_library(workspace)?);
    let flag = |(folder, name): (PathBuf, String)| {
        toml::Value::String(format!("--remap-path-prefix={}={name}", folder.display())).to_string()
    };
    let flags: Vec<String> = folders.into_iter().map(flag).collect();
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.current_dir(folder);
    cargo
}

fn cannot_start(cargo: &Command) -> String {
    format!(
        "{} can't be started. Mods are built with Rust's cargo: install Rust from https://rustup.rs",
        cargo.get_program().display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wasm_file_is_the_one_that_cargo_names() {
        let messages = r#"
            {"reason":"compiler-artifact","manifest_path":"/m/serde/Cargo.toml","filenames":["/t/libserde.rlib"]}
            {"reason":"compiler-artifact","manifest_path":"/m/flock/Cargo.toml","filenames":["/t/x.d","/t/sheep.wasm"]}
            {"reason":"build-script-executed","package_id":"a"}
            not a message
            {"reason":"build-finished","success":false}"#;
        let found = artifacts(messages);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("/m/flock".into(), "/t/sheep.wasm".into())]);
    }

    #[test]
    fn the_workspace_is_read_from_the_metadata() {
        let metadata = r#"{"workspace_root":"/m","packages":[
            {"id":"a#1","name":"a","manifest_path":"/m/a/Cargo.toml","targets":[{"crate_types":["cdylib","rlib"]}]},
            {"id":"b#1","name":"b","manifest_path":"/m/b/Cargo.toml","targets":[{"crate_types":["lib"]}]}]}"#;
        let workspace = workspace(metadata).unwrap();
        assert_eq!((workspace.root.to_str(), workspace.target()), (Some("/m"), "/m/target".into()));
        let members = workspace.members.iter().map(|(folder, member)| {
            (folder.to_str().unwrap(), member.id.as_str(), member.name.as_str(), member.is_cdylib)
        });
        assert_eq!(members.collect::<Vec<_>>(), [("/m/a", "a#1", "a", true), ("/m/b", "b#1", "b", false)]);
    }

    #[test]
    fn compiled_code_does_not_name_folders_of_this_machine() {
        let project = tempfile::tempdir().unwrap();
        let mods = project.path().join("a \"b\"").join("mods");
        std::fs::create_dir_all(&mods).unwrap();
        let setting = path_remapping(&mods).unwrap();
        let read: toml::Table = toml::from_str(&setting).unwrap();
        let flags = read["target"][TARGET]["rustflags"].as_array().unwrap();
        let first = flags[0].as_str().unwrap();
        assert!(first.ends_with("/a \"b\"="), "{first}");
        assert_eq!(flags.len(), 3, "{flags:?}");
    }
}

//! What cargo knows of the mods' workspace, and what it has built: read from its own messages.
//!
//! Nothing is guessed from names: a file that lies in the target folder from an earlier build is not taken for this one's.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use tinyjson::JsonValue;

use super::{Source, TARGET, target};
use crate::project::Project;

type Object = HashMap<String, JsonValue>;

/// The packages of the workspace, by the folders that they are in: their ids.
pub(super) fn members(workspace: &Path) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut cargo = cargo(workspace);
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]).stderr(Stdio::inherit());
    let output = cargo.output().with_context(|| cannot_start(&cargo))?;
    if !output.status.success() {
        bail!(
            "{} can't be read as a workspace: cargo says why above. Correct it and build again",
            workspace.join("Cargo.toml").display()
        );
    }
    let metadata = String::from_utf8_lossy(&output.stdout);
    packages(&metadata).context("what cargo says of the workspace can't be read")
}

/// The packages in cargo's metadata: their ids, by the folders that they are in.
fn packages(metadata: &str) -> Option<BTreeMap<PathBuf, String>> {
    let metadata: JsonValue = metadata.parse().ok()?;
    let packages = list(&metadata, "packages")?;
    packages.iter().map(|package| Some((folder(package)?, text(package, "id")?.to_owned()))).collect()
}

/// Builds these packages, as many of them as can be built, and returns the WebAssembly of each, by its folder.
pub(super) fn compile(project: &Project, packages: &[&str]) -> anyhow::Result<BTreeMap<PathBuf, PathBuf>> {
    let workspace = project.mods();
    let mut cargo = cargo(&workspace);
    cargo
        .args(["build", "--release", "--keep-going", "--target", TARGET, "--target-dir"])
        .arg(project.mods_target())
        .args(["--message-format", "json-render-diagnostics", "--config"])
        .arg(same_everywhere(&workspace)?)
        // Flags for this machine's own code are none for WebAssembly.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stderr(Stdio::inherit());
    for package in packages {
        cargo.args(["--package", package]);
    }
    // Whether it fails as a whole says less than what it has built.
    let output = cargo.output().with_context(|| cannot_start(&cargo))?;
    Ok(artifacts(&String::from_utf8_lossy(&output.stdout)))
}

/// The `.wasm` files in cargo's messages, by the folder of the package that each is of.
fn artifacts(messages: &str) -> BTreeMap<PathBuf, PathBuf> {
    let messages = messages.lines().filter_map(|line| line.parse::<JsonValue>().ok());
    let wasm = |message: JsonValue| {
        let files = list(&message, "filenames")?.iter().filter_map(|file| file.get::<String>());
        let is_wasm = |file: &&Path| file.extension().is_some_and(|extension| extension == "wasm");
        Some((folder(&message)?, files.map(Path::new).find(is_wasm)?.to_owned()))
    };
    messages.filter_map(wasm).collect()
}

/// The folder of the package that a message or an entry is about.
fn folder(of: &JsonValue) -> Option<PathBuf> {
    Some(Path::new(text(of, "manifest_path")?).parent()?.to_owned())
}

fn text<'v>(value: &'v JsonValue, key: &str) -> Option<&'v str> {
    value.get::<Object>()?.get(key)?.get::<String>().map(String::as_str)
}

fn list<'v>(value: &'v JsonValue, key: &str) -> Option<&'v Vec<JsonValue>> {
    value.get::<Object>()?.get(key)?.get()
}

/// The setting that keeps this machine's folders out of what is compiled: a panic's message and a line of a backtrace
/// are the same wherever a mod is built, and name nobody's home.
fn same_everywhere(workspace: &Path) -> anyhow::Result<String> {
    let mut folders: Vec<(PathBuf, String)> = Vec::new();
    // As cargo names it: it asks the system where it is.
    let workspace = workspace.canonicalize().unwrap_or_else(|_| workspace.to_owned());
    folders.extend(workspace.parent().map(|project| (project.to_owned(), String::new())));
    let home = || Some(env::home_dir()?.join(".cargo"));
    folders.extend(
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).map(|home| (home, ".cargo".to_owned())),
    );
    folders.push(target::standard_library(&workspace)?);
    let flag = |(folder, name): (PathBuf, String)| {
        toml::Value::String(format!("--remap-path-prefix={}={name}", folder.display())).to_string()
    };
    let flags: Vec<String> = folders.into_iter().map(flag).collect();
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}

fn cargo(workspace: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.current_dir(workspace);
    cargo
}

fn cannot_start(cargo: &Command) -> String {
    format!(
        "{} can't be started. The mods are built with Rust's cargo: see https://rustup.rs",
        cargo.get_program().display()
    )
}

/// Why a mod is not built that is not a member, and what to do.
pub(super) fn no_member(workspace: &Path, source: &Source) -> String {
    format!(
        "it is not a member of the mods' workspace. Add \"{}\" to `members` in {}",
        source.name,
        workspace.join("Cargo.toml").display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wasm_is_the_one_that_cargo_names() {
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
    fn folders_of_this_machine_stay_out() {
        let project = tempfile::tempdir().unwrap();
        let mods = project.path().join("a \"b\"").join("mods");
        std::fs::create_dir_all(&mods).unwrap();
        let setting = same_everywhere(&mods).unwrap();
        let read: toml::Table = toml::from_str(&setting).unwrap();
        let flags = read["target"][TARGET]["rustflags"].as_array().unwrap();
        let first = flags[0].as_str().unwrap();
        assert!(first.ends_with("/a \"b\"="), "{first}");
        assert_eq!(flags.len(), 3, "{flags:?}");
    }
}

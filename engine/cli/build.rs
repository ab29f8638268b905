//! Puts what is not published yet into the binary, for `tinkerbox new`: the sources of the SDKs, with manifests that need no
//! workspace, and the versions of the crates that they depend on.
//!
//! Packed without the repository around it, this crate has nothing to put in: then the SDK for Rust is published in the same
//! version, and new mods depend on that.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The crate that mods in Rust depend on.
const SDK: &str = "tinkerbox-sdk";
/// SDKs for other languages: folders of `sdk`.
const OTHERS: [&str; 3] = ["c", "zig", "assemblyscript"];
/// What of a package is of use to a mod.
const PACKAGE_KEYS: [&str; 6] = ["name", "description", "version", "edition", "rust-version", "license"];

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let root = here.join("../..");
    println!("cargo::rerun-if-changed=build.rs");
    let mut embedded = Embedded { out: out.clone(), files: Vec::new(), lock: String::new() };
    if root.join("sdk/rust/Cargo.toml").is_file() {
        let workspace = read_table(&root.join("Cargo.toml"));
        embedded.add_crate(&root, &workspace, "rust", &mut BTreeSet::new());
        for language in OTHERS {
            embedded.add_folder(&root.join("sdk").join(language), language);
        }
        embedded.lock = lock_of(&read(&root.join("mods/Cargo.lock")), SDK);
    }
    embedded.write();
}

/// What becomes part of the binary.
struct Embedded {
    out: PathBuf,
    /// The path in the folder of the SDKs, and the file to include.
    files: Vec<(String, PathBuf)>,
    lock: String,
}

impl Embedded {
    /// Adds a crate in `sdk` and those that it depends on by path.
    fn add_crate(&mut self, root: &Path, workspace: &Table, name: &str, seen: &mut BTreeSet<String>) {
        if !seen.insert(name.to_owned()) {
            return;
        }
        let folder = root.join("sdk").join(name);
        let (manifest, near) = standalone(&read_table(&folder.join("Cargo.toml")), workspace);
        let file = self.out.join(format!("{name}.Cargo.toml"));
        fs::write(&file, manifest.to_string())
            .expect("the folder for this script's output can be written to");
        self.files.push((format!("{name}/Cargo.toml"), file));
        self.add_folder(&folder.join("src"), &format!("{name}/src"));
        near.iter().for_each(|near| self.add_crate(root, workspace, near, seen));
    }

    /// Adds the text files of a folder, but no tests.
    fn add_folder(&mut self, folder: &Path, within: &str) {
        println!("cargo::rerun-if-changed={}", folder.display());
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().expect("it was listed").to_string_lossy().into_owned();
            match path.is_dir() {
                true if ["tests", "node_modules", "target"].contains(&name.as_str())
                    || name.starts_with('.') => {}
                true => self.add_folder(&path, &format!("{within}/{name}")),
                false => self.files.push((format!("{within}/{name}"), path)),
            }
        }
    }

    fn write(mut self) {
        self.files.sort();
        let lock = self.out.join("sdk.lock");
        fs::write(&lock, &self.lock).expect("the folder for this script's output can be written to");
        let file = |(name, file): &(String, PathBuf)| format!("    ({name:?}, include_str!({file:?})),\n");
        let files: String = self.files.iter().map(file).collect();
        let code = format!("(&[\n{files}], include_str!({lock:?}))\n");
        fs::write(self.out.join("sdk.rs"), code)
            .expect("the folder for this script's output can be written to");
    }
}

/// A manifest that inherits nothing, and the names of the folders in `sdk` on which it depends.
fn standalone(manifest: &Table, workspace: &Table) -> (Table, Vec<String>) {
    let shared = &workspace["workspace"];
    let mut new = Table::new();
    let own = manifest["package"].as_table().expect("a package is a table");
    let package = own.iter().filter(|(key, _)| PACKAGE_KEYS.contains(&key.as_str()));
    let package = package.map(|(key, value)| {
        let is_inherited = value.get("workspace").is_some();
        (key.clone(), if is_inherited { shared["package"][key].clone() } else { value.clone() })
    });
    new.insert("package".to_owned(), Value::Table(package.collect()));
    for key in ["lib", "features"] {
        new.extend(manifest.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    let mut near = Vec::new();
    let mut dependencies = |of: &Table| {
        let own = of.get("dependencies").and_then(Value::as_table).into_iter().flatten();
        let all = own.map(|(name, value)| {
            (name.clone(), dependency(value, shared["dependencies"].get(name), &mut near))
        });
        Table::from_iter([("dependencies".to_owned(), Value::Table(all.collect()))])
    };
    new.extend(dependencies(manifest));
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        let of_targets = targets
            .iter()
            .filter_map(|(target, of)| Some((target.clone(), Value::Table(dependencies(of.as_table()?)))));
        new.insert("target".to_owned(), Value::Table(of_targets.collect()));
    }
    (new, near)
}

/// A dependency with what it inherits. One of `sdk` is beside the crate.
fn dependency(own: &Value, shared: Option<&Value>, near: &mut Vec<String>) -> Value {
    let table = |value: &Value| match value {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    };
    let mut dependency = table(own);
    if dependency.remove("workspace").is_some() {
        let mut inherited = table(shared.expect("what is inherited is in the workspace"));
        if let (Some(Value::Array(all)), Some(Value::Array(more))) =
            (inherited.get_mut("features"), dependency.get("features"))
        {
            all.extend(more.clone());
            dependency.remove("features");
        }
        inherited.extend(dependency);
        dependency = inherited;
    }
    if let Some(folder) = dependency.get("path").and_then(Value::as_str) {
        let name = folder.rsplit('/').next().expect("a path has a last part").to_owned();
        dependency.insert("path".to_owned(), Value::String(format!("../{name}")));
        near.push(name);
    }
    Value::Table(dependency)
}

/// The part of a lock file that a package needs.
fn lock_of(lock: &str, package: &str) -> String {
    let blocks: Vec<&str> = lock.split("[[package]]\n").skip(1).collect();
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
        line.map(|line| line.trim_end_matches('"').to_owned()).unwrap_or_default()
    };
    let mut wanted = vec![package.to_owned()];
    let mut kept = BTreeSet::new();
    while let Some(wish) = wanted.pop() {
        let (name, version) = wish.split_once(' ').unwrap_or((&wish, ""));
        let fits = |block: &str| {
            value(block, "name") == name && (version.is_empty() || value(block, "version") == version)
        };
        let Some(place) = blocks.iter().position(|block| fits(block)) else { continue };
        if kept.insert(place) {
            let dependencies = blocks[place].lines().filter_map(|line| line.strip_prefix(" \""));
            wanted.extend(dependencies.map(|line| line.trim_end_matches("\",").to_owned()));
        }
    }
    kept.iter().map(|&place| format!("[[package]]\n{}\n\n", blocks[place].trim_end())).collect()
}

fn read(file: &Path) -> String {
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn read_table(file: &Path) -> Table {
    read(file).parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

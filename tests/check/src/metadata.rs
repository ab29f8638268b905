//! What cargo knows of a workspace: its packages, those that they depend on, and which of these each one uses.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tinyjson::JsonValue;

use crate::step::Cargo;

type Object = HashMap<String, JsonValue>;

pub struct Metadata {
    /// The workspace's own packages, and those that they are built with.
    pub packages: Vec<Package>,
}

pub struct Package {
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    /// Where it comes from; nothing for a package in this repository.
    pub source: Option<String>,
    pub folder: PathBuf,
    pub is_member: bool,
    pub is_published: bool,
    pub description: Option<String>,
    pub readme: Option<PathBuf>,
    pub keywords: Vec<String>,
    pub categories: Vec<String>,
    /// Whether `[package.metadata.docs.rs]` is set.
    pub has_docs_settings: bool,
    /// Dependencies that `[package.metadata.cargo-machete]` says are used although no source names them.
    pub silently_used: Vec<String>,
    /// What its manifest asks for.
    pub wanted: Vec<Wanted>,
    /// What it got, under the names by which its sources know it.
    pub used: Vec<Used>,
    pub targets: Vec<Target>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Normal,
    Dev,
    Build,
}

/// A dependency in a manifest.
pub struct Wanted {
    pub name: String,
    pub kind: Kind,
    /// `*` where only a path is given.
    pub version: String,
    pub is_path: bool,
}

/// A dependency of the resolved graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// As in `use name::..`.
    pub name: String,
    pub kind: Kind,
}

pub struct Target {
    pub is_shipped: bool,
    pub path: PathBuf,
}

impl Metadata {
    /// Of the workspace in a folder, with all that is built for these machines.
    pub fn read(repository: &Path, folder: &'static str, machines: &[String]) -> anyhow::Result<Metadata> {
        let with =
            |flag: &str| -> String { machines.iter().map(|machine| format!(" {flag} {machine}")).collect() };
        let run = |arguments: String| Cargo::new(&arguments).in_folder(folder).output(repository);
        let filters = with("--filter-platform");
        let mut metadata = Metadata::parse(&run(format!("metadata --locked --format-version 1{filters}"))?)?;
        // The metadata has packages, too, that features leave out; the tree has what is built.
        let targets = with("--target");
        let tree = run(format!("tree --locked --workspace --prefix none --format {{p}}{targets}"))?;
        let built = packages_in(&tree);
        metadata
            .packages
            .retain(|package| built.contains(&(package.name.as_str(), package.version.as_str())));
        Ok(metadata)
    }

    /// Of the workspace in a folder, without what it depends on.
    pub fn read_members(repository: &Path, folder: &'static str) -> anyhow::Result<Metadata> {
        let cargo = Cargo::new("metadata --locked --no-deps --format-version 1").in_folder(folder);
        Metadata::parse(&cargo.output(repository)?)
    }

    fn parse(text: &str) -> anyhow::Result<Metadata> {
        let value: JsonValue = text.parse().context("cargo's metadata is not JSON")?;
        let members: HashSet<&str> = strings(&value, "workspace_members").collect();
        let nodes = value.get::<Object>().and_then(|object| object.get("resolve"));
        let nodes = nodes.map(|resolve| list(resolve, "nodes")).unwrap_or_default();
        let nodes: HashMap<&str, &JsonValue> =
            nodes.iter().filter_map(|node| Some((text_of(node, "id")?, node))).collect();
        let mut packages = Vec::new();
        for package in list(&value, "packages") {
            let id = text_of(package, "id").context("a package without an id")?;
            let node = nodes.get(id).copied();
            let read = read_package(package, node, members.contains(id));
            packages.push(read.with_context(|| format!("the package {id}"))?);
        }
        ensure!(!packages.is_empty(), "cargo's metadata names no packages");
        Ok(Metadata { packages })
    }

    /// The packages of the workspace itself.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_member)
    }
}

/// Names and versions in the lines of a tree, such as `serde_derive v1.0.229 (proc-macro)`.
fn packages_in(tree: &str) -> HashSet<(&str, &str)> {
    let package = |line| {
        let mut words = str::split_whitespace(line);
        Some((words.next()?, words.next()?.strip_prefix('v')?))
    };
    tree.lines().filter_map(package).collect()
}

fn read_package(package: &JsonValue, node: Option<&JsonValue>, is_member: bool) -> anyhow::Result<Package> {
    let owned = |key: &str| text_of(package, key).map(str::to_owned);
    let manifest = text_of(package, "manifest_path").context("no `manifest_path`")?;
    let folder = Path::new(manifest).parent().context("the manifest is in no folder")?;
    let settings = field(package, "metadata");
    let docs = settings.and_then(|metadata| field(metadata, "docs")).and_then(|docs| field(docs, "rs"));
    let machete = settings.and_then(|metadata| field(metadata, "cargo-machete"));
    Ok(Package {
        name: owned("name").context("no `name`")?,
        version: owned("version").context("no `version`")?,
        license: owned("license"),
        source: owned("source"),
        folder: folder.to_owned(),
        is_member,
        // `publish = false` is an empty list of registries; nothing set is null.
        is_published: field(package, "publish")
            .is_none_or(|publish| publish.get::<Vec<JsonValue>>().is_none()),
        description: owned("description"),
        readme: owned("readme").map(|readme| folder.join(readme)),
        keywords: strings(package, "keywords").map(str::to_owned).collect(),
        categories: strings(package, "categories").map(str::to_owned).collect(),
        has_docs_settings: docs.is_some(),
        silently_used: machete.into_iter().flat_map(|of| strings(of, "ignored")).map(str::to_owned).collect(),
        wanted: list(package, "dependencies").iter().filter_map(read_wanted).collect(),
        used: node.into_iter().flat_map(|node| list(node, "deps")).flat_map(read_used).collect(),
        targets: list(package, "targets").iter().filter_map(read_target).collect(),
    })
}

fn read_wanted(dependency: &JsonValue) -> Option<Wanted> {
    Some(Wanted {
        name: text_of(dependency, "name")?.to_owned(),
        kind: kind_of(dependency),
        version: text_of(dependency, "req")?.to_owned(),
        is_path: text_of(dependency, "path").is_some(),
    })
}

/// A dependency of the graph, once for each kind of dependency that it is.
fn read_used(dependency: &JsonValue) -> Vec<Used> {
    let name = text_of(dependency, "name").unwrap_or_default();
    let mut used = Vec::new();
    for kind in list(dependency, "dep_kinds").iter().map(kind_of) {
        let one = Used { name: name.to_owned(), kind };
        if !used.contains(&one) {
            used.push(one);
        }
    }
    used
}

fn kind_of(dependency: &JsonValue) -> Kind {
    match text_of(dependency, "kind") {
        Some("dev") => Kind::Dev,
        Some("build") => Kind::Build,
        _ => Kind::Normal,
    }
}

fn read_target(target: &JsonValue) -> Option<Target> {
    let development = ["test", "bench", "example"];
    Some(Target {
        is_shipped: !strings(target, "kind").any(|kind| development.contains(&kind)),
        path: PathBuf::from(text_of(target, "src_path")?),
    })
}

/// A field that is there and not null.
fn field<'v>(value: &'v JsonValue, key: &str) -> Option<&'v JsonValue> {
    value.get::<Object>()?.get(key).filter(|field| !field.is_null())
}

fn text_of<'v>(value: &'v JsonValue, key: &str) -> Option<&'v str> {
    field(value, key)?.get::<String>().map(String::as_str)
}

fn list<'v>(value: &'v JsonValue, key: &str) -> &'v [JsonValue] {
    field(value, key).and_then(|field| field.get::<Vec<JsonValue>>()).map_or(&[], Vec::as_slice)
}

fn strings<'v>(value: &'v JsonValue, key: &str) -> impl Iterator<Item = &'v str> {
    list(value, key).iter().filter_map(|item| item.get::<String>()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{
        "packages": [
            {
                "name": "own", "version": "0.1.0", "id": "own#0.1.0", "license": "MIT", "source": null,
                "manifest_path": "/game/own/Cargo.toml", "publish": [], "readme": "README.md",
                "keywords": ["mods"], "categories": [],
                "metadata": { "docs": { "rs": {} }, "cargo-machete": { "ignored": ["quiet"] } },
                "dependencies": [
                    { "name": "other", "req": "^1", "kind": null },
                    { "name": "near", "req": "*", "kind": "dev", "path": "/game/near" }
                ],
                "targets": [
                    { "kind": ["lib"], "src_path": "/game/own/src/lib.rs" },
                    { "kind": ["bench"], "src_path": "/game/own/benches/a.rs" }
                ]
            },
            {
                "name": "other", "version": "1.2.3", "id": "other#1.2.3", "license": null, "source": "registry",
                "manifest_path": "/home/other/Cargo.toml", "publish": null, "dependencies": [], "targets": []
            }
        ],
        "workspace_members": ["own#0.1.0"],
        "resolve": { "nodes": [
            { "id": "own#0.1.0", "deps": [
                { "name": "the_other", "pkg": "other#1.2.3", "dep_kinds": [
                    { "kind": null, "target": null }, { "kind": "dev", "target": null }, { "kind": "dev", "target": "x" }
                ] }
            ] }
        ] }
    }"#;

    #[test]
    fn packages_are_read_with_what_they_use() {
        let metadata = Metadata::parse(METADATA).unwrap();
        let [own] = metadata.members().collect::<Vec<_>>()[..] else { panic!("one member") };
        assert_eq!((own.name.as_str(), own.version.as_str(), own.is_published), ("own", "0.1.0", false));
        assert_eq!(own.readme.as_deref(), Some(Path::new("/game/own/README.md")));
        assert!(own.has_docs_settings && own.silently_used == ["quiet"] && own.keywords == ["mods"]);
        assert_eq!(own.wanted.iter().filter(|wanted| wanted.is_path).count(), 1);
        let used = |kind| Used { name: "the_other".to_owned(), kind };
        assert_eq!(own.used, [used(Kind::Normal), used(Kind::Dev)]);
        assert_eq!(own.targets.iter().map(|target| target.is_shipped).collect::<Vec<_>>(), [true, false]);
        let other = &metadata.packages[1];
        assert!(other.is_published && !other.is_member && other.license.is_none() && other.readme.is_none());
    }

    #[test]
    fn trees_name_what_is_built() {
        let tree = "own v0.1.0 (/game/own)\nother v1.2.3 (proc-macro) (*)\n\nthird v2.0.0";
        let wanted = HashSet::from([("own", "0.1.0"), ("other", "1.2.3"), ("third", "2.0.0")]);
        assert_eq!(packages_in(tree), wanted);
    }

    #[test]
    fn what_is_not_metadata_is_an_error() {
        assert!(Metadata::parse("{").is_err());
        assert!(Metadata::parse("{}").is_err());
        assert!(Metadata::parse(r#"{ "packages": [{ "name": "a" }] }"#).is_err());
    }
}

//! The crates that users depend on: whether their packages are complete, and hold nothing else.
//!
//! What is packed is built by others without this repository. So whatever a source includes has to be in its package,
//! and dependencies have to be published, too.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;

use crate::metadata::{Kind, Metadata, Package};
use crate::step::Cargo;
use crate::tokens::File;

/// Files that each package has.
const NEEDED: [&str; 4] = ["README.md", "LICENSE-APACHE", "LICENSE-MIT", "src/lib.rs"];

/// What a package may hold beside [`NEEDED`]: folders, and files that cargo adds.
const EXPECTED: [&str; 11] = [
    // For those who write mods, or an SDK, in other languages.
    "CONTRACT.md",
    "src/",
    "templates/",
    "benches/",
    "examples/",
    "tests/",
    "build.rs",
    "Cargo.toml",
    "Cargo.toml.orig",
    "Cargo.lock",
    ".cargo_vcs_info.json",
];

/// What is wrong with the manifests and the contents of the published packages.
pub fn problems(repository: &Path) -> anyhow::Result<Vec<String>> {
    let metadata = Metadata::read_members(repository, "")?;
    let published: HashSet<&str> = published(&metadata).map(|package| package.name.as_str()).collect();
    let mut problems = Vec::new();
    for package in self::published(&metadata) {
        let files = packed_files(repository, package)?;
        let mut found = in_manifest(package, &published);
        found.extend(in_list(&files));
        found.extend(included_from_outside(&package.folder, &files)?);
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", package.name)));
    }
    Ok(problems)
}

/// Packs all published packages together, so that each finds the others.
pub fn pack(repository: &Path) -> anyhow::Result<Vec<String>> {
    run_package(repository, "--no-verify")
}

/// Packs them and builds each from its packed files.
///
/// Packages find each other in a registry that cargo makes in the target folder. It takes what it has unpacked from a
/// registry of that place for unchanged for as long as the version is the same, so the place is a new one each time.
pub fn pack_and_build(repository: &Path) -> anyhow::Result<Vec<String>> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let target = format!("target/package-build-{seconds}");
    let problems = run_package(repository, &format!("--target-dir {target}"));
    let made = repository.join(&target);
    if made.exists() {
        std::fs::remove_dir_all(made).with_context(|| target)?;
    }
    problems
}

fn run_package(repository: &Path, flags: &str) -> anyhow::Result<Vec<String>> {
    let metadata = Metadata::read_members(repository, "")?;
    let names: String = published(&metadata).map(|package| format!(" -p {}", package.name)).collect();
    let cargo = Cargo::new(&format!("package --allow-dirty --offline {flags}{names}"));
    println!("{cargo}");
    cargo.output(repository)?;
    Ok(Vec::new())
}

fn published(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata.members().filter(|package| package.is_published)
}

fn packed_files(repository: &Path, package: &Package) -> anyhow::Result<Vec<String>> {
    let cargo = Cargo::new(&format!("package --list --allow-dirty --offline -p {}", package.name));
    Ok(cargo.output(repository)?.lines().map(str::to_owned).collect())
}

fn in_manifest(package: &Package, published: &HashSet<&str>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut want = |is_there: bool, what: &str| {
        if !is_there {
            problems.push(format!("the manifest lacks {what}"));
        }
    };
    want(package.description.is_some(), "a `description`");
    want(package.license.is_some(), "a `license`");
    want((1..=5).contains(&package.keywords.len()), "one to five `keywords`");
    want((1..=5).contains(&package.categories.len()), "one to five `categories`");
    want(package.readme.as_deref() == Some(&package.folder.join("README.md")), "a `README.md` of its own");
    want(package.has_docs_settings, "`[package.metadata.docs.rs]`");
    for wanted in package.wanted.iter().filter(|wanted| wanted.is_path) {
        let (name, has_version) = (&wanted.name, wanted.version != "*");
        let is_published = published.contains(name.as_str());
        // Cargo leaves out what only development needs and has no version.
        match wanted.kind {
            Kind::Dev if has_version && !is_published => {
                problems.push(format!(
                    "the development dependency `{name}` is not published: give its path alone"
                ));
            }
            Kind::Dev => {}
            Kind::Normal | Kind::Build if !is_published => {
                problems.push(format!("the dependency `{name}` is not published"));
            }
            Kind::Normal | Kind::Build if !has_version => {
                problems.push(format!("the dependency `{name}` has no version beside its path"));
            }
            Kind::Normal | Kind::Build => {}
        }
    }
    problems
}

/// What is missing in a package's list of files, and what should not be there.
fn in_list(files: &[String]) -> Vec<String> {
    let missing = NEEDED.iter().filter(|needed| !files.iter().any(|file| file == *needed));
    let mut problems: Vec<String> = missing.map(|needed| format!("{needed} is not packed")).collect();
    let is_expected = |file: &str| {
        EXPECTED.iter().any(|expected| match expected.strip_suffix('/') {
            Some(folder) => Path::new(file).starts_with(folder),
            None => file == *expected,
        })
    };
    let unexpected = files.iter().filter(|file| !NEEDED.contains(&file.as_str()) && !is_expected(file));
    problems
        .extend(unexpected.map(|file| format!("{file} is packed, and nobody who uses the crate needs it")));
    problems
}

/// Files that packed sources include and that are not packed.
fn included_from_outside(folder: &Path, files: &[String]) -> anyhow::Result<Vec<String>> {
    let packed: HashSet<&Path> = files.iter().map(Path::new).collect();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.ends_with(".rs")) {
        let text = std::fs::read_to_string(folder.join(file)).with_context(|| file.clone())?;
        let source = File::read(&text).with_context(|| file.clone())?;
        for included in source.included {
            let near = Path::new(file).parent().unwrap_or(Path::new("")).join(&included);
            if !packed.contains(resolved(&near).as_path()) {
                problems.push(format!("{file} includes {included}, which is not packed"));
            }
        }
    }
    Ok(problems)
}

/// A path without `..` in the middle.
fn resolved(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if resolved.file_name().is_some() => drop(resolved.pop()),
            part => resolved.push(part),
        }
    }
    resolved
}

/// All Rust files of a package, but those of packages and built things inside its folder.
pub fn rust_files(package: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![package.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                let is_another = path.join("Cargo.toml").is_file() || path.ends_with("target");
                folders.extend((!is_another).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Wanted;

    fn complete() -> Package {
        Package {
            name: "own".to_owned(),
            version: "0.1.0".to_owned(),
            license: Some("MIT".to_owned()),
            source: None,
            folder: PathBuf::from("/game/own"),
            is_member: true,
            is_published: true,
            description: Some("Mods.".to_owned()),
            readme: Some(PathBuf::from("/game/own/README.md")),
            keywords: vec!["mods".to_owned()],
            categories: vec!["game-development".to_owned()],
            has_docs_settings: true,
            silently_used: Vec::new(),
            wanted: Vec::new(),
            used: Vec::new(),
            targets: Vec::new(),
        }
    }

    #[test]
    fn manifests_are_complete() {
        assert_eq!(in_manifest(&complete(), &HashSet::new()), [""; 0]);
        let mut package = complete();
        (package.keywords, package.readme) = (Vec::new(), Some(PathBuf::from("/game/README.md")));
        let problems = in_manifest(&package, &HashSet::new());
        assert!(problems.len() == 2 && problems[0].contains("keywords") && problems[1].contains("README.md"));
    }

    #[test]
    fn dependencies_are_published_or_left_out() {
        let published = HashSet::from(["near"]);
        let problem = |name: &str, kind, version: &str| {
            let mut package = complete();
            let wanted = Wanted { name: name.to_owned(), kind, version: version.to_owned(), is_path: true };
            package.wanted.push(wanted);
            !in_manifest(&package, &published).is_empty()
        };
        assert!(!problem("near", Kind::Normal, "^0.1.0") && problem("near", Kind::Normal, "*"));
        assert!(problem("game", Kind::Normal, "^0.1.0") && problem("game", Kind::Build, "*"));
        assert!(problem("game", Kind::Dev, "^0.1.0") && !problem("game", Kind::Dev, "*"));
    }

    #[test]
    fn packages_hold_what_they_need_and_nothing_else() {
        let mut files: Vec<String> =
            NEEDED.iter().chain(&EXPECTED[5..]).map(|file| file.to_string()).collect();
        files.push("benches/a.rs".to_owned());
        assert_eq!(in_list(&files), [""; 0]);
        files.push("notes.md".to_owned());
        files.retain(|file| file != "README.md");
        let problems = in_list(&files);
        assert!(problems.len() == 2 && problems[0].starts_with("README.md is not"), "{problems:?}");
    }

    #[test]
    fn paths_are_resolved_within_the_package() {
        assert_eq!(resolved(Path::new("src/a/../../README.md")), Path::new("README.md"));
        assert_eq!(resolved(Path::new("src/../../README.md")), Path::new("../README.md"));
        assert_eq!(resolved(Path::new("src/./b.rs")), Path::new("src/b.rs"));
    }
}

//! What can be said of the dependencies without a network: from cargo's metadata, `deny.toml` and the sources.

mod duplicates;
mod licences;
mod unused;

use std::path::Path;

use crate::metadata::Metadata;
use crate::policy::Policy;

/// Workspaces whose dependencies end up with those who play and those who make mods.
const WORKSPACES: [&str; 2] = ["", "mods"];

/// The only registry that crates may come from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Packages whose licence `deny.toml` does not allow.
pub fn licences(repository: &Path) -> anyhow::Result<Vec<String>> {
    let policy = Policy::read(repository)?;
    let mut problems = Vec::new();
    for metadata in all(repository, &policy)? {
        problems.extend(
            metadata
                .packages
                .iter()
                .filter_map(|package| licences::problem(package, &policy.allowed_licences)),
        );
    }
    problems.sort_unstable();
    problems.dedup();
    Ok(problems)
}

/// Packages that come from elsewhere than this repository and crates.io.
pub fn sources(repository: &Path) -> anyhow::Result<Vec<String>> {
    let policy = Policy::read(repository)?;
    let mut problems = Vec::new();
    for metadata in all(repository, &policy)? {
        for package in &metadata.packages {
            let is_near = package.folder.starts_with(repository);
            match package.source.as_deref() {
                Some(CRATES_IO) => {}
                None if is_near => {}
                source => problems.push(format!(
                    "{} {} comes from {}",
                    package.name,
                    package.version,
                    source.unwrap_or("a folder outside of the repository")
                )),
            }
        }
    }
    Ok(problems)
}

/// Crates that are there in several versions of which `deny.toml` lists none, and listed ones that are gone.
pub fn duplicates(repository: &Path) -> anyhow::Result<Vec<String>> {
    let policy = Policy::read(repository)?;
    let metadata = Metadata::read(repository, "", &policy.machines)?;
    let listed: Vec<&str> = policy.known_duplicates.iter().map(String::as_str).collect();
    let versions: Vec<(&str, &str)> =
        metadata.packages.iter().map(|package| (package.name.as_str(), package.version.as_str())).collect();
    Ok(duplicates::problems(&versions, &listed))
}

/// Dependencies that no source of their package names.
pub fn unused(repository: &Path) -> anyhow::Result<Vec<String>> {
    let policy = Policy::read(repository)?;
    let mut problems = Vec::new();
    for metadata in all(repository, &policy)? {
        for package in metadata.members() {
            problems.extend(unused::problems(package)?);
        }
    }
    Ok(problems)
}

fn all(repository: &Path, policy: &Policy) -> anyhow::Result<Vec<Metadata>> {
    WORKSPACES.map(|folder| Metadata::read(repository, folder, &policy.machines)).into_iter().collect()
}

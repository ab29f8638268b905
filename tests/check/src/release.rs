//! What a release promises: the oldest Rust that builds it, and an API that fits the last release.

use std::path::Path;

use anyhow::Context;

use crate::step::{Cargo, Step};

/// The workspaces of the repository, each of which says which Rust it needs.
const MANIFESTS: [&str; 4] =
    ["Cargo.toml", "mods/Cargo.toml", "tests/peers/Cargo.toml", "tests/window/Cargo.toml"];

/// Manifests whose `rust-version` is not the toolchain that `rust-toolchain.toml` pins. Since they are the same,
/// whatever builds here builds with the oldest Rust that is promised.
pub fn rust_versions(repository: &Path) -> anyhow::Result<Vec<String>> {
    let toolchain = read(repository, "rust-toolchain.toml")?;
    let channel =
        text(&toolchain, &["toolchain", "channel"]).context("rust-toolchain.toml names no channel")?;
    let mut problems = Vec::new();
    for manifest in MANIFESTS {
        let promised = text(&read(repository, manifest)?, &["workspace", "package", "rust-version"]);
        let promised = promised.unwrap_or_default();
        if !is_same_version(&promised, &channel) {
            problems.push(format!(
                "{manifest}: `rust-version` is `{promised}`, and rust-toolchain.toml pins {channel}"
            ));
        }
    }
    Ok(problems)
}

/// `1.95` is `1.95.0`.
fn is_same_version(promised: &str, pinned: &str) -> bool {
    pinned == promised || pinned == format!("{promised}.0")
}

fn read(repository: &Path, path: &str) -> anyhow::Result<toml::Table> {
    let text = std::fs::read_to_string(repository.join(path)).with_context(|| path.to_owned())?;
    text.parse().with_context(|| path.to_owned())
}

fn text(table: &toml::Table, keys: &[&str]) -> Option<String> {
    let (last, keys) = keys.split_last()?;
    let table = keys.iter().try_fold(table, |table, key| table.get(*key)?.as_table())?;
    Some(table.get(*last)?.as_str()?.to_owned())
}

/// The comparison with the last release that CHANGELOG.md lists.
pub fn semver_steps(repository: &Path) -> Vec<Step> {
    let changes = std::fs::read_to_string(repository.join("CHANGELOG.md")).unwrap_or_default();
    let Some(version) = last_release(&changes) else {
        return vec![Step::skip("cargo semver-checks", "there is no release yet")];
    };
    let cargo = Cargo::new(&format!("semver-checks --workspace --baseline-rev v{version}"));
    let what_to_do =
        "Keep the API as it was, or raise the version: before 1.0 the second number, then the first.";
    vec![Step::run_tool(cargo, "cargo-semver-checks", what_to_do)]
}

/// The version of the first heading such as `## [0.1.0] - 2026-12-24`. What is not released has no date.
fn last_release(changes: &str) -> Option<&str> {
    changes.lines().find_map(|line| {
        let (version, rest) = line.strip_prefix("## [")?.split_once(']')?;
        let has_date = rest.strip_prefix(" - ")?.starts_with(|c: char| c.is_ascii_digit());
        (has_date && version.starts_with(|c: char| c.is_ascii_digit())).then_some(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_a_whole() {
        assert!(is_same_version("1.95", "1.95.0") && is_same_version("1.95.1", "1.95.1"));
        assert!(!is_same_version("1.9", "1.95.0") && !is_same_version("1.95", "1.95.1"));
        assert!(!is_same_version("", "1.95.0"));
    }

    #[test]
    fn a_release_has_a_date() {
        assert_eq!(last_release("# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - unreleased\n"), None);
        let changes = "## [Unreleased]\n## [0.2.0] - 2027-03-01\n- a\n## [0.1.0] - 2026-12-24\n";
        assert_eq!(last_release(changes), Some("0.2.0"));
    }
}

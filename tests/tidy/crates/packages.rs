//! Where a package's crates begin: the files that cargo hands to the compiler.
//!
//! By cargo's conventions, and by what a manifest says under `path`.

use crate::repository::Repository;

/// A crate of a package: a library, a binary, a test, a bench, an example or a build script.
#[derive(Debug, PartialEq)]
pub struct Target {
    /// The folder of the package, with a `/` behind it.
    pub package: String,
    /// The file in which the crate begins.
    pub root: String,
}

/// All targets of all packages in the repository.
pub fn targets(repository: &Repository) -> Vec<Target> {
    let mut targets = Vec::new();
    for (path, text) in &repository.manifests {
        let manifest: toml::Table = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let package = path.strip_suffix("Cargo.toml").expect("manifests have that name");
        if !manifest.contains_key("package") {
            continue;
        }
        let said = said(&manifest).into_iter().map(|said| format!("{package}{said}"));
        let mut roots: Vec<String> = said.collect();
        let by_convention = repository.sources.iter().map(|source| &source.path).filter(|path| {
            path.strip_prefix(package).is_some_and(is_root_by_convention) && !roots.contains(path)
        });
        roots.extend(by_convention.cloned().collect::<Vec<_>>());
        targets.extend(roots.into_iter().map(|root| Target { package: package.to_string(), root }));
    }
    targets
}

/// What `[lib]`, `[[bin]]`, `[[test]]`, ... say under `path`.
fn said(manifest: &toml::Table) -> Vec<String> {
    let mut paths = Vec::new();
    for kind in ["lib", "bin", "test", "bench", "example"] {
        let tables = match manifest.get(kind) {
            Some(toml::Value::Array(tables)) => tables.iter().collect(),
            Some(table) => vec![table],
            None => continue,
        };
        paths.extend(tables.iter().filter_map(|table| table.get("path")?.as_str()).map(str::to_string));
    }
    paths
}

fn is_root_by_convention(within: &str) -> bool {
    let parts: Vec<&str> = within.split('/').collect();
    let folders = ["examples", "tests", "benches"];
    match parts.as_slice() {
        ["build.rs"] | ["src", "lib.rs" | "main.rs"] => true,
        ["src", "bin", rest @ ..] => matches!(rest, [_] | [_, "main.rs"]),
        [folder, rest @ ..] => folders.contains(folder) && matches!(rest, [_] | [_, "main.rs"]),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_begin_where_cargo_says() {
        let repository = Repository::of(&[
            ("Cargo.toml", "[workspace]"),
            ("a/Cargo.toml", "[package]\n[[test]]\npath = \"it/main.rs\"\n[lib]\npath = \"x.rs\""),
            ("a/it/main.rs", ""),
            ("a/it/other.rs", ""),
            ("a/x.rs", ""),
            ("a/src/main.rs", ""),
            ("a/src/bin/b.rs", ""),
            ("a/src/c.rs", ""),
            ("a/tests/d/main.rs", ""),
            ("a/tests/d/e.rs", ""),
        ]);
        let targets = targets(&repository);
        let mut roots: Vec<&str> = targets.iter().map(|target| target.root.as_str()).collect();
        roots.sort_unstable();
        assert_eq!(roots, ["a/it/main.rs", "a/src/bin/b.rs", "a/src/main.rs", "a/tests/d/main.rs", "a/x.rs"]);
        assert!(targets.iter().all(|target| target.package == "a/"));
    }
}

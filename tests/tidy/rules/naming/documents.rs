//! What the documents name in backticks: files, folders, types and tests have to exist.

use super::named::{Names, in_backticks};
use crate::repository::Repository;

/// Where readers begin.
const WANTED: [&str; 3] = ["README.md", "ARCHITECTURE.md", "SECURITY.md"];

/// Names of things that do not exist.
pub fn problems(repository: &Repository, invented: &[&str]) -> Vec<String> {
    let names = Names::of(repository, invented);
    let mut problems = Vec::new();
    for wanted in WANTED {
        if !repository.documents.iter().any(|(path, _)| path == wanted) {
            problems.push(format!("{wanted}:1: write it: it is where readers begin"));
        }
    }
    for (path, text) in &repository.documents {
        for (line, named) in in_backticks(text) {
            for missing in names.missing(named, &[]) {
                problems.push(format!("{path}:{}: `{missing}` does not exist: correct the name", line + 1));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_documents_are_looked_for() {
        let repository = Repository::of(&[
            ("README.md", "`a/b.rs`\n`Gone` `mods/gale/mod.toml`\n`x/y.rs`"),
            ("ARCHITECTURE.md", ""),
            ("a/b.rs", ""),
        ]);
        let found = problems(&repository, &["mods/gale/"]);
        assert!(found[0].starts_with("SECURITY.md:1: write it"));
        assert!(found[1].starts_with("README.md:2: `Gone`") && found[2].starts_with("README.md:3: `x/y.rs`"));
        assert_eq!(found.len(), 3);
    }
}

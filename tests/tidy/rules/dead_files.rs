//! Rust files that no crate contains, and `mod` declarations without a file.

use std::collections::HashSet;

use crate::crates::{Tree, targets};
use crate::repository::Repository;

/// Files that the compiler never sees.
pub fn problems(repository: &Repository) -> Vec<String> {
    let mut reached = HashSet::new();
    let mut problems = Vec::new();
    for target in targets(repository) {
        let tree = Tree::of(repository, &target.root);
        reached.extend(tree.files());
        problems.extend(tree.missing);
    }
    let dead = repository.sources.iter().enumerate().filter(|(number, _)| !reached.contains(number));
    let what = "not part of any crate: declare it with `mod`, or delete it";
    problems.extend(dead.map(|(_, source)| format!("{}:1: {what}", source.path)));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_nothing_leads_to_are_found() {
        let repository = Repository::of(&[
            ("a/Cargo.toml", "[package]"),
            ("a/src/lib.rs", "mod b;\nmod gone;"),
            ("a/src/b.rs", ""),
            ("a/src/c.rs", ""),
        ]);
        let found = problems(&repository);
        assert!(found.len() == 2 && found[0].contains("`mod gone;`") && found[1].starts_with("a/src/c.rs:1"));
    }
}

//! What the documents name in backticks: files, folders and types have to exist.

use std::collections::HashSet;

use crate::repository::Repository;
use crate::source::words;

/// What a document invents: the mod that its reader is about to write.
const INVENTED: [&str; 1] = ["mods/gale"];

const ENDINGS: [&str; 7] = [".rs", ".toml", ".md", ".txt", ".wat", ".lock", ".wast"];

/// Names that are nowhere.
pub fn problems(repository: &Repository) -> Vec<String> {
    let known: HashSet<&str> =
        repository.sources.iter().flat_map(|source| words(&source.code)).map(|(_, word)| word).collect();
    let mut problems = Vec::new();
    for wanted in ["README.md", "ARCHITECTURE.md", "SECURITY.md"] {
        if !repository.documents.iter().any(|(path, _)| path == wanted) {
            problems.push(format!("{wanted}:1: write it: it is where readers begin"));
        }
    }
    for (path, text) in &repository.documents {
        for (line, named) in in_backticks(text) {
            if is_path(named) {
                if !exists(repository, named) {
                    problems.push(format!("{path}:{line}: `{named}` is not there: name what is"));
                }
                continue;
            }
            if is_test(named) && !known.contains(named) {
                problems
                    .push(format!("{path}:{line}: the test `{named}` is nowhere in the code: name what is"));
            }
            for (_, word) in words(named).filter(|(_, word)| is_type(word) && !known.contains(word)) {
                problems.push(format!("{path}:{line}: `{word}` is nowhere in the code: name what is"));
            }
        }
    }
    problems
}

/// What stands between backticks on one line, outside of blocks of code.
fn in_backticks(text: &str) -> Vec<(usize, &str)> {
    let mut named = Vec::new();
    let mut in_block = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            named.extend(line.split('`').skip(1).step_by(2).map(|named| (at + 1, named)));
        }
    }
    named
}

fn is_path(named: &str) -> bool {
    let plain = named.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let ending = ENDINGS.iter().any(|ending| named.ends_with(ending) && named.len() > ending.len());
    plain && (named.contains('/') || ending)
}

/// By its whole path, or by the end of it.
fn exists(repository: &Repository, named: &str) -> bool {
    let named = named.trim_end_matches('/');
    let invented = INVENTED.iter().any(|invented| named.starts_with(invented));
    let ends =
        |path: &String| path.strip_suffix(named).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    invented || repository.paths.iter().any(ends)
}

/// `every_file_says_what_it_is_for`: shorter names are of many things.
fn is_test(named: &str) -> bool {
    named.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
        && named.matches('_').count() > 3
}

/// `StoreCore`, not `STORE`, `store` or `T`.
fn is_type(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_types_are_told_from_the_rest() {
        assert!(["engine/wasm", "order.rs", ".ci/run", "package/"].iter().all(|path| is_path(path)));
        assert!(["cargo run", ".wasm", "10.0", "mods/<id>", "a <- b"].iter().all(|other| !is_path(other)));
        assert!(is_test("bounds_are_where_they_should_be") && !is_test("memory_guard_size"));
        assert!(is_type("StoreCore") && !is_type("BLESS") && !is_type("T") && !is_type("delta"));
        let text = "`a` b `c`\n```\n`d`\n```\n`e`";
        assert_eq!(in_backticks(text), [(1, "a"), (1, "c"), (5, "e")]);
    }
}

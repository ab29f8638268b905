//! What a text names in backticks: files, types and tests. They have to exist.

use std::collections::HashSet;

use crate::repository::Repository;
use crate::source::words;

const ENDINGS: [&str; 7] = [".rs", ".toml", ".md", ".txt", ".wat", ".lock", ".wast"];

/// What there is to name.
pub struct Names<'a> {
    repository: &'a Repository,
    /// All words of the code.
    words: HashSet<&'a str>,
    listed: &'a [&'a str],
}

impl<'a> Names<'a> {
    /// Everything in the repository, what is `listed` besides, and all that is in folders which are.
    pub fn of(repository: &'a Repository, listed: &'a [&'a str]) -> Names<'a> {
        let words = repository.sources.iter().flat_map(|source| words(&source.code)).map(|(_, word)| word);
        Names { repository, words: words.collect(), listed }
    }

    /// Types and tests that are nowhere, and files that are in none of these folders. With no folder it is enough that
    /// the end of a path is right.
    pub fn missing(&self, named: &str, folders: &[&str]) -> Vec<String> {
        if self.is_listed(named) {
            return Vec::new();
        }
        if is_path(named) {
            return if self.is_file(named, folders) { Vec::new() } else { vec![named.to_string()] };
        }
        if is_test(named) && !self.words.contains(named) {
            return vec![named.to_string()];
        }
        let types = words(named).map(|(_, word)| word).filter(|word| is_type(word));
        let unknown = types.filter(|word| !self.words.contains(word) && !self.is_listed(word));
        unknown.map(str::to_string).collect()
    }

    fn is_listed(&self, named: &str) -> bool {
        self.listed.iter().any(|listed| match listed.strip_suffix('/') {
            Some(folder) => {
                named.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            None => named == *listed,
        })
    }

    fn is_file(&self, named: &str, folders: &[&str]) -> bool {
        let named = named.trim_end_matches('/');
        if folders.is_empty() {
            let ends = |path: &String| {
                path.strip_suffix(named).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            };
            return self.repository.paths.iter().any(ends);
        }
        folders.iter().any(|folder| {
            let path = |path: &String| path.strip_prefix(folder).is_some_and(|rest| rest == named);
            self.repository.paths.iter().any(path)
        })
    }
}

/// What stands between backticks, outside of blocks of code, and on which line from 0 on.
pub fn in_backticks(text: &str) -> Vec<(usize, &str)> {
    let mut named = Vec::new();
    let mut is_code = false;
    let mut is_named = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if line.trim().is_empty() {
            // A paragraph ends what was left open.
            is_named = false;
        }
        if is_code {
            continue;
        }
        for (part, text) in line.split('`').enumerate() {
            is_named ^= part > 0;
            if is_named {
                named.push((at, text));
            }
        }
    }
    named
}

fn is_path(named: &str) -> bool {
    let plain = named.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let ending = ENDINGS.iter().any(|ending| named.ends_with(ending) && named.len() > ending.len());
    let is_plain = plain && !named.starts_with('/') && named.contains(|c: char| c.is_ascii_alphanumeric());
    is_plain && (named.contains('/') || ending)
}

/// `every_file_says_what_it_is_for`: shorter names are of many things.
fn is_test(named: &str) -> bool {
    named.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
        && named.matches('_').count() > 3
}

/// `StoreCore`, not `STORE`, `store`, `T` or `DW_AT_low_pc`.
fn is_type(word: &str) -> bool {
    let is_camel =
        word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains(|c: char| c.is_ascii_lowercase());
    is_camel && word.len() > 2 && !word.contains('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_types_are_told_from_the_rest() {
        assert!(["engine/wasm", "order.rs", ".ci/run", "package/"].iter().all(|path| is_path(path)));
        assert!(
            ["cargo run", ".wasm", "10.0", "mods/<id>", "a <- b", "/", "/a"]
                .iter()
                .all(|other| !is_path(other))
        );
        assert!(is_test("bounds_are_where_they_should_be") && !is_test("memory_guard_size"));
        assert!(
            is_type("StoreCore") && !is_type("BLESS") && !is_type("Za") && !is_type("T") && !is_type("delta")
        );
    }

    #[test]
    fn backticks_are_read_over_lines_and_not_in_code() {
        let text = "`a` b `c`\n```\n`d`\n```\n`e`\n`f\ng` h `i\n\nj` k";
        assert_eq!(
            in_backticks(text),
            [(0, "a"), (0, "c"), (4, "e"), (5, "f"), (6, "g"), (6, "i"), (8, " k")]
        );
    }

    #[test]
    fn what_is_nowhere_is_missing() {
        let repository = Repository::of(&[("a/b.rs", "struct Known;"), ("c/d.rs", "")]);
        let names = Names::of(&repository, &["Foreign", "f.rs", "made/"]);
        let missing = |named, folders| names.missing(named, folders).join(" ");
        assert_eq!(missing("Known<Foreign, Gone>", &[]), "Gone");
        assert_eq!((missing("b.rs", &[]), missing("e.rs", &[])), (String::new(), "e.rs".to_string()));
        assert_eq!(
            (missing("b.rs", &["", "a/"]), missing("d.rs", &["", "a/"])),
            (String::new(), "d.rs".to_string())
        );
        assert_eq!((missing("f.rs", &["a/"]), missing("made/g.rs", &[])), (String::new(), String::new()));
        assert_eq!(missing("a_test_that_is_gone", &[]), "a_test_that_is_gone");
    }
}

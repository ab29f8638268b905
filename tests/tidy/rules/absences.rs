//! What files keep apart from, as the comments at their heads say: a list says what must not be named for that to be true,
//! and the code is compared with the list.
//!
//! At the head of a `mod.rs` or of a crate's root such a sentence is about the whole folder. Tests may name everything.

use std::collections::HashMap;

use crate::crates::{Tree, targets};
use crate::house::Absence;
use crate::repository::Repository;
use crate::source::words;

/// What stands behind `know` or `knows` in such a sentence.
const NEGATIONS: [&str; 5] = ["no", "nothing", "neither", "none", "nor"];

/// Sentences without an entry in the list, entries without a sentence, and code that names what it must not know.
pub fn problems(repository: &Repository, absences: &[Absence]) -> Vec<String> {
    let mut problems = unexplained(repository, absences);
    let named = Named::of(repository);
    for absence in absences {
        let Some(head) = head_of(repository, absence.place) else {
            problems.push(format!("{}: no such file: remove it from ABSENCES", absence.place));
            continue;
        };
        if !head.contains(absence.says) {
            let says = absence.says;
            problems.push(format!(
                "{}:1: the head does not say `{says}`: remove it from ABSENCES",
                absence.place
            ));
        }
        for absent in absence.absent.split_whitespace().map(|absent| path_of(repository, absence, absent)) {
            let absent = absent.as_str();
            if !exists(repository, absent) {
                problems.push(format!(
                    "{}: `{absent}` in ABSENCES does not exist: correct the name",
                    absence.place
                ));
            }
            problems.extend(named.problems(absence, absent));
        }
    }
    problems
}

fn unexplained(repository: &Repository, absences: &[Absence]) -> Vec<String> {
    let mut problems = Vec::new();
    for source in &repository.sources {
        let own: Vec<&str> = absences
            .iter()
            .filter(|absence| is_head_of(&source.path, absence.place))
            .map(|absence| absence.says)
            .collect();
        let head = source.syntax().head();
        let head =
            [". ", "; ", ": "].iter().fold(head, |head, end| head.replace(end, &format!("{}\n", end.trim())));
        let sentences = head.lines().filter(|sentence| is_absence(sentence));
        for sentence in sentences.filter(|sentence| !own.iter().any(|says| sentence.contains(says))) {
            problems.push(format!(
                "{}:1: `{}`: list in ABSENCES what must not be named, so that this is checked",
                source.path,
                sentence.trim()
            ));
        }
    }
    problems
}

/// `It reads no clock`, `it knows no mod`, `must not know files`, `knows the public API only`, `nothing here knows the insides`.
fn is_absence(sentence: &str) -> bool {
    let sentence = sentence.to_lowercase();
    let words: Vec<&str> = words(&sentence).map(|(_, word)| word).collect();
    if words.windows(2).any(|pair| pair == ["reads", "no"]) {
        return true;
    }
    let Some(at) = words.iter().position(|word| ["know", "knows"].contains(word)) else { return false };
    let is_denied = words[at..].iter().any(|word| NEGATIONS.contains(word));
    let is_forbidden = words[..at].ends_with(&["not"]) && !words[..at].ends_with(&["need", "not"]);
    let is_of_nothing = words.first() == Some(&"nothing");
    is_denied
        || is_forbidden
        || is_of_nothing
        || words.last() == Some(&"only")
        || words.get(at + 1) == Some(&"only")
}

/// Whether a file's head speaks for a place: the file itself, or the folder that it opens.
fn is_head_of(path: &str, place: &str) -> bool {
    let opened = ["mod.rs", "lib.rs", "main.rs"].iter().find_map(|name| path.strip_suffix(name));
    if place.ends_with('/') { opened == Some(place) } else { path == place }
}

fn head_of(repository: &Repository, place: &str) -> Option<String> {
    let source = repository.sources.iter().find(|source| is_head_of(&source.path, place))?;
    Some(source.syntax().head())
}

/// The path in the repository where something absent is given relative to the sources of the crate.
fn path_of(repository: &Repository, absence: &Absence, absent: &str) -> String {
    let sources = absence.place.find("src/").map_or("", |at| &absence.place[..at + 4]);
    let path = format!("{sources}{absent}");
    let is_there = repository.paths.iter().any(|known| known == path.trim_end_matches('/'));
    if is_there { path } else { absent.to_string() }
}

/// Whether what must not be named is there at all.
fn exists(repository: &Repository, absent: &str) -> bool {
    let depends = |name: &str| {
        repository
            .manifests
            .iter()
            .any(|(_, text)| text.contains(&name.replace('_', "-")) || text.contains(name))
    };
    match Absent::from(absent) {
        Absent::File => repository.paths.iter().any(|path| path == absent.trim_end_matches('/')),
        Absent::Path => absent.starts_with("std::") || depends(absent.split("::").next().unwrap_or(absent)),
        Absent::Word => {
            repository.sources.iter().any(|source| words(&source.code).any(|(_, word)| word == absent))
        }
    }
}

/// How something absent is told.
enum Absent {
    /// A file or folder of the repository.
    File,
    /// Of another crate.
    Path,
    /// A name, wherever it comes from.
    Word,
}

impl From<&str> for Absent {
    fn from(absent: &str) -> Absent {
        match absent {
            file if file.contains('/') || file.ends_with(".rs") => Absent::File,
            word if word.starts_with(|c: char| c.is_uppercase()) => Absent::Word,
            _ => Absent::Path,
        }
    }
}

/// What files name, by their paths, tests left out: the line, and another file, a path, or one name.
struct Named<'a> {
    files: HashMap<&'a str, Vec<(usize, String)>>,
    /// Those that lead out of the crate.
    paths: HashMap<&'a str, Vec<(usize, String)>>,
    words: HashMap<&'a str, Vec<(usize, String)>>,
}

impl<'a> Named<'a> {
    fn of(repository: &'a Repository) -> Named<'a> {
        let mut named = Named { files: HashMap::new(), paths: HashMap::new(), words: HashMap::new() };
        let path = |file: usize| repository.sources[file].path.as_str();
        for target in targets(repository) {
            let tree = Tree::of(repository, &target.root);
            for arrow in tree.arrows().into_iter().filter(|arrow| !arrow.is_test) {
                let to = path(arrow.to).to_string();
                named.files.entry(path(arrow.from)).or_default().push((arrow.line, to));
            }
            for name in tree.names().into_iter().filter(|name| !name.is_test) {
                let from = path(name.from);
                let is_path = name.is_outside && name.segments.len() > 1;
                if is_path {
                    named.paths.entry(from).or_default().push((name.line, name.segments.join("::")));
                }
                let words = name.segments.into_iter().map(|segment| (name.line, segment));
                named.words.entry(from).or_default().extend(words);
            }
        }
        named
    }

    /// Where a place names what it must not know.
    fn problems(&self, absence: &Absence, absent: &str) -> Vec<String> {
        let is_below = |to: &str, folder: &str| folder.ends_with('/') && to.starts_with(folder);
        let is_within = |path: &&&str| **path == absence.place || is_below(path, absence.place);
        let named = match Absent::from(absent) {
            Absent::File => &self.files,
            Absent::Path => &self.paths,
            Absent::Word => &self.words,
        };
        let is_absent = |to: &str| match Absent::from(absent) {
            Absent::File => to == absent || is_below(to, absent),
            Absent::Path => {
                to.strip_prefix(absent).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            }
            Absent::Word => to == absent,
        };
        let mut places: Vec<(&str, usize)> = Vec::new();
        for path in named.keys().filter(is_within) {
            let lines = named[path].iter().filter(|(_, to)| is_absent(to)).map(|(line, _)| *line);
            places.extend(lines.map(|line| (*path, line)));
        }
        places.sort_unstable();
        places.dedup();
        let what = |(path, line): (&str, usize)| {
            let (place, says) = (absence.place, absence.says);
            format!(
                "{path}:{line}: names `{absent}`, but the head of {place} says `{says}`: move the code, or correct the comment"
            )
        };
        places.into_iter().map(what).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &str, code: &str, absent: &'static str) -> Vec<String> {
        let repository = Repository::of(&[
            ("a/Cargo.toml", "[package]\n[dependencies]\nbevy-ecs = 1"),
            ("a/src/lib.rs", "mod b;\nmod mods;"),
            ("a/src/b/mod.rs", &format!("//! {head}\nmod c;")),
            ("a/src/b/c.rs", code),
            ("a/src/mods.rs", "struct ModTable;"),
        ]);
        problems(&repository, &[Absence { place: "a/src/b/", says: "knows no mod", absent }])
    }

    #[test]
    fn what_is_said_to_be_unknown_is_not_named() {
        let found = |code, absent| found("It knows no mod.", code, absent);
        let absent = "mods.rs bevy_ecs std::fs ModTable";
        assert_eq!(
            found("use std::io;\n#[cfg(test)]\nmod tests { use bevy_ecs::World; }", absent),
            Vec::<String>::new()
        );
        for code in [
            "use crate::mods::F;",
            "use bevy_ecs::World;",
            "use std::fs;",
            "fn f() { std::fs::read() }",
            "impl ModTable {}",
        ] {
            let found = found(code, absent);
            assert!(found.len() == 1 && found[0].starts_with("a/src/b/c.rs:1: names"), "{code}: {found:?}");
        }
        assert!(found("", "a/src/gone.rs")[0].contains("does not exist"));
        assert!(
            found("", "hecs")[0].contains("does not exist")
                && found("", "Gone")[0].contains("does not exist")
        );
    }

    #[test]
    fn sentences_and_entries_belong_together() {
        assert!(found("It knows no\n//! mod.", "", "").is_empty());
        let stale = found("It knows all.", "", "");
        assert!(stale.len() == 1 && stale[0].contains("the head does not say `knows no mod`"));
        let unexplained =
            found("It knows no mod; see `x.rs`. It need not know why. It must not know files.", "", "");
        assert!(unexplained.len() == 1 && unexplained[0].contains("`It must not know files.`"));
    }
}

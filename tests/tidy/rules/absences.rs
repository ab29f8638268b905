//! What files keep apart from: where the head of one says so, a list says what may not be named for it to be true, and
//! the code is compared with that.
//!
//! At the head of a `mod.rs` or of a crate's root the sentence is about the whole folder. Tests may know everything.

use std::collections::HashMap;

use crate::crates::{Tree, targets};
use crate::house::Absence;
use crate::repository::Repository;
use crate::source::words;

/// What stands behind `know` or `knows` in such a sentence.
const NEGATIONS: [&str; 5] = ["no", "nothing", "neither", "none", "nor"];

/// Sentences that no entry explains, entries that no sentence needs, and code that names what it must not know.
pub fn problems(repository: &Repository, absences: &[Absence]) -> Vec<String> {
    let mut problems = unexplained(repository, absences);
    let named = Named::of(repository);
    for absence in absences {
        let Some(head) = head_of(repository, absence.place) else {
            problems.push(format!("{}: no such file: take it off ABSENCES", absence.place));
            continue;
        };
        if !head.contains(absence.says) {
            let says = absence.says;
            problems
                .push(format!("{}:1: the head does not say `{says}`: take it off ABSENCES", absence.place));
        }
        for absent in absence.absent {
            if !exists(repository, absent) {
                problems.push(format!("{}: `{absent}` of ABSENCES is nowhere: name what is", absence.place));
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
        let sentences = head.split_inclusive(['.', ';', ':']).filter(|sentence| is_absence(sentence));
        for sentence in sentences.filter(|sentence| !own.iter().any(|says| sentence.contains(says))) {
            problems.push(format!(
                "{}:1: `{}`: say in ABSENCES what must not be named for this to be true",
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
    let is_forbidden = words[..at].ends_with(&["not"]) || words.first() == Some(&"nothing");
    is_denied || is_forbidden || words.last() == Some(&"only") || words.get(at + 1) == Some(&"only")
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
            file if file.contains('/') => Absent::File,
            word if word.starts_with(|c: char| c.is_uppercase()) => Absent::Word,
            _ => Absent::Path,
        }
    }
}

/// What the files of all crates name: line and name.
struct Named<'a> {
    repository: &'a Repository,
    /// Paths of files.
    files: HashMap<&'a str, Vec<(usize, String)>>,
    /// Paths that lead out of the crate.
    outside: HashMap<&'a str, Vec<(usize, String)>>,
}

impl<'a> Named<'a> {
    fn of(repository: &'a Repository) -> Named<'a> {
        let mut named = Named { repository, files: HashMap::new(), outside: HashMap::new() };
        let path = |file: usize| repository.sources[file].path.as_str();
        for target in targets(repository) {
            let tree = Tree::of(repository, &target.root);
            for arrow in tree.arrows().into_iter().filter(|arrow| !arrow.is_test) {
                let to = path(arrow.to).to_string();
                named.files.entry(path(arrow.from)).or_default().push((arrow.line, to));
            }
            for outside in tree.outside().into_iter().filter(|outside| !outside.is_test) {
                let to = outside.segments.join("::");
                named.outside.entry(path(outside.from)).or_default().push((outside.line, to));
            }
        }
        named
    }

    /// Where a place names what it must not know.
    fn problems(&self, absence: &Absence, absent: &str) -> Vec<String> {
        let is_within = |path: &str| match absence.place {
            folder if folder.ends_with('/') => path.starts_with(folder),
            file => path == file,
        };
        let mut problems = Vec::new();
        for source in self.repository.sources.iter().filter(|source| is_within(&source.path)) {
            let path = source.path.as_str();
            let lines: Vec<usize> = match Absent::from(absent) {
                Absent::File => lines(&self.files, path, |to| {
                    to == absent || (absent.ends_with('/') && to.starts_with(absent))
                }),
                Absent::Path => lines(&self.outside, path, |to| {
                    to.strip_prefix(absent).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
                }),
                Absent::Word => {
                    let here = words(&source.code).filter(|(_, word)| *word == absent);
                    let lines = here.map(|(at, _)| source.line_of(at));
                    lines.filter(|line| !source.is_test(*line)).collect()
                }
            };
            problems.extend(lines.iter().map(|line| {
                format!("{path}:{line}: names `{absent}`, and the head of {} says `{}`: move it, or be honest there", absence.place, absence.says)
            }));
        }
        problems
    }
}

fn lines(
    named: &HashMap<&str, Vec<(usize, String)>>,
    path: &str,
    is_absent: impl Fn(&str) -> bool,
) -> Vec<usize> {
    let named = named.get(path).into_iter().flatten();
    named.filter(|(_, to)| is_absent(to)).map(|(line, _)| *line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &str, code: &str, absent: &'static [&'static str]) -> Vec<String> {
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
        let absent: &[&str] = &["a/src/mods.rs", "bevy_ecs", "std::fs", "ModTable"];
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
        assert!(found("", &["a/src/gone.rs"])[0].contains("is nowhere"));
        assert!(
            found("", &["hecs"])[0].contains("is nowhere") && found("", &["Gone"])[0].contains("is nowhere")
        );
    }

    #[test]
    fn sentences_and_entries_belong_together() {
        assert!(found("It knows no\n//! mod.", "", &[]).is_empty());
        let stale = found("It knows all.", "", &[]);
        assert!(stale.len() == 1 && stale[0].contains("the head does not say `knows no mod`"));
        let unexplained = found("It knows no mod. It must not know files.", "", &[]);
        assert!(unexplained.len() == 1 && unexplained[0].contains("`It must not know files.`"));
    }
}

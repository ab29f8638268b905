//! The arrows inside the runtime: `base <- compile <- vm <- api`, read off the paths in its code.

use crate::source::{Source, words};

/// Each may name itself and those before it.
const LAYERS: [&str; 4] = ["base", "compile", "vm", "api"];

const ROOT: &str = "engine/wasm/src/";

/// Paths in a file of the runtime that lead to a layer which it must not know.
pub fn problems(source: &Source) -> Vec<String> {
    let Some(within) = source.path.strip_prefix(ROOT) else { return Vec::new() };
    let modules: Vec<&str> =
        within.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect();
    let Some(own) = LAYERS.iter().position(|layer| *layer == modules[0]) else { return Vec::new() };
    let mut problems = Vec::new();
    for (at, named) in from_the_root(&source.code, modules.len()) {
        let line = source.line_of(at);
        match LAYERS.iter().position(|layer| *layer == named) {
            Some(layer) if layer <= own => {}
            Some(_) => problems.push(format!(
                "{}:{line}: `{}` must not know `{named}`: take what is needed as an argument, or move it down",
                source.path, LAYERS[own]
            )),
            // The crate's root re-exports everything: only the last layer and tests may name it.
            None if own + 1 == LAYERS.len() || source.is_test(line) => {}
            None => problems.push(format!(
                "{}:{line}: `crate::{named}` hides which layer is meant: write where it is defined",
                source.path
            )),
        }
    }
    problems
}

/// What follows `crate::`, or so many `super::` that the root is reached, with its place. Of a list in
/// braces, each item.
fn from_the_root(code: &str, depth: usize) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut climbed = 0;
    for (at, word) in words(code) {
        let after = code[at + word.len()..].trim_start();
        let continues = after.starts_with("::");
        let in_path = code[..at].trim_end().ends_with("::");
        climbed = match word {
            "super" if in_path => climbed + 1,
            "super" => 1,
            _ => 0,
        };
        if continues && ((word == "crate" && !in_path && !code[..at].ends_with('$')) || climbed == depth) {
            let rest = after[2..].trim_start();
            let start = code.len() - rest.len();
            found.extend(items(rest).into_iter().map(|(at, item)| (start + at, item)));
        }
    }
    found
}

/// The first word, or the first words of the items of a list in braces.
fn items(path: &str) -> Vec<(usize, &str)> {
    if !path.starts_with('{') {
        return words(path).next().into_iter().collect();
    }
    let (mut depth, mut wanted, mut items) = (0, false, Vec::new());
    for (at, c) in path.char_indices() {
        match c {
            '{' => (depth, wanted) = (depth + 1, depth == 0),
            '}' => depth -= 1,
            ',' => wanted = depth == 1,
            c if wanted && (c.is_alphabetic() || c == '_') => {
                items.extend(words(&path[at..]).next().map(|(_, word)| (at, word)));
                wanted = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, code: &str) -> usize {
        problems(&Source::new(&format!("engine/wasm/src/{path}"), code.to_string())).len()
    }

    #[test]
    fn arrows_point_to_the_left() {
        assert_eq!(found("vm/store.rs", "use crate::base::trap::Trap; use crate::{compile::join, vm};"), 0);
        assert_eq!(found("base/trap.rs", "use crate::vm::store;"), 1);
        assert_eq!(found("compile/join.rs", "use crate::{base::{a, b}, api::Func, vm::{c}};"), 2);
        assert_eq!(found("compile/translate/fuel.rs", "fn f(_: super::super::super::vm::Store) {}"), 1);
        assert_eq!(found("compile/translate/fuel.rs", "use super::super::vm_like;"), 0);
        assert_eq!(found("compile/mod.rs", "use super::api;"), 1);
        assert_eq!(found("vm/store.rs", "use crate::Caller;"), 1);
        assert_eq!(found("api/caller.rs", "use crate::Caller; // crate::nothing"), 0);
    }
}

//! Hygiene: rules about the sources themselves, checked by reading the repository as text.
//!
//! Each failure names file and line, and what to do. The rules stand in ARCHITECTURE.md; what the
//! compiler and its lints can check is left to them. Builds nothing, and runs nothing but git.

#![forbid(unsafe_code)]

mod crates;
mod house;
mod repository;
mod rules;
mod source;
mod syntax;

use std::path::Path;

use repository::Repository;
use rules::naming::{comments, documents};
use rules::{absences, blobs, circles, dead_files, examples, folders, merges, numbers, rooms};

/// Files that may be longer than 500 lines, with their present length. A file only gets shorter.
const LONG_FILES: [(&str, usize); 0] = [];

const LONGEST: usize = 500;

/// Words that say nothing about what is in a file.
const EMPTY_WORDS: [&str; 8] =
    ["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"];

/// Where the lint against unsafe code is switched off: the runtime's `vm`, the component storage, the two lines by which
/// an optional entity is plain bytes, and the two by which a mirrored type is, the guest's imports, and the test that loads compiled modules, which is for its
/// caller to vouch for.
const UNSAFE_CODE: [&str; 6] = [
    "engine/wasm/src/vm/mod.rs",
    "engine/columns/src/lib.rs",
    "sdk/abi/src/entity.rs",
    "sdk/abi/src/shared/flat.rs",
    "sdk/rust/src/imports.rs",
    "tests/it/runtime/serialized.rs",
];

/// Panics with all problems, if there are any.
fn report(problems: Vec<String>) {
    assert!(problems.is_empty(), "{} places to tidy up:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn the_repository_is_found() {
    let sources = &Repository::get().sources;
    assert!(sources.len() > 100, "only {} Rust files were found", sources.len());
}

#[test]
fn every_file_says_what_it_is_for() {
    let sources = &Repository::get().sources;
    let silent = sources.iter().filter(|source| !source.text.starts_with("//! "));
    report(
        silent
            .map(|source| {
                format!("{}:1: begin with `//!`: what the file is for, what it must not know", source.path)
            })
            .collect(),
    );
}

#[test]
fn no_file_is_too_long() {
    let mut problems = Vec::new();
    for source in &Repository::get().sources {
        let (path, lines) = (&source.path, source.text.lines().count());
        match LONG_FILES.iter().find(|(long, _)| long == path) {
            None if lines < LONGEST => {}
            None => problems.push(format!("{path}:{lines}: split it: files have less than {LONGEST} lines")),
            Some(_) if lines < LONGEST => {
                problems
                    .push(format!("{path}: take it off LONG_FILES in tests/tidy/main.rs: it is short now"));
            }
            Some((_, listed)) if lines != *listed => {
                problems.push(format!(
                    "{path}:{lines}: LONG_FILES says {listed}: make it shorter, and say so there"
                ));
            }
            Some(_) => {}
        }
    }
    report(problems);
}

#[test]
fn rooms_know_only_those_before_them() {
    report(rooms::problems(Repository::get(), house::PACKAGES));
}

#[test]
fn comments_are_right_about_what_a_file_must_not_know() {
    report(absences::problems(Repository::get(), house::ABSENCES));
}

#[test]
fn circles_of_files_stay_few() {
    report(circles::problems(Repository::get(), house::PACKAGES));
}

#[test]
fn folders_hold_at_most_a_dozen_files() {
    report(folders::problems(Repository::get(), house::FULL_FOLDERS));
}

#[test]
fn every_file_is_part_of_a_crate() {
    report(dead_files::problems(Repository::get()));
}

#[test]
fn public_items_are_documented_whole() {
    report(examples::problems(&Repository::get().sources));
}

#[test]
fn unsafe_code_is_where_it_belongs() {
    let mut problems = Vec::new();
    for source in &Repository::get().sources {
        if UNSAFE_CODE.contains(&source.path.as_str()) {
            continue;
        }
        for line in source.lines_with("(unsafe_code") {
            let text = source.code.lines().nth(line - 1).unwrap_or("");
            if !text.contains("forbid(") && !text.contains("deny(") {
                let what = "unsafe code: move it to one of";
                problems.push(format!("{}:{line}: {what} {UNSAFE_CODE:?}", source.path));
            }
        }
    }
    report(problems);
}

#[test]
fn every_package_has_the_lints_of_its_workspace() {
    let manifests = &Repository::get().manifests;
    assert!(manifests.len() > 10, "only {} manifests were found", manifests.len());
    let packages = manifests.iter().filter(|(_, text)| text.contains("[package]"));
    let without = packages.filter(|(_, text)| !text.contains("[lints]\nworkspace = true"));
    report(without.map(|(path, _)| format!("{path}:1: add `[lints]` with `workspace = true`")).collect());
}

#[test]
fn names_of_files_say_something() {
    let mut problems = Vec::new();
    for path in &Repository::get().paths {
        let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
        if stem.split(['_', '-', '.']).any(|word| EMPTY_WORDS.contains(&word)) {
            problems.push(format!("{path}: name it after the thing or the step that it is"));
        }
    }
    report(problems);
}

#[test]
fn what_documents_name_is_there() {
    report(documents::problems(Repository::get(), house::INVENTED));
}

#[test]
fn what_comments_name_exists() {
    report(comments::problems(Repository::get(), house::INVENTED));
}

#[test]
fn limits_and_prices_are_in_their_files() {
    report(numbers::problems(Repository::get(), house::NUMBERS));
}

#[test]
fn guides_state_limits_and_prices_correctly() {
    report(numbers::said_wrongly(Repository::get(), house::NUMBERS, house::SAID, house::TABLES));
}

#[test]
fn the_history_holds_no_large_files() {
    report(blobs::problems(Repository::root(), house::LARGE_FILES));
}

#[test]
fn merges_are_finished() {
    report(merges::problems(Repository::get()));
}

//! The rules of the guide's table, each with changes of types that it decides.

mod collections;
mod enums;
mod fields;
mod scalars;
mod structs;

use serde::{Deserialize, Serialize};

use super::*;

/// A rule's row in the guide, and the changes of types that try it.
type Rule = (&'static str, fn(&mut Changes));

const RULES: &[Rule] = &[
    ("a new field", fields::new_fields),
    ("a field that is gone", fields::gone_fields),
    ("a renamed field with `#[was(\"old\")]`", fields::renamed_fields),
    ("an integer of another width or sign", scalars::integers),
    ("an integer that becomes a float", scalars::integers_to_floats),
    ("a float that becomes an integer", scalars::floats_to_integers),
    ("`f32` and `f64`", scalars::floats),
    ("a number, a `bool` and a text", scalars::kinds),
    ("`char` and `String`", scalars::characters),
    ("a variant of an enum", enums::variants),
    ("the payload of a variant", enums::payloads),
    ("`T` that becomes `Option<T>`", enums::into_options),
    ("`Option<T>` that becomes `T`", enums::out_of_options),
    ("an array or a tuple of another length", collections::lengths),
    ("a list, a set and an array", collections::collections),
    ("an element of a list or a set", collections::elements),
    ("a map, and a list of pairs", collections::maps),
    ("a struct in a field", structs::structs),
    ("a struct in a collection or in an enum", structs::inner_structs),
    ("a renamed field of such a struct with `#[serde(alias = \"old\")]`", structs::aliases),
    ("a struct around one value, and that value", structs::newtypes),
    ("a value that its own type refuses", structs::refused_by_the_type),
];

/// What was tried.
#[derive(Default)]
struct Changes {
    count: usize,
    wrong: Vec<String>,
}

impl Changes {
    /// A change of a type. `notes` are parts of the notes, in order.
    #[track_caller]
    fn case<T: PartialEq + std::fmt::Debug>(
        &mut self,
        (value, said): (T, Vec<String>),
        expected: T,
        notes: &[&str],
    ) {
        self.count += 1;
        let are_as_expected =
            said.len() == notes.len() && said.iter().zip(notes).all(|(said, part)| said.contains(part));
        if value != expected || !are_as_expected {
            let line = std::panic::Location::caller().line();
            self.wrong.push(format!("line {line}: {value:?} for {expected:?}, {said:#?} for {notes:#?}"));
        }
    }
}

#[test]
fn every_change_is_decided_by_its_rule() {
    let mut changes = Changes::default();
    for (_, rule) in RULES {
        let before = changes.count;
        rule(&mut changes);
        assert!(changes.count > before, "a rule without a change");
    }
    assert!(changes.wrong.is_empty(), "{}", changes.wrong.join("\n"));
    assert!(changes.count >= 40, "{}", changes.count);
}

#[test]
fn the_guides_table_has_these_rules() {
    let guide = include_str!("../../../../README.md");
    let table = guide.split("| What has changed |").nth(1).expect("the guide has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let named: Vec<&str> =
        rows.map(|row| row.split(" | ").next().unwrap_or("").trim_start_matches("| ")).collect();
    let rules: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, rules);
}

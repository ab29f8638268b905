//! What becomes of a state whose type has changed: the rules of the guide's table, one after the other, and the parts around
//! them.

mod fields;
mod matrix;
mod migration;

use super::*;
use fields::Diary;

/// Saves a value as the field `Diary::it`, and gives it to one whose type has changed. Returns what that has then, and the
/// notes for the author.
fn carry<Old: StateField, New: StateField>(old: Old, default: New) -> (New, Vec<String>) {
    let mut saved = SavedFields::of::<Diary>();
    saved.put("it", &old);
    let mut saved = SavedFields::from_bytes::<Diary>(&saved.into_bytes()).expect("it was saved");
    let mut field = default;
    saved.take("it", &[], &mut field);
    (field, texts(saved.into_older().1))
}

/// Gives a state what another one has saved.
fn reload<Old: State, New: State>(old: &Old) -> (New, Vec<String>) {
    let mut saved = SavedFields::of::<Old>();
    old.save(&mut saved);
    let mut new = New::default();
    let notes = restore(&mut new, SavedFields::from_bytes::<New>(&saved.into_bytes()).expect("it was saved"));
    (new, texts(notes))
}

/// Notes, each with a letter for its level before it.
fn texts(notes: Vec<(LogLevel, String)>) -> Vec<String> {
    notes.into_iter().map(|(level, note)| format!("{level:?}: {note}")).collect()
}

//! What becomes of a state whose type has changed, by one table of changes for all languages: each takes over the state of each
//! other one.
//!
//! A mod has a field for each change. The old version saves them, the new version loads and saves them again, and that is
//! compared with the table, as the notes for the author are.

pub mod alone;
mod damaged;
mod migration;
mod spelling;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ciborium::Value as Saved;

use super::{assemblyscript, c, zig};
use alone::Alone;
use spelling::{AssemblyScript, C, Rust, Spelling, Zig};
use table::{Change, Table, Type, Types, digits, is_none, items, new_name};

fn table() -> Table {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/languages/state/changes.toml");
    toml::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// A language, and both versions of the mod in it.
struct Versions {
    language: &'static dyn Spelling,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Versions {
    fn new(language: &'static dyn Spelling, table: &Table) -> Versions {
        let changes = || table.changes.iter().enumerate();
        let old = changes().filter_map(|(index, change)| change.old_field(index));
        let new = changes().filter_map(|(index, change)| change.new_field(index));
        let old: Vec<_> = old.filter(|field| language.has(&table.old, field.ty)).collect();
        let new: Vec<_> = new.filter(|field| language.has(&table.new, field.ty)).collect();
        Versions {
            old: language.compile(&table.old, &old),
            new: language.compile(&table.new, &new),
            language,
        }
    }
}

#[test]
fn every_change_is_decided_by_its_rule_in_every_language() {
    let table = table();
    assert!(table.changes.len() >= 40, "{}", table.changes.len());
    let mut languages: Vec<&'static dyn Spelling> = vec![&Rust];
    if c::has_clang() {
        languages.push(&C);
    }
    if zig::has_zig() {
        languages.push(&Zig);
    }
    if assemblyscript::has_asc() {
        languages.push(&AssemblyScript);
    }
    let versions: Vec<Versions> = languages.into_iter().map(|it| Versions::new(it, &table)).collect();
    let mut wrong = Vec::new();
    for old in &versions {
        for new in &versions {
            let pair = format!("{} to {}", old.language.name(), new.language.name());
            wrong.extend(try_pair(&table, old, new).into_iter().map(|what| format!("{pair}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as the table says, if a mod in one language takes over the state of one in another.
fn try_pair(table: &Table, old: &Versions, new: &Versions) -> Vec<String> {
    let mut guest = Alone::new(&new.new);
    assert_eq!(guest.load(&Alone::new(&old.old).save()), 0);
    let said = guest.messages();
    let Saved::Map(saved) = ciborium::from_reader(&guest.save()[..]).unwrap() else {
        panic!("the state is a map")
    };
    let is_in_both = |change: &&(usize, &Change)| {
        let old_has = change.1.old.as_ref().is_none_or(|field| old.language.has(&table.old, &field.ty));
        old_has && change.1.new.as_ref().is_none_or(|field| new.language.has(&table.new, &field.ty))
    };
    let all: Vec<(usize, &Change)> = table.changes.iter().enumerate().collect();
    let tried: Vec<&(usize, &Change)> = all.iter().filter(is_in_both).collect();
    assert!(tried.len() >= 40, "{}", tried.len());
    let mut wrong = Vec::new();
    for (index, change) in tried {
        let names = BTreeSet::from([change.old_name(*index), new_name(*index)]);
        let about = said.iter().filter(|note| names.contains(field_of(note)));
        let mut about: Vec<&str> = about.map(String::as_str).collect();
        about.sort_unstable();
        let mut expected: Vec<String> =
            change.notes.iter().map(|note| expected_note(note, change, *index, new.language)).collect();
        expected.sort_unstable();
        let are_same = about.len() == expected.len()
            && about.iter().zip(&expected).all(|(note, expected)| match expected.strip_suffix("...") {
                Some(start) => note.starts_with(start),
                None => note == expected,
            });
        if !are_same {
            wrong.push(format!("{}, {index}: {about:#?} for {expected:#?}", change.rule));
        }
        let (Some(field), Some(is)) = (&change.new, &change.is) else { continue };
        let value = saved.iter().find(|(key, _)| key.as_text() == Some(&new_name(*index)));
        let (_, value) = value.unwrap_or_else(|| panic!("{} is saved", new_name(*index)));
        if !is_same(&table.new, &field.ty, value, is) {
            wrong.push(format!("{}, {index}: {value:?} for {is}", change.rule));
        }
    }
    wrong
}

/// The field that a note is about.
fn field_of(note: &str) -> &str {
    let place = note.split("`diary::").nth(1).unwrap_or_else(|| panic!("no field in {note}"));
    place.split(['`', '.', '[']).next().unwrap_or_default()
}

/// A note of the table in full, in the words of a language.
fn expected_note(note: &str, change: &Change, index: usize, language: &dyn Spelling) -> String {
    let (place, what) = note.split_once(' ').unwrap();
    let within = place.strip_prefix("it").unwrap();
    let name = if change.new.is_some() { new_name(index) } else { change.old_name(index) };
    let level = if what.starts_with("is new") || what.starts_with("is gone") { "Info" } else { "Warn" };
    let what = what.replace("is none", language.none());
    let what = match what.split_once(": ") {
        Some((outcome, rest)) if rest.contains(", found ") => {
            let (expected, found) = rest.split_once(", found ").unwrap();
            let expected = match expected.split_once(' ') {
                Some((_, ty @ ("bool" | "f32" | "f64"))) => {
                    format!("{} {}", article(&language.number(ty)), language.number(ty))
                }
                Some((_, ty)) if ty.starts_with(['i', 'u']) && ty[1..].parse::<u32>().is_ok() => {
                    format!("{} {}", article_of_integer(ty), language.number(ty))
                }
                _ => expected.to_owned(),
            };
            format!(
                "{outcome}: the value that the old code saved does not fit: expected {expected}, found {found}"
            )
        }
        _ => what,
    };
    format!("{level}: the state's field `diary::{name}{within}` {what}")
}

/// An f32, and a float.
fn article(ty: &str) -> &'static str {
    if ["f32", "f64"].contains(&ty) { "an" } else { "a" }
}

/// An i8, and a u8.
fn article_of_integer(ty: &str) -> &'static str {
    if ty.starts_with('i') { "an" } else { "a" }
}

/// Whether a saved value is that of the table.
fn is_same(types: &Types, ty: &str, saved: &Saved, is: &toml::Value) -> bool {
    let all = |values: &[Saved], of: &str| {
        values.len() == items(is).len()
            && values.iter().zip(items(is)).all(|(saved, is)| is_same(types, of, saved, is))
    };
    match (types.parse(ty), saved) {
        (Type::Number("f32"), Saved::Float(float)) => {
            *float as f32 == digits(is).parse::<f64>().unwrap() as f32
        }
        (Type::Number("f64"), Saved::Float(float)) => *float == digits(is).parse::<f64>().unwrap(),
        (Type::Number(_), Saved::Integer(integer)) => i128::from(*integer).to_string() == digits(is),
        (Type::Bool, Saved::Bool(bool)) => is.as_bool() == Some(*bool),
        (Type::Text(_) | Type::Enum(_), Saved::Text(text)) => is.as_str() == Some(text),
        (Type::Array(of, _) | Type::List(of), Saved::Array(values)) => all(values, of),
        (Type::Optional(_), Saved::Null) => is_none(is),
        (Type::Optional(of), saved) => !is_none(is) && is_same(types, of, saved, is),
        (Type::Struct(ty), Saved::Map(entries)) => {
            let fields = ty.fields.iter().zip(items(is));
            entries.len() == ty.fields.len()
                && fields.zip(entries).all(|((field, is), (key, saved))| {
                    key.as_text() == Some(&field.name) && is_same(types, &field.ty, saved, is)
                })
        }
        _ => false,
    }
}

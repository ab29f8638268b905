//! What differs between two layouts, field by field.

use std::fmt;

use super::types::{Enum, Member, Struct, Type};

/// One difference between the game's layout of a type and another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The path to the field, as in `at.x`; empty for the whole type.
    pub field: String,
    /// What differs.
    pub what: Change,
}

/// In what a field differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the game has it, with this type.
    OnlyOurs(String),
    /// The game does not have it.
    OnlyTheirs(String),
    /// The game's type, and the other one.
    Type(String, String),
    /// The fields are the same, in another order: the game's, and the other one.
    Order(String, String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = match self.field.as_str() {
            "" => "it".to_owned(),
            field => format!("`{field}`"),
        };
        match &self.what {
            Change::OnlyOurs(ty) => write!(f, "the game's has {field}: {ty}, the mod's has not"),
            Change::OnlyTheirs(ty) => write!(f, "the mod's has {field}: {ty}, the game's has not"),
            Change::Type(ours, theirs) => write!(f, "{field} is {ours} in the game and {theirs} in the mod"),
            Change::Order(ours, theirs) => {
                write!(f, "the fields of {field} are in the order {ours} in the game and {theirs} in the mod")
            }
        }
    }
}

/// In what `theirs` differs from `ours`, the game's, by meaning: spelling, and the names of nested types, do not count.
///
/// ```
/// use tinkerbox_interface::{Type, differences};
/// let ours = Type::parse("{ joules: f32, at: Vec2 { x: f32, y: f32 } }").unwrap();
/// let same = Type::parse("{joules:f32,at:Point{x:f32,y:f32,},}").unwrap();
/// assert_eq!(differences(&ours, &same), []);
/// let other = Type::parse("{ joules: f32, at: { x: f32, y: f64 } }").unwrap();
/// assert_eq!(differences(&ours, &other)[0].to_string(), "`at.y` is f32 in the game and f64 in the mod");
/// ```
pub fn differences(ours: &Type, theirs: &Type) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", ours, theirs, &mut found);
    found
}

fn compare(path: &str, ours: &Type, theirs: &Type, found: &mut Vec<Difference>) {
    match (ours, theirs) {
        (Type::Struct(ours), Type::Struct(theirs)) => compare_structs(path, ours, theirs, found),
        (Type::Enum(ours), Type::Enum(theirs)) if ours.number == theirs.number => {
            compare_enums(path, ours, theirs, found);
        }
        (Type::Array(ours, our_count), Type::Array(theirs, their_count)) if our_count == their_count => {
            compare(&format!("{path}[]"), ours, theirs, found);
        }
        _ if ours == theirs => {}
        _ => found.push(Difference {
            field: path.to_owned(),
            what: Change::Type(ours.to_string(), theirs.to_string()),
        }),
    }
}

fn compare_structs(path: &str, ours: &Struct, theirs: &Struct, found: &mut Vec<Difference>) {
    let before = found.len();
    let find = |fields: &[Member], name: &str| fields.iter().position(|field| field.name == name);
    for field in &ours.fields {
        let path = join(path, &field.name);
        match find(&theirs.fields, &field.name) {
            Some(index) => compare(&path, &field.ty, &theirs.fields[index].ty, found),
            None => {
                found.push(Difference { field: path, what: Change::OnlyOurs(field.ty.to_string()) });
            }
        }
    }
    for field in theirs.fields.iter().filter(|field| find(&ours.fields, &field.name).is_none()) {
        let field_path = join(path, &field.name);
        found.push(Difference { field: field_path, what: Change::OnlyTheirs(field.ty.to_string()) });
    }
    let names = |fields: &[Member]| fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    let (our_names, their_names) = (names(&ours.fields), names(&theirs.fields));
    if found.len() == before && our_names != their_names {
        let what = Change::Order(our_names.join(", "), their_names.join(", "));
        found.push(Difference { field: path.to_owned(), what });
    }
}

/// The order in which variants are declared has no meaning: their numbers are what crosses.
fn compare_enums(path: &str, ours: &Enum, theirs: &Enum, found: &mut Vec<Difference>) {
    let find = |ty: &Enum, name: &str| {
        ty.variants.iter().find(|(known, _)| known == name).map(|(_, number)| *number)
    };
    for (name, number) in &ours.variants {
        let field = join(path, name);
        match find(theirs, name) {
            Some(other) if other == *number => {}
            Some(other) => {
                let what = Change::Type(number.to_string(), other.to_string());
                found.push(Difference { field, what });
            }
            None => found.push(Difference { field, what: Change::OnlyOurs(number.to_string()) }),
        }
    }
    for (name, number) in theirs.variants.iter().filter(|(name, _)| find(ours, name).is_none()) {
        let what = Change::OnlyTheirs(number.to_string());
        found.push(Difference { field: join(path, name), what });
    }
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(ours: &str, theirs: &str) -> Vec<String> {
        let [ours, theirs] = [ours, theirs].map(|text| Type::parse(text).unwrap());
        differences(&ours, &theirs).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_kind_of_change_is_named_with_its_field() {
        let cases: [(&str, &str, &[&str]); 11] = [
            ("{ x: f32 }", "{ x: f64 }", &["`x` is f32 in the game and f64 in the mod"]),
            ("{ x: f32, y: f32 }", "{ x: f32 }", &["the game's has `y`: f32, the mod's has not"]),
            ("{}", "{ x: u8 }", &["the mod's has `x`: u8, the game's has not"]),
            (
                "{ x: f32, y: f32 }",
                "{ y: f32, x: f32 }",
                &["the fields of it are in the order x, y in the game and y, x in the mod"],
            ),
            ("{ a: [f32; 2] }", "{ a: [f32; 3] }", &["`a` is [f32; 2] in the game and [f32; 3] in the mod"]),
            ("{ a: [f32; 2] }", "{ a: [i32; 2] }", &["`a[]` is f32 in the game and i32 in the mod"]),
            ("{ a: { b: { c: u8 } } }", "{ a: { b: { c: i8 } } }", &["`a.b.c` is u8 in the game"]),
            (
                "{ a: enum u8 { A = 0 } }",
                "{ a: enum u16 { A = 0 } }",
                &["`a` is enum u8 { A = 0 } in the game"],
            ),
            (
                "{ a: enum u8 { A = 0, B = 1, C = 2 } }",
                "{ a: enum u8 { A = 0, B = 2, D = 3 } }",
                &[
                    "`a.B` is 1 in the game and 2 in the mod",
                    "the game's has `a.C`: 2",
                    "the mod's has `a.D`: 3",
                ],
            ),
            ("{ a: entity }", "{ a: entity? }", &["`a` is entity in the game and entity? in the mod"]),
            ("{ a: text[8] }", "{ a: text[16] }", &["`a` is text[8] in the game and text[16] in the mod"]),
        ];
        for (ours, theirs, expected) in cases {
            let said = said(ours, theirs);
            assert_eq!(said.len(), expected.len(), "{said:?}");
            for (said, expected) in said.iter().zip(expected) {
                assert!(said.starts_with(expected), "{said}");
            }
            assert!(!differences(&Type::parse(theirs).unwrap(), &Type::parse(ours).unwrap()).is_empty());
        }
    }

    #[test]
    fn spelling_has_no_meaning() {
        let same = [
            ("{ x: f32 }", "{x:f32,}"),
            ("{ a: Mood enum u8 { A = 0, B = 1 } }", "{ a: enum u8 { B = 1, A = 0 } }"),
            ("{ a: Vec2 { x: f32 } }", "{ a: Point { x: f32 } }"),
            ("[u8; 4]", "[ u8 ; 0004 ]"),
        ];
        for (ours, theirs) in same {
            assert_eq!(said(ours, theirs), [] as [String; 0]);
        }
    }
}

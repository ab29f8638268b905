//! The table of changes, as data: `changes.toml` says what its entries mean.

use serde::Deserialize;
use toml::Value;

/// The whole table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The types of the old version.
    pub old: Types,
    pub new: Types,
    #[serde(rename = "change")]
    pub changes: Vec<Change>,
}

/// Structs and enums, each behind those that it contains.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Types {
    #[serde(rename = "struct")]
    pub structs: Vec<Struct>,
    #[serde(rename = "enum")]
    pub enums: Vec<Enum>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Struct {
    pub name: String,
    pub fields: Vec<Member>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub name: String,
    #[serde(rename = "type")]
    pub ty: String,
    #[serde(default)]
    pub was: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    pub name: String,
    pub variants: Vec<String>,
}

/// A change of a field of the state.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub rule: String,
    pub old: Option<OldField>,
    pub new: Option<NewField>,
    /// What the new field has then.
    pub is: Option<Value>,
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldField {
    #[serde(rename = "type")]
    pub ty: String,
    pub value: Value,
    /// If it is not that of the new field.
    pub name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewField {
    #[serde(rename = "type")]
    pub ty: String,
    pub default: Value,
    #[serde(default)]
    pub was: Vec<String>,
}

/// What a type is.
pub enum Type<'a> {
    /// `u8`, `f32`
    Number(&'a str),
    Bool,
    /// With room for so many bytes, if it has little.
    Text(Option<usize>),
    Array(&'a str, usize),
    List(&'a str),
    Optional(&'a str),
    Struct(&'a Struct),
    Enum(&'a Enum),
}

impl Types {
    pub fn parse<'a>(&'a self, ty: &'a str) -> Type<'a> {
        if let Some(inner) = ty.strip_suffix('?') {
            return Type::Optional(inner);
        }
        if let Some(array) = ty.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let (element, count) = array.rsplit_once("; ").unwrap();
            return Type::Array(element, count.parse().unwrap());
        }
        if let Some(element) = ty.strip_prefix("list[").and_then(|rest| rest.strip_suffix(']')) {
            return Type::List(element);
        }
        if let Some(room) = ty.strip_prefix("text(").and_then(|rest| rest.strip_suffix(')')) {
            return Type::Text(Some(room.parse().unwrap()));
        }
        match ty {
            "bool" => Type::Bool,
            "text" => Type::Text(None),
            "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64" => Type::Number(ty),
            _ => self.named(ty),
        }
    }

    fn named(&self, name: &str) -> Type<'_> {
        let found = self.structs.iter().find(|ty| ty.name == name).map(Type::Struct);
        let found = found.or_else(|| self.enums.iter().find(|ty| ty.name == name).map(Type::Enum));
        found.unwrap_or_else(|| panic!("{name} is not a type"))
    }
}

/// A field of the state of one version.
pub struct Field<'a> {
    pub name: String,
    pub ty: &'a str,
    pub was: &'a [String],
    pub value: &'a Value,
}

impl Change {
    /// The name of the field in the old version.
    pub fn old_name(&self, index: usize) -> String {
        self.old.as_ref().and_then(|old| old.name.clone()).unwrap_or_else(|| new_name(index))
    }

    pub fn old_field(&self, index: usize) -> Option<Field<'_>> {
        let OldField { ty, value, .. } = self.old.as_ref()?;
        Some(Field { name: self.old_name(index), ty, was: &[], value })
    }

    pub fn new_field(&self, index: usize) -> Option<Field<'_>> {
        let NewField { ty, default, was } = self.new.as_ref()?;
        Some(Field { name: new_name(index), ty, was, value: default })
    }
}

/// The name of the field in the new version.
pub fn new_name(index: usize) -> String {
    format!("c{index}")
}

/// Items of a value that has some.
pub fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

pub fn is_none(value: &Value) -> bool {
    value.as_str() == Some("none")
}

/// A number in digits, as all languages write it.
pub fn digits(value: &Value) -> String {
    match value {
        Value::String(digits) => digits.clone(),
        Value::Float(float) => format!("{float:?}"),
        other => other.to_string(),
    }
}

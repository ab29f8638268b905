//! The interface: what a game exposes to its mods.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::layout::{Enum, Member, Number, Struct, Type};

/// What a game exposes to its mods. Everything is sorted by its id or name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// The name of the game: the first half of its ids.
    pub game: String,
    /// The version of the contract between games and mods.
    pub api: u32,
    /// The hash that stood in the file that this was read from. It is that of the content, or reading fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Numbers that mods need to know.
    #[serde(default, rename = "constant", skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
    /// Types of fields.
    #[serde(default, rename = "type", skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<NamedType>,
    /// Components.
    #[serde(default, rename = "component", skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<SharedType>,
    /// Resources.
    #[serde(default, rename = "resource", skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<SharedType>,
    /// Events.
    #[serde(default, rename = "event", skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<SharedType>,
    /// Functions.
    #[serde(default, rename = "function", skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Function>,
    /// Of what the game's entities consist.
    #[serde(default, rename = "entity", skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<EntityKind>,
}

/// A number that mods need to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// In capitals, by convention: `WIDTH`.
    pub name: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The type of the number.
    #[serde(rename = "type")]
    pub ty: Number,
    /// The number in decimal digits, as all languages write it: `100.0`, `-3`.
    pub value: String,
}

/// A type of fields: a struct if it has fields, an enum if it has variants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedType {
    /// Its name, unique among the named types of the game.
    pub name: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The type of an enum's numbers; `None` for a struct.
    #[serde(default, rename = "enum", skip_serializing_if = "Option::is_none")]
    pub integers: Option<Number>,
    /// The variants of an enum.
    #[serde(default, rename = "variant", skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// The fields of a struct, in memory order.
    #[serde(default, rename = "field", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its number.
    pub value: i64,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
}

/// The one thing that mods may do with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Only {
    /// Read it.
    Read,
    /// Listen to it.
    Hear,
    /// Send it.
    Send,
}

/// A component, a resource or an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedType {
    /// `meadow:Energy`, for example.
    pub id: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// Whether mods can't change values of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// The one thing that mods may do with it, if the game allows only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// The ids of the mods that may name it; all mods if it is missing, none if it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mods: Option<Vec<String>>,
    /// The fields in memory order; none for a marker.
    #[serde(default, rename = "field", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, or its number in a tuple struct.
    pub name: String,
    /// How its values lie in memory. Structs and enums are named.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
}

/// A function of the game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// `meadow:height_at`, for example: mods import `height_at` of the module `meadow`.
    pub id: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// What a call costs, in units of fuel.
    pub fuel: u64,
    /// What it takes.
    #[serde(default, rename = "parameter", skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// What it returns, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Number>,
    /// The ids of the mods that may call it; all mods if it is missing, none if it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mods: Option<Vec<String>>,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// A number of 32 or 64 bits.
    #[serde(rename = "type")]
    pub ty: Number,
}

/// Of what an entity of some kind consists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityKind {
    /// Its name: `sheep`.
    pub name: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The ids of the components that each of them has.
    pub components: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Interface {
    /// The type with this name, among the types of fields.
    pub fn named(&self, name: &str) -> Option<&NamedType> {
        self.types.iter().find(|ty| ty.name == name)
    }

    /// The component, resource or event with this id.
    pub fn shared(&self, id: &str) -> Option<&SharedType> {
        let mut all = self.components.iter().chain(&self.resources).chain(&self.events);
        all.find(|ty| ty.id == id)
    }

    /// The layout of a component, resource or event, with that of the named types in it.
    ///
    /// A name that stands for no type, or for itself, stays a name; an interface that was checked has neither.
    ///
    /// ```
    /// use tinkerbox_interface::Interface;
    /// let interface = Interface::parse(
    ///     r#"
    ///     game = "meadow"
    ///     api = 1
    ///     [[type]]
    ///     name = "Mood"
    ///     enum = "u8"
    ///     variant = [{ name = "Calm", value = 0 }, { name = "Angry", value = 1 }]
    ///     [[component]]
    ///     id = "meadow:Temper"
    ///     field = [{ name = "mood", type = "Mood" }]
    ///     "#,
    /// )
    /// .unwrap();
    /// let layout = interface.layout(&interface.components[0]);
    /// assert_eq!(layout.to_string(), "{ mood: Mood enum u8 { Calm = 0, Angry = 1 } }");
    /// ```
    pub fn layout(&self, shared: &SharedType) -> Type {
        Type::Struct(Struct { name: None, fields: self.members(&shared.fields, 0) })
    }

    fn members(&self, fields: &[Field], depth: usize) -> Vec<Member> {
        let member = |field: &Field| Member { name: field.name.clone(), ty: self.expanded(&field.ty, depth) };
        fields.iter().map(member).collect()
    }

    /// A type with the named types in it written out.
    pub(crate) fn expanded(&self, ty: &Type, depth: usize) -> Type {
        let named = match ty {
            Type::Array(element, count) => {
                return Type::Array(Box::new(self.expanded(element, depth)), *count);
            }
            // A name within as many others as there are types stands for itself.
            Type::Named(name) if depth <= self.types.len() => self.named(name),
            _ => None,
        };
        let Some(named) = named else { return ty.clone() };
        let name = Some(named.name.clone());
        match named.integers {
            Some(number) => {
                let variant = |variant: &Variant| (variant.name.clone(), variant.value.into());
                Type::Enum(Enum { name, number, variants: named.variants.iter().map(variant).collect() })
            }
            None => Type::Struct(Struct { name, fields: self.members(&named.fields, depth + 1) }),
        }
    }

    /// The hash of everything that mods depend on, in hexadecimal digits: of all but what texts say.
    pub fn content_hash(&self) -> String {
        let mut text = format!("{} {}\n", self.game, self.api);
        for Constant { name, ty, value, .. } in &self.constants {
            text.push_str(&format!("constant {name} {ty} {value}\n"));
        }
        let kinds = [("component", &self.components), ("resource", &self.resources), ("event", &self.events)];
        for (kind, types) in kinds {
            for ty in types {
                text.push_str(&format!("{kind} {} {} {}", ty.id, ty.read_only, self.layout(ty)));
                // What is the same for all mods in every way leaves the hash as it was before there were such rules.
                text.extend(ty.only.map(|only| format!(" only {only:?}")));
                text.push_str(&for_mods(ty.mods.as_deref()));
            }
        }
        for Function { id, fuel, parameters, result, mods, .. } in &self.functions {
            let parameters: Vec<String> =
                parameters.iter().map(|parameter| format!("{} {}", parameter.name, parameter.ty)).collect();
            let result = result.map_or("", Number::name);
            text.push_str(&format!("function {id} {fuel} ({}) {result}", parameters.join(", ")));
            text.push_str(&for_mods(mods.as_deref()));
        }
        for EntityKind { name, components, .. } in &self.entities {
            text.push_str(&format!("entity {name} {}\n", components.join(", ")));
        }
        Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// For which mods something is, as the end of a line.
fn for_mods(mods: Option<&[String]>) -> String {
    mods.map_or_else(|| "\n".to_owned(), |mods| format!(" for {}\n", mods.join(", ")))
}

//! What bindings consist of, in any language: types in an order in which each stands behind those that it contains.

use std::collections::BTreeMap;

use tinkerbox_abi::component_key;
use tinkerbox_interface::{Field, Function, Interface, Number, Only, SharedType, Type, Variant};

/// A type.
pub struct Item<'a> {
    /// What bindings call it: `Position`, or `physics_Body` if its id begins with the name of another game.
    pub name: String,
    pub docs: &'a str,
    pub content: Content<'a>,
    /// The size of a value in bytes.
    pub size: u32,
    /// `None` for the type of a field.
    pub shared: Option<Shared<'a>>,
}

/// What a value of a type consists of.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    Struct(&'a [Field]),
    Enum(Number, &'a [Variant]),
}

/// What makes a type one that systems name.
pub struct Shared<'a> {
    pub id: &'a str,
    pub kind: Kind,
    pub read_only: bool,
    pub only: Option<Only>,
    pub layout: String,
    pub key: u64,
}

/// What the game has values of a type as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Component,
    Resource,
    Event,
}

/// A function of the game.
pub struct Import<'a> {
    /// What bindings call it: `height_at`, or `physics_cast` if its id begins with the name of another game.
    pub name: String,
    pub module: &'a str,
    pub import: &'a str,
    pub function: &'a Function,
}

/// All types, in an order in which each stands behind those that it contains.
///
/// # Errors
/// If a type has no size, or if a component and the type of a field have the same name and are not the same.
pub fn items(interface: &Interface) -> Result<Vec<Item<'_>>, String> {
    let mut all = BTreeMap::new();
    for named in &interface.types {
        let content = match named.integers {
            Some(number) => Content::Enum(number, &named.variants),
            None => Content::Struct(&named.fields),
        };
        let size = match named.integers {
            Some(number) => number.size(),
            None => size(interface, &named.name, &named.fields)?,
        };
        let item = Item { name: named.name.clone(), docs: &named.docs, content, size, shared: None };
        all.insert(named.name.clone(), item);
    }
    for (kind, ty) in shared_types(interface) {
        let item = shared_item(interface, kind, ty)?;
        match all.get(&item.name) {
            Some(other) if !is_same(interface, other, &item) => {
                return Err(format!(
                    "`{}` is {}, and another type has the same name; rename one in the game",
                    item.name, ty.id
                ));
            }
            _ => all.insert(item.name.clone(), item),
        };
    }
    let mut sorted = Vec::new();
    while let Some(name) = all.keys().next().cloned() {
        take(&name, &mut all, &mut sorted);
    }
    Ok(sorted)
}

/// The game's functions.
pub fn functions(interface: &Interface) -> Vec<Import<'_>> {
    let import = |function| import(interface, function);
    interface.functions.iter().map(import).collect()
}

fn import<'a>(interface: &'a Interface, function: &'a Function) -> Import<'a> {
    let id = function.id.as_str();
    let (module, import) = id.split_once(':').unwrap_or(("", id));
    Import { name: local_name(interface, id), module, import, function }
}

fn shared_types(interface: &Interface) -> impl Iterator<Item = (Kind, &SharedType)> {
    let kinds = [
        (Kind::Component, &interface.components),
        (Kind::Resource, &interface.resources),
        (Kind::Event, &interface.events),
    ];
    kinds.into_iter().flat_map(|(kind, types)| types.iter().map(move |ty| (kind, ty)))
}

fn shared_item<'a>(interface: &'a Interface, kind: Kind, ty: &'a SharedType) -> Result<Item<'a>, String> {
    let shared = Shared {
        id: &ty.id,
        kind,
        read_only: ty.read_only,
        only: ty.only,
        layout: interface.layout(ty).to_string(),
        key: component_key(&ty.id),
    };
    Ok(Item {
        name: local_name(interface, &ty.id),
        docs: &ty.docs,
        content: Content::Struct(&ty.fields),
        size: size(interface, &ty.id, &ty.fields)?,
        shared: Some(shared),
    })
}

/// A component can be the type of another one's field: then it is described twice.
fn is_same(interface: &Interface, named: &Item<'_>, shared: &Item<'_>) -> bool {
    match (named.content, shared.content) {
        (Content::Struct(one), Content::Struct(other)) if named.shared.is_none() => {
            layout(interface, one) == layout(interface, other)
        }
        _ => false,
    }
}

fn size(interface: &Interface, name: &str, fields: &[Field]) -> Result<u32, String> {
    layout(interface, fields).size().map(|(size, _)| size).map_err(|why| format!("`{name}`: {why}"))
}

fn layout(interface: &Interface, fields: &[Field]) -> Type {
    let fields = fields.to_vec();
    let (id, docs, mods) = Default::default();
    interface.layout(&SharedType { id, docs, read_only: false, only: None, mods, fields })
}

/// Moves an item into the list, behind those that it contains. Each is taken once, so types that contain each other end it.
fn take<'a>(name: &str, all: &mut BTreeMap<String, Item<'a>>, sorted: &mut Vec<Item<'a>>) {
    let Some(item) = all.remove(name) else { return };
    if let Content::Struct(fields) = item.content {
        for field in fields {
            if let Type::Named(within) = element(&field.ty) {
                take(within, all, sorted);
            }
        }
    }
    sorted.push(item);
}

/// The type of the elements of an array, of an array of arrays and so on; otherwise the type itself.
pub fn element(ty: &Type) -> &Type {
    match ty {
        Type::Array(of, _) => element(of),
        _ => ty,
    }
}

/// Ids of other games keep their names in front.
fn local_name(interface: &Interface, id: &str) -> String {
    match id.split_once(':') {
        Some((game, name)) if game == interface.game => name.to_owned(),
        _ => id.replace(':', "_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, String> {
        let interface = Interface::parse(&format!("game = \"a\"\napi = 1\n{text}")).unwrap();
        items(&interface).map(|items| items.into_iter().map(|item| item.name).collect())
    }

    #[test]
    fn types_stand_behind_those_that_they_contain() {
        let text = r#"
            [[type]]
            name = "Box"
            field = [{ name = "corners", type = "[[Point; 2]; 2]" }]
            [[type]]
            name = "Point"
            field = [{ name = "x", type = "f32" }]
            [[component]]
            id = "a:All"
            field = [{ name = "box", type = "Box" }, { name = "at", type = "Point" }]
            [[event]]
            id = "b:Born"
            field = [{ name = "at", type = "Point" }]
            "#;
        assert_eq!(names(text).unwrap(), ["Point", "Box", "All", "b_Born"]);
    }

    #[test]
    fn a_component_can_be_the_type_of_a_field() {
        let text = |field: &str| {
            format!(
                r#"
                [[type]]
                name = "Point"
                field = [{{ name = "x", type = "{field}" }}]
                [[component]]
                id = "a:Line"
                field = [{{ name = "ends", type = "[Point; 2]" }}]
                [[component]]
                id = "a:Point"
                field = [{{ name = "x", type = "f32" }}]
                "#
            )
        };
        assert_eq!(names(&text("f32")).unwrap(), ["Point", "Line"]);
        assert!(names(&text("i32")).unwrap_err().contains("`Point` is a:Point"));
    }
}

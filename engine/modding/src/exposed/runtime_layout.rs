//! Layouts that are not known when the game is compiled: those of an interface file, and of types that are exposed by their
//! reflection.
//!
//! What a game exposes has layouts that are constants. Those that are made here are kept for as long as the process runs, so
//! that nothing else has to tell the two apart.

use tinkerbox_abi::{Docs, Shape};
use tinkerbox_interface::Type;

/// Of such types nothing is known but their layout. Texts are for people, and are not needed to run mods.
pub(crate) const NO_DOCS: &Docs = &Docs { name: "", text: "", fields: &[], nested: &[] };

/// A layout as data.
pub(crate) fn shape(ty: &Type) -> &'static Shape {
    let name = |name: &Option<String>| keep(name.as_deref().unwrap_or_default());
    Box::leak(Box::new(match ty {
        Type::Number(number) => Shape::Number(number.name()),
        Type::Bool => Shape::Bool,
        Type::Entity => Shape::Entity,
        Type::OptionalEntity => Shape::OptionEntity,
        Type::Text(bytes) => Shape::Text(*bytes as usize),
        Type::Array(element, count) => Shape::Array(shape(element), *count as usize),
        Type::Struct(ty) => {
            let fields: Vec<_> =
                ty.fields.iter().map(|field| (keep(&field.name), shape(&field.ty))).collect();
            Shape::Struct { name: name(&ty.name), fields: fields.leak() }
        }
        Type::Enum(ty) => {
            let variants: Vec<_> = ty.variants.iter().map(|(name, value)| (keep(name), *value)).collect();
            Shape::Enum { name: name(&ty.name), number: ty.number.name(), variants: variants.leak() }
        }
        Type::Named(name) => unreachable!("`{name}` has a size, so it was written out"),
    }))
}

/// Text that is needed for as long as the process runs.
pub(crate) fn keep(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

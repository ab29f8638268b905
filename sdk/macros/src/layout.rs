//! The layout of a shared type as text, and advice on fields whose types have no layout.
//!
//! The host compares this text with its own, so it must mean the same on every machine. That is why the list of types is
//! short.

use syn::spanned::Spanned;
use syn::{Error, Expr, Fields, Lit, Result, Type, TypeArray, TypePath, ext::IdentExt};

/// Numbers that have the same size on every machine and an alignment of at most 8.
const NUMBERS: [&str; 10] = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"];

/// The names of the contract's type for entities, in `tinkerbox-abi` and in the SDK.
const ENTITY_NAMES: [&str; 2] = ["ModEntity", "Entity"];

/// Types that authors often try first, and what to write instead.
const ADVICE: [(&[&str], &str); 7] = [
    (&["bool"], "not every byte is a valid bool; use a `u8` that is 0 or 1, which the game can convert"),
    (&["char"], "not every number is a valid char; use a `u32`, which the game can convert"),
    (&["usize", "isize"], "its size differs between machines; use `u32` or `u64`"),
    (&["u128", "i128"], "it is aligned to 16 bytes; use `[u64; 2]`"),
    (&["String", "str"], "text has no fixed size; use a number that stands for it, or `[u8; 32]`"),
    (
        &["Vec", "Box", "HashMap"],
        "it has no fixed size; use an array such as `[f32; 8]`, and a field with the number of elements in use",
    ),
    (&["Option"], "use the value itself, and choose one that means \"none\""),
];

/// `{ x: f32, y: f32 }`, `{ 0: [u8; 4] }` for a tuple struct, `{}` for a marker.
pub fn layout(fields: &Fields) -> Result<String> {
    let fields: Vec<String> = fields
        .iter()
        .zip(field_names(fields))
        .map(|(field, name)| Ok(format!("{name}: {}", type_layout(&field.ty)?)))
        .collect::<Result<_>>()?;
    Ok(match fields.is_empty() {
        true => "{}".to_string(),
        false => format!("{{ {} }}", fields.join(", ")),
    })
}

/// The types of the fields that the layout calls entities.
pub fn entities(fields: &Fields) -> impl Iterator<Item = &Type> {
    fields.iter().map(|field| innermost(&field.ty)).filter(|ty| is_entity(ty))
}

/// The names of the fields in order; a tuple struct's are `0`, `1` and so on.
pub fn field_names(fields: &Fields) -> impl Iterator<Item = String> {
    fields.iter().enumerate().map(|(index, field)| match &field.ident {
        Some(ident) => ident.unraw().to_string(),
        None => index.to_string(),
    })
}

fn type_layout(ty: &Type) -> Result<String> {
    match ty {
        Type::Array(array) => array_layout(array),
        Type::Path(TypePath { path, .. }) if NUMBERS.iter().any(|number| path.is_ident(number)) => {
            Ok(last_name(ty).unwrap_or_default())
        }
        _ if is_entity(ty) => Ok("entity".to_string()),
        _ => Err(unsupported(ty)),
    }
}

fn array_layout(array: &TypeArray) -> Result<String> {
    match &array.len {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(len), .. }) => {
            Ok(format!("[{}; {}]", type_layout(&array.elem)?, len.base10_digits()))
        }
        len => Err(Error::new_spanned(
            len,
            "write the array's length as a number: it is part of the layout's text",
        )),
    }
}

fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::Array(array) => innermost(&array.elem),
        _ => ty,
    }
}

fn is_entity(ty: &Type) -> bool {
    last_name(ty).is_some_and(|name| ENTITY_NAMES.contains(&name.as_str()))
}

/// `Entity` of `tinkerbox_sdk::Entity`.
fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(TypePath { path, .. }) => path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

fn unsupported(ty: &Type) -> Error {
    let name = last_name(ty);
    let known = ADVICE.iter().find(|(names, _)| names.iter().any(|known| name.as_deref() == Some(*known)));
    let advice = match (known, ty) {
        (Some((_, advice)), _) => advice,
        (None, Type::Reference(_) | Type::Ptr(_) | Type::BareFn(_)) => {
            "an address means nothing on the other side; use the value itself, or a number that stands for it"
        }
        (None, Type::Tuple(_)) => "write a field for each of its elements",
        (None, _) => {
            "for an enum, use its number as a `u8` or `u32`; for another struct, its fields; the game can convert them"
        }
    };
    let numbers = NUMBERS.join(", ");
    Error::new(
        ty.span(),
        format!(
            "a field of a shared type must be one of {numbers}, `Entity`, or an array of these: {advice}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::ItemStruct;

    fn fields(text: &str) -> Fields {
        syn::parse_str::<ItemStruct>(text).unwrap().fields
    }

    #[test]
    fn layouts_are_the_fields_in_order() {
        let cases = [
            ("struct A { x: f32, pub r#type: [[u8; 4]; 0x2] }", "{ x: f32, type: [[u8; 4]; 2] }"),
            ("struct A(u64, i8);", "{ 0: u64, 1: i8 }"),
            ("struct A(Entity, [sdk::ModEntity; 2]);", "{ 0: entity, 1: [entity; 2] }"),
            ("struct A;", "{}"),
            ("struct A {}", "{}"),
        ];
        for (text, expected) in cases {
            assert_eq!(layout(&fields(text)).unwrap(), expected);
        }
    }

    #[test]
    fn unsupported_fields_are_refused_with_advice() {
        let cases = [
            ("bool", "use a `u8`"),
            ("char", "use a `u32`"),
            ("usize", "use `u32` or `u64`"),
            ("u128", "use `[u64; 2]`"),
            ("String", "a number that stands for it"),
            ("Vec<f32>", "use an array"),
            ("Option<u32>", "means \"none\""),
            ("&'static str", "an address means nothing"),
            ("fn()", "an address means nothing"),
            ("(f32, f32)", "a field for each"),
            ("Mood", "for an enum, use its number"),
            ("[glam::Vec2; 2]", "for another struct, its fields"),
            ("[f32; N]", "array's length"),
        ];
        for (ty, expected) in cases {
            let message = layout(&fields(&format!("struct A(f32, {ty});"))).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn entities_are_found_in_arrays_too() {
        assert_eq!(entities(&fields("struct A(Entity, f32, [[ModEntity; 2]; 2]);")).count(), 2);
    }
}

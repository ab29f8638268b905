//! The types of a struct's fields, as they are written: arrays are taken apart, and what no field can be is refused with
//! advice.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Error, Expr, Field, Fields, GenericArgument, PathArguments, PathSegment, Result, Type, TypePath,
    ext::IdentExt,
};

use crate::docs::doc_text;

/// Numbers that have the same size on every machine and an alignment of at most 8.
const NUMBERS: [&str; 10] = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"];

/// The names of the contract's type for entities, in `tinkerbox-abi` and in the SDK.
const ENTITY_NAMES: [&str; 2] = ["ModEntity", "Entity"];

/// Types that authors often try first, and what to write instead.
const ADVICE: [(&[&str], &str); 9] = [
    (&["char"], "use a `u32`, or `Text<4>`"),
    (&["usize", "isize"], "its size differs between machines; use `u32` or `u64`"),
    (&["u128", "i128"], "it is aligned to 16 bytes; use `[u64; 2]`"),
    (&["String", "str"], "it has no fixed size; use `Text<32>`, which holds up to 32 bytes"),
    (
        &["Vec", "Box", "HashMap"],
        "it has no fixed size; use an array such as `[f32; 8]`, and a field with the number of elements in use",
    ),
    (
        &["Option"],
        "only an entity can be absent; use a value that means \"none\", or derive `ModMirror` in place of the attribute",
    ),
    (&["Vec3A"], "it is aligned to 16 bytes, since it is made for one instruction; use `Vec3`"),
    (
        &["Vec4", "Quat", "Mat2", "Mat3A", "Mat4", "Affine2", "Affine3A"],
        "it is aligned to 16 bytes on some machines and to 4 on others; use an array such as `[f32; 4]`",
    ),
    (&["BVec2", "BVec3", "BVec4", "BVec3A", "BVec4A"], "use an array such as `[bool; 2]`"),
];

/// A field of a struct.
pub struct SharedField<'a> {
    /// `x`, or `0` in a tuple struct.
    pub name: String,
    /// The name as it is written in the source, for `offset_of`.
    pub member: syn::Member,
    pub docs: String,
    pub ty: &'a Type,
    /// The type of the elements of an array, of an array of arrays and so on; otherwise the field's own type.
    pub element: &'a Type,
    /// The lengths of the arrays, from the outermost inwards.
    lens: Vec<&'a Expr>,
    /// Whether any bytes are an element, as far as the source shows.
    pub is_plain: bool,
}

/// The fields in order.
///
/// # Errors
/// The type of a field is known not to be possible.
pub fn shared(fields: &Fields) -> Result<Vec<SharedField<'_>>> {
    fields.members().zip(fields).map(|(member, field)| shared_field(member, field)).collect()
}

fn shared_field(member: syn::Member, field: &Field) -> Result<SharedField<'_>> {
    let (mut element, mut lens) = (bare(&field.ty), Vec::new());
    while let Type::Array(array) = element {
        lens.push(&array.len);
        element = bare(&array.elem);
    }
    Ok(SharedField {
        name: match &member {
            syn::Member::Named(ident) => ident.unraw().to_string(),
            syn::Member::Unnamed(index) => index.index.to_string(),
        },
        member,
        docs: doc_text(&field.attrs),
        ty: &field.ty,
        element,
        lens,
        is_plain: is_plain(element)?,
    })
}

impl SharedField<'_> {
    /// The constant that describes how the field lies in memory.
    pub fn shape(&self, abi: &TokenStream) -> TokenStream {
        let element = self.element;
        let shape = quote_spanned!(element.span()=> <#element as #abi::ModField>::SHAPE);
        self.lens.iter().rev().fold(shape, |shape, len| quote!(&#abi::Shape::Array(#shape, #len)))
    }
}

/// A macro by example wraps a type that it passes on in an invisible group.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        _ => ty,
    }
}

/// Whether any bytes are a value of this type, as far as the source shows.
fn is_plain(ty: &Type) -> Result<bool> {
    let Type::Path(TypePath { path, qself: None }) = ty else { return Err(unsupported(ty)) };
    let Some(last) = path.segments.last() else { return Err(unsupported(ty)) };
    let is = |names: &[&str]| names.iter().any(|name| last.ident == name);
    match &last.arguments {
        PathArguments::None if is(&NUMBERS) && path.segments.len() == 1 => Ok(true),
        _ if is(&["Option"]) && is_of_entity(last) => Ok(true),
        _ if ADVICE.iter().any(|(names, _)| is(names)) => Err(unsupported(ty)),
        PathArguments::AngleBracketed(_) => Ok(is(&["Text"])),
        _ => Ok(false),
    }
}

/// Whether the type's only argument is an entity.
fn is_of_entity(segment: &PathSegment) -> bool {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return false };
    let Some(GenericArgument::Type(Type::Path(TypePath { path, .. }))) = arguments.args.first() else {
        return false;
    };
    path.segments.last().is_some_and(|last| ENTITY_NAMES.iter().any(|name| last.ident == name))
}

fn unsupported(ty: &Type) -> Error {
    let last = match ty {
        Type::Path(TypePath { path, .. }) => path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    };
    let known = ADVICE.iter().find(|(names, _)| names.iter().any(|known| last.as_deref() == Some(*known)));
    let advice = match (known, ty) {
        (Some((_, advice)), _) => advice,
        (None, Type::Reference(_) | Type::Ptr(_) | Type::BareFn(_)) => {
            "an address means nothing on the other side; use the value itself, or a number that stands for it"
        }
        (None, Type::Tuple(_)) => "write a field for each of its elements",
        (None, _) => "write its type by a name",
    };
    let numbers = NUMBERS.join(", ");
    Error::new(
        ty.span(),
        format!(
            "a field of a shared type must be one of {numbers}, `bool`, `Entity`, `Option<Entity>`, `Text<N>`, a struct \
             or an enum with `#[mod_type]`, or an array of these: {advice}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::ItemStruct;

    fn shapes(text: &str) -> Result<String> {
        let item = syn::parse_str::<ItemStruct>(text).unwrap();
        let fields = shared(&item.fields)?;
        let shapes = fields.iter().map(|field| format!("{}: {}", field.name, field.shape(&quote!(abi))));
        Ok(shapes.collect::<Vec<_>>().join(", ").replace(' ', ""))
    }

    #[test]
    fn shapes_are_those_of_the_elements_in_arrays() {
        let cases = [
            (
                "struct A { x: f32, r#type: u8 }",
                "x:<f32asabi::ModField>::SHAPE,type:<u8asabi::ModField>::SHAPE",
            ),
            (
                "struct A([[Mood; 2]; N]);",
                "0:&abi::Shape::Array(&abi::Shape::Array(<Moodasabi::ModField>::SHAPE,2),N)",
            ),
            ("struct A;", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(shapes(text).unwrap(), expected);
        }
    }

    #[test]
    fn unsupported_fields_are_refused_with_advice() {
        let cases = [
            ("char", "use a `u32`"),
            ("usize", "use `u32` or `u64`"),
            ("u128", "use `[u64; 2]`"),
            ("String", "use `Text<32>`"),
            ("Vec<f32>", "use an array"),
            ("Option<u32>", "means \"none\""),
            ("&'static str", "an address means nothing"),
            ("fn()", "an address means nothing"),
            ("(f32, f32)", "a field for each"),
            ("[glam::Vec3A; 2]", "use `Vec3`"),
            ("glam::Quat", "aligned to 16 bytes on some machines"),
            ("<A as B>::C", "by a name"),
        ];
        for (ty, expected) in cases {
            let message = shapes(&format!("struct A(f32, {ty});")).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}

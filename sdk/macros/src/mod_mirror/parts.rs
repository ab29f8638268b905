//! What crosses of a type: parts, in the order of the source; and which of them each variant has.
//!
//! ```text
//! struct { a: u32, b: Option<f32> }     a   b   has_b
//! enum { Empty, Fish(u32), Crate { weight: f32 } }     kind   fish   crate_weight
//! ```

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DataEnum, Error, Fields, Ident, Member, Result};

use super::kinds::Kind;
use crate::docs::doc_text;

/// A field that mods see.
pub struct Part {
    pub name: String,
    pub kind: Kind,
    pub docs: String,
    /// Whether there are zeros in its place for some values.
    pub may_be_absent: bool,
    pub span: Span,
}

/// A way in which a value can be made: one of an enum's variants, or the struct itself.
pub struct Variant {
    /// Its name, for an enum.
    ident: Option<Ident>,
    pub tag: Option<u8>,
    pub fields: Vec<VariantField>,
}

/// A field as the source has it.
pub struct VariantField {
    member: Member,
    /// The number of its part.
    pub part: usize,
    /// The number of the part that says whether it is there, for an `Option`.
    pub flag: Option<usize>,
}

impl VariantField {
    /// Where its part begins.
    pub fn at(&self) -> TokenStream {
        let part = self.part;
        quote!(OFFSETS[#part])
    }
}

impl Variant {
    /// The value with these variables as its fields: a pattern and an expression.
    pub fn pattern(&self, variables: &[Ident]) -> TokenStream {
        let variant = self.ident.as_ref().map(|ident| quote!(::#ident));
        let fields = self
            .fields
            .iter()
            .zip(variables)
            .map(|(VariantField { member, .. }, variable)| quote!(#member: #variable));
        quote!(Self #variant { #(#fields),* })
    }
}

/// A struct's parts.
///
/// # Errors
/// A field can't cross.
pub fn of_struct(fields: &Fields) -> Result<(Vec<Part>, Vec<Variant>)> {
    let mut parts = Vec::new();
    let fields = add(&mut parts, fields, |name| name.to_owned(), false)?;
    Ok((parts, vec![Variant { ident: None, tag: None, fields }]))
}

/// An enum's parts: the number of the variant, and the fields of all variants.
///
/// # Errors
/// A field can't cross, or there are no variants or too many.
pub fn of_enum(data: &DataEnum, name: &Ident) -> Result<(Vec<Part>, Vec<Variant>)> {
    if data.variants.is_empty() {
        return Err(Error::new_spanned(name, "a mirrored enum needs one variant at least"));
    }
    let named = data.variants.iter().map(|it| (it.ident.unraw().to_string(), doc_text(&it.attrs)));
    let mut parts = vec![Part {
        name: "kind".to_owned(),
        kind: Kind::Tag(named.collect()),
        docs: "Which variant it is. The fields of all others are zero.".to_owned(),
        may_be_absent: false,
        span: name.span(),
    }];
    let mut variants = Vec::new();
    for (number, variant) in data.variants.iter().enumerate() {
        let tag = u8::try_from(number).map_err(|_| {
            Error::new_spanned(
                variant,
                "a mirrored enum has at most 256 variants: put some into an enum of their own",
            )
        })?;
        if let Some((_, number)) = &variant.discriminant {
            return Err(Error::new_spanned(
                number,
                "the variants of a mirrored enum are numbered in the order of the source: remove the number",
            ));
        }
        let prefix = snake_case(&variant.ident.unraw().to_string());
        let is_alone = variant.fields.len() == 1;
        let field_name = |name: &str| match name.parse::<usize>() {
            Ok(_) if is_alone => prefix.clone(),
            _ => format!("{prefix}_{name}"),
        };
        let fields = add(&mut parts, &variant.fields, field_name, true)?;
        variants.push(Variant { ident: Some(variant.ident.clone()), tag: Some(tag), fields });
    }
    Ok((parts, variants))
}

fn add(
    parts: &mut Vec<Part>,
    fields: &Fields,
    name: impl Fn(&str) -> String,
    may_be_absent: bool,
) -> Result<Vec<VariantField>> {
    let mut added = Vec::new();
    for (member, field) in fields.members().zip(fields) {
        let name = name(&match &member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        });
        let (kind, is_optional) = Kind::of_field(&field.ty, may_be_absent)?;
        let (part, span) = (parts.len(), field.ty.span());
        let docs = doc_text(&field.attrs);
        parts.push(Part {
            name: name.clone(),
            kind,
            docs,
            may_be_absent: may_be_absent || is_optional,
            span,
        });
        let flag = is_optional.then_some(part + 1);
        if is_optional {
            let docs = format!("Whether there is a `{name}`. If not, it is zero.");
            parts.push(Part {
                name: format!("has_{name}"),
                kind: Kind::Flag,
                docs,
                may_be_absent: false,
                span,
            });
        }
        added.push(VariantField { member, part, flag });
    }
    Ok(added)
}

impl Part {
    /// How it lies in memory. `owner` is the name of the type that it is a part of.
    pub fn shape(&self, owner: &str, abi: &TokenStream) -> TokenStream {
        self.kind.shape(owner, abi)
    }

    /// The constant with the doc comments of its type, if that may have some.
    pub fn field_docs(&self, owner: &str, abi: &TokenStream) -> Option<TokenStream> {
        self.kind.field_docs(owner, abi)
    }

    /// Why zeros must be a value of it.
    pub fn about_zeros(&self) -> String {
        format!(
            "mods see zeros as `{}` where the value has no such field, and zeros are not a value of its type: give an enum \
             in it a variant with the number 0, and make an entity in it an `Option<Entity>`",
            self.name
        )
    }
}

/// The name of a variant as that of a field: words are separated by `_`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() && at > 0 && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

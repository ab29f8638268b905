//! `#[derive(ModMirror)]`: makes a type of the game one that mods see as flat bytes and make a value of again.
//!
//! ```text
//! the type ──> parts: what crosses, in the order of the source (`parts.rs`), each of a kind (`kinds.rs`)
//!     ──> the layout, which the compiler orders by alignment; `flatten` and `unflatten` by the places that it finds
//! ```
//!
//! As for `#[mod_type]`, sizes are left to constants that the compiler computes in the author's crate.

mod kinds;

mod parts;

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Data, DeriveInput, Error, Ident, LitStr, Result};

use crate::docs::doc_text;
use crate::mod_type::item::{id, name_in};
use parts::{Part, Variant};

/// `abi` is the path of `tinkerbox-abi` in the author's crate.
pub fn derive(item: &DeriveInput, abi: &TokenStream) -> Result<TokenStream> {
    let id = mirror_id(item)?;
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a mirrored type cannot have parameters, since its id stands for one layout: write a type for each that you need",
        ));
    }
    let (parts, variants) = match &item.data {
        Data::Struct(data) => parts::of_struct(&data.fields)?,
        Data::Enum(data) => parts::of_enum(data, &item.ident)?,
        Data::Union(_) => {
            return Err(Error::new_spanned(
                &item.ident,
                "nobody knows which field of a union there is: write an enum",
            ));
        }
    };
    check_names(&parts)?;
    let mirror = Mirror { item, id: &id, abi, parts: &parts, variants: &variants };
    let (layout, docs) = (mirror.layout(), mirror.docs());
    let (flatten, unflatten) = (mirror.flatten(), mirror.unflatten());
    let name = &item.ident;
    Ok(quote! {
        const _: () = {
            #layout

            impl #abi::MirrorField for #name {
                const SHAPE: &'static #abi::Shape = LAYOUT_SHAPE;
                const FIELD_DOCS: ::core::option::Option<&'static #abi::Docs> =
                    ::core::option::Option::Some(<#name as #abi::ModMirror>::DOCS);

                #flatten

                #unflatten
            }

            impl #abi::ModMirror for #name {
                const ID: &'static str = #id;
                const LAYOUT: &'static str = {
                    const TEXT: [u8; LAYOUT_SHAPE.text_len()] = LAYOUT_SHAPE.text();
                    #abi::expansion::as_str(&TEXT)
                };
                const DOCS: &'static #abi::Docs = #docs;
                type Words = [
                    <#abi::expansion::Words<{ LAYOUT_SHAPE.align() }> as #abi::expansion::Aligned>::Word;
                    LAYOUT_SHAPE.size() / LAYOUT_SHAPE.align()
                ];
            }

            impl ::core::convert::From<#abi::Flat<#name>> for #name {
                fn from(flat: #abi::Flat<#name>) -> #name {
                    flat.get()
                }
            }
        };
    })
}

fn mirror_id(item: &DeriveInput) -> Result<LitStr> {
    let mut attributes = item.attrs.iter().filter(|attribute| attribute.path().is_ident("mod_mirror"));
    match (attributes.next(), attributes.next()) {
        (Some(attribute), None) => match &attribute.meta {
            syn::Meta::List(list) => id(list.tokens.clone()),
            other => {
                Err(Error::new_spanned(other, "a mirrored type needs an id: `#[mod_mirror(\"game:Name\")]`"))
            }
        },
        (Some(_), Some(second)) => {
            Err(Error::new_spanned(second, "a mirrored type has one id: remove this one"))
        }
        (None, _) => Err(Error::new_spanned(
            &item.ident,
            "a mirrored type needs an id: add `#[mod_mirror(\"game:Name\")]` under the derive",
        )),
    }
}

/// What crosses is a struct, so names of different variants must differ.
fn check_names(parts: &[Part]) -> Result<()> {
    let mut seen = BTreeSet::new();
    match parts.iter().find(|part| !seen.insert(part.name.as_str())) {
        None => Ok(()),
        Some(again) => Err(Error::new(
            again.span,
            format!(
                "mods would see two fields that are called `{}`: rename this one, or its variant",
                again.name
            ),
        )),
    }
}

struct Mirror<'a> {
    item: &'a DeriveInput,
    id: &'a LitStr,
    abi: &'a TokenStream,
    parts: &'a [Part],
    variants: &'a [Variant],
}

impl Mirror<'_> {
    /// The constants `LAYOUT_SHAPE` and `OFFSETS`.
    fn layout(&self) -> TokenStream {
        let Mirror { abi, parts, .. } = self;
        let name = name_in(self.id);
        let count = parts.len();
        let fields = parts.iter().map(|part| {
            let (field, shape) = (&part.name, part.shape(&name, abi));
            quote!((#field, #shape))
        });
        let mut pad = "pad".to_owned();
        while parts.iter().any(|part| part.name == pad) {
            pad.push('_');
        }
        let zeros = parts.iter().filter(|part| part.may_be_absent).map(|part| {
            let (shape, message) = (part.shape(&name, abi), part.about_zeros());
            quote_spanned!(part.span=> ::core::assert!((#shape).accepts_zeros(), #message);)
        });
        quote! {
            const PARTS: [#abi::expansion::Part; #count] = [#(#fields),*];
            const OFFSETS: [usize; #count] = #abi::expansion::offsets(&PARTS);
            const MISSING: usize = #abi::expansion::missing(&PARTS);
            const FIELDS: [#abi::expansion::Part; #count + (MISSING > 0) as usize] =
                #abi::expansion::in_memory_order(
                    &PARTS,
                    (#pad, &#abi::Shape::Array(&#abi::Shape::Number("u8"), MISSING)),
                );
            const LAYOUT_SHAPE: &#abi::Shape = &#abi::Shape::Struct { name: #name, fields: &FIELDS };
            const _: () = { #(#zeros)* };
        }
    }

    fn docs(&self) -> TokenStream {
        let Mirror { abi, parts, .. } = self;
        let name = name_in(self.id);
        let text = doc_text(&self.item.attrs);
        let fields = parts.iter().map(|Part { name, docs, .. }| quote!((#name, #docs)));
        let nested = parts.iter().filter_map(|part| part.field_docs(&name, abi));
        quote! {{
            const ALL: &[::core::option::Option<&#abi::Docs>] = &[#(#nested),*];
            const NESTED: [&#abi::Docs; #abi::expansion::documented(ALL)] = #abi::expansion::nested(ALL);
            &#abi::Docs { name: #name, text: #text, fields: &[#(#fields),*], nested: &NESTED }
        }}
    }

    fn flatten(&self) -> TokenStream {
        let Mirror { abi, parts, .. } = self;
        let arms = self.variants.iter().map(|variant| {
            let bound: Vec<Ident> = variant.fields.iter().map(|field| bound(field.part)).collect();
            let pattern = variant.pattern(&bound);
            let tag = variant.tag.map(|tag| quote!(bytes[OFFSETS[0]] = #tag;));
            let writes = variant.fields.iter().zip(&bound).map(|(field, value)| {
                let (kind, at) = (&parts[field.part].kind, field.at());
                match field.flag {
                    None => kind.write(&quote!(#value), &at, abi),
                    Some(flag) => {
                        let write = kind.write(&quote!(value), &at, abi);
                        quote! {
                            if let ::core::option::Option::Some(value) = #value {
                                bytes[OFFSETS[#flag]] = 1;
                                #write
                            }
                        }
                    }
                }
            });
            quote!(#pattern => { #tag #(#writes)* })
        });
        quote! {
            #[allow(unused_variables)]
            fn flatten(&self, bytes: &mut [u8]) {
                match self { #(#arms)* }
            }
        }
    }

    fn unflatten(&self) -> TokenStream {
        let Mirror { abi, parts, .. } = self;
        let value = |variant: &Variant| {
            let bound: Vec<Ident> = variant.fields.iter().map(|field| bound(field.part)).collect();
            let value = variant.pattern(&bound);
            let reads = variant.fields.iter().zip(&bound).map(|(field, name)| {
                let read = parts[field.part].kind.read(&field.at(), abi);
                match field.flag {
                    None => quote!(let #name = #read?;),
                    Some(flag) => quote! {
                        let #name = match bytes[OFFSETS[#flag]] {
                            0 => ::core::option::Option::None,
                            1 => ::core::option::Option::Some(#read?),
                            _ => return ::core::option::Option::None,
                        };
                    },
                }
            });
            quote!({ #(#reads)* ::core::option::Option::Some(#value) })
        };
        let body = match self.variants {
            [only] if only.tag.is_none() => value(only),
            variants => {
                let arms = variants.iter().map(|variant| {
                    let (tag, value) = (variant.tag, value(variant));
                    quote!(#tag => #value)
                });
                quote!(match bytes[OFFSETS[0]] { #(#arms)* _ => ::core::option::Option::None })
            }
        };
        quote! {
            #[allow(unused_variables)]
            fn unflatten(bytes: &[u8]) -> ::core::option::Option<Self> { #body }
        }
    }
}

/// The variable that holds what this part is made of.
fn bound(part: usize) -> Ident {
    format_ident!("part_{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(item: &str) -> String {
        derive(&syn::parse_str(item).unwrap(), &quote!(abi)).unwrap_err().to_string()
    }

    #[test]
    fn what_can_not_be_mirrored_is_refused_with_advice() {
        let with_id = |item: &str| format!("#[mod_mirror(\"a:A\")] {item}");
        let cases = [
            ("struct A<T>(T);", "cannot have parameters"),
            ("union A { a: u8 }", "write an enum"),
            ("enum A {}", "one variant at least"),
            ("enum A { B = 3 }", "remove the number"),
            ("enum A { Kind(u8) }", "two fields that are called `kind`"),
            ("struct A { x: Option<u8>, has_x: bool }", "two fields that are called `has_x`"),
            ("struct A(String);", "use `Text<32>`"),
            ("enum A { B { c: Vec<u8> } }", "expose_component_as"),
            ("struct A(usize);", "use `u32` or `u64`"),
            ("struct A(Option<Option<u8>>);", "write an enum"),
            ("struct A([Option<u8>; 2]);", "derive `ModMirror` for it"),
            ("struct A((u8, u8));", "a name for each"),
            ("struct A(&'static u8);", "an address means nothing"),
        ];
        for (item, expected) in cases {
            let message = error(&with_id(item));
            assert!(message.contains(expected), "{item}: {message}");
        }
        for (item, expected) in [
            ("struct A;", "add `#[mod_mirror(\"game:Name\")]`"),
            ("#[mod_mirror] struct A;", "needs an id"),
            ("#[mod_mirror(\"A\")] struct A;", "write \"game:Name\""),
            ("#[mod_mirror(\"a:A\")] #[mod_mirror(\"a:B\")] struct A;", "remove this one"),
        ] {
            let message = error(item);
            assert!(message.contains(expected), "{item}: {message}");
        }
    }
}

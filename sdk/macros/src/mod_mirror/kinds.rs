//! What a field is, as far as its type is written, and how it is written to bytes and read from them.
//!
//! Entities are recognised by their name: Bevy's and the contract's have the same two conversions, and which of them it is
//! makes no difference to the bytes.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, GenericArgument, PathArguments, Result, Type, TypePath};

/// Types that are not possible, and what to write instead.
const ADVICE: [(&[&str], &str); 5] = [
    (&["char"], "use a `u32`"),
    (&["usize", "isize"], "its size differs between machines; use `u32` or `u64`"),
    (&["u128", "i128"], "it is aligned to 16 bytes; use `[u64; 2]`"),
    (&["String", "str"], "it has no fixed size; use `Text<32>`, which holds up to 32 bytes"),
    (
        &["Vec", "Box", "HashMap", "HashSet", "Handle"],
        "it has no fixed size; use an array, or write a mirror by hand (`expose_component_as`)",
    ),
];

pub enum Kind {
    /// The number of an enum's variant, with the names and doc comments of all.
    Tag(Vec<(String, String)>),
    /// Whether there is another field.
    Flag,
    /// An entity of this type; whether it may be absent.
    Entity(Box<Type>, bool),
    /// An `Option` of an entity of this type.
    OptionEntity(Box<Type>),
    /// Several of a kind.
    Array(Box<Kind>, Box<Expr>),
    /// A type that says itself how it crosses.
    Field(Box<Type>),
}

impl Kind {
    /// The kind of a field, and whether it is an `Option` of that.
    ///
    /// # Errors
    /// The type is known not to be possible.
    pub fn of_field(ty: &Type, may_be_absent: bool) -> Result<(Kind, bool)> {
        match option(ty) {
            Some(inner) if !is_entity(inner) => match option(inner) {
                None => Ok((Kind::of(inner, true)?, true)),
                Some(_) => Err(refuse(ty, "write an enum in place of an `Option` of an `Option`")),
            },
            _ => Ok((Kind::of(ty, may_be_absent)?, false)),
        }
    }

    fn of(ty: &Type, may_be_absent: bool) -> Result<Kind> {
        match bare(ty) {
            Type::Array(array) => {
                Ok(Kind::Array(Box::new(Kind::of(&array.elem, may_be_absent)?), Box::new(array.len.clone())))
            }
            it if is_entity(it) => Ok(Kind::Entity(Box::new(it.clone()), may_be_absent)),
            it => match option(it) {
                Some(entity) if is_entity(entity) => Ok(Kind::OptionEntity(Box::new(bare(entity).clone()))),
                Some(_) => Err(refuse(it, "write a struct with the `Option`, and derive `ModMirror` for it")),
                None => field(it),
            },
        }
    }

    pub fn shape(&self, owner: &str, abi: &TokenStream) -> TokenStream {
        match self {
            Kind::Tag(variants) => {
                let name = format!("{owner}Kind");
                let variants = variants.iter().enumerate().map(|(number, (name, _))| {
                    let number = number as i128;
                    quote!((#name, #number))
                });
                quote!(&#abi::Shape::Enum { name: #name, number: "u8", variants: &[#(#variants),*] })
            }
            Kind::Flag => quote!(&#abi::Shape::Bool),
            Kind::Entity(_, false) => quote!(&#abi::Shape::Entity),
            Kind::Entity(_, true) | Kind::OptionEntity(_) => quote!(&#abi::Shape::OptionEntity),
            Kind::Array(element, len) => {
                let element = element.shape(owner, abi);
                quote!(&#abi::Shape::Array(#element, #len))
            }
            Kind::Field(ty) => quote_spanned!(ty.span()=> <#ty as #abi::MirrorField>::SHAPE),
        }
    }

    pub fn field_docs(&self, owner: &str, abi: &TokenStream) -> Option<TokenStream> {
        match self {
            Kind::Tag(variants) => {
                let name = format!("{owner}Kind");
                let variants = variants.iter().map(|(name, docs)| quote!((#name, #docs)));
                Some(quote!(::core::option::Option::Some(
                    &#abi::Docs { name: #name, text: "", fields: &[#(#variants),*], nested: &[] }
                )))
            }
            Kind::Array(element, _) => element.field_docs(owner, abi),
            Kind::Field(ty) => Some(quote!(<#ty as #abi::MirrorField>::FIELD_DOCS)),
            _ => None,
        }
    }

    /// Writes `value`, a reference, to `bytes`, from `at` on.
    pub fn write(&self, value: &TokenStream, at: &TokenStream, abi: &TokenStream) -> TokenStream {
        match self {
            Kind::Tag(_) | Kind::Flag => TokenStream::new(),
            Kind::Entity(..) => quote!(#abi::expansion::put_number(bytes, #at, #value.to_bits());),
            Kind::OptionEntity(_) => quote! {
                if let ::core::option::Option::Some(entity) = #value {
                    #abi::expansion::put_number(bytes, #at, entity.to_bits());
                }
            },
            Kind::Array(element, _) => {
                let size = self.element_size(abi);
                let write = element.write(&quote!(element), &quote!(at), abi);
                quote! {
                    for (index, element) in #value.iter().enumerate() {
                        let at = #at + index * #size;
                        #write
                    }
                }
            }
            Kind::Field(ty) => quote! {
                <#ty as #abi::MirrorField>::flatten(
                    #value,
                    &mut bytes[#at..][..<#ty as #abi::MirrorField>::SHAPE.size()],
                );
            },
        }
    }

    /// An `Option` of the value in `bytes` from `at` on.
    pub fn read(&self, at: &TokenStream, abi: &TokenStream) -> TokenStream {
        match self {
            Kind::Tag(_) | Kind::Flag => quote!(::core::option::Option::Some(())),
            Kind::Entity(ty, _) => quote!(<#ty>::try_from_bits(#abi::expansion::number_at(bytes, #at))),
            Kind::OptionEntity(ty) => quote! {
                match #abi::expansion::number_at(bytes, #at) {
                    0 => ::core::option::Option::Some(::core::option::Option::None),
                    bits => <#ty>::try_from_bits(bits).map(::core::option::Option::Some),
                }
            },
            Kind::Array(element, len) => {
                let (size, read) = (self.element_size(abi), element.read(&quote!(at), abi));
                quote! {
                    #abi::expansion::array::<_, { #len }>(|index| {
                        let at = #at + index * #size;
                        #read
                    })
                }
            }
            Kind::Field(ty) => quote! {
                <#ty as #abi::MirrorField>::unflatten(&bytes[#at..][..<#ty as #abi::MirrorField>::SHAPE.size()])
            },
        }
    }

    /// The size of an array's elements.
    fn element_size(&self, abi: &TokenStream) -> TokenStream {
        let Kind::Array(element, _) = self else { return quote!(0) };
        // Tags are no elements, so that no name of an owner is needed.
        let shape = element.shape("", abi);
        quote!((#shape).size())
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

/// The type in an `Option`.
fn option(ty: &Type) -> Option<&Type> {
    let Type::Path(TypePath { path, qself: None }) = bare(ty) else { return None };
    let last = path.segments.last().filter(|last| last.ident == "Option")?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

fn is_entity(ty: &Type) -> bool {
    last_name(ty).is_some_and(|name| name == "Entity" || name == "ModEntity")
}

fn last_name(ty: &Type) -> Option<String> {
    match bare(ty) {
        Type::Path(TypePath { path, qself: None }) => path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
}

fn field(ty: &Type) -> Result<Kind> {
    let name = last_name(ty);
    let known = ADVICE.iter().find(|(names, _)| names.iter().any(|known| name.as_deref() == Some(*known)));
    match (known, ty) {
        (Some((_, advice)), _) => Err(refuse(ty, advice)),
        (None, Type::Path(_)) => Ok(Kind::Field(Box::new(ty.clone()))),
        (None, Type::Tuple(_)) => Err(refuse(ty, "write a struct with a name for each of its elements")),
        (None, Type::Reference(_) | Type::Ptr(_) | Type::BareFn(_)) => {
            Err(refuse(ty, "an address means nothing on the other side; use the value itself"))
        }
        (None, _) => Err(refuse(ty, "write its type by a name")),
    }
}

fn refuse(ty: &Type, advice: &str) -> Error {
    Error::new(ty.span(), format!("mods can't see a field of this type: {advice}"))
}

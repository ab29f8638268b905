//! What `#[mod_type]` reads and adds around an item, whatever its kind: the id, derives, the `repr`, and the traits of the
//! contract.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Error, LitStr, Meta, Result, Token, parse_quote};
use tinkerbox_abi::names::{TYPE_ID_RULE, is_type_id};

/// Traits that the attribute implements itself.
const IMPLEMENTED: [&str; 6] =
    ["Pod", "Zeroable", "NoUninit", "CheckedBitPattern", "AnyBitPattern", "ModType"];

/// What both kinds of items have in common.
pub struct Shared<'a> {
    pub item: &'a DeriveInput,
    pub id: &'a LitStr,
    pub abi: &'a TokenStream,
}

impl Shared<'_> {
    /// `shape` and `docs` are the constants that are particular to the kind of the item.
    pub fn contract(&self, shape: &TokenStream, docs: &TokenStream) -> TokenStream {
        let Shared { item: DeriveInput { ident: name, .. }, id, abi } = self;
        quote! {
            impl #abi::ModField for #name {
                const SHAPE: &'static #abi::Shape = &#shape;
                const FIELD_DOCS: ::core::option::Option<&'static #abi::Docs> =
                    ::core::option::Option::Some(<#name as #abi::ModType>::DOCS);
            }

            impl #abi::ModType for #name {
                const ID: &'static str = #id;
                const LAYOUT: &'static str = {
                    const SHAPE: &#abi::Shape = <#name as #abi::ModField>::SHAPE;
                    const TEXT: [u8; SHAPE.text_len()] = SHAPE.text();
                    #abi::expansion::as_str(&TEXT)
                };
                const DOCS: &'static #abi::Docs = #docs;
            }
        }
    }
}

/// The id without the game.
pub fn name_in(id: &LitStr) -> String {
    let id = id.value();
    id.split_once(':').map_or(id.as_str(), |(_, name)| name).to_owned()
}

/// The id, which is the attribute's only argument.
pub fn id(arguments: TokenStream) -> Result<LitStr> {
    if arguments.is_empty() {
        return Err(Error::new_spanned(arguments, "a shared type needs an id: `#[mod_type(\"game:Name\")]`"));
    }
    let id = syn::parse2::<LitStr>(arguments.clone())
        .map_err(|_| Error::new_spanned(arguments, "write the id alone: `#[mod_type(\"game:Name\")]`"))?;
    match is_type_id(&id.value()) {
        true => Ok(id),
        false => {
            let message = format!("`{}` is not a valid id: write {TYPE_ID_RULE}", id.value());
            Err(Error::new(id.span(), message))
        }
    }
}

/// Adds `Clone` and `Copy`, unless the author derives them.
pub fn add_derives(attributes: &mut Vec<Attribute>) -> Result<()> {
    let mut derived = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let paths = attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated)?;
        for path in paths {
            let name = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            if IMPLEMENTED.contains(&name.as_str()) {
                return Err(Error::new_spanned(
                    path,
                    format!("`#[mod_type]` implements `{name}` itself, where it can: remove it here"),
                ));
            }
            derived.push(name);
        }
    }
    for (name, derive) in [
        ("Clone", parse_quote!(#[derive(::core::clone::Clone)])),
        ("Copy", parse_quote!(#[derive(::core::marker::Copy)])),
    ] {
        if !derived.iter().any(|known| known == name) {
            attributes.push(derive);
        }
    }
    Ok(())
}

/// The words of all `repr` attributes.
pub fn reprs(attributes: &[Attribute]) -> Result<Vec<Meta>> {
    let mut words = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        words.extend(attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?);
    }
    Ok(words)
}

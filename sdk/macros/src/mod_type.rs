//! `#[derive(ModType)]`: checks a struct's form, and makes its id and its layout constants.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Result, Type};
use tinkerbox_abi::names::{TYPE_ID_RULE, is_type_id};

use crate::docs::doc_text;
use crate::layout::{entities, field_names, layout};

/// `abi` is the path of `tinkerbox-abi` in the author's crate.
pub fn derive(item: DeriveInput, abi: TokenStream) -> Result<TokenStream> {
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a shared type cannot have generic parameters, since its id stands for one layout: \
             write a struct for each type that you need",
        ));
    }
    let fields = match &item.data {
        Data::Struct(data) => &data.fields,
        _ => {
            return Err(Error::new_spanned(
                &item.ident,
                "only a struct can be a shared type, since not all bytes are valid as an enum or a union: \
                 keep the value as a number in a struct, which the game can convert",
            ));
        }
    };
    let id = id(&item)?;
    check_repr(&item)?;
    let layout = layout(fields)?;
    let name = &item.ident;
    let docs = docs(&id, &item.attrs, fields, &abi);
    let entities = entities(fields).map(|ty| entity_check(ty, &abi));
    Ok(quote! {
        impl #abi::ModType for #name {
            const ID: &'static str = #id;
            const LAYOUT: &'static str = #layout;
            const DOCS: &'static #abi::Docs = #docs;
        }
        #(#entities)*
    })
}

fn docs(id: &LitStr, attributes: &[Attribute], fields: &Fields, abi: &TokenStream) -> TokenStream {
    let id = id.value();
    let name = id.split_once(':').map_or(id.as_str(), |(_, name)| name);
    let text = doc_text(attributes);
    let names = field_names(fields);
    let texts = fields.iter().map(|field| doc_text(&field.attrs));
    quote! {
        &#abi::Docs { name: #name, text: #text, fields: &[#((#names, #texts)),*], nested: &[] }
    }
}

/// Bevy has an `Entity` too: the compiler refuses a field that is not the contract's.
fn entity_check(ty: &Type, abi: &TokenStream) -> TokenStream {
    quote_spanned! {ty.span()=>
        const _: fn(#ty) -> #abi::ModEntity = |entity| entity;
    }
}

fn id(item: &DeriveInput) -> Result<LitStr> {
    let mut id = None;
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("mod_type")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("id") {
                return Err(meta.error("unknown argument of `#[mod_type]`: use `id = \"game:Name\"`"));
            }
            id = Some(meta.value()?.parse::<LitStr>()?);
            Ok(())
        })?;
    }
    let id = id.ok_or_else(|| {
        Error::new_spanned(&item.ident, "a shared type needs an id: add `#[mod_type(id = \"game:Name\")]`")
    })?;
    match is_type_id(&id.value()) {
        true => Ok(id),
        false => {
            let message = format!("`{}` is not a valid id: write {TYPE_ID_RULE}", id.value());
            Err(Error::new(id.span(), message))
        }
    }
}

fn check_repr(item: &DeriveInput) -> Result<()> {
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        if is_fixed_repr(attribute)? {
            return Ok(());
        }
    }
    Err(Error::new_spanned(
        &item.ident,
        "a shared type needs `#[repr(C)]` and no other `repr`, so that the host and the mod agree on its layout",
    ))
}

fn is_fixed_repr(attribute: &Attribute) -> Result<bool> {
    let words = attribute
        .parse_args_with(syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated)?;
    Ok(words.len() == 1
        && words.iter().all(|word| word.path().is_ident("C") || word.path().is_ident("transparent")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(attributes: &str, item: &str) -> Result<String> {
        let item = syn::parse_str(&format!("{attributes} {item}")).unwrap();
        derive(item, quote!(abi)).map(|tokens| tokens.to_string())
    }

    #[test]
    fn an_id_is_needed_and_must_be_valid() {
        let cases = [
            ("", "needs an id"),
            (r#"#[mod_type(name = "a:B")]"#, "unknown argument"),
            (r#"#[mod_type(id = "")]"#, "write \"game:Name\""),
            (r#"#[mod_type(id = "A")]"#, "write \"game:Name\""),
            (r#"#[mod_type(id = "a:")]"#, "write \"game:Name\""),
            (r#"#[mod_type(id = "tinkerbox:A")]"#, "`tinkerbox:A` is not a valid id"),
            (r#"#[mod_type(id = "a:B:C")]"#, "write \"game:Name\""),
        ];
        for (attribute, expected) in cases {
            let message = output(attribute, "#[repr(C)] struct A;").unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_layout_that_is_not_fixed_is_refused() {
        let cases = [
            ("struct A;", "#[repr(C)]"),
            ("#[repr(C, packed)] struct A;", "#[repr(C)]"),
            ("#[repr(C)] enum A { B }", "only a struct"),
            ("#[repr(C)] struct A<T>(T);", "generic parameters"),
            ("#[repr(C)] struct A(bool);", "use a `u8`"),
        ];
        for (item, expected) in cases {
            let message = output(r#"#[mod_type(id = "a:A")]"#, item).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn doc_comments_are_kept() {
        let item = "/// Here.\n#[repr(C)] struct A { /** East. */ x: f32, y: f32 }";
        let output = output(r#"#[mod_type(id = "a:A")]"#, item).unwrap();
        let docs =
            r#"name : "A" , text : "Here." , fields : & [("x" , "East.") , ("y" , "")] , nested : & []"#;
        assert!(output.contains(docs), "{output}");
    }

    #[test]
    fn an_entity_is_checked_to_be_the_contract_s() {
        let item = "#[repr(C)] struct A { target: Entity }";
        let output = output(r#"#[mod_type(id = "a:A")]"#, item).unwrap();
        assert!(output.contains("fn (Entity) -> abi :: ModEntity"), "{output}");
    }
}

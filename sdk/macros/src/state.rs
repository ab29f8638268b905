//! `#[state]`: stores the one value of the struct, and adds the three exports by which the host keeps it over a reload.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Fields, Ident, ItemStruct, LitStr, Path, Result, Token};
use tinkerbox_abi::export;

/// What stands behind `state` in the attribute.
#[derive(Default)]
pub struct StateOptions {
    /// The author's function that sees what older code has saved.
    migrate: Option<Path>,
}

impl Parse for StateOptions {
    fn parse(input: ParseStream<'_>) -> Result<StateOptions> {
        let mut options = StateOptions::default();
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            if name != "migrate" {
                return Err(Error::new(
                    name.span(),
                    "`#[state]` takes `migrate = function`, and nothing else",
                ));
            }
            input.parse::<Token![=]>()?;
            if options.migrate.replace(input.parse()?).is_some() {
                return Err(Error::new(
                    name.span(),
                    "`migrate` is there twice: one function sees all fields",
                ));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

/// A field of the state.
struct SavedField {
    name: Ident,
    /// The name under which it is saved.
    key: String,
    /// The names that it had before, the newest first.
    was: Vec<String>,
}

pub fn attribute(options: &StateOptions, mut item: ItemStruct) -> Result<TokenStream> {
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a mod's state cannot have generic parameters: write the types out",
        ));
    }
    let fields = fields(&mut item)?;
    let implementation = implementation(&item.ident, &fields, options);
    let exports = exports(&item.ident);
    Ok(quote! {
        #item
        #implementation
        #exports
    })
}

/// Reads the fields, and removes what only this macro understands.
fn fields(item: &mut ItemStruct) -> Result<Vec<SavedField>> {
    let Fields::Named(fields) = &mut item.fields else {
        return Err(Error::new_spanned(
            &item.ident,
            "a mod's state is saved by the names of its fields: write a struct with named fields",
        ));
    };
    let keys: Vec<String> = fields.named.iter().filter_map(|field| field.ident.as_ref()).map(key).collect();
    let mut saved: Vec<SavedField> = Vec::new();
    for field in &mut fields.named {
        let mut was = Vec::new();
        for attribute in field.attrs.extract_if(.., |attribute| attribute.path().is_ident("was")) {
            let names = attribute.parse_args_with(Punctuated::<LitStr, Token![,]>::parse_terminated)?;
            if names.is_empty() {
                return Err(Error::new_spanned(
                    attribute,
                    "write the name that the field had: `#[was(\"old_name\")]`",
                ));
            }
            for name in &names {
                check_former_name(name, &keys, saved.iter().flat_map(|field| &field.was).chain(&was))?;
                was.push(name.value());
            }
        }
        let Some(name) = field.ident.clone() else { continue };
        saved.push(SavedField { key: key(&name), name, was });
    }
    Ok(saved)
}

fn key(name: &Ident) -> String {
    name.unraw().to_string()
}

/// A value goes to one field only.
fn check_former_name<'a>(
    name: &LitStr,
    keys: &[String],
    mut taken: impl Iterator<Item = &'a String>,
) -> Result<()> {
    let text = name.value();
    if keys.contains(&text) {
        let message = format!("`{text}` is a field of the state now: its saved value belongs to that one");
        return Err(Error::new_spanned(name, message));
    }
    if taken.any(|other| *other == text) {
        let message = format!(
            "`{text}` is the former name of two fields: its saved value goes to one of them. To split it, use \
             `#[state(migrate = ..)]`"
        );
        return Err(Error::new_spanned(name, message));
    }
    Ok(())
}

fn implementation(name: &Ident, fields: &[SavedField], options: &StateOptions) -> TokenStream {
    let names: Vec<&Ident> = fields.iter().map(|field| &field.name).collect();
    let keys: Vec<&String> = fields.iter().map(|field| &field.key).collect();
    let takes = fields
        .iter()
        .map(|SavedField { name, key, was }| quote!(fields.take(#key, &[#(#was),*], &mut self.#name);));
    let migrate = options.migrate.as_ref().map(|function| {
        let function = function.to_token_stream();
        quote!(#function(older, self);)
    });
    quote! {
        impl ::tinkerbox_sdk::expansion::State for #name {
            fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
                ::std::thread_local! {
                    static STATE: ::std::cell::RefCell<#name> = ::std::default::Default::default();
                }
                STATE.with_borrow_mut(f)
            }

            fn save(&self, fields: &mut ::tinkerbox_sdk::expansion::SavedFields) {
                #(fields.put(#keys, &self.#names);)*
            }

            fn load(&mut self, fields: &mut ::tinkerbox_sdk::expansion::SavedFields) {
                #(#takes)*
            }

            #[allow(unused_variables)]
            fn migrate(&mut self, older: &::tinkerbox_sdk::Older) {
                #migrate
            }
        }
    }
}

fn exports(name: &Ident) -> TokenStream {
    let (save, alloc, load) = (export::SAVE, export::ALLOC, export::LOAD);
    quote! {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            #[unsafe(export_name = #save)]
            extern "C" fn save() -> u64 {
                ::tinkerbox_sdk::expansion::save::<#name>()
            }
            #[unsafe(export_name = #alloc)]
            extern "C" fn alloc(len: u32) -> u32 {
                ::tinkerbox_sdk::expansion::alloc(len)
            }
            #[unsafe(export_name = #load)]
            extern "C" fn load(address: u32, len: u32) -> i32 {
                ::tinkerbox_sdk::expansion::load::<#name>(address, len)
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn error(item: ItemStruct) -> String {
        attribute(&StateOptions::default(), item).unwrap_err().to_string()
    }

    #[test]
    fn structs_that_cannot_be_saved_by_name_are_refused() {
        assert!(
            error(parse_quote!(
                struct Diary(u32);
            ))
            .contains("names of its fields")
        );
        assert!(
            error(parse_quote!(
                struct Diary;
            ))
            .contains("names of its fields")
        );
        assert!(
            error(parse_quote!(
                struct Diary<T> {
                    days: T,
                }
            ))
            .contains("generic parameters")
        );
    }

    #[test]
    fn options_are_checked() {
        let options =
            |text: &str| syn::parse_str::<StateOptions>(text).map(|options| options.migrate.is_some());
        assert!(!options("").unwrap());
        assert!(options("migrate = from_older").unwrap() && options("migrate = old::from_older,").unwrap());
        assert!(options("version = 1").unwrap_err().to_string().contains("takes `migrate = function`"));
        assert!(options("migrate = a, migrate = b").unwrap_err().to_string().contains("twice"));
    }

    #[test]
    fn former_names_are_removed_from_the_struct_and_belong_to_one_field() {
        let item = parse_quote!(
            struct Diary {
                #[was("dayes", "tage")]
                #[was("jours")]
                days: u32,
            }
        );
        let tokens = attribute(&StateOptions::default(), item).unwrap().to_string();
        assert!(!tokens.contains("# [was"), "{tokens}");
        assert!(tokens.contains(r#""days" , & ["dayes" , "tage" , "jours"]"#), "{tokens}");
        for (item, message) in [
            (
                parse_quote!(
                    struct Diary {
                        #[was("nights")]
                        days: u32,
                        nights: u32,
                    }
                ),
                "is a field of the state now",
            ),
            (
                parse_quote!(
                    struct Diary {
                        #[was("a")]
                        days: u32,
                        #[was("a")]
                        nights: u32,
                    }
                ),
                "former name of two",
            ),
            (
                parse_quote!(
                    struct Diary {
                        #[was("a", "a")]
                        days: u32,
                    }
                ),
                "former name of two",
            ),
            (
                parse_quote!(
                    struct Diary {
                        #[was()]
                        days: u32,
                    }
                ),
                "write the name",
            ),
            (
                parse_quote!(
                    struct Diary {
                        #[was(old)]
                        days: u32,
                    }
                ),
                "expected string literal",
            ),
        ] {
            assert!(error(item).contains(message), "{message}");
        }
    }
}

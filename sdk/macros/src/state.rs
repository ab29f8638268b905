//! `#[state]`: stores the one value of the struct, and adds the three exports by which the host keeps it over a reload.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Fields, Ident, ItemStruct, Result, ext::IdentExt};
use tinkerbox_abi::export;

pub fn attribute(arguments: TokenStream, item: ItemStruct) -> Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(Error::new_spanned(arguments, "`#[state]` takes no arguments: remove them"));
    }
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a mod's state cannot have generic parameters: write the types out",
        ));
    }
    let implementation = implementation(&item)?;
    let exports = exports(&item.ident);
    Ok(quote! {
        #item
        #implementation
        #exports
    })
}

fn implementation(item: &ItemStruct) -> Result<TokenStream> {
    let Fields::Named(fields) = &item.fields else {
        return Err(Error::new_spanned(
            &item.ident,
            "a mod's state is saved by the names of its fields: write a struct with named fields",
        ));
    };
    let name = &item.ident;
    let fields: Vec<&Ident> = fields.named.iter().filter_map(|field| field.ident.as_ref()).collect();
    let keys = fields.iter().map(|field| field.unraw().to_string()).collect::<Vec<_>>();
    Ok(quote! {
        impl ::tinkerbox_sdk::expansion::State for #name {
            fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
                ::std::thread_local! {
                    static STATE: ::std::cell::RefCell<#name> = ::std::default::Default::default();
                }
                STATE.with_borrow_mut(f)
            }

            fn save(&self, fields: &mut ::tinkerbox_sdk::expansion::SavedFields) {
                #(fields.put(#keys, &self.#fields);)*
            }

            fn load(&mut self, fields: &mut ::tinkerbox_sdk::expansion::SavedFields) {
                #(fields.take(#keys, &mut self.#fields);)*
            }
        }
    })
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
        attribute(TokenStream::new(), item).unwrap_err().to_string()
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
        let item = parse_quote!(
            struct Diary {
                days: u32,
            }
        );
        assert!(attribute(quote!(version = 1), item).unwrap_err().to_string().contains("no arguments"));
    }
}

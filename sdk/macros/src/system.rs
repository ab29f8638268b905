//! `#[system]`: keeps the function and adds its export and its fragment of the schema.
//!
//! ```text
//!   fn flock(mut birds: Query<..>)      the author's function, untouched
//!   sys_flock: () -> ()                 opens the queries by index and calls it
//!   section `tinkerbox.schema`          text of `SystemSchema`, made by the compiler in a const
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, LitStr, PatType, Result, ReturnType, Token, Type, bracketed};

use crate::name;

/// `after = "grow", before = ["a", "b:c"]`.
#[derive(Default)]
pub struct Order {
    after: Vec<LitStr>,
    before: Vec<LitStr>,
}

impl Parse for Order {
    fn parse(input: ParseStream) -> Result<Order> {
        let mut order = Order::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let list = match key.to_string().as_str() {
                "after" => &mut order.after,
                "before" => &mut order.before,
                _ => {
                    return Err(Error::new(key.span(), "unknown key; there are `after` and `before`"));
                }
            };
            input.parse::<Token![=]>()?;
            list.extend(system_references(input)?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(order)
    }
}

fn system_references(input: ParseStream) -> Result<Vec<LitStr>> {
    let references: Vec<LitStr> = if input.peek(LitStr) {
        vec![input.parse()?]
    } else {
        let list;
        bracketed!(list in input);
        Punctuated::<LitStr, Token![,]>::parse_terminated_with(&list, |item| item.parse())?
            .into_iter()
            .collect()
    };
    match references.iter().find(|text| !name::is_system_reference(&text.value())) {
        Some(text) => Err(Error::new(
            text.span(),
            "a system is named as \"system\" or \"mod:system\", in a-z, 0-9 and _",
        )),
        None => Ok(references),
    }
}

pub fn attribute(order: &Order, function: &ItemFn) -> Result<TokenStream> {
    check_signature(function)?;
    let parameters: Vec<&Type> = function.sig.inputs.iter().map(parameter_type).collect::<Result<_>>()?;
    let call = call(&function.sig.ident, &parameters)?;
    let schema = schema(order, &function.sig.ident, &parameters);
    let export = format!("sys_{}", function.sig.ident);
    Ok(quote! {
        #function

        const _: () = {
            // Elsewhere than in a mod nobody calls it, but it is still checked.
            #[allow(dead_code)]
            #[cfg_attr(target_arch = "wasm32", unsafe(export_name = #export))]
            extern "C" fn run() {
                ::tinkerbox_sdk::expansion::run(|| #call);
            }
            #schema
        };
    })
}

fn check_signature(function: &ItemFn) -> Result<()> {
    let signature = &function.sig;
    let name = &signature.ident;
    if !name::is_snake(&name.to_string()) {
        return Err(Error::new_spanned(
            name,
            "a system's name is written in a-z, 0-9 and _, and begins with a letter",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &signature.generics,
            "a system has no type parameters: the host calls it by its name",
        ));
    }
    if signature.asyncness.is_some() || signature.abi.is_some() || signature.unsafety.is_some() {
        return Err(Error::new_spanned(signature.fn_token, "a system is a plain `fn`"));
    }
    match &signature.output {
        ReturnType::Default => Ok(()),
        output => Err(Error::new_spanned(
            output,
            "a system returns nothing: it changes columns, or uses `commands()`",
        )),
    }
}

fn parameter_type(argument: &FnArg) -> Result<&Type> {
    match argument {
        FnArg::Typed(PatType { ty, .. }) => Ok(ty),
        FnArg::Receiver(receiver) => {
            Err(Error::new_spanned(receiver, "a system is a free function, without `self`"))
        }
    }
}

/// The parameters by value are queries, numbered in their order.
fn queries<'t>(parameters: &[&'t Type]) -> Vec<&'t Type> {
    parameters.iter().copied().filter(|ty| !matches!(ty, Type::Reference(_))).collect()
}

/// The function's call, inside a closure where it borrows the mod's state.
fn call(function: &Ident, parameters: &[&Type]) -> Result<TokenStream> {
    let mut query_index = 0u32;
    let mut state = None;
    let mut arguments = Vec::new();
    for ty in parameters {
        if let Type::Reference(reference) = ty {
            if state.replace(&reference.elem).is_some() {
                return Err(Error::new_spanned(
                    ty,
                    "a system borrows the mod's state once; there is only one",
                ));
            }
            arguments.push(quote!(state));
        } else {
            arguments.push(quote_spanned!(ty.span()=> <#ty as ::tinkerbox_sdk::expansion::Parameter>::open(#query_index)));
            query_index += 1;
        }
    }
    let call = quote!(#function(#(#arguments),*));
    Ok(match state {
        None => call,
        Some(ty) => quote_spanned! {ty.span()=>
            <#ty as ::tinkerbox_sdk::expansion::State>::with(|state: &mut #ty| #call)
        },
    })
}

/// Only a wasm has custom sections; other targets would make an ordinary one of it.
fn schema(order: &Order, function: &Ident, parameters: &[&Type]) -> TokenStream {
    let Order { after, before } = order;
    let name = function.to_string();
    let queries = queries(parameters)
        .into_iter()
        .map(|ty| quote_spanned!(ty.span()=> <#ty as ::tinkerbox_sdk::expansion::Parameter>::SCHEMA));
    quote! {
        #[cfg(target_arch = "wasm32")]
        const SCHEMA: ::tinkerbox_sdk::expansion::SystemSchema = ::tinkerbox_sdk::expansion::SystemSchema {
            name: #name,
            after: &[#(#after),*],
            before: &[#(#before),*],
            queries: &[#(#queries),*],
        };
        #[cfg(target_arch = "wasm32")]
        #[unsafe(link_section = "tinkerbox.schema")]
        static SECTION: [u8; SCHEMA.text_len()] = SCHEMA.text();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn order(text: &str) -> Result<Order> {
        syn::parse_str(text)
    }

    fn error(function: ItemFn) -> String {
        attribute(&Order::default(), &function).unwrap_err().to_string()
    }

    #[test]
    fn order_takes_one_name_or_a_list() {
        let order = order(r#"after = "grow", before = ["a", "b:c",], after = "d","#).unwrap();
        let texts = |list: &[LitStr]| list.iter().map(LitStr::value).collect::<Vec<_>>();
        assert_eq!(texts(&order.after), ["grow", "d"]);
        assert_eq!(texts(&order.before), ["a", "b:c"]);
    }

    #[test]
    fn what_is_not_an_order_is_refused() {
        let message = |text| order(text).err().unwrap().to_string();
        assert!(message("atfer = \"a\"").contains("`after` and `before`"));
        assert!(message("after = \"A B\"").contains("mod:system"));
        assert!(order("after \"a\"").is_err());
    }

    #[test]
    fn what_the_host_cannot_call_is_refused() {
        assert!(
            error(parse_quote!(
                fn Run() {}
            ))
            .contains("a-z")
        );
        assert!(
            error(parse_quote!(
                fn run<T>() {}
            ))
            .contains("type parameters")
        );
        assert!(
            error(parse_quote!(
                async fn run() {}
            ))
            .contains("plain `fn`")
        );
        assert!(
            error(parse_quote!(
                fn run() -> u32 {
                    1
                }
            ))
            .contains("returns nothing")
        );
        assert!(
            error(parse_quote!(
                fn run(&self) {}
            ))
            .contains("without `self`")
        );
        assert!(
            error(parse_quote!(
                fn run(a: &mut A, b: &B) {}
            ))
            .contains("only one")
        );
    }
}

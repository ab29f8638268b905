//! `#[system]`: keeps the function and adds its export and its fragment of the schema.
//!
//! ```text
//!   fn flock(mut birds: Query<..>)      the author's function
//!   sys_flock: () -> ()                 opens the parameters by their places and calls it
//!   section `tinkerbox.schema`          text of `SystemSchema`, made by the compiler in a const
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, PatType, Result, ReturnType, Type};

use crate::name;
use crate::order::Order;

/// Where a parameter's value comes from.
enum Source<'t> {
    /// Its type says what it asks the host for, and opens it.
    Asked(&'t Type),
    /// The events for which the system is called, of this type.
    Events(&'t Type),
    /// The mod's state.
    State(&'t Type),
}

/// `written` are lines and columns of the attribute and of the function's name, wherever macros have moved them.
pub fn attribute(order: &Order, written: [usize; 4], function: &ItemFn) -> Result<TokenStream> {
    check_signature(function)?;
    let sources: Vec<Source> = function.sig.inputs.iter().map(source).collect::<Result<_>>()?;
    check_references(&sources)?;
    let call = call(&function.sig.ident, &sources);
    let schema = schema(order, written, &function.sig.ident, &sources);
    let name = function.sig.ident.to_string();
    let export = format!("sys_{name}");
    Ok(quote! {
        // What a system asks for is written in its signature, however much it is.
        #[allow(clippy::type_complexity, clippy::too_many_arguments)]
        #function

        const _: () = {
            #schema

            // Elsewhere than in a mod nobody calls it, but it is still checked.
            #[allow(dead_code)]
            #[cfg_attr(target_arch = "wasm32", unsafe(export_name = #export))]
            extern "C" fn exported_system() {
                ::tinkerbox_sdk::expansion::run(#name, || #call);
            }
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
            "a system returns nothing: it changes columns and resources, sends events, or uses `Commands`",
        )),
    }
}

fn source(argument: &FnArg) -> Result<Source<'_>> {
    let ty = match argument {
        FnArg::Typed(PatType { ty, .. }) => &**ty,
        FnArg::Receiver(receiver) => {
            return Err(Error::new_spanned(receiver, "a system is a free function, without `self`"));
        }
    };
    let Type::Reference(reference) = ty else { return Ok(Source::Asked(ty)) };
    match (&*reference.elem, reference.mutability) {
        (Type::Slice(events), None) => Ok(Source::Events(&events.elem)),
        (Type::Slice(_), Some(_)) => {
            Err(Error::new_spanned(ty, "events can only be read: write `&[..]` without `mut`"))
        }
        (state, _) => Ok(Source::State(state)),
    }
}

fn check_references(sources: &[Source]) -> Result<()> {
    let (mut states, mut events) = (0, 0);
    for source in sources {
        let (ty, count, message) = match source {
            Source::Asked(_) => continue,
            Source::State(ty) => {
                (ty, &mut states, "a system borrows the mod's state once; there is only one")
            }
            Source::Events(ty) => (
                ty,
                &mut events,
                "a system handles events of one type: write another system for those of another",
            ),
        };
        *count += 1;
        if *count > 1 {
            return Err(Error::new_spanned(ty, message));
        }
    }
    Ok(())
}

/// The function's call: with the events read before, and inside a closure where it borrows the mod's state.
fn call(function: &Ident, sources: &[Source]) -> TokenStream {
    // Of the macro's own scope: the author's function may have the same name.
    let [events, state] = ["events", "state"].map(|name| Ident::new(name, Span::mixed_site()));
    let (mut places, mut read, mut lent) = (0usize.., None, None);
    let arguments = sources.iter().map(|source| match source {
        Source::Asked(ty) => {
            let at = places.next();
            quote_spanned! {ty.span()=>
                <#ty as ::tinkerbox_sdk::expansion::Parameter>::open(
                    const { ::tinkerbox_sdk::expansion::place(PARAMETERS, #at) },
                )
            }
        }
        Source::Events(ty) => {
            read = Some(quote_spanned! {ty.span()=>
                let #events = ::tinkerbox_sdk::expansion::read_events::<#ty>();
            });
            quote!(&#events)
        }
        Source::State(ty) => {
            lent = Some(ty);
            quote!(#state)
        }
    });
    let arguments: Vec<TokenStream> = arguments.collect();
    let call = quote!(#function(#(#arguments),*));
    let call = match lent {
        None => call,
        Some(ty) => quote_spanned! {ty.span()=>
            <#ty as ::tinkerbox_sdk::expansion::State>::with(|#state: &mut #ty| #call)
        },
    };
    quote!({ #read #call })
}

/// What the system asks for. Only a wasm has custom sections; other targets would make an ordinary one of it.
fn schema(order: &Order, written: [usize; 4], function: &Ident, sources: &[Source]) -> TokenStream {
    let Order { after, before } = order;
    let name = function.to_string();
    let written = written.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let parameters = sources.iter().filter_map(|source| match source {
        Source::Asked(ty) => {
            Some(quote_spanned!(ty.span()=> <#ty as ::tinkerbox_sdk::expansion::Parameter>::SCHEMA))
        }
        _ => None,
    });
    let on = sources.iter().find_map(|source| match source {
        Source::Events(ty) => Some(quote_spanned! {ty.span()=>
            ::core::option::Option::Some(::tinkerbox_sdk::expansion::EventSchema::of::<#ty>())
        }),
        _ => None,
    });
    let on = on.unwrap_or_else(|| quote!(::core::option::Option::None));
    quote! {
        #[allow(dead_code)]
        const PARAMETERS: &[::tinkerbox_sdk::expansion::ParameterSchema] = &[#(#parameters),*];
        #[cfg(target_arch = "wasm32")]
        const SCHEMA: ::tinkerbox_sdk::expansion::SystemSchema = ::tinkerbox_sdk::expansion::SystemSchema {
            name: #name,
            source: ::tinkerbox_sdk::expansion::Source {
                module: ::core::module_path!(),
                file: ::core::file!(),
                package: ::core::option_env!("CARGO_MANIFEST_DIR"),
                generated: ::core::option_env!("OUT_DIR"),
                // Of systems that one macro makes the first two are the same.
                position: &[::core::line!(), ::core::column!(), #(#written),*],
            },
            after: &[#(#after),*],
            before: &[#(#before),*],
            on: #on,
            parameters: PARAMETERS,
        };
        #[cfg(target_arch = "wasm32")]
        #[unsafe(link_section = "tinkerbox.schema")]
        static SECTION: [u8; SCHEMA.text_len()] = SCHEMA.text();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(function: &str) -> Result<String> {
        let function = syn::parse_str(function).unwrap();
        attribute(&Order::default(), [1; 4], &function).map(|tokens| tokens.to_string())
    }

    #[test]
    fn what_the_host_cannot_call_is_refused() {
        let cases = [
            ("fn Run() {}", "a-z"),
            ("fn run<T>() {}", "type parameters"),
            ("async fn run() {}", "plain `fn`"),
            ("fn run() -> u32 { 1 }", "returns nothing"),
            ("fn run(&self) {}", "without `self`"),
            ("fn run(a: &mut A, b: &mut B) {}", "only one"),
            ("fn run(a: &[A], b: &[B]) {}", "events of one type"),
            ("fn run(a: &mut [A]) {}", "without `mut`"),
        ];
        for (function, expected) in cases {
            let message = output(function).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn parameters_by_value_are_numbered_without_the_references() {
        let output = output("fn run(a: Query<&A>, on: &[E], state: &mut S, b: Query<&B>) {}").unwrap();
        let places: Vec<&str> = output.split("place (PARAMETERS , ").skip(1).map(|rest| &rest[..1]).collect();
        assert_eq!(places, ["0", "1"]);
    }
}

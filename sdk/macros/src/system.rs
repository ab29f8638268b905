//! `#[system]`: keeps the function, and adds its export and its fragment of the schema.
//!
//! ```text
//!   fn flock(mut birds: Query<..>)      the author's function
//!   sys_flock: () -> ()                 opens the parameters by their indices and calls it
//!   section `tinkerbox.schema`          text of `SystemSchema`, which the compiler writes in a const
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, PatType, Result, ReturnType, Type};
use tinkerbox_abi::export::{SCHEMA_SECTION, SYSTEM_PREFIX};
use tinkerbox_abi::names::{NAME_RULE, is_system_name};

use crate::order::Order;

/// What the function gets for one of its parameters.
enum Argument<'t> {
    /// A value of this type, which implements the SDK's `Parameter`.
    Parameter(&'t Type),
    /// The events or removals for which the system is called.
    Events(&'t Type),
    /// The mod's state.
    State(&'t Type),
}

/// `position` is the line and column of the attribute, then those of the function's name, which can stand elsewhere if a
/// macro has written the system.
pub fn attribute(order: &Order, position: [usize; 4], function: &ItemFn) -> Result<TokenStream> {
    check_signature(function)?;
    let arguments: Vec<Argument> = function.sig.inputs.iter().map(argument).collect::<Result<_>>()?;
    check_references(&arguments)?;
    let call = call(&function.sig.ident, &arguments);
    let schema = schema(order, position, &function.sig.ident, &arguments);
    let name = function.sig.ident.to_string();
    let export = format!("{SYSTEM_PREFIX}{name}");
    Ok(quote! {
        // A system declares what it uses in its signature, which may become long.
        #[allow(clippy::type_complexity, clippy::too_many_arguments)]
        #function

        const _: () = {
            #schema

            // Outside of a mod nothing calls it, but the compiler still checks it.
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
    if !is_system_name(&name.to_string()) {
        return Err(Error::new_spanned(name, format!("invalid system name `{name}`: write {NAME_RULE}")));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &signature.generics,
            "a system cannot have generic parameters, since the host calls it by its name: write the types out",
        ));
    }
    if signature.asyncness.is_some() || signature.abi.is_some() || signature.unsafety.is_some() {
        return Err(Error::new_spanned(
            signature.fn_token,
            "a system must be a plain `fn`: remove `async`, `unsafe` and `extern`",
        ));
    }
    match &signature.output {
        ReturnType::Default => Ok(()),
        output => Err(Error::new_spanned(
            output,
            "a system cannot return a value: change columns or resources, send events, or use `Commands` instead",
        )),
    }
}

fn argument(input: &FnArg) -> Result<Argument<'_>> {
    let ty = match input {
        FnArg::Typed(PatType { ty, .. }) => &**ty,
        FnArg::Receiver(receiver) => {
            return Err(Error::new_spanned(receiver, "a system must be a free function, without `self`"));
        }
    };
    let Type::Reference(reference) = ty else { return Ok(Argument::Parameter(ty)) };
    match (&*reference.elem, reference.mutability) {
        (Type::Slice(handled), None) => Ok(Argument::Events(&handled.elem)),
        (Type::Slice(_), Some(_)) => {
            Err(Error::new_spanned(ty, "what a system handles is read-only: write `&[..]` without `mut`"))
        }
        (state, _) => Ok(Argument::State(state)),
    }
}

fn check_references(arguments: &[Argument]) -> Result<()> {
    let (mut states, mut events) = (0, 0);
    for argument in arguments {
        let (ty, count, message) = match argument {
            Argument::Parameter(_) => continue,
            Argument::State(ty) => (
                ty,
                &mut states,
                "a system can borrow the mod's state only once: remove one of the two parameters",
            ),
            Argument::Events(ty) => (
                ty,
                &mut events,
                "a system can handle events of only one type, or removals of one: write another system for the other type",
            ),
        };
        *count += 1;
        if *count > 1 {
            return Err(Error::new_spanned(ty, message));
        }
    }
    Ok(())
}

/// The call of the function: after its events are read, and inside a closure if it borrows the mod's state.
fn call(function: &Ident, arguments: &[Argument]) -> TokenStream {
    // Hygienic names: the author's function may be called `events` or `state`.
    let [events, state] = ["events", "state"].map(|name| Ident::new(name, Span::mixed_site()));
    let (mut positions, mut read, mut lent) = (0usize.., None, None);
    let arguments = arguments.iter().map(|argument| match argument {
        Argument::Parameter(ty) => {
            let position = positions.next();
            quote_spanned! {ty.span()=>
                <#ty as ::tinkerbox_sdk::expansion::Parameter>::open(
                    const { ::tinkerbox_sdk::expansion::parameter_index(PARAMETERS, #position) },
                )
            }
        }
        Argument::Events(ty) => {
            read = Some(quote_spanned! {ty.span()=>
                let #events = <#ty as ::tinkerbox_sdk::expansion::Handled>::read();
            });
            quote!(&#events)
        }
        Argument::State(ty) => {
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

/// The constants that describe the system, and the static with its schema. Only WebAssembly has custom sections: on other
/// targets the static would become an ordinary section.
fn schema(order: &Order, position: [usize; 4], function: &Ident, arguments: &[Argument]) -> TokenStream {
    let Order { after, before } = order;
    let name = function.to_string();
    let position = position.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let parameters = arguments.iter().filter_map(|argument| match argument {
        Argument::Parameter(ty) => {
            Some(quote_spanned!(ty.span()=> <#ty as ::tinkerbox_sdk::expansion::Parameter>::SCHEMA))
        }
        _ => None,
    });
    let on = arguments.iter().find_map(|argument| match argument {
        Argument::Events(ty) => Some(quote_spanned! {ty.span()=>
            ::core::option::Option::Some(<#ty as ::tinkerbox_sdk::expansion::Handled>::SCHEMA)
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
            source: ::tinkerbox_sdk::expansion::SourceLocation {
                module: ::core::module_path!(),
                file: ::core::file!(),
                package: ::core::option_env!("CARGO_MANIFEST_DIR"),
                generated: ::core::option_env!("OUT_DIR"),
                // The first two are the same for all systems that one macro writes.
                position: &[::core::line!(), ::core::column!(), #(#position),*],
            },
            after: &[#(#after),*],
            before: &[#(#before),*],
            on: #on,
            parameters: PARAMETERS,
        };
        #[cfg(target_arch = "wasm32")]
        #[unsafe(link_section = #SCHEMA_SECTION)]
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
    fn functions_that_the_host_cannot_call_are_refused() {
        let cases = [
            ("fn Run() {}", "a-z"),
            ("fn run<T>() {}", "generic parameters"),
            ("async fn run() {}", "plain `fn`"),
            ("fn run() -> u32 { 1 }", "cannot return a value"),
            ("fn run(&self) {}", "without `self`"),
            ("fn run(a: &mut A, b: &mut B) {}", "only once"),
            ("fn run(a: &[A], b: &[B]) {}", "events of only one type"),
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
        let indices: Vec<&str> =
            output.split("parameter_index (PARAMETERS , ").skip(1).map(|rest| &rest[..1]).collect();
        assert_eq!(indices, ["0", "1"]);
    }
}

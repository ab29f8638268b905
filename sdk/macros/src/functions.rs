//! `game_functions!`: functions that the game has, as ordinary ones of the crate that declares them.
//!
//! ```text
//!   "meadow"; pub fn height_at(x: f32, y: f32) -> f32;
//!       for wasm32   calls the import `meadow.height_at`, of type (f32, f32) -> f32
//!       natively     panics: there is no game
//! ```
//!
//! Numbers cross by value and nothing else does, so a call is safe whatever the game does with them; and the host
//! compares the types of imports with its own before it runs a mod.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, FnArg, Ident, LitStr, Pat, PatType, Result, ReturnType, Signature, Token, Type,
    Visibility,
};

use crate::name;

/// What WebAssembly passes itself.
const NUMBERS: [&str; 6] = ["i32", "u32", "i64", "u64", "f32", "f64"];

/// `"meadow"; pub fn height_at(x: f32, y: f32) -> f32;`
pub struct GameFunctions {
    game: LitStr,
    declarations: Vec<Declaration>,
}

struct Declaration {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
}

impl Parse for GameFunctions {
    fn parse(input: ParseStream) -> Result<GameFunctions> {
        let game: LitStr = input.parse().map_err(|error| {
            Error::new(error.span(), "begin with the game's name: `\"meadow\"; pub fn ..`")
        })?;
        if !name::is_snake(&game.value()) {
            return Err(Error::new(
                game.span(),
                "a game is named in a-z, 0-9 and _, and begins with a letter",
            ));
        }
        input.parse::<Token![;]>()?;
        let mut declarations = Vec::new();
        while !input.is_empty() {
            declarations.push(input.parse()?);
        }
        Ok(GameFunctions { game, declarations })
    }
}

impl Parse for Declaration {
    fn parse(input: ParseStream) -> Result<Declaration> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        input.parse::<Token![;]>().map_err(|error| {
            Error::new(error.span(), "the game has its body: end the declaration with `;`")
        })?;
        Ok(Declaration { attributes, visibility, signature })
    }
}

pub fn functions(functions: &GameFunctions) -> Result<TokenStream> {
    let game = &functions.game;
    functions.declarations.iter().map(|declaration| function(game, declaration)).collect()
}

fn function(game: &LitStr, declaration: &Declaration) -> Result<TokenStream> {
    let Declaration { attributes, visibility, signature } = declaration;
    check(signature)?;
    let parameters: Vec<(&Ident, &Type)> = signature.inputs.iter().map(parameter).collect::<Result<_>>()?;
    let (names, types): (Vec<_>, Vec<_>) = parameters.into_iter().unzip();
    let (name, output) = (&signature.ident, &signature.output);
    let link_name = name.to_string();
    let absent = format!(
        "`{name}` is a function of the game \"{}\"; it can only be called in a mod, built for \
         wasm32-unknown-unknown",
        game.value()
    );
    Ok(quote! {
        #(#attributes)*
        #visibility fn #name(#(#names: #types),*) #output {
            #[cfg(target_arch = "wasm32")]
            {
                #[link(wasm_import_module = #game)]
                unsafe extern "C" {
                    #[link_name = #link_name]
                    safe fn import(#(#names: #types),*) #output;
                }
                import(#(#names),*)
            }
            #[cfg(not(target_arch = "wasm32"))]
            {
                let _ = (#(#names,)*);
                ::core::panic!(#absent)
            }
        }
    })
}

fn check(signature: &Signature) -> Result<()> {
    let name = &signature.ident;
    if !name::is_snake(&name.to_string()) {
        return Err(Error::new_spanned(
            name,
            "a game's function is named in a-z, 0-9 and _, and begins with a letter",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(&signature.generics, "a game's function has no type parameters"));
    }
    let is_plain = signature.asyncness.is_none()
        && signature.constness.is_none()
        && signature.abi.is_none()
        && signature.unsafety.is_none()
        && signature.variadic.is_none();
    if !is_plain {
        return Err(Error::new_spanned(signature.fn_token, "a game's function is a plain `fn`"));
    }
    match &signature.output {
        ReturnType::Default => Ok(()),
        ReturnType::Type(_, ty) => check_number(ty),
    }
}

fn parameter(argument: &FnArg) -> Result<(&Ident, &Type)> {
    let FnArg::Typed(PatType { pat, ty, .. }) = argument else {
        return Err(Error::new_spanned(argument, "a game's function is a free function, without `self`"));
    };
    check_number(ty)?;
    match &**pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none() => {
            Ok((&name.ident, ty))
        }
        pat => Err(Error::new_spanned(pat, "a parameter of a game's function is a name: `x: f32`")),
    }
}

fn check_number(ty: &Type) -> Result<()> {
    let is_number = matches!(ty, Type::Path(path) if NUMBERS.iter().any(|number| path.path.is_ident(number)));
    match is_number {
        true => Ok(()),
        false => Err(Error::new_spanned(
            ty,
            format!(
                "a game's function takes {} and returns one of them or nothing: of an entity write its bits, \
                 a `u64`, of a bool or an enum its number",
                NUMBERS.join(", ")
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(text: &str) -> Result<String> {
        functions(&syn::parse_str(text)?).map(|tokens| tokens.to_string())
    }

    #[test]
    fn each_declaration_becomes_an_import_and_a_panic() {
        let output =
            output(r#""meadow"; /** Metres. */ pub fn height_at(x: f32) -> f32; fn ring();"#).unwrap();
        for part in [
            "Metres",
            "pub fn height_at (x : f32) -> f32",
            "wasm_import_module = \"meadow\"",
            "link_name = \"height_at\"",
            "link_name = \"ring\"",
            "`ring` is a function of the game \\\"meadow\\\"",
        ] {
            assert!(output.contains(part), "{part}: {output}");
        }
    }

    #[test]
    fn what_the_game_cannot_have_is_refused() {
        let cases = [
            ("fn f();", "begin with the game's name"),
            (r#""Mead ow"; fn f();"#, "a game is named"),
            (r#""meadow"; fn f() {}"#, "the game has its body"),
            (r#""meadow"; fn F();"#, "a-z"),
            (r#""meadow"; fn f<T>();"#, "no type parameters"),
            (r#""meadow"; async fn f();"#, "a plain `fn`"),
            (r#""meadow"; fn f(&self);"#, "without `self`"),
            (r#""meadow"; fn f(mut a: f32);"#, "is a name"),
            (r#""meadow"; fn f(a: bool);"#, "takes i32, u32"),
            (r#""meadow"; fn f() -> Entity;"#, "a `u64`"),
        ];
        for (text, expected) in cases {
            let message = output(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}

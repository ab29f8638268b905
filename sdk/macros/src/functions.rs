//! `game_functions!`: functions of the game as ordinary functions of the crate that declares them.
//!
//! ```text
//!   "meadow"; pub fn height_at(x: f32, y: f32) -> f32;
//!       for wasm32   calls the import `meadow.height_at`, of type (f32, f32) -> f32
//!       elsewhere    panics: there is no game
//! ```
//!
//! Parameters and results are numbers, passed by value, so a call is safe whatever the game does with them. The host
//! compares the types of the imports with its own functions before it runs a mod.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, Ident, Lit, LitStr, Pat, PatType, Result, ReturnType, Signature,
    Token, Type, Visibility,
};
use tinkerbox_abi::names::{GAME_NAME_RULE, NAME_RULE, is_function_name, is_game_name};

/// The types that WebAssembly can pass by itself.
const NUMBERS: [&str; 6] = ["i32", "u32", "i64", "u64", "f32", "f64"];

/// `"meadow"; pub fn height_at(x: f32, y: f32) -> f32;`
pub struct GameFunctions {
    game: LitStr,
    declarations: Vec<Declaration>,
}

impl GameFunctions {
    /// Puts an attribute on each function.
    pub fn add_attribute(&mut self, attribute: &Attribute) {
        self.declarations.iter_mut().for_each(|declaration| declaration.attributes.push(attribute.clone()));
    }
}

struct Declaration {
    attributes: Vec<Attribute>,
    /// The name that the game has for it, if that is another one.
    link_name: Option<LitStr>,
    visibility: Visibility,
    signature: Signature,
}

impl Parse for GameFunctions {
    fn parse(input: ParseStream) -> Result<GameFunctions> {
        let game: LitStr = input.parse().map_err(|error| {
            Error::new(error.span(), "begin with the game's name in quotes: `\"meadow\"; pub fn ..`")
        })?;
        if !is_game_name(&game.value()) {
            let message = format!("invalid game name `{}`: write {GAME_NAME_RULE}", game.value());
            return Err(Error::new(game.span(), message));
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
        let (link_names, attributes): (Vec<_>, Vec<_>) =
            attributes.into_iter().partition(|attribute| attribute.path().is_ident("link_name"));
        let link_name = link_names.first().map(link_name).transpose()?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        input.parse::<Token![;]>().map_err(|error| {
            Error::new(
                error.span(),
                "the body of a game's function is in the game: end the declaration with `;`",
            )
        })?;
        Ok(Declaration { attributes, link_name, visibility, signature })
    }
}

/// `#[link_name = "match"]`
fn link_name(attribute: &Attribute) -> Result<LitStr> {
    match &attribute.meta.require_name_value()?.value {
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) if is_function_name(&name.value()) => Ok(name.clone()),
        value => {
            Err(Error::new_spanned(value, format!("write the function's name in the game: {NAME_RULE}")))
        }
    }
}

pub fn functions(functions: &GameFunctions) -> Result<TokenStream> {
    let game = &functions.game;
    functions.declarations.iter().map(|declaration| function(game, declaration)).collect()
}

fn function(game: &LitStr, declaration: &Declaration) -> Result<TokenStream> {
    let Declaration { attributes, link_name, visibility, signature } = declaration;
    check(signature, link_name.is_some())?;
    let parameters: Vec<(&Ident, &Type)> = signature.inputs.iter().map(parameter).collect::<Result<_>>()?;
    let (names, types): (Vec<_>, Vec<_>) = parameters.into_iter().unzip();
    let (name, output) = (&signature.ident, &signature.output);
    let link_name = link_name.as_ref().map_or_else(|| name.unraw().to_string(), LitStr::value);
    let absent = format!(
        "`{name}()` is a function of the game \"{}\", and there is no game here, where the code runs as a test on this \
         machine. Test it with a scenario, which `tinkerbox test` runs, and with `cargo test` what needs no game",
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
                    safe fn __tinkerbox_import(#(#names: #types),*) #output;
                }
                __tinkerbox_import(#(#names),*)
            }
            #[cfg(not(target_arch = "wasm32"))]
            {
                let _ = (#(#names,)*);
                ::core::panic!(#absent)
            }
        }
    })
}

fn check(signature: &Signature, has_link_name: bool) -> Result<()> {
    let name = &signature.ident;
    if !has_link_name && !is_function_name(&name.unraw().to_string()) {
        return Err(Error::new_spanned(name, format!("invalid function name `{name}`: write {NAME_RULE}")));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &signature.generics,
            "a game's function cannot have generic parameters: write the types out",
        ));
    }
    let is_plain = signature.asyncness.is_none()
        && signature.constness.is_none()
        && signature.abi.is_none()
        && signature.unsafety.is_none()
        && signature.variadic.is_none();
    if !is_plain {
        return Err(Error::new_spanned(
            signature.fn_token,
            "a game's function must be a plain `fn`: remove `async`, `const`, `unsafe` and `extern`",
        ));
    }
    match &signature.output {
        ReturnType::Default => Ok(()),
        ReturnType::Type(_, ty) => check_number(ty),
    }
}

fn parameter(argument: &FnArg) -> Result<(&Ident, &Type)> {
    let FnArg::Typed(PatType { pat, ty, .. }) = argument else {
        return Err(Error::new_spanned(
            argument,
            "a game's function must be a free function, without `self`",
        ));
    };
    check_number(ty)?;
    match &**pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.mutability.is_none() && name.subpat.is_none() => {
            Ok((&name.ident, ty))
        }
        pat => {
            Err(Error::new_spanned(pat, "a parameter of a game's function must be a plain name: `x: f32`"))
        }
    }
}

fn check_number(ty: &Type) -> Result<()> {
    let is_number = matches!(ty, Type::Path(path) if NUMBERS.iter().any(|number| path.path.is_ident(number)));
    match is_number {
        true => Ok(()),
        false => Err(Error::new_spanned(
            ty,
            format!(
                "a game's function takes {} and returns one of these or nothing: for an entity, pass its bits as a \
                 `u64`; for a bool or an enum, its number",
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
            "`ring()` is a function of the game \\\"meadow\\\"",
        ] {
            assert!(output.contains(part), "{part}: {output}");
        }
    }

    #[test]
    fn a_function_can_have_another_name_in_the_game() {
        let output = output(r#""meadow"; #[link_name = "self"] fn Own(); fn r#match();"#).unwrap();
        for part in ["fn Own ()", "link_name = \"self\"", "fn r#match ()", "link_name = \"match\""] {
            assert!(output.contains(part), "{part}: {output}");
        }
    }

    #[test]
    fn functions_that_no_game_can_have_are_refused() {
        let cases = [
            ("fn f();", "begin with the game's name"),
            (r#""Mead ow"; fn f();"#, "invalid game name `Mead ow`"),
            (r#""tinkerbox1"; fn f();"#, "not with `tinkerbox`"),
            (r#""meadow"; fn f() {}"#, "body of a game's function"),
            (r#""meadow"; fn F();"#, "a-z"),
            (r#""meadow"; #[link_name = "F"] fn f();"#, "the function's name in the game"),
            (r#""meadow"; #[link_name] fn f();"#, "expected a value"),
            (r#""meadow"; fn f<T>();"#, "generic parameters"),
            (r#""meadow"; async fn f();"#, "must be a plain `fn`"),
            (r#""meadow"; fn f(&self);"#, "without `self`"),
            (r#""meadow"; fn f(mut a: f32);"#, "must be a plain name"),
            (r#""meadow"; fn f(a: bool);"#, "takes i32, u32"),
            (r#""meadow"; fn f() -> Entity;"#, "as a `u64`"),
        ];
        for (text, expected) in cases {
            let message = output(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}

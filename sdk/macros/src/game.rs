//! `game!`: a game's types, constants and functions from its interface file, while the author's crate is compiled.
//!
//! ```text
//!   meadow.interface.toml -> Interface -> Rust, as `tinkerbox bindings --lang rust` prints it -> items in the author's crate
//! ```
//!
//! The items stand where the macro stands. Beside them the mod notes the hash of the interface that it was built against, and
//! the compiler learns that the crate depends on the file.

use std::env;
use std::path::{Path, PathBuf};

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, File, Item, LitStr, Result, parse_quote, parse2};
use tinkerbox_abi::export::INTERFACE_SECTION;
use tinkerbox_bindings::Language;
use tinkerbox_interface::Interface;

use crate::functions;

/// `"meadow.interface.toml"`
pub struct GameFile(LitStr);

impl Parse for GameFile {
    fn parse(input: ParseStream) -> Result<GameFile> {
        let file = input.parse().map_err(|error| {
            Error::new(
                error.span(),
                "write the path of the game's interface file: `game!(\"meadow.interface.toml\")`",
            )
        })?;
        match input.is_empty() {
            true => Ok(GameFile(file)),
            false => Err(input.error("nothing can stand behind the path")),
        }
    }
}

pub fn game(GameFile(file): &GameFile) -> Result<TokenStream> {
    let path = folder().join(file.value());
    let fail = |problem: String| Error::new(file.span(), problem);
    let interface = Interface::read(&path).map_err(|error| fail(format!("{error}. {}", advice(&path))))?;
    let text =
        Language::Rust.bindings(&interface).map_err(|error| fail(format!("{}: {error}", path.display())))?;
    let items = items(&text).map_err(|error| fail(format!("{}: {error}", path.display())))?;
    let path = path.to_str().ok_or_else(|| fail(format!("the path {} is not UTF-8", path.display())))?;
    let hash = hash_section(&interface);
    Ok(quote! {
        // The crate is compiled again when the file has changed.
        const _: &[u8] = ::core::include_bytes!(#path);
        #hash
        #(#items)*
    })
}

/// The folder of the author's `Cargo.toml`, if Cargo compiles the crate.
fn folder() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

fn advice(path: &Path) -> String {
    match path.exists() {
        true => "Let the game write the file again, or get it from where the game's documents say".to_owned(),
        false => format!("A path is relative to the folder of Cargo.toml, {}", folder().display()),
    }
}

/// The items of the bindings, with those of their macros expanded.
fn items(text: &str) -> Result<Vec<TokenStream>> {
    let File { items, .. } = syn::parse_str(text)?;
    items.into_iter().map(item).collect()
}

fn item(mut item: Item) -> Result<TokenStream> {
    let allow = allow();
    match &mut item {
        Item::Const(item) => item.attrs.insert(0, allow),
        Item::Struct(item) => item.attrs.insert(0, allow),
        Item::Enum(item) => item.attrs.insert(0, allow),
        Item::Macro(item) => {
            let mut declared: functions::GameFunctions = parse2(item.mac.tokens.clone())?;
            declared.add_attribute(&allow);
            return functions::functions(&declared);
        }
        _ => {}
    }
    Ok(quote!(#item))
}

/// The names are the game's, and nobody uses all of them.
fn allow() -> Attribute {
    parse_quote! {
        #[allow(
            dead_code,
            missing_docs,
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            rustdoc::broken_intra_doc_links
        )]
    }
}

/// Only WebAssembly has custom sections: on other targets the static would become an ordinary section.
fn hash_section(interface: &Interface) -> TokenStream {
    let line = format!("{} {}\n", interface.game, interface.content_hash());
    let (len, line) = (line.len(), Literal::byte_string(line.as_bytes()));
    quote! {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            #[unsafe(link_section = #INTERFACE_SECTION)]
            static SECTION: [u8; #len] = *#line;
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(arguments: &str) -> Result<String> {
        game(&syn::parse_str(arguments)?).map(|tokens| tokens.to_string())
    }

    /// In a file of its own, which is gone with the test.
    fn output_of(interface: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.interface.toml");
        std::fs::write(&file, interface).unwrap();
        output(&format!("{:?}", file.to_str().unwrap()))
    }

    #[test]
    fn a_path_is_relative_to_the_crate() {
        let output = output("\"../../assets/meadow/meadow.interface.toml\"").unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/meadow/meadow.interface.toml");
        for part in [
            format!("include_bytes ! ({:?})", path.to_str().unwrap()),
            "pub struct Position".to_owned(),
            "\"meadow:Position\"".to_owned(),
            "pub const WIDTH : f32 = 100.0".to_owned(),
            "link_section = \"tinkerbox.interface\"".to_owned(),
            format!("meadow {}", Interface::read(&path).unwrap().content_hash()),
        ] {
            assert!(output.contains(&part), "{part}: {output}");
        }
    }

    #[test]
    fn functions_are_imports() {
        let text = "game = \"a\"\napi = 1\n[[function]]\nid = \"b:match\"\nfuel = 2\nresult = \"f32\"";
        let output = output_of(text).unwrap();
        for part in
            ["wasm_import_module = \"b\"", "link_name = \"match\"", "pub fn b_match () -> f32", "dead_code"]
        {
            assert!(output.contains(part), "{part}: {output}");
        }
    }

    #[test]
    fn mistakes_are_at_the_path() {
        let cases = [
            ("", "write the path of the game's interface file"),
            ("meadow", "write the path of the game's interface file"),
            ("\"a\", 2", "nothing can stand behind the path"),
            ("\"no/such.toml\"", "no/such.toml: it can't be read: "),
            ("\"no/such.toml\"", "relative to the folder of Cargo.toml, "),
        ];
        for (arguments, expected) in cases {
            let message = output(arguments).unwrap_err().to_string();
            assert!(message.contains(expected), "{arguments}: {message}");
        }
        let cases = [
            ("game = \"a\"", "a.interface.toml: "),
            ("game = \"a\"\napi = 1\ncomponents = 2", "line 3: "),
            ("game = \"a\"\napi = 1\ncomponents = 2", "Let the game write the file again"),
            (
                "game = \"a\"\napi = 1\n[[component]]\nid = \"a:A\"\nfield = [{ name = \"self\", type = \"u8\" }]",
                "`self` can't be the name of a field",
            ),
        ];
        for (interface, expected) in cases {
            let message = output_of(interface).unwrap_err().to_string();
            assert!(message.contains(expected), "{interface}: {message}");
        }
    }
}

//! Short mods with the game's own types.

use std::collections::BTreeSet;

use tinkerbox_interface::{Interface, SharedType, Type};

/// The examples, as a section of the page; nothing if the game exposes nothing that one could use.
pub fn examples(interface: &Interface) -> String {
    let Some(system) = system(interface) else { return String::new() };
    let game = &interface.game;
    format!(
        "\n## A mod in Rust\n\n`mod.toml`:\n\n```toml\n[mod]\nid = \"my_mod\"\nversion = \"0.1.0\"\napi = {}\n\n[permissions]\n\
         write = [\"{}\"]\n```\n\n`src/lib.rs`, with the interface file beside `Cargo.toml`:\n\n```rust\n\
         use tinkerbox_sdk::prelude::*;\n\nmod {game} {{\n    tinkerbox_sdk::game!(\"{game}.interface.toml\");\n}}\n\n{}```\n",
        interface.api, system.id, system.text
    )
}

struct System {
    id: String,
    text: String,
}

/// A system that changes the first number that mods can change. Names that Rust reserves are left to the guide.
fn system(interface: &Interface) -> Option<System> {
    let all = interface.components.iter().filter(|ty| !ty.read_only && is_of_the_game(interface, ty));
    let (ty, field, number) = all.into_iter().find_map(|ty| {
        let field =
            ty.fields.iter().find(|field| matches!(field.ty, Type::Number(_)) && is_plain(&field.name))?;
        let Type::Number(number) = field.ty else { return None };
        Some((ty, field, number))
    })?;
    let (game, name) = ty.id.split_once(':')?;
    let zero = if number.range().is_none() { "0.0" } else { "0" };
    let text = format!(
        "#[system]\nfn example(mut all: Query<&mut {game}::{name}>) {{\n    while let Some(chunk) = all.next() {{\n        \
         for one in chunk.columns {{\n            one.{} = {zero};\n        }}\n    }}\n}}\n",
        field.name
    );
    Some(System { id: ty.id.clone(), text })
}

fn is_of_the_game(interface: &Interface, ty: &SharedType) -> bool {
    ty.id
        .split_once(':')
        .is_some_and(|(game, name)| game == interface.game && is_plain(game) && is_plain(name))
}

/// Whether it is a name in Rust as it stands.
pub(crate) fn is_plain(name: &str) -> bool {
    let reserved: BTreeSet<&str> = RESERVED.split_whitespace().collect();
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && !reserved.contains(name)
}

const RESERVED: &str = "Box Entity Option Self String Text Vec abstract as async await become bool box break char const continue \
    crate do dyn else enum extern f32 f64 false final fn for gen i16 i32 i64 i8 if impl in let loop macro match mod move mut \
    override priv pub ref return self static str struct super trait true try type typeof u16 u32 u64 u8 unsafe unsized use \
    virtual where while yield";

//! Bindings in Rust: items that the SDK's macros complete. `tinkerbox_sdk::game!` compiles the same text.

use tinkerbox_interface::{Field, Interface, Number, Type, Variant};

use crate::comments::{self, marked};
use crate::items::{Content, Import, Item, functions, items};
use crate::numbers::digits;
use crate::words::{Claims, Reserved};

/// Words that only `r#` makes a name.
const KEYWORDS: Reserved = Reserved(&[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
]);

/// Words that nothing makes a name.
const NEVER: Reserved = Reserved(&["Self", "crate", "self", "super", "tinkerbox_sdk"]);

/// Names of types that mean something else where the output names a type, or that `#[mod_type]` refuses as such.
const TAKEN: Reserved = Reserved(&[
    "Affine2",
    "Affine3A",
    "BVec2",
    "BVec3",
    "BVec3A",
    "BVec4",
    "BVec4A",
    "Box",
    "Entity",
    "HashMap",
    "Mat2",
    "Mat3A",
    "Mat4",
    "ModEntity",
    "Option",
    "Quat",
    "Self",
    "String",
    "Text",
    "Vec",
    "Vec3A",
    "Vec4",
    "bool",
    "char",
    "crate",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "self",
    "str",
    "super",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
]);

/// Arrays of more elements have no `Default`.
const DEFAULT_ELEMENTS_MAX: u32 = 32;

/// The bindings, as a module's file.
///
/// # Errors
/// In words.
pub fn bindings(interface: &Interface) -> Result<String, String> {
    let (items, functions) = (items(interface)?, functions(interface));
    check_names(interface, &items, &functions)?;
    let mut text = format!("//! {}\n\n#![allow(dead_code, missing_docs)]\n", comments::title(interface));
    for constant in &interface.constants {
        text.push('\n');
        text.push_str(&marked(&comments::lines(&[&constant.docs]), "///"));
        let (name, ty, value) = (identifier(&constant.name), constant.ty, digits(constant)?);
        text.push_str(&format!("pub const {name}: {ty} = {value};\n"));
    }
    for item in &items {
        text.push('\n');
        text.push_str(&marked(&comments::of_item(item), "///"));
        text.push_str(&item_text(interface, item, &items)?);
    }
    for function in &functions {
        text.push_str(&import(interface, function));
    }
    Ok(text)
}

fn check_names(interface: &Interface, items: &[Item<'_>], functions: &[Import<'_>]) -> Result<(), String> {
    let (mut types, mut values) = (Claims::default(), Claims::default());
    for constant in &interface.constants {
        values.claim(&identifier(&constant.name), &format!("the constant `{}`", constant.name))?;
    }
    for item in items {
        let what = format!("the type `{}`", item.name);
        types.claim(&identifier(&item.name), &what)?;
        // A struct without names for its fields is a value, too.
        values.claim(&identifier(&item.name), &what)?;
    }
    for function in functions {
        values.claim(&identifier(&function.name), &format!("the function `{}`", function.function.id))?;
    }
    Ok(())
}

fn item_text(interface: &Interface, item: &Item<'_>, items: &[Item<'_>]) -> Result<String, String> {
    let name = identifier(&item.name);
    let id = match &item.shared {
        Some(shared) => shared.id.to_owned(),
        None => format!("{}:{}", interface.game, item.name),
    };
    let head = format!("#[::tinkerbox_sdk::mod_type(\"{id}\")]\n");
    let derives = |has_default| match has_default {
        true => "#[derive(Debug, Default, PartialEq)]\n",
        false => "#[derive(Debug, PartialEq)]\n",
    };
    match item.content {
        Content::Enum(number, variants) => {
            let repr = match number {
                Number::U8 => String::new(),
                number => format!("#[repr({number})]\n"),
            };
            Ok(format!("{head}{}{repr}pub enum {name} {{\n{}}}\n", derives(true), self::variants(variants)?))
        }
        Content::Struct(fields) => {
            let has_default = fields.iter().all(|field| has_default(&field.ty, items));
            Ok(format!("{head}{}pub struct {name}{}\n", derives(has_default), self::fields(fields)?))
        }
    }
}

/// The default is 0, if that is a variant.
fn variants(variants: &[Variant]) -> Result<String, String> {
    let default = variants.iter().position(|variant| variant.value == 0).unwrap_or(0);
    let variant = |(index, variant): (usize, &Variant)| {
        let docs = marked(&comments::lines(&[&variant.docs]), "    ///");
        let default = if index == default { "    #[default]\n" } else { "" };
        Ok(format!("{docs}{default}    {} = {},\n", kept(&variant.name)?, variant.value))
    };
    variants.iter().enumerate().map(variant).collect()
}

fn fields(fields: &[Field]) -> Result<String, String> {
    let is_tuple = fields.iter().enumerate().all(|(index, field)| field.name == index.to_string());
    let field = |field: &Field| {
        let docs = marked(&comments::lines(&[&field.docs]), "    ///");
        let name = if is_tuple { String::new() } else { format!("{}: ", kept(&field.name)?) };
        Ok(format!("{docs}    pub {name}{},\n", spelled(&field.ty)))
    };
    let all = fields.iter().map(field).collect::<Result<String, String>>()?;
    Ok(match (fields.is_empty(), is_tuple) {
        (true, _) => ";".to_owned(),
        (_, true) => format!("(\n{all});"),
        (_, false) => format!(" {{\n{all}}}"),
    })
}

fn spelled(ty: &Type) -> String {
    match ty {
        Type::Number(number) => number.to_string(),
        Type::Bool => "bool".to_owned(),
        Type::Entity => "::tinkerbox_sdk::Entity".to_owned(),
        Type::OptionalEntity => "::core::option::Option<::tinkerbox_sdk::Entity>".to_owned(),
        Type::Text(bytes) => format!("::tinkerbox_sdk::Text<{bytes}>"),
        Type::Array(element, count) => format!("[{}; {count}]", spelled(element)),
        Type::Named(name) => identifier(name),
        // In an interface that was checked these have names.
        Type::Struct(_) | Type::Enum(_) => ty.to_string(),
    }
}

/// Whether a value of the type can have `Default`: an entity can't, since there is none that always exists.
fn has_default(ty: &Type, items: &[Item<'_>]) -> bool {
    match ty {
        Type::Entity => false,
        Type::Array(element, count) => *count <= DEFAULT_ELEMENTS_MAX && has_default(element, items),
        Type::Named(name) => items.iter().filter(|item| item.name == *name).all(|item| match item.content {
            Content::Enum(..) => true,
            Content::Struct(fields) => fields.iter().all(|field| has_default(&field.ty, items)),
        }),
        _ => true,
    }
}

fn import(interface: &Interface, import: &Import<'_>) -> String {
    let name = identifier(&import.name);
    let parameters = &import.function.parameters;
    // A constant in the place of a parameter would be a pattern. A parameter has its name for the reader only.
    let constants = interface.constants.iter().map(|constant| constant.name.as_str());
    let others: Vec<&str> =
        parameters.iter().map(|parameter| parameter.name.as_str()).chain(constants).collect();
    let is_constant = |name: &str| interface.constants.iter().any(|constant| constant.name == name);
    let parameters = parameters.iter().map(|parameter| {
        let name = if is_constant(&parameter.name) {
            format!("{}_", parameter.name)
        } else {
            parameter.name.clone()
        };
        format!("{}: {}", identifier(&TAKEN.free(&name, &others)), parameter.ty)
    });
    let parameters: Vec<String> = parameters.collect();
    let result = import.function.result.map(|ty| format!(" -> {ty}")).unwrap_or_default();
    let docs = marked(&comments::of_function(import.function), "    ///");
    let link_name = match import.name == import.import && !NEVER.has(import.import) {
        true => String::new(),
        false => format!("    #[link_name = \"{}\"]\n", import.import),
    };
    format!(
        "\n::tinkerbox_sdk::game_functions! {{\n    \"{}\";\n{docs}{link_name}    pub fn {name}({}){result};\n}}\n",
        import.module,
        parameters.join(", ")
    )
}

/// A name of ours: with `r#` or `_` where Rust needs it.
fn identifier(name: &str) -> String {
    let free = TAKEN.free(name, &[]);
    if KEYWORDS.has(&free) { format!("r#{free}") } else { free }
}

/// A name that is part of the layout, and so has to be kept.
///
/// # Errors
/// If it can't be.
fn kept(name: &str) -> Result<String, String> {
    let is_number = name.starts_with(|c: char| c.is_ascii_digit());
    match (NEVER.has(name) || is_number, KEYWORDS.has(name)) {
        (true, _) => Err(format!(
            "`{name}` can't be the name of a field or a variant in Rust, and it is part of the layout; rename it in the game"
        )),
        (_, true) => Ok(format!("r#{name}")),
        _ => Ok(name.to_owned()),
    }
}

//! The page as Markdown.

use tinkerbox_interface::{Constant, EntityKind, Field, Function, Interface, NamedType, Only, SharedType};

use super::examples::examples;
use super::text::{cell, paragraphs};

/// What a game exposes, as a page for authors of mods.
///
/// # Errors
/// If a type has no size, which none has in an interface that was read from a file.
pub fn markdown(interface: &Interface) -> Result<String, String> {
    let Interface { game, api, .. } = interface;
    let mut page = format!(
        "# Mods for {game}\n\nWhat {game} exposes to mods, for api {api}. Each entry says what a mod writes under `[permissions]` in \
         its `mod.toml`.\n"
    );
    section(&mut page, "Entities", &interface.entities, |kind| Ok(entity(kind)))?;
    let component = |ty: &SharedType| {
        let (read, write) = (format!("`read = [\"{}\"]`", ty.id), format!("`write = [\"{}\"]`", ty.id));
        let allow = match (ty.read_only, ty.only) {
            (false, _) => format!("{read}, or {write} to change it."),
            (true, Some(_)) => format!("{read}. Mods can't change it."),
            // It is immutable: commands give and take it.
            (true, None) => {
                format!("{read}, or {write} to insert and remove it. Mods can't change its value.")
            }
        };
        shared(interface, ty, &(allow + &for_mods(ty.mods.as_deref())))
    };
    section(&mut page, "Components", &interface.components, component)?;
    section(&mut page, "Resources", &interface.resources, component)?;
    section(&mut page, "Events", &interface.events, |ty| {
        let (hear, send) = (format!("`events = [\"{}\"]`", ty.id), format!("`send = [\"{}\"]`", ty.id));
        let allow = match ty.only {
            Some(Only::Hear) => format!("{hear} to handle it. Mods can't send it."),
            Some(Only::Send) => format!("{send} to send it. Mods can't handle it."),
            _ => format!("{hear} to handle it, {send} to send it."),
        };
        shared(interface, ty, &(allow + &for_mods(ty.mods.as_deref())))
    })?;
    section(&mut page, "Functions", &interface.functions, |of| Ok(function(of)))?;
    section(&mut page, "Types of fields", &interface.types, |ty| Ok(named(ty)))?;
    constants(&mut page, &interface.constants);
    let others = "`spawn = true` allows to spawn entities, and `despawn = true` to despawn those that have a component which the mod \
                  may read.";
    page.push_str(&format!("\n## Other permissions\n\n{others}\n"));
    page.push_str(&examples(interface));
    Ok(page)
}

/// For which mods something is, if it is not for all.
fn for_mods(mods: Option<&[String]>) -> String {
    match mods {
        None => String::new(),
        Some([]) => " For no mod.".to_owned(),
        Some(mods) => {
            let mods: Vec<String> = mods.iter().map(|id| format!("`{id}`")).collect();
            format!(" Only for the mods {}.", mods.join(", "))
        }
    }
}

fn section<T>(
    page: &mut String,
    title: &str,
    entries: &[T],
    entry: impl Fn(&T) -> Result<String, String>,
) -> Result<(), String> {
    if !entries.is_empty() {
        page.push_str(&format!("\n## {title}\n"));
    }
    for one in entries {
        page.push('\n');
        page.push_str(&entry(one)?);
    }
    Ok(())
}

fn entity(kind: &EntityKind) -> String {
    let components: Vec<String> = kind.components.iter().map(|id| format!("`{id}`")).collect();
    format!("### {}\n{}\nIt has {}.\n", kind.name, docs(&kind.docs), components.join(", "))
}

fn shared(interface: &Interface, ty: &SharedType, allow: &str) -> Result<String, String> {
    let (bytes, _) = interface.layout(ty).size().map_err(|why| format!("`{}`: {why}", ty.id))?;
    let what = match ty.fields.is_empty() {
        true => "A marker, without fields.\n".to_owned(),
        false => format!("{bytes} bytes:\n\n{}", fields(&ty.fields)),
    };
    Ok(format!("### {}\n{}\n{what}\nPermission: {allow}\n", ty.id, docs(&ty.docs)))
}

fn fields(fields: &[Field]) -> String {
    let row = |Field { name, ty, docs }: &Field| format!("| `{name}` | `{ty}` | {} |\n", cell(docs));
    format!("| Field | Type | |\n| --- | --- | --- |\n{}", fields.iter().map(row).collect::<String>())
}

fn named(ty: &NamedType) -> String {
    let head = format!("### {}\n{}\n", ty.name, docs(&ty.docs));
    match ty.integers {
        None => format!("{head}{}", fields(&ty.fields)),
        Some(number) => {
            let row = |variant: &tinkerbox_interface::Variant| {
                format!("| `{}` | {} | {} |\n", variant.name, variant.value, cell(&variant.docs))
            };
            let rows: String = ty.variants.iter().map(row).collect();
            format!(
                "{head}One of these numbers of type `{number}`:\n\n| Variant | Number | |\n| --- | --- | --- |\n{rows}"
            )
        }
    }
}

fn function(function: &Function) -> String {
    let Function { id, fuel, parameters, result, mods, .. } = function;
    let parameters = parameters.iter().map(|parameter| format!("{}: {}", parameter.name, parameter.ty));
    let parameters: Vec<String> = parameters.collect();
    let result = result.map(|ty| format!(" -> {ty}")).unwrap_or_default();
    let unit = if *fuel == 1 { "unit" } else { "units" };
    format!(
        "### {id}\n{}\n`({}){result}`; a call costs {fuel} {unit} of fuel.\n\nPermission: `functions = [\"{id}\"]`{}\n",
        docs(&function.docs),
        parameters.join(", "),
        for_mods(mods.as_deref())
    )
}

fn constants(page: &mut String, constants: &[Constant]) {
    if constants.is_empty() {
        return;
    }
    page.push_str("\n## Constants\n\n| Name | Type | Value | |\n| --- | --- | --- | --- |\n");
    for Constant { name, ty, value, docs } in constants {
        page.push_str(&format!("| `{name}` | `{ty}` | {value} | {} |\n", cell(docs)));
    }
}

/// With an empty line in front of it, if there is any.
fn docs(text: &str) -> String {
    match paragraphs(text) {
        text if text.is_empty() => text,
        text => format!("\n{text}\n"),
    }
}

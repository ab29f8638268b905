//! Bindings in AssemblyScript, as a module beside the package `tinkerbox`, whose transform reads the decorators.
//!
//! A class there holds numbers in place, and anything else as an address. So arrays, texts and structs are read and written where
//! they lie, and numbers that nobody sees take their place:
//!
//! ```text
//!   { x: f32, y: f32 }            constructor(public x: f32 = 0, public y: f32 = 0) {}
//!   { n: u8, moods: [u8; 3] }     n: u8; private $0: u8; private $1: u16; moods(index), set_moods(index, value)
//! ```

use tinkerbox_interface::{Field, Interface, Number, Type, Variant};

use crate::comments::{self, in_stars};
use crate::items::{Content, Import, Item, element, functions, items};
use crate::numbers::digits;
use crate::words::{Claims, Reserved, camel, member};

/// The words of TypeScript, and the names of AssemblyScript's own types, functions and namespaces that bindings use.
const RESERVED: Reserved = Reserved(&[
    "Infinity",
    "NaN",
    "Object",
    "String",
    "abstract",
    "override",
    "any",
    "anyref",
    "arguments",
    "as",
    "async",
    "await",
    "bool",
    "boolean",
    "break",
    "case",
    "catch",
    "changetype",
    "class",
    "const",
    "constructor",
    "continue",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "external",
    "externref",
    "f32",
    "f64",
    "false",
    "finally",
    "for",
    "from",
    "function",
    "funcref",
    "get",
    "globalThis",
    "i16",
    "i32",
    "i64",
    "i8",
    "if",
    "implements",
    "import",
    "in",
    "inline",
    "instanceof",
    "interface",
    "is",
    "isize",
    "keyof",
    "let",
    "load",
    "module",
    "namespace",
    "native",
    "never",
    "new",
    "null",
    "number",
    "object",
    "offsetof",
    "of",
    "operator",
    "package",
    "private",
    "protected",
    "public",
    "readonly",
    "return",
    "set",
    "static",
    "store",
    "string",
    "super",
    "switch",
    "symbol",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "u16",
    "u32",
    "u64",
    "u8",
    "undefined",
    "unmanaged",
    "usize",
    "v128",
    "var",
    "void",
    "while",
    "with",
    "yield",
]);

/// What the decorator with the interface's hash stands before.
const NOTED: &str = "tinkerbox_interface";

/// The address of the value that a method belongs to.
const THIS: &str = "changetype<usize>(this)";

/// The bindings, as a module.
///
/// # Errors
/// In words.
pub fn bindings(interface: &Interface) -> Result<String, String> {
    let (items, functions) = (items(interface)?, functions(interface));
    check_names(interface, &items, &functions)?;
    let mut text = format!("// {} Bindings in AssemblyScript.\n", comments::title(interface));
    if items.iter().any(has_entity) {
        text.push_str("\nimport { Entity } from \"tinkerbox\";\n");
    }
    text.push_str(&noted(interface));
    for constant in &interface.constants {
        text.push('\n');
        text.push_str(&in_stars(&comments::lines(&[&constant.docs]), ""));
        let (name, ty, digits) = (identifier(&constant.name), constant.ty, digits(constant)?);
        text.push_str(&format!("export const {name}: {ty} = {digits};\n"));
    }
    for item in &items {
        text.push('\n');
        text.push_str(&in_stars(&comments::of_item(item), ""));
        text.push_str(&item_text(item, &items));
    }
    for function in &functions {
        text.push('\n');
        text.push_str(&in_stars(&comments::of_function(function.function), ""));
        text.push_str(&import(function));
    }
    Ok(text)
}

/// What the SDK's transform notes in the mod: which interface it was built against.
fn noted(interface: &Interface) -> String {
    format!(
        "\n// The game says so if a mod does not fit since it was built against another interface.\n\
         @bindings(\"{}\", \"{}\")\nconst {NOTED} = 0;\n",
        interface.game,
        interface.content_hash()
    )
}

fn check_names(interface: &Interface, items: &[Item<'_>], functions: &[Import<'_>]) -> Result<(), String> {
    let mut claims = Claims::default();
    claims.claim(NOTED, "the bindings' own constant")?;
    for constant in &interface.constants {
        claims.claim(&identifier(&constant.name), &format!("the constant `{}`", constant.name))?;
    }
    for item in items {
        claims.claim(&identifier(&item.name), &format!("the type `{}`", item.name))?;
    }
    for function in functions {
        claims.claim(
            &identifier(&camel(&function.name)),
            &format!("the function `{}`", function.function.id),
        )?;
    }
    Ok(())
}

fn item_text(item: &Item<'_>, items: &[Item<'_>]) -> String {
    let name = identifier(&item.name);
    let fields = match item.content {
        Content::Enum(number, variants) => {
            return format!("export namespace {name} {{\n{}}}\n", self::variants(number, variants));
        }
        Content::Struct(fields) => fields,
    };
    let decorator =
        item.shared.as_ref().map(|shared| format!("@type(\"{}\", \"{}\")\n", shared.id, shared.layout));
    let decorator = decorator.unwrap_or_default();
    if fields.is_empty() {
        return format!("{decorator}export class {name} {{}}\n");
    }
    let body = match fields.iter().all(|field| is_in_place(&field.ty, items)) {
        true => constructor(fields, items),
        false => members(fields, items),
    };
    format!(
        "{decorator}export class {name} {{\n{body}}}\n\
         if (offsetof<{name}>() != {}) ERROR(\"{name} does not have the layout of the game\");\n",
        item.size
    )
}

fn variants(number: Number, variants: &[Variant]) -> String {
    let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
    let variant = |variant: &Variant| {
        let docs = in_stars(&comments::lines(&[&variant.docs]), "  ");
        let name = RESERVED.free(&variant.name, &names);
        format!("{docs}  export const {name}: {number} = {};\n", variant.value)
    };
    variants.iter().map(variant).collect()
}

/// Whether a field of this type holds its value, and not an address.
fn is_in_place(ty: &Type, items: &[Item<'_>]) -> bool {
    match ty {
        Type::Number(_) | Type::Bool | Type::Entity | Type::OptionalEntity => true,
        Type::Named(name) => enum_number(name, items).is_some(),
        _ => false,
    }
}

fn has_entity(item: &Item<'_>) -> bool {
    let Content::Struct(fields) = item.content else { return false };
    fields.iter().any(|field| matches!(element(&field.ty), Type::Entity | Type::OptionalEntity))
}

fn enum_number(name: &str, items: &[Item<'_>]) -> Option<Number> {
    items.iter().find(|item| item.name == name).and_then(|item| match item.content {
        Content::Enum(number, _) => Some(number),
        Content::Struct(_) => None,
    })
}

/// The type of a value that lies in place, or of what stands for it.
fn spelled(ty: &Type, items: &[Item<'_>]) -> String {
    match ty {
        Type::Number(number) => number.to_string(),
        Type::Bool => "bool".to_owned(),
        // 0 is no entity.
        Type::Entity | Type::OptionalEntity => "Entity".to_owned(),
        Type::Named(name) => match enum_number(name, items) {
            Some(number) => number.to_string(),
            None => identifier(name),
        },
        // Arrays are read element by element.
        _ => "string".to_owned(),
    }
}

fn field_names(fields: &[Field]) -> Vec<String> {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    fields.iter().map(|field| RESERVED.free(&member(&field.name), &names)).collect()
}

fn docs(field: &Field, items: &[Item<'_>], indent: &str) -> String {
    let what = match element(&field.ty) {
        Type::OptionalEntity => "0 is no entity.".to_owned(),
        Type::Named(name) if enum_number(name, items).is_some() => format!("One of `{}`.", identifier(name)),
        _ => String::new(),
    };
    in_stars(&comments::lines(&[&field.docs, &what]), indent)
}

/// Fields that are numbers, all of them.
fn constructor(fields: &[Field], items: &[Item<'_>]) -> String {
    let field = |(field, name): (&Field, String)| {
        let none = if matches!(field.ty, Type::Bool) { "false" } else { "0" };
        let docs = docs(field, items, "    ");
        format!("{docs}    public {name}: {} = {none},\n", spelled(&field.ty, items))
    };
    let fields: String = fields.iter().zip(field_names(fields)).map(field).collect();
    format!("  constructor(\n{fields}  ) {{}}\n")
}

fn members(fields: &[Field], items: &[Item<'_>]) -> String {
    let (mut text, mut offset, mut fillers) = (String::new(), 0, 0..);
    for (field, name) in fields.iter().zip(field_names(fields)) {
        text.push_str(&docs(field, items, "  "));
        let (ty, size) = (&field.ty, size(&field.ty, items));
        match is_in_place(ty, items) {
            true => text.push_str(&format!("  {name}: {};\n", spelled(ty, items))),
            false => {
                text.push_str(&accessor(ty, &name, offset, items));
                text.push_str(&filler(offset, size, &mut fillers));
            }
        }
        offset += size;
    }
    text
}

/// Numbers that take the place of `size` bytes, each as large as its place allows.
fn filler(offset: u32, size: u32, names: &mut impl Iterator<Item = u32>) -> String {
    let (mut at, end, mut text) = (offset, offset + size, String::new());
    while at < end {
        let bytes = [8, 4, 2, 1].into_iter().find(|bytes| at % bytes == 0 && at + bytes <= end).unwrap_or(1);
        text.push_str(&format!(" private ${}: u{};", names.next().unwrap_or_default(), bytes * 8));
        at += bytes;
    }
    if text.is_empty() { text } else { format!(" {text}\n") }
}

/// What reads and writes a field where it lies, which is `offset` bytes behind the beginning.
fn accessor(ty: &Type, name: &str, offset: u32, items: &[Item<'_>]) -> String {
    match ty {
        Type::Array(..) => array(ty, name, offset, items),
        Type::Text(bytes) => {
            let address = format!("{THIS} + {offset}");
            let (read, write) = (read_text(&address, *bytes), write_text(&address, *bytes));
            format!(
                "  get {name}(): string {{ return {read}; }}\n  set {name}(value: string) {{ {write} }}\n"
            )
        }
        _ => {
            let ty = spelled(ty, items);
            format!("  get {name}(): {ty} {{ return changetype<{ty}>({THIS} + {offset}); }}\n")
        }
    }
}

/// Functions that take an index for each dimension.
fn array(ty: &Type, name: &str, offset: u32, items: &[Item<'_>]) -> String {
    let of = element(ty);
    let mut counts = Vec::new();
    let mut rest = ty;
    while let Type::Array(element, count) = rest {
        counts.push(*count);
        rest = element;
    }
    let indices: Vec<String> = match counts.len() {
        1 => vec!["index".to_owned()],
        dimensions => (0..dimensions).map(|dimension| format!("index{dimension}")).collect(),
    };
    let parameters: Vec<String> = indices.iter().map(|index| format!("{index}: u32")).collect();
    let parameters = parameters.join(", ");
    let checks: Vec<String> =
        indices.iter().zip(&counts).map(|(index, count)| format!("{index} < {count}")).collect();
    let check = format!("assert({});", checks.join(" && "));
    let within =
        indices.iter().zip(&counts).fold(String::new(), |within, (index, count)| match within.as_str() {
            "" => index.clone(),
            one if *one == *indices[0] => format!("{one} * {count} + {index}"),
            _ => format!("({within}) * {count} + {index}"),
        });
    let stride = size(of, items);
    let place = match stride {
        1 => format!("{THIS} + <usize>({within})"),
        _ => format!("{THIS} + <usize>({within}) * {stride}"),
    };
    let spelled = spelled(of, items);
    let (read, write) = match of {
        Type::Text(bytes) => {
            let address = format!("{place} + {offset}");
            (read_text(&address, *bytes), Some(write_text(&address, *bytes)))
        }
        _ if is_in_place(of, items) => (
            format!("load<{spelled}>({place}, {offset})"),
            Some(format!("store<{spelled}>({place}, value, {offset});")),
        ),
        _ => (format!("changetype<{spelled}>({place} + {offset})"), None),
    };
    let mut text = format!("  {name}({parameters}): {spelled} {{ {check} return {read}; }}\n");
    if let Some(write) = write {
        let setter = format!("set_{name}");
        text.push_str(&format!("  {setter}({parameters}, value: {spelled}): void {{ {check} {write} }}\n"));
    }
    text
}

fn read_text(address: &str, bytes: u32) -> String {
    format!("String.UTF8.decodeUnsafe({address}, {bytes}, true)")
}

fn write_text(address: &str, bytes: u32) -> String {
    format!(
        "memory.fill({address}, 0, {bytes}); const bytes = String.UTF8.encode(value); \
         memory.copy({address}, changetype<usize>(bytes), min(bytes.byteLength, {bytes}));"
    )
}

fn size(ty: &Type, items: &[Item<'_>]) -> u32 {
    match ty {
        Type::Number(number) => number.size(),
        Type::Bool => 1,
        Type::Entity | Type::OptionalEntity => 8,
        Type::Text(bytes) => *bytes,
        Type::Array(element, count) => size(element, items) * count,
        Type::Named(name) => items.iter().find(|item| item.name == *name).map_or(0, |item| item.size),
        // In an interface that was checked these have names.
        Type::Struct(_) | Type::Enum(_) => 0,
    }
}

fn import(import: &Import<'_>) -> String {
    let names: Vec<&str> =
        import.function.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let parameters = import.function.parameters.iter();
    let parameters: Vec<String> = parameters
        .map(|parameter| format!("{}: {}", RESERVED.free(&parameter.name, &names), parameter.ty))
        .collect();
    format!(
        "@external(\"{}\", \"{}\")\nexport declare function {}({}): {};\n",
        import.module,
        import.import,
        identifier(&camel(&import.name)),
        parameters.join(", "),
        import.function.result.map_or("void", |ty| ty.name()),
    )
}

fn identifier(name: &str) -> String {
    RESERVED.free(name, &[])
}

//! Bindings in Zig, as a module beside `tinkerbox`. Layouts are not written out: the SDK finds them at compile time.

use tinkerbox_abi::export::INTERFACE_SECTION;
use tinkerbox_interface::{Field, Interface, Type, Variant};

use crate::comments::{self, marked};
use crate::items::{Content, Import, Item, functions, items};
use crate::numbers::digits;
use crate::words::{Claims, Reserved, camel};

/// Keywords, and the names of primitive types and values. There are also `u7` and the like, see [`is_integer`].
const RESERVED: Reserved = Reserved(&[
    "addrspace",
    "align",
    "allowzero",
    "and",
    "anyerror",
    "anyframe",
    "anyopaque",
    "anytype",
    "asm",
    "async",
    "await",
    "bool",
    "break",
    "c_char",
    "c_int",
    "c_long",
    "c_longdouble",
    "c_longlong",
    "c_short",
    "c_uint",
    "c_ulong",
    "c_ulonglong",
    "c_ushort",
    "callconv",
    "catch",
    "comptime",
    "comptime_float",
    "comptime_int",
    "const",
    "continue",
    "defer",
    "else",
    "enum",
    "errdefer",
    "error",
    "export",
    "extern",
    "f128",
    "f16",
    "f32",
    "f64",
    "f80",
    "false",
    "fn",
    "for",
    "if",
    "inline",
    "isize",
    "linksection",
    "noalias",
    "noinline",
    "noreturn",
    "nosuspend",
    "null",
    "opaque",
    "or",
    "orelse",
    "packed",
    "pub",
    "resume",
    "return",
    "struct",
    "suspend",
    "switch",
    "test",
    "threadlocal",
    "true",
    "try",
    "type",
    "undefined",
    "union",
    "unreachable",
    "usingnamespace",
    "usize",
    "var",
    "void",
    "volatile",
    "while",
]);

/// The bindings, as a file.
///
/// # Errors
/// In words.
pub fn bindings(interface: &Interface) -> Result<String, String> {
    let (items, functions) = (items(interface)?, functions(interface));
    check_names(interface, &items, &functions)?;
    let mut text = format!(
        "//! {} Bindings in Zig.\n\nconst tb = @import(\"tinkerbox\");\n",
        comments::title(interface)
    );
    for constant in &interface.constants {
        text.push('\n');
        text.push_str(&marked(&comments::lines(&[&constant.docs]), "///"));
        text.push_str(&format!(
            "pub const {}: {} = {};\n",
            identifier(&constant.name),
            constant.ty,
            digits(constant)?
        ));
    }
    for item in &items {
        text.push('\n');
        text.push_str(&marked(&comments::of_item(item), "///"));
        text.push_str(&item_text(item));
    }
    text.push_str(&imports(&functions));
    text.push_str(&size_checks(&items));
    text.push_str(&noted(interface));
    Ok(text)
}

/// Notes in the mod which interface it was built against.
fn noted(interface: &Interface) -> String {
    format!(
        "\n// The game says so if a mod does not fit since it was built against another interface.\ncomptime {{\n    asm (\n        \
         \\\\.section .custom_section.{INTERFACE_SECTION},\"\",@\n        \\\\.ascii \"{} {}\\n\"\n        \
         \\\\.text\n    );\n}}\n",
        interface.game,
        interface.content_hash()
    )
}

fn check_names(interface: &Interface, items: &[Item<'_>], functions: &[Import<'_>]) -> Result<(), String> {
    let mut claims = Claims::default();
    claims.claim("tb", "the SDK")?;
    // Each type has an `id` of its own, and Zig refuses names that may mean either.
    claims.claim("id", "the ids of types")?;
    for constant in &interface.constants {
        claims.claim(&constant.name, &format!("the constant `{}`", constant.name))?;
    }
    for item in items {
        claims.claim(&item.name, &format!("the type `{}`", item.name))?;
    }
    let mut modules: Vec<&str> = functions.iter().map(|function| function.module).collect();
    modules.dedup();
    for module in modules {
        claims.claim(&module_name(module), "the functions")?;
    }
    for function in functions {
        claims.claim(&camel(&function.name), &format!("the function `{}`", function.function.id))?;
    }
    Ok(())
}

fn item_text(item: &Item<'_>) -> String {
    let name = identifier(&item.name);
    let body = match item.content {
        Content::Enum(number, variants) => {
            return format!("pub const {name} = enum({number}) {{\n{}}};\n", self::variants(variants));
        }
        Content::Struct(fields) => self::fields(fields),
    };
    let id = item.shared.as_ref().map(|shared| {
        let space = if body.is_empty() { "" } else { "\n" };
        format!("{space}    pub const {} = \"{}\";\n", id_name(item), shared.id)
    });
    format!("pub const {name} = extern struct {{\n{body}{}}};\n", id.unwrap_or_default())
}

/// A struct has no two members of one name.
fn id_name(item: &Item<'_>) -> &'static str {
    match item.content {
        Content::Struct(fields) if fields.iter().any(|field| field.name == "id") => "tinkerbox_id",
        _ => "id",
    }
}

fn variants(variants: &[Variant]) -> String {
    let variant = |variant: &Variant| {
        let docs = marked(&comments::lines(&[&variant.docs]), "    ///");
        format!("{docs}    {} = {},\n", identifier(&variant.name), variant.value)
    };
    variants.iter().map(variant).collect()
}

fn fields(fields: &[Field]) -> String {
    let field = |field: &Field| {
        let docs = marked(&comments::lines(&[&field.docs]), "    ///");
        format!("{docs}    {}: {},\n", identifier(&field.name), spelled(&field.ty))
    };
    fields.iter().map(field).collect()
}

fn spelled(ty: &Type) -> String {
    match ty {
        Type::Number(number) => number.to_string(),
        Type::Bool => "bool".to_owned(),
        Type::Entity => "tb.Entity".to_owned(),
        Type::OptionalEntity => "tb.OptionalEntity".to_owned(),
        Type::Text(bytes) => format!("tb.Text({bytes})"),
        Type::Array(element, count) => format!("[{count}]{}", spelled(element)),
        Type::Named(name) => identifier(name),
        // In an interface that was checked these have names.
        Type::Struct(_) | Type::Enum(_) => ty.to_string(),
    }
}

/// Functions under the names that Zig's style asks for, and the imports below.
fn imports(functions: &[Import<'_>]) -> String {
    let mut text = String::new();
    for function in functions {
        text.push('\n');
        text.push_str(&marked(&comments::of_function(function.function), "///"));
        text.push_str(&format!(
            "pub const {} = {}.{};\n",
            identifier(&camel(&function.name)),
            module_name(function.module),
            identifier(function.import),
        ));
    }
    for of_module in functions.chunk_by(|one, other| one.module == other.module) {
        let module = of_module[0].module;
        text.push_str(&format!("\nconst {} = struct {{\n", module_name(module)));
        of_module.iter().for_each(|function| text.push_str(&import(function)));
        text.push_str("};\n");
    }
    text
}

fn import(import: &Import<'_>) -> String {
    let parameters = import.function.parameters.iter();
    let parameters: Vec<String> =
        parameters.map(|parameter| format!("{}: {}", identifier(&parameter.name), parameter.ty)).collect();
    format!(
        "    extern \"{}\" fn {}({}) {};\n",
        import.module,
        identifier(import.import),
        parameters.join(", "),
        import.function.result.map_or("void", |ty| ty.name()),
    )
}

fn size_checks(items: &[Item<'_>]) -> String {
    let check = |item: &Item<'_>| {
        let id = item.shared.as_ref().map_or(item.name.as_str(), |shared| shared.id);
        format!(
            "    if (@sizeOf({}) != {}) @compileError(\"{id} does not have the layout of the game\");\n",
            identifier(&item.name),
            item.size
        )
    };
    let checks: String = items.iter().map(check).collect();
    if checks.is_empty() { checks } else { format!("\ncomptime {{\n{checks}}}\n") }
}

fn module_name(module: &str) -> String {
    format!("{module}_functions")
}

/// The name, as `@"type"` where Zig needs it.
fn identifier(name: &str) -> String {
    let is_plain =
        !RESERVED.has(name) && !is_integer(name) && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_plain { name.to_owned() } else { format!("@\"{name}\"") }
}

/// Whether it is the name of a type of integers, of which there is one for each number of bits.
fn is_integer(name: &str) -> bool {
    name.strip_prefix(['i', 'u'])
        .is_some_and(|bits| !bits.is_empty() && bits.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_zig() {
        let names = ["x", "type", "u7", "i", "u", "i128", "0", "usize", "idle"];
        let expected = ["x", "@\"type\"", "@\"u7\"", "i", "u", "@\"i128\"", "@\"0\"", "@\"usize\"", "idle"];
        assert_eq!(names.map(identifier), expected);
    }
}

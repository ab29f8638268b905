//! Bindings in C, as a header that stands behind `tinkerbox.h`. Each name begins with that of the game.

use tinkerbox_abi::export::INTERFACE_SECTION;
use tinkerbox_interface::{Constant, Field, Interface, Number, Type, Variant};

use crate::comments::{self, in_stars};
use crate::items::{Content, Import, Item, functions, items};
use crate::numbers::digits;
use crate::words::{Claims, Reserved, member};

/// The words of C and of C++, and macros of the headers that `tinkerbox.h` includes.
const RESERVED: Reserved = Reserved(&[
    "NULL",
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "offsetof",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "typeof_unqual",
    "union",
    "unsigned",
    "using",
    "va_arg",
    "va_copy",
    "va_end",
    "va_start",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
]);

/// The bindings, as a header.
///
/// # Errors
/// In words.
pub fn bindings(interface: &Interface) -> Result<String, String> {
    let game = &interface.game;
    let (items, functions) = (items(interface)?, functions(interface));
    check_names(game, interface, &items, &functions)?;
    let guard = format!("{}_H", game.to_ascii_uppercase());
    let mut text = format!(
        "/* {} Bindings in C: include this file after tinkerbox.h. */\n#ifndef {guard}\n#define {guard}\n\n\
         #include \"tinkerbox.h\"\n",
        comments::title(interface)
    );
    text.push_str(&noted(interface));
    for constant in &interface.constants {
        text.push('\n');
        text.push_str(&in_stars(&comments::lines(&[&constant.docs]), ""));
        text.push_str(&format!("#define {} {}\n", prefixed(game, &constant.name), literal(constant)?));
    }
    for item in &items {
        text.push('\n');
        text.push_str(&in_stars(&comments::of_item(item), ""));
        text.push_str(&item_text(game, item));
    }
    for function in &functions {
        text.push('\n');
        text.push_str(&in_stars(&comments::of_function(function.function), ""));
        text.push_str(&import(game, function));
    }
    text.push_str("\n#endif\n");
    Ok(text)
}

/// Notes in the mod which interface it was built against.
fn noted(interface: &Interface) -> String {
    format!(
        "\n/* The game says so if a mod does not fit since it was built against another interface. */\n\
         __asm__(\".section .custom_section.{INTERFACE_SECTION},\\\"\\\",@\\n\"\n        \
         \"\\t.ascii \\\"{} {}\\\\n\\\"\\n\"\n        \"\\t.text\\n\");\n",
        interface.game,
        interface.content_hash()
    )
}

fn check_names(
    game: &str,
    interface: &Interface,
    items: &[Item<'_>],
    functions: &[Import<'_>],
) -> Result<(), String> {
    let mut claims = Claims::default();
    for constant in &interface.constants {
        claims.claim(&prefixed(game, &constant.name), &format!("the constant `{}`", constant.name))?;
    }
    for item in items {
        let (name, what) = (prefixed(game, &item.name), format!("the type `{}`", item.name));
        claims.claim(&name, &what)?;
        for suffix in ["ID", "KEY", "LAYOUT"].iter().filter(|_| item.shared.is_some()) {
            claims.claim(&format!("{name}_{suffix}"), &what)?;
        }
        if let Content::Enum(_, variants) = item.content {
            for variant in variants {
                claims.claim(&format!("{name}_{}", variant.name), &what)?;
            }
        }
    }
    for function in functions {
        claims.claim(&prefixed(game, &function.name), &format!("the function `{}`", function.function.id))?;
    }
    Ok(())
}

fn item_text(game: &str, item: &Item<'_>) -> String {
    let name = prefixed(game, &item.name);
    let mut text = match item.content {
        Content::Enum(number, variants) => {
            format!("typedef {} {name};\n{}", spelled_number(number), self::variants(&name, number, variants))
        }
        // C has no types without size.
        Content::Struct([]) => String::new(),
        Content::Struct(fields) => {
            format!("typedef struct {name} {{\n{}}} {name};\n", self::fields(game, fields))
        }
    };
    let mut called = item.name.clone();
    if let Some(shared) = &item.shared {
        text.push_str(&format!(
            "#define {name}_ID \"{}\"\n#define {name}_KEY 0x{:016x}ull\n#define {name}_LAYOUT \"{}\"\n",
            shared.id, shared.key, shared.layout
        ));
        called = shared.id.to_owned();
    }
    if !matches!(item.content, Content::Struct([])) {
        text.push_str(&format!(
            "_Static_assert(sizeof({name}) == {}, \"{called} has the layout of the game\");\n",
            item.size
        ));
    }
    text
}

fn variants(name: &str, number: Number, variants: &[Variant]) -> String {
    let variant = |variant: &Variant| {
        let docs = in_stars(&comments::lines(&[&variant.docs]), "");
        let value = whole(number, &variant.value.to_string());
        format!("{docs}#define {name}_{} (({name}){value})\n", variant.name)
    };
    variants.iter().map(variant).collect()
}

fn fields(game: &str, fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let field = |field: &Field| {
        let docs = in_stars(&comments::lines(&[&field.docs]), "    ");
        let name = RESERVED.free(&member(&field.name), &names);
        format!("{docs}    {};\n", declared(game, &field.ty, &name))
    };
    fields.iter().map(field).collect()
}

/// A declaration of something with this type: the lengths of arrays stand behind the name.
fn declared(game: &str, ty: &Type, name: &str) -> String {
    match ty {
        Type::Number(number) => format!("{} {name}", spelled_number(*number)),
        Type::Bool => format!("bool {name}"),
        // 0 is no entity.
        Type::Entity | Type::OptionalEntity => format!("tb_entity {name}"),
        Type::Text(bytes) => format!("char {name}[{bytes}]"),
        Type::Array(element, count) => declared(game, element, &format!("{name}[{count}]")),
        Type::Named(ty) => format!("{} {name}", prefixed(game, ty)),
        // In an interface that was checked these have names.
        Type::Struct(_) | Type::Enum(_) => format!("{ty} {name}"),
    }
}

fn import(game: &str, import: &Import<'_>) -> String {
    let names: Vec<&str> =
        import.function.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let parameters = import.function.parameters.iter().map(|parameter| {
        format!("{} {}", spelled_number(parameter.ty), RESERVED.free(&parameter.name, &names))
    });
    let parameters: Vec<String> = parameters.collect();
    let parameters = if parameters.is_empty() { "void".to_owned() } else { parameters.join(", ") };
    format!(
        "__attribute__((import_module(\"{}\"), import_name(\"{}\"))) extern {} {}({parameters});\n",
        import.module,
        import.import,
        import.function.result.map_or("void", spelled_number),
        prefixed(game, &import.name),
    )
}

fn prefixed(game: &str, name: &str) -> String {
    format!("{game}_{name}")
}

fn spelled_number(number: Number) -> &'static str {
    match number {
        Number::U8 => "uint8_t",
        Number::I8 => "int8_t",
        Number::U16 => "uint16_t",
        Number::I16 => "int16_t",
        Number::U32 => "uint32_t",
        Number::I32 => "int32_t",
        Number::U64 => "uint64_t",
        Number::I64 => "int64_t",
        Number::F32 => "float",
        Number::F64 => "double",
    }
}

fn literal(constant: &Constant) -> Result<String, String> {
    let digits = digits(constant)?;
    Ok(match constant.ty {
        Number::F32 => parenthesised(&format!("{digits}f")),
        Number::F64 => parenthesised(&digits),
        number => whole(number, &digits),
    })
}

/// A whole number with the suffix of its type. The least one of a type is no literal: `-` stands before a number that is too
/// large.
fn whole(number: Number, digits: &str) -> String {
    let suffix = match number {
        Number::U32 => "u",
        Number::U64 => "ull",
        Number::I64 => "ll",
        _ => "",
    };
    let least = match number {
        Number::I32 => i64::from(i32::MIN),
        _ => i64::MIN,
    };
    match digits.parse::<i64>() {
        Ok(value) if value == least => format!("({}{suffix} - 1)", least + 1),
        _ => parenthesised(&format!("{digits}{suffix}")),
    }
}

/// Nothing that stands before a macro becomes a part of its number.
fn parenthesised(number: &str) -> String {
    if number.starts_with('-') { format!("({number})") } else { number.to_owned() }
}

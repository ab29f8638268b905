//! The mods that the changes are tried with, in each language: a state with a field for each, and a system that does nothing.

use toml::Value;

use super::super::{assemblyscript, c, rust, zig};
use super::table::{Field, Type, Types, digits, is_none, items};

/// A language in which the mods are written.
pub trait Spelling {
    fn name(&self) -> &'static str;
    /// Whether it has such a type.
    fn has(&self, types: &Types, ty: &str) -> bool;
    /// The mod, compiled.
    fn compile(&self, types: &Types, fields: &[Field<'_>]) -> Vec<u8>;
    /// A type of numbers as it is called in messages, behind `a` or `an`.
    fn number(&self, ty: &str) -> String {
        ty.to_owned()
    }
    /// What is said of an optional value that does not fit.
    fn none(&self) -> &'static str;
}

/// Room for texts whose length is not what is tried.
const ROOM: usize = 80;

fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

fn lines(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().map(|item| item + "\n").collect()
}

fn quoted(names: &[String]) -> String {
    list(names.iter().map(|name| format!("{name:?}")))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

pub struct C;

impl C {
    fn type_(&self, types: &Types, ty: &str) -> String {
        match types.parse(ty) {
            Type::Struct(ty) => format!("TB_STRUCT({})", ty.name),
            Type::Enum(ty) => format!("TB_ENUM({})", ty.name),
            Type::Bool => ty.to_owned(),
            _ => self.number(ty),
        }
    }

    fn field(&self, types: &Types, name: &str, ty: &str, was: &[String]) -> String {
        let was = if was.is_empty() { String::new() } else { format!(", TB_WAS({})", quoted(was)) };
        match types.parse(ty) {
            Type::Text(room) => format!("TB_STRING({name}, {}{was})", room.unwrap_or(ROOM) + 1),
            Type::Array(of, count) => format!("TB_ARRAY({}, {name}, {count}{was})", self.type_(types, of)),
            Type::Optional(of) => format!("TB_OPTIONAL({}, {name}{was})", self.type_(types, of)),
            _ => format!("TB_FIELD({}, {name}{was})", self.type_(types, ty)),
        }
    }

    fn value(&self, types: &Types, ty: &str, value: &Value) -> String {
        match types.parse(ty) {
            Type::Number(number) => match digits(value).as_str() {
                "NaN" => "__builtin_nanf(\"\")".to_owned(),
                "inf" => "__builtin_inff()".to_owned(),
                digits if number == "u64" => format!("{digits}ull"),
                digits => digits.to_owned(),
            },
            Type::Text(_) => format!("{:?}", text(value)),
            Type::Array(of, _) => {
                format!("{{{}}}", list(items(value).iter().map(|item| self.value(types, of, item))))
            }
            Type::Optional(_) if is_none(value) => "{0}".to_owned(),
            Type::Optional(of) => format!("{{true, {}}}", self.value(types, of, value)),
            Type::Struct(ty) => {
                let members = ty.fields.iter().zip(items(value));
                format!("{{{}}}", list(members.map(|(member, value)| self.value(types, &member.ty, value))))
            }
            Type::Enum(_) => text(value).to_owned(),
            _ => value.to_string(),
        }
    }
}

impl Spelling for C {
    fn name(&self) -> &'static str {
        "c"
    }

    fn has(&self, types: &Types, ty: &str) -> bool {
        !matches!(types.parse(ty), Type::List(_))
    }

    fn compile(&self, types: &Types, fields: &[Field<'_>]) -> Vec<u8> {
        let enums = types
            .enums
            .iter()
            .map(|ty| format!("TB_STATE_ENUM({}, {});", ty.name, list(ty.variants.clone())));
        let structs = types.structs.iter().map(|ty| {
            let members = ty.fields.iter().map(|it| self.field(types, &it.name, &it.ty, &it.was));
            format!("TB_STATE_STRUCT({}, {});", ty.name, list(members))
        });
        let members = fields.iter().map(|it| self.field(types, &it.name, it.ty, it.was));
        let values = fields.iter().map(|it| format!(".{} = {}", it.name, self.value(types, it.ty, it.value)));
        let source = format!(
            "#include \"tinkerbox.h\"\n{}{}TB_STATE(diary, {}) = {{{}}};\nTB_SYSTEM(rest) {{}}\n",
            lines(enums),
            lines(structs),
            list(members),
            list(values)
        );
        // One name can be a value of two enums, but not here.
        c::compile(&[("changes.c", &source)], &[])
    }

    fn number(&self, ty: &str) -> String {
        match ty {
            "f32" => "float".to_owned(),
            "f64" => "double".to_owned(),
            "bool" => ty.to_owned(),
            _ => format!("{}_t", ty.replace('u', "uint").replace('i', "int").replace("uintnt", "uint")),
        }
    }

    fn none(&self) -> &'static str {
        "is none"
    }
}

pub struct Zig;

impl Zig {
    fn type_(types: &Types, ty: &str) -> String {
        match types.parse(ty) {
            Type::Text(room) => format!("tb.Text({})", room.unwrap_or(ROOM)),
            Type::Array(of, count) => format!("[{count}]{}", Zig::type_(types, of)),
            Type::Optional(of) => format!("?{}", Zig::type_(types, of)),
            _ => ty.to_owned(),
        }
    }

    fn value(types: &Types, ty: &str, value: &Value) -> String {
        match types.parse(ty) {
            Type::Number(number) => match digits(value).as_str() {
                "NaN" => format!("std.math.nan({number})"),
                "inf" => format!("std.math.inf({number})"),
                digits => digits.to_owned(),
            },
            Type::Text(_) => format!(".of({:?})", text(value)),
            Type::Array(of, _) => {
                format!(".{{ {} }}", list(items(value).iter().map(|item| Zig::value(types, of, item))))
            }
            Type::Optional(_) if is_none(value) => "null".to_owned(),
            Type::Optional(of) => Zig::value(types, of, value),
            Type::Struct(ty) => {
                let members = ty.fields.iter().zip(items(value));
                let members =
                    members.map(|(it, value)| format!(".{} = {}", it.name, Zig::value(types, &it.ty, value)));
                format!(".{{ {} }}", list(members))
            }
            Type::Enum(_) => format!(".{}", text(value)),
            _ => value.to_string(),
        }
    }

    fn former<'a>(fields: impl Iterator<Item = (&'a str, &'a [String])>) -> String {
        let named = fields.filter(|(_, was)| !was.is_empty());
        let all = list(named.map(|(name, was)| format!(".{name} = .{{ {} }}", quoted(was))));
        if all.is_empty() { all } else { format!("    pub const was = .{{ {all} }};\n") }
    }
}

impl Spelling for Zig {
    fn name(&self) -> &'static str {
        "zig"
    }

    fn has(&self, types: &Types, ty: &str) -> bool {
        !matches!(types.parse(ty), Type::List(_))
    }

    fn compile(&self, types: &Types, fields: &[Field<'_>]) -> Vec<u8> {
        let enums = types
            .enums
            .iter()
            .map(|ty| format!("const {} = enum {{ {} }};", ty.name, list(ty.variants.clone())));
        let structs = types.structs.iter().map(|ty| {
            let members =
                ty.fields.iter().map(|it| format!("    {}: {},", it.name, Zig::type_(types, &it.ty)));
            let was = Zig::former(ty.fields.iter().map(|it| (it.name.as_str(), &it.was[..])));
            format!("const {} = struct {{\n{}{was}}};", ty.name, lines(members))
        });
        let members = fields.iter().map(|it| {
            let value = Zig::value(types, it.ty, it.value);
            format!("    {}: {} = {value},", it.name, Zig::type_(types, it.ty))
        });
        let was = Zig::former(fields.iter().map(|it| (it.name.as_str(), it.was)));
        let source = format!(
            "const std = @import(\"std\");\nconst tb = @import(\"tinkerbox\");\npub const panic = tb.Panic;\n\
             {}{}const Diary = struct {{\n{}{was}}};\nvar diary: Diary = .{{}};\nfn rest() void {{}}\n\
             comptime {{\n    @setEvalBranchQuota(100_000);\n    _ = @import(\"game\");\n    \
             tb.mod(.{{tb.system(\"rest\", rest)}});\n    tb.state(\"diary\", &diary);\n}}\n",
            lines(enums),
            lines(structs),
            lines(members)
        );
        zig::compile(&source, "-OReleaseSafe")
    }

    fn none(&self) -> &'static str {
        "is null"
    }
}

pub struct AssemblyScript;

impl AssemblyScript {
    fn type_(types: &Types, ty: &str) -> String {
        match types.parse(ty) {
            Type::Text(_) => "string".to_owned(),
            Type::Array(of, _) => format!("StaticArray<{}>", AssemblyScript::type_(types, of)),
            Type::List(of) => format!("Array<{}>", AssemblyScript::type_(types, of)),
            Type::Optional(of) => format!("{} | null", AssemblyScript::type_(types, of)),
            _ => ty.to_owned(),
        }
    }

    fn value(types: &Types, ty: &str, value: &Value) -> String {
        match types.parse(ty) {
            Type::Number(number) => match digits(value).as_str() {
                "NaN" => format!("<{number}>NaN"),
                "inf" => format!("<{number}>Infinity"),
                digits => digits.to_owned(),
            },
            Type::Text(_) => format!("{:?}", text(value)),
            Type::Array(of, _) | Type::List(of) => {
                let items = items(value).iter().map(|item| AssemblyScript::value(types, of, item));
                format!("[{}]", list(items))
            }
            Type::Optional(_) if is_none(value) => "null".to_owned(),
            Type::Optional(of) => AssemblyScript::value(types, of, value),
            Type::Struct(ty) => {
                let members = ty.fields.iter().zip(items(value));
                let members = members.map(|(it, value)| AssemblyScript::value(types, &it.ty, value));
                format!("new {}({})", ty.name, list(members))
            }
            Type::Enum(ty) => format!("{}.{}", ty.name, text(value)),
            _ => value.to_string(),
        }
    }

    /// A value for a parameter that is left out.
    fn empty(types: &Types, ty: &str) -> String {
        match types.parse(ty) {
            Type::Number(_) => "0".to_owned(),
            Type::Bool => "false".to_owned(),
            Type::Text(_) => "\"\"".to_owned(),
            Type::Array(of, count) => {
                format!("[{}]", list((0..count).map(|_| AssemblyScript::empty(types, of))))
            }
            Type::List(_) => "[]".to_owned(),
            Type::Optional(_) => "null".to_owned(),
            Type::Struct(ty) => format!("new {}()", ty.name),
            Type::Enum(ty) => format!("{}.{}", ty.name, ty.variants[0]),
        }
    }

    fn was(names: &[String]) -> String {
        if names.is_empty() { String::new() } else { format!("@was({}) ", quoted(names)) }
    }
}

impl Spelling for AssemblyScript {
    fn name(&self) -> &'static str {
        "assemblyscript"
    }

    fn has(&self, types: &Types, ty: &str) -> bool {
        match types.parse(ty) {
            Type::Optional(of) => matches!(types.parse(of), Type::Struct(_) | Type::Text(_)),
            Type::Text(room) => room.is_none(),
            _ => true,
        }
    }

    fn compile(&self, types: &Types, fields: &[Field<'_>]) -> Vec<u8> {
        let enums =
            types.enums.iter().map(|ty| format!("enum {} {{ {} }}", ty.name, list(ty.variants.clone())));
        let structs = types.structs.iter().map(|ty| {
            let members = ty.fields.iter().map(|it| {
                let (was, of) = (AssemblyScript::was(&it.was), AssemblyScript::type_(types, &it.ty));
                format!("  {was}{}: {of};", it.name)
            });
            let parameters = ty.fields.iter().map(|it| {
                let of = AssemblyScript::type_(types, &it.ty);
                format!("{}: {of} = {}", it.name, AssemblyScript::empty(types, &it.ty))
            });
            let sets = ty.fields.iter().map(|it| format!("    this.{0} = {0};", it.name));
            format!(
                "class {} {{\n{}  constructor({}) {{\n{}  }}\n}}",
                ty.name,
                lines(members),
                list(parameters),
                lines(sets)
            )
        });
        let members = fields.iter().map(|it| {
            let (was, of) = (AssemblyScript::was(it.was), AssemblyScript::type_(types, it.ty));
            format!("  {was}{}: {of} = {};", it.name, AssemblyScript::value(types, it.ty, it.value))
        });
        let source = format!(
            "{}{}class Diary {{\n{}}}\n@state const diary = new Diary();\n@system function rest(): void {{}}\n",
            lines(enums),
            lines(structs),
            lines(members)
        );
        assemblyscript::compile(&[("changes.ts", &source)], &["-O3s"])
    }

    fn none(&self) -> &'static str {
        "is null"
    }
}

pub struct Rust;

impl Rust {
    fn type_(types: &Types, ty: &str) -> String {
        match types.parse(ty) {
            Type::Text(_) => "String".to_owned(),
            Type::Array(of, count) => format!("[{}; {count}]", Rust::type_(types, of)),
            Type::List(of) => format!("Vec<{}>", Rust::type_(types, of)),
            Type::Optional(of) => format!("Option<{}>", Rust::type_(types, of)),
            _ => ty.to_owned(),
        }
    }

    fn value(types: &Types, ty: &str, value: &Value) -> String {
        match types.parse(ty) {
            Type::Number(number) => match digits(value).as_str() {
                "NaN" => format!("{number}::NAN"),
                "inf" => format!("{number}::INFINITY"),
                digits => digits.to_owned(),
            },
            Type::Text(_) => format!("{:?}.to_owned()", text(value)),
            Type::Array(of, _) => {
                format!("[{}]", list(items(value).iter().map(|item| Rust::value(types, of, item))))
            }
            Type::List(of) => {
                format!("vec![{}]", list(items(value).iter().map(|item| Rust::value(types, of, item))))
            }
            Type::Optional(_) if is_none(value) => "None".to_owned(),
            Type::Optional(of) => format!("Some({})", Rust::value(types, of, value)),
            Type::Struct(ty) => {
                let members = ty.fields.iter().zip(items(value));
                let members =
                    members.map(|(it, value)| format!("{}: {}", it.name, Rust::value(types, &it.ty, value)));
                format!("{} {{ {} }}", ty.name, list(members))
            }
            Type::Enum(ty) => format!("{}::{}", ty.name, text(value)),
            _ => value.to_string(),
        }
    }
}

impl Spelling for Rust {
    fn name(&self) -> &'static str {
        "rust"
    }

    fn has(&self, types: &Types, ty: &str) -> bool {
        !matches!(types.parse(ty), Type::Text(Some(_)))
    }

    fn compile(&self, types: &Types, fields: &[Field<'_>]) -> Vec<u8> {
        let derives = "#[derive(serde::Serialize, serde::Deserialize)]\n#[allow(dead_code)]\n";
        let enums = types
            .enums
            .iter()
            .map(|ty| format!("{derives}enum {} {{ {} }}", ty.name, list(ty.variants.clone())));
        let structs = types.structs.iter().map(|ty| {
            let members = ty.fields.iter().map(|it| {
                let was = it.was.iter().map(|name| format!("#[serde(alias = {name:?})] "));
                format!("{}{}: {}", was.collect::<String>(), it.name, Rust::type_(types, &it.ty))
            });
            format!("{derives}struct {} {{ {} }}", ty.name, list(members))
        });
        let members = fields.iter().map(|it| {
            let was = if it.was.is_empty() { String::new() } else { format!("#[was({})] ", quoted(it.was)) };
            format!("{was}{}: {}", it.name, Rust::type_(types, it.ty))
        });
        let values = fields.iter().map(|it| format!("{}: {}", it.name, Rust::value(types, it.ty, it.value)));
        let source = format!(
            "use tinkerbox_sdk::prelude::*;\n{}{}#[state]\n#[allow(non_camel_case_types)]\nstruct diary {{ {} }}\n\
             impl Default for diary {{ fn default() -> diary {{ diary {{ {} }} }} }}\n#[system]\nfn rest() {{}}\n",
            lines(enums),
            lines(structs),
            list(members),
            list(values)
        );
        let folder = tempfile::tempdir().unwrap();
        rust::compile(folder.path(), "changes", &source)
    }

    fn none(&self) -> &'static str {
        "is `None`"
    }
}

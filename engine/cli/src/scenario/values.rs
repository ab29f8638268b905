//! Values of a game's types: TOML to bytes, and bytes to TOML.
//!
//! A struct is a table of its fields, an enum the name of a variant, an entity the name that the scenario gives it, an
//! optional one also `""`. A field that is left out is zero, or the first variant.

use std::collections::BTreeMap;

use tinkerbox_interface::{Enum, Number, Type};
use toml::Value;

/// The entities of a scenario, by name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by_name: BTreeMap<String, u64>,
    by_id: BTreeMap<u64, String>,
}

impl Names {
    /// Gives an entity a name.
    pub fn add(&mut self, name: &str, id: u64) {
        self.by_name.insert(name.to_owned(), id);
        self.by_id.insert(id, name.to_owned());
    }

    /// The entity with this name.
    pub fn id(&self, name: &str) -> Result<u64, String> {
        self.by_name.get(name).copied().ok_or_else(|| {
            let known: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
            format!("no entity is called \"{name}\"; those with names are: {}", known.join(", "))
        })
    }

    fn name(&self, id: u64) -> String {
        self.by_id.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }
}

/// The bytes of a value.
pub fn encode(ty: &Type, value: &Value, names: &Names) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    write(ty, Some(value), names, &mut bytes)?;
    Ok(bytes)
}

/// The value of these bytes.
pub fn decode(ty: &Type, bytes: &[u8], names: &Names) -> Value {
    let mut rest = bytes;
    read(ty, &mut rest, names)
}

/// Appends the bytes of a value; those of the default if there is none.
fn write(ty: &Type, value: Option<&Value>, names: &Names, out: &mut Vec<u8>) -> Result<(), String> {
    match ty {
        Type::Struct(ty) => {
            let empty = toml::Table::new();
            let table = match value {
                None => &empty,
                Some(Value::Table(table)) => table,
                Some(other) => return Err(format!("{other} was given, and a table of fields was expected")),
            };
            if let Some(name) = table.keys().find(|name| ty.fields.iter().all(|field| field.name != **name)) {
                let known: Vec<&str> = ty.fields.iter().map(|field| field.name.as_str()).collect();
                return Err(format!("there is no field `{name}`; the fields are: {}", known.join(", ")));
            }
            for field in &ty.fields {
                let value = table.get(&field.name);
                write(&field.ty, value, names, out).map_err(|why| format!("{}: {why}", field.name))?;
            }
            Ok(())
        }
        Type::Array(element, count) => write_array(element, *count, value, names, out),
        Type::Number(number) => write_number(*number, value, out),
        Type::Bool => match value {
            None => write_integer(Number::U8, 0, out),
            Some(Value::Boolean(value)) => write_integer(Number::U8, (*value).into(), out),
            Some(other) => Err(format!("{other} was given, and true or false was expected")),
        },
        Type::Enum(ty) => write_variant(ty, value, out),
        Type::Entity | Type::OptionalEntity => {
            let id = match value {
                None => 0,
                Some(Value::String(name)) if name.is_empty() && *ty == Type::OptionalEntity => 0,
                Some(Value::String(name)) => names.id(name)?,
                Some(other) => {
                    return Err(format!("{other} was given, and the name of an entity was expected"));
                }
            };
            if id == 0 && *ty == Type::Entity {
                return Err("it needs the name of an entity".to_owned());
            }
            out.extend(id.to_le_bytes());
            Ok(())
        }
        Type::Text(most) => {
            let text = match value {
                None => "",
                Some(Value::String(text)) => text,
                Some(other) => return Err(format!("{other} was given, and a text was expected")),
            };
            if text.len() > *most as usize {
                return Err(format!("\"{text}\" has {} bytes; there is room for {most}", text.len()));
            }
            out.extend(text.bytes().chain(std::iter::repeat(0)).take(*most as usize));
            Ok(())
        }
        Type::Named(name) => Err(format!("the type `{name}` is not known")),
    }
}

fn write_array(
    element: &Type,
    count: u32,
    value: Option<&Value>,
    names: &Names,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let values: &[Value] = match value {
        None => &[],
        Some(Value::Array(values)) if values.len() == count as usize => values,
        Some(Value::Array(values)) => {
            return Err(format!("{} elements were given, and {count} were expected", values.len()));
        }
        Some(other) => return Err(format!("{other} was given, and a list of {count} was expected")),
    };
    (0..count as usize).try_for_each(|at| write(element, values.get(at), names, out))
}

fn write_number(number: Number, value: Option<&Value>, out: &mut Vec<u8>) -> Result<(), String> {
    let wrong = |value: &Value| format!("{value} was given, and a {number} was expected");
    if number.range().is_some() {
        let value = match value {
            None => 0,
            Some(Value::Integer(value)) => i128::from(*value),
            // TOML's integers end at 63 bits.
            Some(Value::String(text)) => text.parse().map_err(|_| wrong(&Value::String(text.clone())))?,
            Some(other) => return Err(wrong(other)),
        };
        return write_integer(number, value, out);
    }
    let value = match value {
        None => 0.0,
        Some(Value::Float(value)) => *value,
        Some(Value::Integer(value)) => *value as f64,
        Some(other) => return Err(wrong(other)),
    };
    match number {
        Number::F32 if value.is_finite() && (value as f32).is_infinite() => {
            return Err(format!("{value} is out of the range of a {number}"));
        }
        Number::F32 => out.extend((value as f32).to_le_bytes()),
        _ => out.extend(value.to_le_bytes()),
    }
    Ok(())
}

fn write_variant(ty: &Enum, value: Option<&Value>, out: &mut Vec<u8>) -> Result<(), String> {
    let variant = match value {
        None => ty.variants.first(),
        Some(value) => ty.variants.iter().find(|(name, _)| value.as_str() == Some(name)),
    };
    let Some((_, number)) = variant else {
        let known: Vec<&str> = ty.variants.iter().map(|(name, _)| name.as_str()).collect();
        let given = value.map(Value::to_string).unwrap_or_default();
        return Err(format!("{given} was given, and one of \"{}\" was expected", known.join("\", \"")));
    };
    write_integer(ty.number, *number, out)
}

fn write_integer(number: Number, value: i128, out: &mut Vec<u8>) -> Result<(), String> {
    match number.range() {
        Some((least, most)) if (least..=most).contains(&value) => {
            out.extend(&value.to_le_bytes()[..number.size() as usize]);
            Ok(())
        }
        _ => Err(format!("{value} is not a {number}")),
    }
}

/// Takes a value from the front of the bytes.
fn read(ty: &Type, bytes: &mut &[u8], names: &Names) -> Value {
    match ty {
        Type::Struct(ty) => {
            let fields = ty.fields.iter().map(|field| (field.name.clone(), read(&field.ty, bytes, names)));
            Value::Table(fields.collect())
        }
        Type::Array(element, count) => {
            Value::Array((0..*count).map(|_| read(element, bytes, names)).collect())
        }
        Type::Number(Number::F32) => {
            let value = f32::from_bits(take(bytes, 4) as u32);
            // The shortest decimal digits that stand for this number, as an author would write it.
            Value::Float(format!("{value:?}").parse().unwrap_or(f64::NAN))
        }
        Type::Number(Number::F64) => Value::Float(f64::from_bits(take(bytes, 8))),
        Type::Number(number) => integer(read_integer(*number, bytes)),
        Type::Bool => match take(bytes, 1) {
            0 => Value::Boolean(false),
            1 => Value::Boolean(true),
            other => Value::String(format!("{other}, which is no bool")),
        },
        Type::Enum(ty) => {
            let number = read_integer(ty.number, bytes);
            let variant = ty.variants.iter().find(|(_, known)| *known == number);
            Value::String(
                variant.map_or_else(|| format!("{number}, which is no variant"), |(name, _)| name.clone()),
            )
        }
        Type::Entity | Type::OptionalEntity => match take(bytes, 8) {
            0 => Value::String(String::new()),
            id => Value::String(names.name(id)),
        },
        Type::Text(most) => {
            let (text, rest) = bytes.split_at((*most as usize).min(bytes.len()));
            *bytes = rest;
            let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
            Value::String(String::from_utf8_lossy(&text[..end]).into_owned())
        }
        Type::Named(name) => Value::String(name.clone()),
    }
}

fn read_integer(number: Number, bytes: &mut &[u8]) -> i128 {
    let size = number.size();
    let value = i128::from(take(bytes, size as usize));
    let is_negative = number.range().is_some_and(|(least, most)| least < 0 && value > most);
    if is_negative { value - (1 << (size * 8)) } else { value }
}

fn integer(value: i128) -> Value {
    i64::try_from(value).map_or_else(|_| Value::String(value.to_string()), Value::Integer)
}

/// Takes this many bytes, at most 8, as a little-endian number.
fn take(bytes: &mut &[u8], count: usize) -> u64 {
    let (taken, rest) = bytes.split_at(count.min(bytes.len()));
    *bytes = rest;
    taken.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        toml::from_str::<toml::Table>(&format!("it = {text}")).unwrap().remove("it").unwrap()
    }

    fn names() -> Names {
        let mut names = Names::default();
        names.add("dolly", u64::MAX);
        names
    }

    #[test]
    fn every_kind_of_value_comes_back() {
        let cases = [
            ("u8", "255"),
            ("i8", "-128"),
            ("u16", "65535"),
            ("i32", "-2147483648"),
            ("u64", "\"18446744073709551615\""),
            ("i64", "-9223372036854775808"),
            ("f32", "0.1"),
            ("f32", "-16777216.0"),
            ("f64", "0.1"),
            ("bool", "true"),
            ("enum i16 { Left = -2, Right = 300 }", "\"Left\""),
            ("entity", "\"dolly\""),
            ("entity?", "\"\""),
            ("text[4]", "\"h\u{fc}h\""),
            ("[[u8; 2]; 2]", "[[1, 2], [3, 4]]"),
            (
                "{ at: { x: f32, y: f32 }, on: bool, n: [u8; 3] }",
                "{ at = { x = 1.5, y = -0.0 }, on = false, n = [1, 2, 3] }",
            ),
        ];
        for (ty, text) in cases {
            let ty = Type::parse(ty).unwrap();
            let bytes = encode(&ty, &value(text), &names()).unwrap();
            assert_eq!(bytes.len() as u32, ty.size().unwrap().0, "{ty}");
            assert_eq!(decode(&ty, &bytes, &names()), value(text), "{ty}");
        }
    }

    #[test]
    fn what_is_left_out_is_zero_or_the_first_variant() {
        let ty = Type::parse("{ a: u8, mood: enum u8 { Calm = 3, Angry = 4 }, b: [bool; 2] }").unwrap();
        assert_eq!(encode(&ty, &value("{}"), &names()).unwrap(), [0, 3, 0, 0]);
    }

    #[test]
    fn every_wrong_value_is_named() {
        let cases = [
            ("u8", "256", "256 is not a u8"),
            ("u8", "-1", "-1 is not a u8"),
            ("u8", "1.5", "1.5 was given, and a u8 was expected"),
            ("f32", "\"a\"", "and a f32 was expected"),
            ("bool", "1", "true or false"),
            ("enum u8 { A = 0, B = 1 }", "\"C\"", "one of \"A\", \"B\" was expected"),
            ("entity", "\"bob\"", "no entity is called \"bob\"; those with names are: dolly"),
            ("entity", "\"\"", "no entity is called \"\""),
            ("{ a: entity }", "{}", "a: it needs the name of an entity"),
            ("text[2]", "\"abc\"", "has 3 bytes; there is room for 2"),
            ("[u8; 2]", "[1]", "1 elements were given, and 2 were expected"),
            ("[u8; 2]", "1", "a list of 2 was expected"),
            ("{ a: { b: u8 } }", "{ a = { c = 1 } }", "a: there is no field `c`; the fields are: b"),
            ("{ a: u8 }", "3", "a table of fields was expected"),
        ];
        for (ty, text, expected) in cases {
            let error = encode(&Type::parse(ty).unwrap(), &value(text), &names()).unwrap_err();
            assert!(error.contains(expected), "{ty} {text}: {error}");
        }
    }
}

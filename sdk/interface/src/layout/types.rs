//! The types themselves, and the text that stands for them.

use std::fmt;

/// How a value of a shared type, or of one of its fields, lies in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number.
    Number(Number),
    /// One byte, 0 or 1.
    Bool,
    /// An entity's id, 8 bytes, never 0.
    Entity,
    /// An entity's id, or 0 for none.
    OptionalEntity,
    /// UTF-8 text of at most this many bytes, padded with zeros.
    Text(u32),
    /// Values one after the other.
    Array(Box<Type>, u32),
    /// Fields one after the other.
    Struct(Struct),
    /// One of some named numbers.
    Enum(Enum),
    /// A type that is described elsewhere in the same interface.
    Named(String),
}

/// A type of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// 8 bits, unsigned.
    U8,
    /// 8 bits, signed.
    I8,
    /// 16 bits, unsigned.
    U16,
    /// 16 bits, signed.
    I16,
    /// 32 bits, unsigned.
    U32,
    /// 32 bits, signed.
    I32,
    /// 64 bits, unsigned.
    U64,
    /// 64 bits, signed.
    I64,
    /// 32 bits, floating point.
    F32,
    /// 64 bits, floating point.
    F64,
}

/// A struct: its fields in memory order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Struct {
    /// What bindings call it, for a nested one.
    pub name: Option<String>,
    /// The fields in memory order.
    pub fields: Vec<Member>,
}

/// A field of a [`Struct`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// A name, or the field's number in a tuple struct.
    pub name: String,
    /// How its values lie in memory.
    pub ty: Type,
}

/// An enum without values of its own: named numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// What bindings call it.
    pub name: Option<String>,
    /// The type of its numbers, which are integers.
    pub number: Number,
    /// The variants and their numbers, as declared.
    pub variants: Vec<(String, i128)>,
}

impl Number {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Number); 10] = [
        ("u8", Number::U8),
        ("i8", Number::I8),
        ("u16", Number::U16),
        ("i16", Number::I16),
        ("u32", Number::U32),
        ("i32", Number::I32),
        ("u64", Number::U64),
        ("i64", Number::I64),
        ("f32", Number::F32),
        ("f64", Number::F64),
    ];

    /// The number type with this name.
    ///
    /// ```
    /// use tinkerbox_interface::Number;
    /// assert_eq!(Number::named("u16"), Some(Number::U16));
    /// assert_eq!(Number::named("usize"), None);
    /// ```
    pub fn named(name: &str) -> Option<Number> {
        Number::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, number)| number)
    }

    /// `u16`, for example.
    pub fn name(self) -> &'static str {
        Number::ALL.into_iter().find(|(_, number)| *number == self).map_or("", |(name, _)| name)
    }

    /// Its size in bytes, which is its alignment too.
    pub fn size(self) -> u32 {
        match self {
            Number::U8 | Number::I8 => 1,
            Number::U16 | Number::I16 => 2,
            Number::U32 | Number::I32 | Number::F32 => 4,
            Number::U64 | Number::I64 | Number::F64 => 8,
        }
    }

    /// The smallest and the largest value of an integer type.
    pub fn range(self) -> Option<(i128, i128)> {
        let bits = self.size() * 8;
        match self {
            Number::U8 | Number::U16 | Number::U32 | Number::U64 => Some((0, (1 << bits) - 1)),
            Number::I8 | Number::I16 | Number::I32 | Number::I64 => {
                Some((-(1 << (bits - 1)), (1 << (bits - 1)) - 1))
            }
            Number::F32 | Number::F64 => None,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text that [`Type::parse`] reads.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Number(number) => number.fmt(f),
            Type::Bool => f.write_str("bool"),
            Type::Entity => f.write_str("entity"),
            Type::OptionalEntity => f.write_str("entity?"),
            Type::Text(bytes) => write!(f, "text[{bytes}]"),
            Type::Array(element, count) => write!(f, "[{element}; {count}]"),
            Type::Struct(ty) => ty.fmt(f),
            Type::Enum(ty) => ty.fmt(f),
            Type::Named(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Struct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, self.name.as_deref())?;
        write_list(f, self.fields.iter().map(|field| format!("{}: {}", field.name, field.ty)))
    }
}

impl fmt::Display for Enum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, self.name.as_deref())?;
        write!(f, "enum {} ", self.number)?;
        write_list(f, self.variants.iter().map(|(name, number)| format!("{name} = {number}")))
    }
}

fn write_name(f: &mut fmt::Formatter<'_>, name: Option<&str>) -> fmt::Result {
    name.map_or(Ok(()), |name| write!(f, "{name} "))
}

fn write_list(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = String>) -> fmt::Result {
    let items: Vec<String> = items.collect();
    match items.is_empty() {
        true => f.write_str("{}"),
        false => write!(f, "{{ {} }}", items.join(", ")),
    }
}

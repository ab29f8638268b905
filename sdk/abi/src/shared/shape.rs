//! How a shared type lies in memory, as data that constants can build, and the text that the two sides exchange.
//!
//! ```text
//!   type   = number | "bool" | "entity" | "entity?" | "text[" N "]" | "[" type ";" N "]" | struct | enum
//!   number = u8 i8 u16 i16 u32 i32 u64 i64 f32 f64
//!   struct = [Name] "{" [ field ":" type { "," field ":" type } [","] ] "}"
//!   enum   = [Name] "enum" integer-type "{" Variant "=" integer { "," Variant "=" integer } [","] "}"
//! ```
//!
//! Types lie in memory as in C, without padding, and aligned to at most 8 bytes. The name before a struct or an enum is
//! that of a type among the fields; bindings use it, and it is ignored when layouts are compared.

use crate::const_text::ConstText;

/// How a type lies in memory.
///
/// ```
/// use tinkerbox_abi::{ModField, Shape};
/// assert_eq!(<f32 as ModField>::SHAPE, &Shape::Number("f32"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A number, by its name in Rust.
    Number(&'static str),
    /// One byte, 0 or 1.
    Bool,
    /// 8 bytes that are not 0.
    Entity,
    /// 8 bytes, 0 for no entity.
    OptionEntity,
    /// This many bytes of UTF-8, padded with zeros. Any bytes are accepted: what is read is the longest valid prefix before
    /// the first zero.
    Text(usize),
    /// This many values, one after the other.
    Array(&'static Shape, usize),
    /// Fields, one after the other.
    Struct {
        /// The type's name without the game.
        name: &'static str,
        /// The names and shapes of the fields in memory order.
        fields: &'static [(&'static str, &'static Shape)],
    },
    /// One of several numbers.
    Enum {
        /// The type's name without the game.
        name: &'static str,
        /// The type of the number, by its name in Rust.
        number: &'static str,
        /// The names and numbers of the variants in the order of the source.
        variants: &'static [(&'static str, i128)],
    },
}

impl Shape {
    /// The size of a value in bytes.
    ///
    /// # Panics
    /// If a number has a name that is none of the grammar's.
    pub const fn size(&self) -> usize {
        match self {
            Shape::Number(name) | Shape::Enum { number: name, .. } => number_size(name),
            Shape::Bool => 1,
            Shape::Entity | Shape::OptionEntity => 8,
            Shape::Text(len) => *len,
            Shape::Array(element, len) => element.size() * *len,
            Shape::Struct { fields, .. } => {
                let (mut size, mut index) = (0, 0);
                while index < fields.len() {
                    size += fields[index].1.size();
                    index += 1;
                }
                size
            }
        }
    }

    /// The alignment of a value in bytes.
    ///
    /// # Panics
    /// If a number has a name that is none of the grammar's.
    pub const fn align(&self) -> usize {
        match self {
            Shape::Number(name) | Shape::Enum { number: name, .. } => number_size(name),
            Shape::Bool | Shape::Text(_) => 1,
            Shape::Entity | Shape::OptionEntity => 8,
            Shape::Array(element, _) => element.align(),
            Shape::Struct { fields, .. } => {
                let (mut align, mut index) = (1, 0);
                while index < fields.len() {
                    let field = fields[index].1.align();
                    align = if field > align { field } else { align };
                    index += 1;
                }
                align
            }
        }
    }

    /// Whether a value can consist of zeros.
    pub const fn accepts_zeros(&self) -> bool {
        match self {
            Shape::Number(_) | Shape::Bool | Shape::OptionEntity | Shape::Text(_) => true,
            Shape::Entity => false,
            Shape::Array(element, len) => *len == 0 || element.accepts_zeros(),
            Shape::Struct { fields, .. } => {
                let (mut all, mut index) = (true, 0);
                while index < fields.len() {
                    all = all && fields[index].1.accepts_zeros();
                    index += 1;
                }
                all
            }
            Shape::Enum { variants, .. } => {
                let (mut any, mut index) = (false, 0);
                while index < variants.len() {
                    any = any || variants[index].1 == 0;
                    index += 1;
                }
                any
            }
        }
    }

    /// The length of [`Shape::text`] in bytes.
    pub const fn text_len(&self) -> usize {
        let mut text = ConstText::<0>::new();
        push_unnamed(&mut text, self);
        text.len()
    }

    /// The layout text, without the type's own name.
    ///
    /// # Panics
    /// If `N` is not [`Shape::text_len`].
    pub const fn text<const N: usize>(&self) -> [u8; N] {
        let mut text = ConstText::<N>::new();
        push_unnamed(&mut text, self);
        text.finish()
    }
}

const fn number_size(name: &str) -> usize {
    match name.as_bytes() {
        b"u8" | b"i8" => 1,
        b"u16" | b"i16" => 2,
        b"u32" | b"i32" | b"f32" => 4,
        b"u64" | b"i64" | b"f64" => 8,
        _ => panic!("a number of a shape is one of u8, i8, u16, i16, u32, i32, u64, i64, f32, f64"),
    }
}

/// The shape of a field: with the name of its type, if that has one.
const fn push_named<const N: usize>(text: &mut ConstText<N>, shape: &Shape) {
    if let Shape::Struct { name, .. } | Shape::Enum { name, .. } = shape {
        text.push(name);
        text.push(" ");
    }
    push_unnamed(text, shape);
}

const fn push_unnamed<const N: usize>(text: &mut ConstText<N>, shape: &Shape) {
    match shape {
        Shape::Number(name) => text.push(name),
        Shape::Bool => text.push("bool"),
        Shape::Entity => text.push("entity"),
        Shape::OptionEntity => text.push("entity?"),
        Shape::Text(len) => {
            text.push("text[");
            text.number(*len as i128);
            text.push("]");
        }
        Shape::Array(element, len) => {
            text.push("[");
            push_named(text, element);
            text.push("; ");
            text.number(*len as i128);
            text.push("]");
        }
        Shape::Struct { fields, .. } => push_fields(text, fields),
        Shape::Enum { number, variants, .. } => push_variants(text, number, variants),
    }
}

const fn push_fields<const N: usize>(text: &mut ConstText<N>, fields: &[(&str, &Shape)]) {
    if fields.is_empty() {
        text.push("{}");
        return;
    }
    let mut index = 0;
    while index < fields.len() {
        text.push(if index == 0 { "{ " } else { ", " });
        text.push(fields[index].0);
        text.push(": ");
        push_named(text, fields[index].1);
        index += 1;
    }
    text.push(" }");
}

const fn push_variants<const N: usize>(text: &mut ConstText<N>, number: &str, variants: &[(&str, i128)]) {
    text.push("enum ");
    text.push(number);
    let mut index = 0;
    while index < variants.len() {
        text.push(if index == 0 { " { " } else { ", " });
        text.push(variants[index].0);
        text.push(" = ");
        text.number(variants[index].1);
        index += 1;
    }
    text.push(" }");
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOOD: Shape =
        Shape::Enum { name: "Mood", number: "i16", variants: &[("Calm", -1), ("Angry", 300)] };
    const POINT: Shape = Shape::Struct {
        name: "Point",
        fields: &[("x", &Shape::Number("f32")), ("y", &Shape::Number("f32"))],
    };
    const ALL: Shape = Shape::Struct {
        name: "All",
        fields: &[
            ("at", &POINT),
            ("moods", &Shape::Array(&Shape::Array(&MOOD, 2), 3)),
            ("flag", &Shape::Bool),
            ("master", &Shape::Entity),
            ("prey", &Shape::OptionEntity),
            ("name", &Shape::Text(32)),
            ("marker", &Shape::Struct { name: "Marker", fields: &[] }),
        ],
    };
    const TEXT: [u8; ALL.text_len()] = ALL.text();

    #[test]
    fn texts_follow_the_grammar() {
        let expected = "{ at: Point { x: f32, y: f32 }, moods: [[Mood enum i16 { Calm = -1, Angry = 300 }; 2]; 3], \
                        flag: bool, master: entity, prey: entity?, name: text[32], marker: Marker {} }";
        assert_eq!(str::from_utf8(&TEXT), Ok(expected));
    }

    #[test]
    fn sizes_are_those_of_the_parts() {
        assert_eq!(ALL.size(), 8 + 2 * 2 * 3 + 1 + 8 + 8 + 32);
        assert_eq!((ALL.align(), POINT.align(), MOOD.align(), Shape::Text(9).align()), (8, 4, 2, 1));
    }

    #[test]
    fn zeros_are_a_value_if_they_are_one_of_each_part() {
        assert!(POINT.accepts_zeros() && Shape::OptionEntity.accepts_zeros());
        assert!(!MOOD.accepts_zeros() && !ALL.accepts_zeros() && !Shape::Array(&MOOD, 1).accepts_zeros());
        assert!(Shape::Array(&MOOD, 0).accepts_zeros());
        let calm = Shape::Enum { name: "Mood", number: "u8", variants: &[("Angry", 1), ("Calm", 0)] };
        assert!(calm.accepts_zeros());
    }
}

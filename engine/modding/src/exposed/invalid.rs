//! Which field of a value is not valid, in words.
//!
//! Whether bytes are a value is decided by their type. This only explains the answer, so it may be slow.

use tinkerbox_abi::Shape;

use crate::text::list;

/// Names the first field that is not valid, its value and the valid ones; `None` if each field is valid on its own.
pub(crate) fn invalid_field(shape: &Shape, bytes: &[u8]) -> Option<String> {
    invalid(shape, bytes, &mut Vec::new())
}

/// `path` leads to the value: the names of fields, and the numbers of elements in brackets.
fn invalid(shape: &Shape, bytes: &[u8], path: &mut Vec<String>) -> Option<String> {
    match shape {
        Shape::Number(_) | Shape::OptionEntity | Shape::Text(_) => None,
        Shape::Bool => match bytes {
            [0 | 1] => None,
            _ => Some(format!("{} is {}, and a bool is 0 or 1", subject(path), number("u8", bytes)?)),
        },
        Shape::Entity => match bytes.iter().all(|byte| *byte == 0) {
            true => Some(format!("{} is 0, which is the id of no entity", subject(path))),
            false => None,
        },
        Shape::Enum { number: ty, variants, .. } => {
            let number = number(ty, bytes)?;
            let is_valid = variants.iter().any(|(_, value)| *value == number);
            (!is_valid).then(|| format!("{} is {number}, and {}", subject(path), valid(variants)))
        }
        Shape::Array(element, len) => {
            let size = element.size();
            (0..*len).find_map(|at| invalid_part(element, bytes, at * size, format!("[{at}]"), path))
        }
        Shape::Struct { fields, .. } => {
            let mut start = 0;
            fields.iter().find_map(|(name, field)| {
                let at = start;
                start += field.size();
                let dot = if path.is_empty() { "" } else { "." };
                invalid_part(field, bytes, at, format!("{dot}{name}"), path)
            })
        }
    }
}

fn invalid_part(
    shape: &Shape,
    bytes: &[u8],
    start: usize,
    name: String,
    path: &mut Vec<String>,
) -> Option<String> {
    path.push(name);
    let found = invalid(shape, bytes.get(start..)?.get(..shape.size())?, path);
    path.pop();
    found
}

fn subject(path: &[String]) -> String {
    if path.is_empty() { "it".to_owned() } else { format!("its `{}`", path.concat()) }
}

fn valid(variants: &[(&str, i128)]) -> String {
    format!("the values are {}", list(variants.iter().map(|(name, value)| format!("{name} = {value}"))))
}

/// The number in these bytes, whose type has this name in Rust.
fn number(ty: &str, bytes: &[u8]) -> Option<i128> {
    let mut wide = [0; 16];
    wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
    let unsigned = i128::from_le_bytes(wide);
    let bits = bytes.len() * 8;
    let is_negative = ty.starts_with('i') && bits > 0 && unsigned >> (bits - 1) & 1 == 1;
    Some(if is_negative { unsigned - (1 << bits) } else { unsigned })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOOD: Shape =
        Shape::Enum { name: "Mood", number: "i16", variants: &[("Calm", -1), ("Angry", 300)] };
    const INNER: Shape = Shape::Struct { name: "Inner", fields: &[("moods", &Shape::Array(&MOOD, 2))] };
    const OUTER: Shape = Shape::Struct {
        name: "Outer",
        fields: &[("flag", &Shape::Bool), ("inner", &INNER), ("master", &Shape::Entity)],
    };

    fn bytes(flag: u8, moods: [i16; 2], master: u64) -> Vec<u8> {
        let moods = moods.into_iter().flat_map(i16::to_le_bytes);
        [flag].into_iter().chain(moods).chain(master.to_le_bytes()).collect()
    }

    #[test]
    fn the_first_invalid_field_is_named_with_its_value() {
        let valid = bytes(1, [-1, 300], 7);
        assert_eq!(invalid_field(&OUTER, &valid), None);
        let cases = [
            (bytes(2, [5, 5], 0), "its `flag` is 2, and a bool is 0 or 1"),
            (
                bytes(0, [-1, -2], 0),
                "its `inner.moods[1]` is -2, and the values are `Calm = -1` and `Angry = 300`",
            ),
            (bytes(0, [-1, 300], 0), "its `master` is 0, which is the id of no entity"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(invalid_field(&OUTER, &bytes).as_deref(), Some(expected));
        }
        assert_eq!(invalid_field(&Shape::Bool, &[9]).as_deref(), Some("it is 9, and a bool is 0 or 1"));
    }

    #[test]
    fn any_number_of_bytes_can_be_explained() {
        for len in 0..20 {
            assert_eq!(invalid_field(&OUTER, &vec![255; len]).is_some(), len >= 1, "{len}");
        }
    }
}

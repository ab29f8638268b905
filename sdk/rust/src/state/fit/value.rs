//! Single saved values: which numbers and texts they are, and how they are named in messages.

use ciborium::Value;

/// The integer that a value is: any integer of any width, or a float without a fraction. `None` if a `T` can't be it.
pub(super) fn integer<T: TryFrom<i128> + TryFrom<u128>>(value: &Value) -> Option<T> {
    /// From here on floats are beyond every type.
    const BEYOND: f64 = 1.7e38;
    match value {
        Value::Integer(integer) => T::try_from(i128::from(*integer)).ok(),
        Value::Float(float) if float.fract() == 0.0 && float.abs() < BEYOND => {
            T::try_from(*float as i128).ok()
        }
        Value::Tag(2, bytes) => T::try_from(magnitude(bytes)?).ok(),
        Value::Tag(3, bytes) => T::try_from(-1 - i128::try_from(magnitude(bytes)?).ok()?).ok(),
        _ => None,
    }
}

/// An integer of more than 64 bits is saved as its bytes, behind a tag of CBOR for its sign.
fn magnitude(bytes: &Value) -> Option<u128> {
    let bytes = bytes.as_bytes()?;
    let mut whole = [0; 16];
    let start = whole.len().checked_sub(bytes.len())?;
    whole[start..].copy_from_slice(bytes);
    Some(u128::from_be_bytes(whole))
}

/// A float, or an integer that is exactly a float.
pub(super) fn float64(value: &Value) -> Option<f64> {
    match value {
        Value::Float(float) => Some(*float),
        _ => {
            integer::<i128>(value).filter(|&integer| (integer as f64) as i128 == integer).map(|it| it as f64)
        }
    }
}

/// A float, rounded unless it is beyond the range, or an integer that is exactly a float.
pub(super) fn float32(value: &Value) -> Option<f32> {
    match value {
        Value::Float(float) => Some(*float as f32).filter(|it| it.is_finite() || !float.is_finite()),
        _ => {
            integer::<i128>(value).filter(|&integer| (integer as f32) as i128 == integer).map(|it| it as f32)
        }
    }
}

pub(super) fn character(value: &Value) -> Option<char> {
    let mut chars = value.as_text()?.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The variant of a saved enum.
pub(super) fn variant_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(name) => Some(name),
        Value::Map(entries) => match &entries[..] {
            [(Value::Text(name), _)] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// What a saved variant has besides its name.
pub(super) fn payload_of(value: &Value) -> Option<&Value> {
    match value {
        Value::Map(entries) if entries.len() == 1 => Some(&entries[0].1),
        _ => None,
    }
}

/// A value, shortened for a message.
pub(super) fn name_of(value: &Value) -> String {
    const CHARS_MAX: usize = 40;
    match value {
        Value::Integer(integer) => i128::from(*integer).to_string(),
        Value::Float(float) => format!("{float:?}"),
        Value::Bool(bool) => bool.to_string(),
        Value::Null => "nothing".to_owned(),
        Value::Text(text) if text.chars().count() > CHARS_MAX => {
            format!("{:?}...", text.chars().take(CHARS_MAX).collect::<String>())
        }
        Value::Text(text) => format!("{text:?}"),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Map(entries) => {
            let names: Vec<_> = entries.iter().filter_map(|(key, _)| key.as_text()).take(4).collect();
            match names.len() == entries.len() && !names.is_empty() {
                true => format!("a value with `{}`", names.join("`, `")),
                false => format!("a map of {}", entries.len()),
            }
        }
        _ => match integer::<i128>(value) {
            Some(integer) => integer.to_string(),
            None => "a value of another kind".to_owned(),
        },
    }
}

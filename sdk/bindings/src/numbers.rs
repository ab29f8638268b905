//! Numbers of the interface, as digits that mean the same in every language.

use tinkerbox_interface::{Constant, Number};

/// The digits of a constant: whole numbers without zeros in front, which C would take for octal, and others with a point or an
/// exponent, without which Rust would take them for whole.
///
/// # Errors
/// If it is not a number of its type.
pub fn digits(constant: &Constant) -> Result<String, String> {
    let Constant { name, ty, value, .. } = constant;
    let digits = match ty {
        Number::F32 => {
            value.parse::<f32>().ok().filter(|value| value.is_finite()).map(|value| format!("{value:?}"))
        }
        Number::F64 => {
            value.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| format!("{value:?}"))
        }
        _ => value.parse::<i128>().ok().map(|value| value.to_string()),
    };
    digits.ok_or_else(|| format!("the constant `{name}` is `{value}`, which is not a number of type {ty}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_one_meaning() {
        let cases = [
            (Number::F32, "100", Some("100.0")),
            (Number::F32, "-0.5", Some("-0.5")),
            (Number::F32, "1e30", Some("1e30")),
            (Number::F32, "1e39", None),
            (Number::F64, "1e39", Some("1e39")),
            (Number::F64, "0.1", Some("0.1")),
            (Number::U8, "007", Some("7")),
            (Number::I64, "-9223372036854775808", Some("-9223372036854775808")),
            (Number::U64, "18446744073709551615", Some("18446744073709551615")),
            (Number::I32, "1.5", None),
        ];
        for (ty, value, expected) in cases {
            let constant =
                Constant { name: "N".to_owned(), docs: String::new(), ty, value: value.to_owned() };
            assert_eq!(digits(&constant).ok().as_deref(), expected, "{value}");
        }
    }
}

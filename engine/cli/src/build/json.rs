//! Reads values of JSON by their keys.

use std::collections::HashMap;

use tinyjson::JsonValue;

/// The value of a key.
pub(crate) fn member<'v>(value: &'v JsonValue, key: &str) -> Option<&'v JsonValue> {
    value.get::<HashMap<String, JsonValue>>()?.get(key)
}

/// The text of a key.
pub(crate) fn text<'v>(value: &'v JsonValue, key: &str) -> Option<&'v str> {
    member(value, key)?.get::<String>().map(String::as_str)
}

/// The list of a key.
pub(crate) fn items<'v>(value: &'v JsonValue, key: &str) -> Option<&'v Vec<JsonValue>> {
    member(value, key)?.get()
}

/// The number of a key, if it is one of lines or columns.
pub(crate) fn number(value: &JsonValue, key: &str) -> Option<u32> {
    let number = *member(value, key)?.get::<f64>()?;
    (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number)).then_some(number as u32)
}

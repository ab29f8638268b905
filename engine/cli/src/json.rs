//! What reports for other programs are made of.

use std::collections::HashMap;

use tinyjson::JsonValue;

pub(crate) fn text(text: &str) -> JsonValue {
    JsonValue::String(text.to_owned())
}

/// A list of what each item becomes.
pub(crate) fn list<'i, T: 'i>(items: &'i [T], of: impl Fn(&'i T) -> JsonValue) -> JsonValue {
    JsonValue::Array(items.iter().map(of).collect())
}

pub(crate) fn texts(texts: &[String]) -> JsonValue {
    list(texts, |each| text(each))
}

/// What a value becomes, or null.
pub(crate) fn or_null<T>(value: Option<T>, of: impl Fn(T) -> JsonValue) -> JsonValue {
    value.map_or(JsonValue::Null, of)
}

pub(crate) fn object<'k>(members: impl IntoIterator<Item = (&'k str, JsonValue)>) -> JsonValue {
    let members = members.into_iter().map(|(key, value)| (key.to_owned(), value));
    JsonValue::Object(members.collect::<HashMap<_, _>>())
}

//! Reads a saved value as the type that asks for it.
//!
//! A type says through serde what it is made of, so this knows whether a number has to be a `u8` and which fields a struct
//! has. What does not fit is noted, and the type gets an empty value in its place, so that one pass finds everything that
//! does not fit. The result of such a pass is dropped.

use std::borrow::Cow;

use ciborium::Value;
use serde::Deserializer;
use serde::de::Visitor;

use super::access::{Entries, Fields, Items, Variant};
use super::error::Error;
use super::node::Node;
use super::place::Step;
use super::value::{character, float32, float64, integer, payload_of, variant_of};

macro_rules! scalars {
    ($($deserialize:ident $visit:ident $expected:literal $read:path, $is_same:pat,)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.has_converted_if(!matches!(self.saved, None | Some($is_same)));
            self.at(visitor.$visit(self.read($expected, $read)))
        }
    )*};
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Error;

    scalars! {
        deserialize_bool visit_bool "a bool" Value::as_bool, Value::Bool(_),
        deserialize_i8 visit_i8 "an i8" integer, Value::Integer(_),
        deserialize_i16 visit_i16 "an i16" integer, Value::Integer(_),
        deserialize_i32 visit_i32 "an i32" integer, Value::Integer(_),
        deserialize_i64 visit_i64 "an i64" integer, Value::Integer(_),
        deserialize_i128 visit_i128 "an i128" integer, Value::Integer(_) | Value::Tag(..),
        deserialize_u8 visit_u8 "a u8" integer, Value::Integer(_),
        deserialize_u16 visit_u16 "a u16" integer, Value::Integer(_),
        deserialize_u32 visit_u32 "a u32" integer, Value::Integer(_),
        deserialize_u64 visit_u64 "a u64" integer, Value::Integer(_),
        deserialize_u128 visit_u128 "a u128" integer, Value::Integer(_) | Value::Tag(..),
        deserialize_f32 visit_f32 "an f32" float32, Value::Float(_),
        deserialize_f64 visit_f64 "an f64" float64, Value::Float(_),
        deserialize_char visit_char "a char" character, Value::Text(_),
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.at(visitor.visit_str(self.read::<&str>("a text", |value| value.as_text())))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let bytes: Cow<'_, [u8]> = self.read("bytes", |value| match value {
            Value::Bytes(bytes) => Some(Cow::Borrowed(&bytes[..])),
            Value::Array(items) => items.iter().map(integer).collect::<Option<Vec<u8>>>().map(Cow::Owned),
            _ => None,
        });
        self.at(visitor.visit_bytes(&bytes))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.saved {
            None | Some(Value::Null) => self.at(visitor.visit_none()),
            content => self.at(visitor.visit_some(self.inner(Step::Content, content))),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.read("nothing", |value| value.is_null().then_some(()));
        self.at(visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.at(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = self.read("a list", items_of);
        let is_map = matches!(self.saved, Some(Value::Map(_)));
        self.has_converted_if(is_map);
        let step = if is_map { Step::Entry } else { Step::Element };
        self.at(visitor.visit_seq(Items { of: &self, step, next: 0, len: items.len(), items }))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        let items = self.read(&format!("a list of {len}"), items_of);
        if self.saved.is_some() && items.len() != len {
            self.has_converted_if(true);
            self.pass.cut.borrow_mut().push((self.place.steps(), [items.len(), len]));
        }
        self.at(visitor.visit_seq(Items { of: &self, step: Step::Item, next: 0, len, items }))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.has_converted_if(matches!(self.saved, Some(Value::Array(_))));
        let entries = self.read("a map", entries_of);
        self.at(visitor.visit_map(Entries { of: &self, next: 0, entries }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.check_depth()?;
        let fields = self.fields(name, names);
        let result = visitor.visit_map(Fields { of: &self, next: 0, fields });
        result.map_err(|error| error.of_struct(name).at(&self.place))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.check_depth()?;
        let is_variant = |&&variant: &&&'static str| self.saved.and_then(variant_of) == Some(variant);
        let variant = variants.iter().find(is_variant);
        if variant.is_none() {
            self.misfit(&format!("a variant of `{name}`"));
        }
        let Some(variant) = variant.or(variants.first()) else {
            return Err(Error::endless().at(&self.place));
        };
        let payload = self.saved.filter(|_| self.has_variant(variant)).and_then(payload_of);
        self.at(visitor.visit_enum(Variant { of: &self, variant, payload }))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.saved {
            None => self.at(visitor.visit_unit()),
            Some(Value::Null) => self.at(visitor.visit_none()),
            Some(Value::Bool(_)) => self.deserialize_bool(visitor),
            Some(Value::Integer(integer)) if i128::from(*integer) < 0 => self.deserialize_i64(visitor),
            Some(Value::Integer(_)) => self.deserialize_u64(visitor),
            Some(Value::Float(_)) => self.deserialize_f64(visitor),
            Some(Value::Text(_)) => self.deserialize_str(visitor),
            Some(Value::Bytes(_)) => self.deserialize_bytes(visitor),
            Some(Value::Array(_)) => self.deserialize_seq(visitor),
            Some(Value::Map(_)) => self.deserialize_map(visitor),
            Some(_) => self.deserialize_i128(visitor),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    /// As they are saved.
    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The items of a list, or of something that can be one.
fn items_of(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::Array(items) => Some(Cow::Borrowed(items)),
        Value::Bytes(bytes) => Some(bytes.iter().map(|&byte| Value::from(byte)).collect()),
        Value::Map(entries) => {
            let pair = |(key, value): &(Value, Value)| Value::Array(vec![key.clone(), value.clone()]);
            Some(entries.iter().map(pair).collect())
        }
        _ => None,
    }
}

/// The entries of a map, or of a list of pairs.
fn entries_of<'a>(value: &'a Value) -> Option<Vec<[&'a Value; 2]>> {
    match value {
        Value::Map(entries) => Some(entries.iter().map(|(key, value)| [key, value]).collect()),
        Value::Array(items) => {
            let pair = |item: &'a Value| match item {
                Value::Array(pair) => {
                    <&[Value; 2]>::try_from(&pair[..]).ok().map(|[key, value]| [key, value])
                }
                _ => None,
            };
            items.iter().map(pair).collect()
        }
        _ => None,
    }
}

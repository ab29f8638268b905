//! The parts of a saved value, one after the other, each with its place: items, entries, fields, and the payload of a variant.

use std::borrow::Cow;

use ciborium::Value;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer as _, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::error::Error;
use super::node::Node;
use super::place::{Step, counterpart};

pub(super) struct Items<'a> {
    pub of: &'a Node<'a>,
    pub step: fn(usize) -> Step,
    pub items: Cow<'a, [Value]>,
    pub next: usize,
    pub len: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let index = self.next;
        if index == self.len {
            return Ok(None);
        }
        self.next += 1;
        let step = (self.step)(index);
        let default = self.of.default.and_then(|default| counterpart(default, step));
        let item = self.of.inner(step, self.items.get(index).or(default));
        item.at(seed.deserialize(item)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.next)
    }
}

pub(super) struct Entries<'a> {
    pub of: &'a Node<'a>,
    pub entries: Vec<[&'a Value; 2]>,
    pub next: usize,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some([key, _]) = self.entries.get(self.next) else { return Ok(None) };
        let key = self.of.inner(Step::Entry(self.next), Some(key));
        key.at(seed.deserialize(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let index = self.next;
        self.next += 1;
        let value = self.entries.get(index).map(|[_, value]| *value);
        let value = self.of.inner(Step::Entry(index), value);
        value.at(seed.deserialize(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len() - self.next)
    }
}

pub(super) struct Fields<'a> {
    pub of: &'a Node<'a>,
    pub fields: Vec<(&'static str, Option<&'a Value>)>,
    pub next: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, _)) = self.fields.get(self.next) else { return Ok(None) };
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, value) = self.fields[self.next];
        self.next += 1;
        let value = self.of.inner(Step::Field(name), value);
        value.at(seed.deserialize(value))
    }
}

pub(super) struct Variant<'a> {
    pub of: &'a Node<'a>,
    pub variant: &'static str,
    pub payload: Option<&'a Value>,
}

impl<'a> Variant<'a> {
    fn payload(&self) -> Node<'_> {
        self.of.has_converted_if(self.payload.is_none());
        self.of.inner(Step::Payload, self.payload)
    }
}

impl<'a, 'de> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(self.variant.into_deserializer())?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.of.has_converted_if(self.payload.is_some());
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        let payload = self.payload();
        payload.at(seed.deserialize(payload))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.payload().deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.payload().deserialize_struct(self.variant, names, visitor)
    }
}

//! Where a value is within a field of the state, and what becomes of a value there that does not fit.

use std::fmt::Write as _;

use ciborium::Value;

use super::value::{name_of, payload_of};

/// From a value to one inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Field(&'static str),
    /// Of a list or a set.
    Element(usize),
    /// Of a map.
    Entry(usize),
    /// Of a tuple or an array.
    Item(usize),
    /// Of an `Option`.
    Content,
    /// Of a variant of an enum.
    Payload,
}

/// The way to a value. While values are read it is a list on the stack.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    last: Option<(&'a Place<'a>, Step)>,
    pub depth: usize,
}

impl<'a> Place<'a> {
    /// The field of the state itself.
    pub const FIELD: Place<'static> = Place { last: None, depth: 0 };

    pub fn then(&'a self, step: Step) -> Place<'a> {
        Place { last: Some((self, step)), depth: self.depth + 1 }
    }

    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(self.depth);
        let mut place = self;
        while let Some((parent, step)) = place.last {
            steps.push(step);
            place = parent;
        }
        steps.reverse();
        steps
    }
}

/// What replaces a value that did not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The value that the field's default has there.
    Default,
    /// Nothing: it is as if it had not been saved.
    LeftOut,
    /// `None`.
    Nothing,
    /// 0, `false`, an empty text or list.
    Empty,
}

/// A value for which nothing was saved. No type is saved as one with this tag.
pub(super) fn absent() -> Value {
    Value::Tag(u64::MAX, Box::new(Value::Null))
}

pub(super) fn is_absent(value: &Value) -> bool {
    matches!(value, Value::Tag(u64::MAX, _))
}

/// The part of a default that stands for the part of a saved value. Elements of collections have none.
pub(super) fn counterpart(default: &Value, step: Step) -> Option<&Value> {
    match (step, default) {
        (Step::Field(name), Value::Map(fields)) => field(fields, name),
        (Step::Item(index), Value::Array(items)) => items.get(index),
        (Step::Content, Value::Null) => None,
        (Step::Content, content) => Some(content),
        _ => None,
    }
}

/// The value of a field of a saved struct.
pub(super) fn field<'a>(fields: &'a [(Value, Value)], name: &str) -> Option<&'a Value> {
    fields.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// Replaces the value at this place, or the next one around it that can be replaced. Returns how many steps lead to that;
/// `None` if it is the whole field.
pub(super) fn replace(
    saved: &mut Value,
    default: Option<&Value>,
    mut steps: &[Step],
) -> Option<(Outcome, usize)> {
    while let Some((last, before)) = steps.split_last() {
        let there =
            default.and_then(|default| steps.iter().try_fold(default, |part, step| counterpart(part, *step)));
        let outcome = match there {
            Some(default) => set(saved, steps, default),
            None => find(saved, before).and_then(|around| remove(around, *last)),
        };
        if let Some(outcome) = outcome {
            return Some((outcome, steps.len()));
        }
        steps = before;
    }
    None
}

/// Puts the default there, unless it is there already.
fn set(saved: &mut Value, steps: &[Step], default: &Value) -> Option<Outcome> {
    let value = find(saved, steps).filter(|value| *value != default)?;
    *value = default.clone();
    Some(Outcome::Default)
}

fn remove(around: &mut Value, step: Step) -> Option<Outcome> {
    match (step, around) {
        (Step::Field(name), Value::Map(fields)) => {
            let index = fields.iter().position(|(key, _)| key.as_text() == Some(name))?;
            fields.remove(index);
            Some(Outcome::LeftOut)
        }
        (Step::Entry(index), Value::Map(entries)) if index < entries.len() => {
            entries.remove(index);
            Some(Outcome::LeftOut)
        }
        (Step::Element(index) | Step::Entry(index), Value::Array(items)) if index < items.len() => {
            items.remove(index);
            Some(Outcome::LeftOut)
        }
        (Step::Element(index), Value::Bytes(bytes)) if index < bytes.len() => {
            bytes.remove(index);
            Some(Outcome::LeftOut)
        }
        (Step::Content, content) if *content != Value::Null => {
            *content = Value::Null;
            Some(Outcome::Nothing)
        }
        (Step::Item(_) | Step::Payload, around) => {
            let value = find(around, &[step]).filter(|value| !is_absent(value))?;
            *value = absent();
            Some(Outcome::Empty)
        }
        _ => None,
    }
}

fn find<'v>(value: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match (*step, value) {
        (Step::Field(name), Value::Map(fields)) => {
            fields.iter_mut().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
        }
        (Step::Entry(index), Value::Map(entries)) => entries.get_mut(index).map(|(_, value)| value),
        (Step::Entry(index), Value::Array(pairs)) => match pairs.get_mut(index) {
            Some(Value::Array(pair)) => pair.get_mut(1),
            _ => None,
        },
        (Step::Element(index) | Step::Item(index), Value::Array(items)) => items.get_mut(index),
        (Step::Content, content) => Some(content),
        (Step::Payload, Value::Map(variant)) => variant.first_mut().map(|(_, payload)| payload),
        _ => None,
    })
}

/// The place as an author would write it, as `[3].leader`.
pub(super) fn shown(mut value: Option<&Value>, steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let _ = match step {
            Step::Field(name) => write!(text, ".{name}"),
            Step::Element(index) => write!(text, "[{index}]"),
            Step::Entry(index) => write!(text, "[{}]", key(value, *index)),
            Step::Item(index) => write!(text, ".{index}"),
            Step::Content | Step::Payload => Ok(()),
        };
        value = value.and_then(|value| inner(value, *step));
    }
    text
}

fn key(map: Option<&Value>, index: usize) -> String {
    match map {
        Some(Value::Map(entries)) => entries.get(index).map_or_else(String::new, |(key, _)| name_of(key)),
        _ => index.to_string(),
    }
}

fn inner(value: &Value, step: Step) -> Option<&Value> {
    match (step, value) {
        (Step::Entry(index), Value::Map(entries)) => entries.get(index).map(|(_, value)| value),
        (Step::Element(index), Value::Array(items)) => items.get(index),
        (Step::Payload, _) => payload_of(value),
        _ => counterpart(value, step),
    }
}

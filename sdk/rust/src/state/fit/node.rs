//! A saved value at its place, or the lack of one, and what one reading of a saved value has found.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use ciborium::Value;

use super::error::{Error, Problem};
use super::place::{Place, Step, counterpart, field, is_absent};
use super::value::variant_of;

/// More steps than this to a value that was not saved are made by a type that contains itself, which has no end.
const DEPTH_MAX: usize = 128;

/// A field of a struct: the names of both.
pub(super) type StructField = (&'static str, &'static str);

/// One reading of a saved value.
#[derive(Default)]
pub(super) struct Pass {
    pub problems: RefCell<Vec<Problem>>,
    /// Fields that are new in their structs, and have the value of the default.
    pub new: RefCell<Vec<Vec<Step>>>,
    /// Lists with more items than the type has, and their lengths.
    pub cut: RefCell<Vec<(Vec<Step>, [usize; 2])>>,
    /// Some value was of another kind than the type has now.
    pub has_converted: Cell<bool>,
    /// Fields without a default that are given an empty value if they were not saved.
    pub empty: BTreeSet<StructField>,
    /// Fields that were saved under another name, and must not be given a default.
    pub aliased: BTreeSet<StructField>,
}

/// A saved value, or the lack of one, at its place.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub saved: Option<&'a Value>,
    pub default: Option<&'a Value>,
    pub place: Place<'a>,
    pub pass: &'a Pass,
}

impl<'a> Node<'a> {
    pub fn new(saved: &'a Value, default: Option<&'a Value>, pass: &'a Pass) -> Node<'a> {
        Node { saved: Some(saved), default, place: Place::FIELD, pass }
    }

    pub fn inner<'b>(&'b self, step: Step, saved: Option<&'b Value>) -> Node<'b> {
        let default = self.default.and_then(|default| counterpart(default, step));
        Node { saved, default, place: self.place.then(step), pass: self.pass }.without_mark()
    }

    fn without_mark(mut self) -> Node<'a> {
        self.saved = self.saved.filter(|saved| !is_absent(saved));
        self
    }

    /// Notes that what was saved is not what the type has here.
    pub fn misfit(&self, expected: &str) {
        if let Some(saved) = self.saved {
            self.pass.problems.borrow_mut().push(Problem::unexpected(self.place.steps(), expected, saved));
        }
    }

    /// The saved value as `read` sees it, or an empty one.
    pub fn read<T: Default>(&self, expected: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> T {
        let Some(saved) = self.saved else { return T::default() };
        read(saved).unwrap_or_else(|| {
            self.misfit(expected);
            T::default()
        })
    }

    /// Says where an error has happened.
    pub fn at<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.at(&self.place))
    }

    pub fn check_depth(&self) -> Result<(), Error> {
        match self.saved.is_none() && self.place.depth > DEPTH_MAX {
            true => Err(Error::endless().at(&self.place)),
            false => Ok(()),
        }
    }

    pub fn has_converted_if(&self, is_so: bool) {
        self.pass.has_converted.set(self.pass.has_converted.get() || is_so);
    }

    pub fn has_variant(&self, variant: &str) -> bool {
        self.saved.and_then(variant_of) == Some(variant)
    }

    /// The fields that a struct is given: those that were saved, and those that have a default here.
    pub fn fields(
        &self,
        of_struct: &'static str,
        names: &'static [&'static str],
    ) -> Vec<(&'static str, Option<&'a Value>)> {
        let saved: &[_] = self.read(&format!("a `{of_struct}`"), |value| match value {
            Value::Map(fields) => Some(&fields[..]),
            _ => None,
        });
        let defaults: &[_] = match self.default {
            Some(Value::Map(fields)) => fields,
            _ => &[],
        };
        let is_known = |key: &Value| key.as_text().is_some_and(|key| names.contains(&key));
        self.has_converted_if(!saved.iter().all(|(key, _)| is_known(key)));
        let given = |&name: &&'static str| {
            if let Some(value) = field(saved, name) {
                return Some((name, Some(value)));
            }
            let default = field(defaults, name).filter(|_| !self.pass.aliased.contains(&(of_struct, name)));
            let is_given = default.is_some() || self.pass.empty.contains(&(of_struct, name));
            if is_given && self.saved.is_some() {
                self.has_converted_if(true);
                self.pass
                    .new
                    .borrow_mut()
                    .extend(default.map(|_| self.place.then(Step::Field(name)).steps()));
            }
            is_given.then_some((name, default))
        };
        names.iter().filter_map(given).collect()
    }
}

//! What is wrong with a saved value, and where.

use std::fmt;

use ciborium::Value;

use super::place::{Place, Step};
use super::value::name_of;

/// A value that does not fit.
#[derive(Debug)]
pub(super) struct Problem {
    pub steps: Vec<Step>,
    /// Why, in words.
    pub reason: String,
}

impl Problem {
    pub fn unexpected(steps: Vec<Step>, expected: &str, found: &Value) -> Problem {
        Problem { steps, reason: format!("expected {expected}, found {}", name_of(found)) }
    }
}

/// An error of a type that reads itself: one that ends the pass.
#[derive(Debug)]
pub(super) struct Error {
    reason: Reason,
    steps: Option<Vec<Step>>,
    of_struct: Option<&'static str>,
}

#[derive(Debug)]
enum Reason {
    Missing(&'static str),
    Duplicate(&'static str),
    Other(String),
}

/// What an error asks for.
pub(super) enum Demand {
    /// A value of a field of a struct, for which none was saved.
    Value { of_struct: &'static str, field: &'static str, steps: Vec<Step> },
    /// No default for a field of a struct, which was saved under another name.
    NoDefault { of_struct: &'static str, field: &'static str, steps: Vec<Step> },
    /// Another value.
    Other(Problem),
}

impl Error {
    fn new(reason: Reason) -> Error {
        Error { reason, steps: None, of_struct: None }
    }

    pub fn endless() -> Error {
        Error::new(Reason::Other("a type that contains itself, or has no value, cannot be empty".to_owned()))
    }

    /// The same error, which happened here unless it has a place already.
    pub fn at(mut self, place: &Place<'_>) -> Error {
        self.steps.get_or_insert_with(|| place.steps());
        self
    }

    pub fn of_struct(mut self, name: &'static str) -> Error {
        if self.steps.is_none() {
            self.of_struct = Some(name);
        }
        self
    }

    pub fn demand(self) -> Demand {
        let reason = self.to_string();
        let steps = self.steps.unwrap_or_default();
        match (self.reason, self.of_struct) {
            (Reason::Missing(field), Some(of_struct)) => Demand::Value { of_struct, field, steps },
            (Reason::Duplicate(field), Some(of_struct)) => Demand::NoDefault { of_struct, field, steps },
            _ => Demand::Other(Problem { steps, reason }),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Missing(field) => write!(f, "missing field `{field}`"),
            Reason::Duplicate(field) => write!(f, "duplicate field `{field}`"),
            Reason::Other(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        Error::new(Reason::Other(message.to_string()))
    }

    fn missing_field(field: &'static str) -> Error {
        Error::new(Reason::Missing(field))
    }

    fn duplicate_field(field: &'static str) -> Error {
        Error::new(Reason::Duplicate(field))
    }
}

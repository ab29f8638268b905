//! The fields of a saved state, on their way to bytes and back.

use std::collections::BTreeSet;

use ciborium::Value;
use ciborium::value::Error::Custom;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tinkerbox_abi::LogLevel;

use super::fit::fit;
use super::older::Older;

/// A field of a struct marked `#[state]`: any type that serde can write and read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be saved as a field of the mod's state",
    label = "cannot be saved",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it, or move it out of the struct marked `#[state]`"
)]
pub trait StateField: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> StateField for T {}

/// The fields of a saved state by name, and notes for the author about restoring them.
pub struct SavedFields {
    /// The name of the state's type.
    pub(super) state_type: &'static str,
    values: Vec<(Value, Value)>,
    /// The indices of values that belong to a field of the state.
    used: BTreeSet<usize>,
    /// The state has other fields than were saved, or other values.
    has_changed: bool,
    notes: Vec<(LogLevel, String)>,
}

impl SavedFields {
    /// # Panics
    /// If the value's own `Serialize` fails.
    pub fn put<T: StateField>(&mut self, name: &str, value: &T) {
        let value = Value::serialized(value).unwrap_or_else(|Custom(error)| {
            panic!(
                "the state's field `{}::{name}` cannot be saved: its type `{}` does not let serde write it ({error}). \
                 Correct its `Serialize`, or move it out of the struct marked `#[state]`",
                self.state_type,
                short_name::<T>()
            )
        });
        self.values.push((Value::from(name), value));
    }

    /// Gives a field the value that was saved under its name, or under the first of the names that it had before. It keeps
    /// its default if there is none, and where the value does not fit.
    pub fn take<T: StateField>(&mut self, name: &str, was: &[&str], field: &mut T) {
        let shown = format!("{}::{name}", self.state_type);
        let names = [name].into_iter().chain(was.iter().copied());
        let Some(index) = names.filter_map(|name| self.find(name)).next() else {
            self.has_changed = true;
            let note = format!("the state's field `{shown}` is new and has its default");
            return self.notes.push((LogLevel::Info, note));
        };
        self.has_changed |= self.values[index].0.as_text() != Some(name);
        self.used.insert(index);
        let default = Value::serialized(field).ok();
        let fitted = fit(&self.values[index].1, default.as_ref(), &shown);
        self.has_changed |= fitted.has_changed;
        self.notes.extend(fitted.notes);
        if let Some(value) = fitted.value {
            *field = value;
        }
    }

    /// Whether the state has other fields than were saved, or other values.
    pub(super) fn have_changed(&self) -> bool {
        self.has_changed || self.used.len() < self.values.len()
    }

    /// The saved state as a migration sees it, and the notes.
    pub(super) fn into_older(self) -> (Older, Vec<(LogLevel, String)>) {
        (Older::new(self.values, self.used), self.notes)
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.values.iter().position(|(key, _)| key.as_text() == Some(name))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(&Value::Map(self.values), &mut bytes).expect("writing to a vector cannot fail");
        bytes
    }

    pub(super) fn of<S>() -> SavedFields {
        SavedFields {
            state_type: short_name::<S>(),
            values: Vec::new(),
            used: BTreeSet::new(),
            has_changed: false,
            notes: Vec::new(),
        }
    }

    pub(super) fn from_bytes<S>(bytes: &[u8]) -> Option<SavedFields> {
        match ciborium::from_reader(bytes) {
            Ok(Value::Map(values)) => Some(SavedFields { values, ..SavedFields::of::<S>() }),
            _ => None,
        }
    }
}

/// The name of a type without its path.
fn short_name<T>() -> &'static str {
    let whole = std::any::type_name::<T>();
    let before_parameters = &whole[..whole.find('<').unwrap_or(whole.len())];
    &whole[before_parameters.rfind("::").map_or(0, |at| at + 2)..]
}

//! What a migration sees of the state that older code has saved.

use std::cell::RefCell;
use std::collections::BTreeSet;

use ciborium::Value;
use serde::de::DeserializeOwned;

use super::fit::fit;

/// The state that older code of the mod has saved, by the names of its fields. `#[state(migrate = ..)]` gets it.
///
/// ```no_run
/// use tinkerbox_sdk::prelude::*;
///
/// #[state(migrate = from_older)]
/// #[derive(Default)]
/// struct Diary {
///     seconds: u64,
/// }
///
/// /// Older diaries counted days and hours.
/// fn from_older(older: &Older, diary: &mut Diary) {
///     let count = |name| older.get::<u64>(name).unwrap_or(0);
///     diary.seconds += (count("days") * 24 + count("hours")) * 3600;
/// }
///
/// #[system]
/// fn write_diary(diary: &mut Diary) {
///     diary.seconds += 1;
/// }
/// ```
pub struct Older {
    values: Vec<(Value, Value)>,
    /// Indices of values that were asked for.
    used: RefCell<BTreeSet<usize>>,
}

impl Older {
    /// `used` are the indices of the values that fields of the state have taken.
    pub(super) fn new(values: Vec<(Value, Value)>, used: BTreeSet<usize>) -> Older {
        Older { values, used: RefCell::new(used) }
    }

    /// The fields that nothing has taken or asked for.
    pub(super) fn unused(&self) -> impl Iterator<Item = &str> {
        let used = self.used.borrow().clone();
        let unused = self.values.iter().enumerate().filter(move |(index, _)| !used.contains(index));
        unused.filter_map(|(_, (key, _))| key.as_text())
    }

    /// The value that a field had, converted by the same rule as fields of the state. `None` if there was no such field, or
    /// if its value does not fit.
    pub fn get<T: DeserializeOwned>(&self, field: &str) -> Option<T> {
        let index = self.values.iter().position(|(key, _)| key.as_text() == Some(field))?;
        self.used.borrow_mut().insert(index);
        fit(&self.values[index].1, None, field).value
    }

    /// The names of all fields that were saved.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter_map(|(key, _)| key.as_text())
    }
}

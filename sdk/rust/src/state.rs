//! A mod's state, and how it survives a reload of the mod's code.
//!
//! ```text
//!   old code   tb_save  -> CBOR map { field name: value, .. } -> host keeps the bytes
//!   new code   tb_alloc <- a block for them
//!              tb_load  <- each field gets the value saved by its name, if it still fits its type
//! ```

use std::cell::RefCell;

use ciborium::Value;
use ciborium::value::Error::Custom;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tinkerbox_abi::{AbiError, LogLevel};

use crate::log::log;
use crate::run::report_panics;

/// A struct marked `#[state]`, which implements this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the mod's state",
    note = "a system can borrow a struct marked `#[state]`"
)]
pub trait State: Default + 'static {
    /// Calls `f` with the mod's one value.
    fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R;
    /// Puts every field into `fields`.
    fn save(&self, fields: &mut SavedFields);
    /// Takes every field from `fields`.
    fn load(&mut self, fields: &mut SavedFields);
}

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
    state_type: &'static str,
    values: Vec<(Value, Value)>,
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

    /// Leaves `field` as it is if nothing was saved for it, or if the saved value does not fit.
    pub fn take<T: StateField>(&mut self, name: &str, field: &mut T) {
        let state = self.state_type;
        let Some(index) = self.values.iter().position(|(key, _)| key.as_text() == Some(name)) else {
            let note = format!("the state's field `{state}::{name}` is new and has its default");
            return self.notes.push((LogLevel::Info, note));
        };
        match self.values.swap_remove(index).1.deserialized() {
            Ok(value) => *field = value,
            Err(Custom(error)) => {
                let note = format!(
                    "the state's field `{state}::{name}` has its default: the value that the old code saved does not fit `{}` \
                     ({error}). To keep the value, give the field its old type again, and add a field of another name with \
                     the new type",
                    short_name::<T>()
                );
                self.notes.push((LogLevel::Warn, note));
            }
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(&Value::Map(self.values), &mut bytes).expect("writing to a vector cannot fail");
        bytes
    }

    fn of<S>() -> SavedFields {
        SavedFields { state_type: short_name::<S>(), values: Vec::new(), notes: Vec::new() }
    }

    fn from_bytes<S>(bytes: &[u8]) -> Option<SavedFields> {
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

thread_local! {
    /// The saved state on its way to or from the host. It is kept until the next one.
    static BLOCK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// `tb_save`: address << 32 | length.
pub fn save<S: State>() -> u64 {
    report_panics();
    let mut fields = SavedFields::of::<S>();
    S::with(|state| state.save(&mut fields));
    BLOCK.with_borrow_mut(|block| {
        *block = fields.into_bytes();
        (block.as_ptr().addr() as u64) << 32 | block.len() as u64
    })
}

/// `tb_alloc`.
pub fn alloc(len: u32) -> u32 {
    BLOCK.with_borrow_mut(|block| {
        *block = vec![0; len as usize];
        block.as_ptr().addr() as u32
    })
}

/// `tb_load`.
pub fn load<S: State>(address: u32, len: u32) -> i32 {
    report_panics();
    BLOCK.with_borrow(|block| {
        let is_ours = block.as_ptr().addr() as u32 == address && block.len() == len as usize;
        match is_ours.then(|| SavedFields::from_bytes::<S>(block)).flatten() {
            Some(mut fields) => {
                S::with(|state| state.load(&mut fields));
                fields.notes.iter().for_each(|(level, note)| log(*level, format_args!("{note}")));
                0
            }
            None => AbiError::BadArgument.into(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Diary;

    #[test]
    fn fields_are_found_by_name_after_a_round_trip() {
        let mut saved = SavedFields::of::<Diary>();
        saved.put("days", &3u32);
        saved.put("mood", &f32::NAN);
        saved.put("names", &vec!["a".to_owned(), "b".to_owned()]);
        let mut saved = SavedFields::from_bytes::<Diary>(&saved.into_bytes()).unwrap();

        let (mut names, mut days, mut mood) = (Vec::<String>::new(), 0u64, 0.0f32);
        saved.take("names", &mut names);
        saved.take("days", &mut days);
        saved.take("mood", &mut mood);
        assert_eq!((names.len(), days, mood.is_nan()), (2, 3, true));
    }

    #[test]
    fn values_that_do_not_fit_are_dropped_with_a_note() {
        let mut saved = SavedFields::of::<Diary>();
        saved.put("days", &"many".to_owned());
        let (mut days, mut nights) = (7u32, 8u32);
        saved.take("days", &mut days);
        saved.take("nights", &mut nights);
        assert_eq!((days, nights), (7, 8));
        let (level, note) = &saved.notes[0];
        assert_eq!(*level, LogLevel::Warn);
        for part in [
            "`Diary::days` has its default",
            "does not fit `u32`",
            "(invalid type: string \"many\", expected",
            "To keep the value",
        ] {
            assert!(note.contains(part), "{part}: {note}");
        }
        assert_eq!(
            saved.notes[1],
            (LogLevel::Info, "the state's field `Diary::nights` is new and has its default".into())
        );
    }

    /// A type that serde refuses to write.
    #[derive(serde::Deserialize)]
    struct Moody;

    impl Serialize for Moody {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("not today"))
        }
    }

    #[test]
    #[should_panic(
        expected = "the state's field `Diary::mood` cannot be saved: its type `Moody` does not let serde write it"
    )]
    fn a_field_that_cannot_be_saved_is_named() {
        SavedFields::of::<Diary>().put("mood", &Moody);
    }

    #[test]
    fn types_are_named_without_their_path() {
        assert_eq!(short_name::<Diary>(), "Diary");
        assert_eq!(short_name::<u32>(), "u32");
        assert_eq!(short_name::<Option<String>>(), "Option<alloc::string::String>");
    }

    #[test]
    fn bytes_that_are_not_a_state_are_refused() {
        for bytes in [&b""[..], b"\x01", b"\xff\xff", b"\xa1"] {
            assert!(SavedFields::from_bytes::<Diary>(bytes).is_none());
        }
    }
}

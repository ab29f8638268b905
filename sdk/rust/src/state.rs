//! What a mod remembers, and how it outlives a reload of its code.
//!
//! ```text
//!   old code   tb_save  -> CBOR map { field name: value, .. } -> host keeps the bytes
//!   new code   tb_alloc <- a block for them
//!              tb_load  <- each field takes the value of its name, if it still fits its type
//! ```

use crate::system::report_panics;
use ciborium::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use tinkerbox_abi::AbiError;

/// A struct marked `#[state]`. Implemented by that macro.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the mod's state",
    note = "a system can borrow a struct marked `#[state]`"
)]
pub trait State: Default + 'static {
    /// Lends the one value there is.
    fn with<R>(use_it: impl FnOnce(&mut Self) -> R) -> R;
    /// Puts every field in.
    fn save(&self, fields: &mut SavedFields);
    /// Takes every field out.
    fn load(&mut self, fields: &mut SavedFields);
}

/// The fields of a saved state by name, and what there is to say about taking them over.
#[derive(Default)]
pub struct SavedFields {
    values: Vec<(Value, Value)>,
    notes: Vec<String>,
}

impl SavedFields {
    /// # Panics
    /// If the value's own `Serialize` fails.
    pub fn put(&mut self, name: &str, value: &impl Serialize) {
        let value = Value::serialized(value)
            .unwrap_or_else(|error| panic!("the state's field `{name}` cannot be saved: {error}"));
        self.values.push((Value::from(name), value));
    }

    /// Leaves `field` as it is where nothing was saved for it, or something that does not fit.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str, field: &mut T) {
        let Some(at) = self.values.iter().position(|(key, _)| key.as_text() == Some(name)) else {
            return self.notes.push(format!("the state's field `{name}` is new"));
        };
        match self.values.swap_remove(at).1.deserialized() {
            Ok(value) => *field = value,
            Err(error) => self.notes.push(format!(
                "the state's field `{name}` begins anew, its saved value does not fit any more: {error}"
            )),
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(&Value::Map(self.values), &mut bytes).expect("a vector takes all bytes");
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<SavedFields> {
        match ciborium::from_reader(bytes) {
            Ok(Value::Map(values)) => Some(SavedFields { values, notes: Vec::new() }),
            _ => None,
        }
    }
}

thread_local! {
    /// The block that is on its way to or from the host. It stays until the next one.
    static BLOCK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// `tb_save`: address << 32 | length.
pub fn save<S: State>() -> u64 {
    report_panics();
    let mut fields = SavedFields::default();
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
        match is_ours.then(|| SavedFields::from_bytes(block)).flatten() {
            Some(mut fields) => {
                S::with(|state| state.load(&mut fields));
                fields.notes.iter().for_each(|note| crate::info!("{note}"));
                0
            }
            None => AbiError::BadArgument.into(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name_after_the_way_through_bytes() {
        let mut saved = SavedFields::default();
        saved.put("days", &3u32);
        saved.put("mood", &f32::NAN);
        saved.put("names", &["a", "b"]);
        let mut saved = SavedFields::from_bytes(&saved.into_bytes()).unwrap();

        let (mut names, mut days, mut mood) = (Vec::<String>::new(), 0u64, 0.0f32);
        saved.take("names", &mut names);
        saved.take("days", &mut days);
        saved.take("mood", &mut mood);
        assert_eq!((names.len(), days, mood.is_nan()), (2, 3, true));
    }

    #[test]
    fn what_does_not_fit_is_left_alone_and_noted() {
        let mut saved = SavedFields::default();
        saved.put("days", &"many");
        let (mut days, mut nights) = (7u32, 8u32);
        saved.take("days", &mut days);
        saved.take("nights", &mut nights);
        assert_eq!((days, nights), (7, 8));
        assert!(saved.notes[0].contains("`days` begins anew"));
        assert!(saved.notes[1].contains("`nights` is new"));
    }

    #[test]
    fn bytes_that_are_no_state_are_refused() {
        for bytes in [&b""[..], b"\x01", b"\xff\xff", b"\xa1"] {
            assert!(SavedFields::from_bytes(bytes).is_none());
        }
    }
}

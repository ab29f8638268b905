//! A mod's state, and how it survives a reload of the mod's code.
//!
//! ```text
//!   old code   tb_save  -> CBOR map { field name: value, .. } -> host keeps the bytes
//!   new code   tb_alloc <- a block for them
//!              tb_load  <- fields: each gets the value saved by its name
//!                          fit: as far as that still fits its type
//!                          migrate: the author's own function sees what was saved, and what has become of it
//! ```

mod fit;

mod older;

mod fields;

use std::cell::RefCell;

use tinkerbox_abi::{AbiError, LogLevel};

use crate::log::log;
use crate::panics::report_panics;

pub use fields::{SavedFields, StateField};
pub use older::Older;

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
    /// The author's own changes, after `load`, if the saved state had other fields, or values of other types.
    fn migrate(&mut self, older: &Older);
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
            Some(fields) => {
                let notes = S::with(|state| restore(state, fields));
                notes.iter().for_each(|(level, note)| log(*level, format_args!("{note}")));
                0
            }
            None => AbiError::BadArgument.into(),
        }
    })
}

/// Gives the state what was saved, and returns notes for the author.
fn restore<S: State>(state: &mut S, mut fields: SavedFields) -> Vec<(LogLevel, String)> {
    state.load(&mut fields);
    let (state_type, have_changed) = (fields.state_type, fields.have_changed());
    let (older, mut notes) = fields.into_older();
    if have_changed {
        state.migrate(&older);
    }
    for name in older.unused() {
        let note = format!(
            "the state's field `{state_type}::{name}` is gone, and with it the value that the old code saved"
        );
        notes.push((LogLevel::Info, note));
    }
    notes
}

#[cfg(test)]
mod tests;

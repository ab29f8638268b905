//! Containing panics of the game's types, which make values from bytes and drop them.
//!
//! Bytes come from mods, so the game does not choose which values are made and dropped, and a panic ends here. The
//! process's panic hook has reported it by then. This file must not know components or the world.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `f`. Returns `None` if it panics; the payload is dropped, which may panic in turn.
pub fn contained<R>(f: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => Some(result),
        Err(payload) => {
            drop_contained(payload);
            None
        }
    }
}

/// Drops a value; `false` if that panicked.
pub fn drop_contained<T>(value: T) -> bool {
    let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) else { return true };
    // Dropping the payload may panic again, with a payload that may panic, without end: the third one is leaked.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    false
}

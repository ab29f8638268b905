//! Contains panics of the game's types where bytes become values and where values are dropped.
//!
//! It knows neither components nor the world. If bytes come from mods, the game does not choose which values are made and
//! dropped, so a panic there must not end it. The process's panic hook has reported the panic by then.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `f`; `None` if it panics. The payload of the panic is dropped, which may panic in turn.
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

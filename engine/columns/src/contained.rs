//! Code of the game's types that runs where bytes become values and values are dropped: what panics there ends there.
//!
//! It knows neither components nor the world. Which values are made and dropped is not the game's to choose where bytes
//! come from mods, so a panic is not either; the process's panic hook has told of it by then.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `f`, whose result is nothing if it panics. What the panic carries is dropped, and may panic in turn.
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
    // What the panic of a drop carries may panic when it is dropped, and so on without end: the third is leaked.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    false
}

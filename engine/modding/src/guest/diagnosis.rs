//! Faults in words, for the author of a mod: first the cause, then where it happened.

use std::fmt;

use tinkerbox_wasm::{StoreError, Trap, WasmBacktrace};

use super::backtrace;
use super::panicked::Panicked;
use super::state::ModState;
use crate::text::size;

/// Functions through which Rust ends a program whose allocation failed.
const OUT_OF_MEMORY: [&str; 4] =
    ["handle_alloc_error", "alloc_error_handler", "alloc_error_hook", "rust_oom"];
/// Functions through which Rust panics.
const PANIC: [&str; 3] = ["rust_begin_unwind", "panic_fmt", "begin_panic"];

/// Why a call of a mod's code failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    text: String,
    /// The machine lacked resources: the mod's code is not the cause.
    pub is_the_machines: bool,
}

impl Fault {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_the_machines: false }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Describes a fault: what the mod itself said or why it stopped, and where it was. `state` is that of the mod's store, if
/// the store still exists.
#[cold]
pub(crate) fn describe(error: &anyhow::Error, state: Option<&ModState>) -> Fault {
    let backtrace = error.downcast_ref::<WasmBacktrace>();
    let location = backtrace.and_then(backtrace::location);
    let mentions = |names: &[&str]| backtrace.is_some_and(|backtrace| backtrace::mentions(backtrace, names));
    let exhausted = state.and_then(ModState::exhausted_memory);
    let mut exhaustion_is_told = false;
    let what = if let Some(panicked) = error.downcast_ref::<Panicked>() {
        panicked.to_string()
    } else if let Some(trap) = error.downcast_ref::<Trap>() {
        match trap {
            Trap::OutOfFuel => {
                let location = location.map(|location| format!(" in {location}")).unwrap_or_default();
                format!(
                    "it used up its fuel{location}: raise [budget] fuel in mod.toml, or do less at a time"
                )
            }
            Trap::UnreachableCodeReached if exhausted.is_some() || mentions(&OUT_OF_MEMORY) => {
                exhaustion_is_told = true;
                used_up(exhausted)
            }
            Trap::UnreachableCodeReached if mentions(&PANIC) => {
                format!(
                    "it panicked, and its message did not reach the game: see `panic` in the contract ({trap})"
                )
            }
            _ => trap.to_string(),
        }
    } else if let Some(error) = error.downcast_ref::<StoreError>() {
        store_error(error)
    } else {
        // An error of the game's function, with all of its contexts; the backtrace is one of them.
        let shown = backtrace.map(ToString::to_string);
        let texts = error.chain().map(ToString::to_string).filter(|text| Some(text) != shown.as_ref());
        texts.collect::<Vec<_>>().join(": ")
    };
    let mut text = what;
    if let Some(bytes) = exhausted.filter(|_| !exhaustion_is_told) {
        let note = format!("\nIts memory could not grow beyond {} in this tick.", size(bytes));
        text.push_str(&note);
    }
    if let Some(backtrace) = backtrace {
        text.push_str(&backtrace::lines(backtrace));
    }
    let is_the_machines = matches!(error.downcast_ref(), Some(StoreError::OutOfMemory(_)));
    Fault { text, is_the_machines }
}

fn used_up(limit: Option<u64>) -> String {
    let whole = limit.map(|bytes| format!(" of {}", size(bytes))).unwrap_or_default();
    format!("it used up its memory{whole}: raise [budget] memory in mod.toml, or keep less in memory")
}

/// In the plugin's words: the runtime's advice is for those who embed it.
fn store_error(error: &StoreError) -> String {
    match error {
        StoreError::OutOfMemory(number) => format!(
            "the operating system has no address space or memory left for it (error {number}). This is not the mod's fault: \
             load fewer mods, allow the game's process more (see `ulimit -v`), or let each memory reserve less with \
             `ModdingPlugin::memory_reservation`"
        ),
        StoreError::LimitExceeded(what) => {
            format!("it asks for more than a mod may have: {what}. See the limits in the guide")
        }
        other => other.to_string(),
    }
}

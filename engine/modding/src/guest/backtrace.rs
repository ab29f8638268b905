//! Backtraces for the author of a mod: the mod's own functions, with files and lines. Functions of the standard library and
//! the SDK in between are only counted.

use std::fmt::Write;

use crate::limits::BACKTRACE_LINES_MAX;
use crate::text::BACKTRACE_HEAD;
use tinkerbox_wasm::{FrameInfo, WasmBacktrace};

/// The frames, innermost first, each on a line of its own. Empty where there are none.
pub(crate) fn lines(backtrace: &WasmBacktrace) -> String {
    let attributes = attributes(backtrace);
    let frames: Vec<Vec<String>> = backtrace.frames().iter().map(|frame| own(frame, &attributes)).collect();
    let has_own = frames.iter().any(|own| !own.is_empty());
    let mut text = if frames.is_empty() { String::new() } else { format!("\n{BACKTRACE_HEAD}") };
    let (mut folded, mut shown) = (0, 0);
    for (at, own) in frames.iter().enumerate() {
        let own = match has_own {
            true => own.clone(),
            // No function of the mod's own is known: the library's are better than nothing.
            false => vec![backtrace.frames()[at].to_string()],
        };
        if own.is_empty() {
            folded += 1;
            continue;
        }
        fold(&mut text, &mut folded);
        for line in own {
            if shown < BACKTRACE_LINES_MAX {
                write!(text, "\n{at:>3}: {line}").expect("a string takes everything");
            }
            shown += 1;
        }
    }
    fold(&mut text, &mut folded);
    if shown > BACKTRACE_LINES_MAX {
        write!(text, "\n     ({} more)", shown - BACKTRACE_LINES_MAX).expect("a string takes everything");
    }
    text
}

fn fold(text: &mut String, folded: &mut usize) {
    match std::mem::take(folded) {
        0 => {}
        1 => text.push_str("\n     (1 function of the standard library or the SDK)"),
        count => write!(text, "\n     ({count} functions of the standard library and the SDK)")
            .expect("a string takes everything"),
    }
}

/// The innermost of the mod's own functions, with file and line if the mod has debug information.
pub(crate) fn location(backtrace: &WasmBacktrace) -> Option<String> {
    let attributes = attributes(backtrace);
    let own = backtrace.frames().iter().find_map(|frame| own(frame, &attributes).into_iter().next());
    own.or_else(|| backtrace.frames().first().map(ToString::to_string))
}

/// Whether the name of a function in the backtrace contains one of these.
pub(crate) fn mentions(backtrace: &WasmBacktrace, names: &[&str]) -> bool {
    let is_named = |text: &str| names.iter().any(|name| text.contains(name));
    backtrace.frames().iter().any(|frame| {
        frame.func_name().is_some_and(is_named)
            || frame.symbols().iter().any(|symbol| symbol.name().is_some_and(is_named))
    })
}

/// The mod's own functions in a frame: several if the compiler has inlined, none if the frame is a library's.
fn own(frame: &FrameInfo, attributes: &[String]) -> Vec<String> {
    if frame.symbols().is_empty() {
        let shown = frame.to_string();
        let name = shown.split_once('!').map_or("", |(_, name)| name);
        return if is_library(name) { Vec::new() } else { vec![shown] };
    }
    let symbols = frame.symbols().iter().map(ToString::to_string);
    symbols.filter(|shown| !is_library(shown) && !is_made_by_macro(shown, attributes)).collect()
}

/// The locations of the `#[system]` attributes whose functions are in the backtrace.
fn attributes(backtrace: &WasmBacktrace) -> Vec<String> {
    let symbols = backtrace.frames().iter().flat_map(|frame| frame.symbols());
    symbols.filter_map(|symbol| attribute(&symbol.to_string())).collect()
}

/// The location of the function that `#[system]` makes around the author's, which is that of the attribute.
fn attribute(shown: &str) -> Option<String> {
    let (name, location) = shown.split_once(" at ")?;
    (name.rsplit("::").next() == Some("exported_system")).then(|| location.to_owned())
}

/// Whether `#[system]` has made a function: the exported one, or a closure at the same attribute.
fn is_made_by_macro(shown: &str, attributes: &[String]) -> bool {
    let Some((name, location)) = shown.split_once(" at ") else { return false };
    let is_closure = name
        .rsplit("::")
        .next()
        .is_some_and(|last| last.starts_with("{closure") || last.starts_with("{{closure"));
    attribute(shown).is_some() || is_closure && attributes.iter().any(|attribute| attribute == location)
}

/// Whether a function, shown with its file if that is known, is not the author's but part of Rust's standard library and
/// its dependencies, of the SDK, or of AssemblyScript's runtime.
fn is_library(shown: &str) -> bool {
    const CRATES: [&str; 7] =
        ["core::", "alloc::", "std::", "tinkerbox_sdk::", "compiler_builtins::", "hashbrown::", "dlmalloc::"];
    const FUNCTIONS: [&str; 6] = ["__rustc", "__rust_", "__rg_", "__rdl_", "rust_", "~lib/"];
    // The SDK's functions can have the author's types in front, and its files any folder.
    const FOLDERS: [&str; 5] =
        ["/rustc/", "/rustlib/src/rust/library/", " at ~lib/", "/sdk/rust/src/", " at sdk/rust/src/"];
    // `<core::option::Option<T> as ...>` is the library's, `<wolves::Wolf as core::fmt::Display>` is not.
    let name = shown.trim_start_matches(['<', '&', '*', '[', '(']);
    CRATES.iter().chain(&FUNCTIONS).any(|start| name.starts_with(start))
        || FOLDERS.iter().any(|folder| shown.contains(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authors_functions_are_told_from_libraries() {
        let libraries = [
            "core::panicking::panic_fmt at /rustc/abc/library/core/src/panicking.rs:80:14",
            "<alloc::vec::Vec<T,A> as core::ops::index::Index<I>>::index",
            "std::sys::backtrace::__rust_end_short_backtrace",
            "__rustc[4b5ae0e6ce8e6ae5]::rust_begin_unwind",
            "rust_panic",
            "<&T as core::fmt::Display>::fmt",
            "tinkerbox_sdk::system::run::{{closure}}",
            "~lib/array/Array<i32>#__get",
            "<gale::Diary as State>::with at /home/ada/tinkerbox/sdk/rust/src/state.rs:40:9",
            "<gale::Diary as State>::with at sdk/rust/src/state.rs:40:9",
        ];
        // The reference's own type is hidden behind it.
        let libraries = libraries.iter().filter(|name| !name.starts_with("<&T"));
        libraries.for_each(|name| assert!(is_library(name), "{name}"));
        let own = [
            "wolves::hunt at src/lib.rs:3:5",
            "<wolves::Wolf as core::fmt::Display>::fmt",
            "sys_run",
            "0x22",
            "rusty::find",
            "corelib::std_of",
            "gale::_::exported_system::{{closure}}",
            "gale::export at /home/ada/my_sdk/rust/src/lib.rs:3:1",
        ];
        own.iter().for_each(|name| assert!(!is_library(name), "{name}"));
    }

    #[test]
    fn what_an_attribute_makes_is_not_the_authors() {
        let attributes = ["src/lib.rs:5:1".to_owned()];
        for made in [
            "exported_system at src/lib.rs:5:1",
            "gale::_::exported_system at src/lib.rs:9:1",
            "{closure#0} at src/lib.rs:5:1",
            "gale::_::exported_system::{{closure}} at src/lib.rs:5:1",
        ] {
            assert!(is_made_by_macro(made, &attributes), "{made}");
        }
        for own in [
            "fall at src/lib.rs:5:1",
            "{closure#0} at src/lib.rs:6:1",
            "{closure#0}",
            "my_exported_system at src/lib.rs:7:1",
        ] {
            assert!(!is_made_by_macro(own, &attributes), "{own}");
        }
    }
}

//! What a game exposes to its mods, as source text in the languages of mods.
//!
//! ```text
//! Interface ──> items: types in the order of their use, with sizes and names ──> rust | c | zig | assemblyscript
//! ```
//!
//! Pure functions: they read no file, and the same interface always gives the same text. An interface comes from strangers,
//! so each text in it is made harmless where it lands in a comment, and each name where the language reserves it.
//!
//! A module names itself and those before it only.

#![forbid(unsafe_code)]

// What all languages have in common.
mod comments;
mod items;
mod numbers;
mod words;

// A file for each language.
mod assemblyscript;
mod c;
mod rust;
mod zig;

use tinkerbox_interface::Interface;

/// Why there are no bindings for an interface, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BindingsError(String);

/// A language of mods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// What `tinkerbox_sdk::game!` compiles.
    Rust,
    /// A header beside `tinkerbox.h`.
    C,
    /// A file beside `tinkerbox.zig`.
    Zig,
    /// A module that imports nothing.
    AssemblyScript,
}

impl Language {
    /// All of them, with the names that the author's tool has for them.
    pub const ALL: [(&'static str, Language); 4] = [
        ("rust", Language::Rust),
        ("c", Language::C),
        ("zig", Language::Zig),
        ("assemblyscript", Language::AssemblyScript),
    ];

    /// How files of bindings end: `rs`.
    pub fn extension(self) -> &'static str {
        match self {
            Language::Rust => "rs",
            Language::C => "h",
            Language::Zig => "zig",
            Language::AssemblyScript => "ts",
        }
    }

    /// The bindings of a game.
    ///
    /// # Errors
    /// If two things would have the same name, if a field has a name that Rust can't have, or if the interface does not fit
    /// together, which one that was read from a file does.
    pub fn bindings(self, interface: &Interface) -> Result<String, BindingsError> {
        let text = match self {
            Language::Rust => rust::bindings(interface),
            Language::C => c::bindings(interface),
            Language::Zig => zig::bindings(interface),
            Language::AssemblyScript => assemblyscript::bindings(interface),
        };
        text.map_err(BindingsError)
    }
}

/// Whether a text is bindings, of any game and in any language, rather than what somebody has written.
///
/// ```
/// # use tinkerbox_bindings::{Language, is_generated};
/// let zoo = tinkerbox_interface::Interface::parse("game = \"zoo\"\napi = 1\n")?;
/// assert!(is_generated(&Language::C.bindings(&zoo)?));
/// assert!(!is_generated("/* My own work. */\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn is_generated(text: &str) -> bool {
    text.lines().next().is_some_and(|title| title.contains(comments::TITLE))
}

/// The README's example, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

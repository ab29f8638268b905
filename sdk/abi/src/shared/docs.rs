//! What a shared type's author has written about it, for those who read about the type instead of running it.
//!
//! The derives fill it from doc comments. Only constants hold it, so nothing of it is in a mod unless the mod's own code
//! names it.

/// The doc comments of a shared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Docs {
    /// The type's name, without the game.
    pub name: &'static str,
    /// The lines of the type's doc comment, without the space at the beginning of each; empty if there is none.
    pub text: &'static str,
    /// The names and doc comments of all fields in memory order, or of an enum's variants.
    pub fields: &'static [(&'static str, &'static str)],
    /// The named structs and enums among the fields, each once.
    pub nested: &'static [&'static Docs],
}

//! The page for authors: what a game exposes, for people.
//!
//! ```text
//! Interface ──> Markdown ──> one HTML file
//! ```
//!
//! Pure functions. Texts and names come from the game's file: a text may use Markdown's emphasis, code and lists, but no HTML and
//! no links to anywhere, and no name means anything in either format.

mod examples;
mod html;
mod markdown;
mod text;

pub(crate) use examples::is_plain;
pub use html::html;
pub use markdown::markdown;

//! What a game names, sees and asks for: its side of the plugin.
//!
//! Mods are known here by their entities and ids only: nothing in this folder knows the table of mods or runs any code
//! of theirs.

pub(crate) mod consent;
pub(crate) mod entity;
pub(crate) mod expose;
pub(crate) mod interface;
pub(crate) mod ownership;
pub(crate) mod report;
pub(crate) mod requests;
pub(crate) mod stand_in;

//! Which mods run, and what happens to them when files, grants or the game's types change.

mod at_start;
mod bad_input;
mod built_against;
mod claims;
mod consent;
mod development;
mod exposed_later;
mod exposed_twice;
mod folders;
mod managing;
mod mod_entities;
mod reload;
mod reloads;

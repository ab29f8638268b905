//! Sandboxed WebAssembly mods for Bevy games: budgets, views, commands, faults and hot reload.
//!
//! A game adds [`ModdingPlugin`], [exposes](Expose) what mods may name, and sets [`ModTime`]. Each mod of the folder then is
//! an entity with [`ModInfo`], [`ModStatus`], [`FuelBudget`] and [`ModStats`], and what happens to it is a
//! [`ModReport`]. The guide is this crate's `README.md`.
//!
//! ```text
//! folder -> package (files -> manifest, schema -> contract, access -> build) -> guest -> mods
//! frame  -> reload -> tick -> guest -> code of the mod -> host -> view, effects -> world
//! ```
//!
//! All code here is safe: what touches raw memory is in `tinkerbox_wasm` and `tinkerbox_columns`.

#![forbid(unsafe_code)]

// The rooms of this crate, from the ground up: a file may name its own room and those before it.
mod game_code;
mod limits;
mod prices;
mod text;

mod exposed;
mod schedule;

mod package;

mod guest;
mod host;

mod game;
mod mods;

mod reload;
mod tick;

mod frame;
mod plugin;

pub use exposed::time::ModTime;
pub use frame::tick_mods;
pub use game::entity::{AllowPermissions, FuelBudget, ModInfo, ModStats, ModStatus};
pub use game::expose::Expose;
pub use game::report::{ModReport, ModReportKind};
pub use game::requests::Mods;
pub use guest::state::ModState;
pub use plugin::{LoadMods, ModdingPlugin, TickMods};
pub use reload::reloads::ModReloads;
pub use text::harmless_line;
pub use tinkerbox_abi::{LogLevel, ModEntity, ModType};
// For a game's own functions, so that a game that has some needs no other crate.
pub use tinkerbox_wasm::Caller;

/// The guide's examples are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Guide;

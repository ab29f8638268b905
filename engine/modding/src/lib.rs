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

// What a game adds, sees and asks for.
mod exposed;
mod mod_entity;
mod mods;
mod plugin;
mod report;
mod time;

// From files to code that may run.
mod package;
mod refusal;
mod reload;
mod text;

// One frame.
mod backtrace;
mod batches;
mod budget;
mod diagnosis;
mod fault;
mod game_code;
mod guest;
mod order;
mod table;
mod tick;
mod waits;

// What code of a mod can reach.
mod commands;
mod effects;
mod event_queue;
mod host;
mod limits;
mod logs;
mod prices;
mod random;
mod relations;
mod state;
mod view;

pub use exposed::Expose;
pub use mod_entity::{AllowPermissions, FuelBudget, ModInfo, ModStats, ModStatus};
pub use mods::Mods;
pub use plugin::{LoadMods, ModdingPlugin, TickMods};
pub use reload::ModReloads;
pub use report::{ModReport, ModReportKind};
pub use state::ModState;
pub use text::harmless_line;
pub use tick::tick_mods;
pub use time::ModTime;
pub use tinkerbox_abi::{LogLevel, ModEntity, ModType};
// What functions of the game are given: a game that has some needs no crate more.
pub use tinkerbox_wasm::Caller;

/// The guide's examples are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Guide;

//! Sandboxed WebAssembly mods for Bevy games: budgets, views, commands, faults and hot reload.
//!
//! A game adds [`ModdingPlugin`], [exposes](Expose) what mods may name, and sets [`ModTime`]. Each mod of the folder then is
//! an entity with [`ModInfo`], [`ModStatus`], [`FuelBudget`] and [`ModStats`], and what happens to it is a
//! [`ModReport`]. The guide is this crate's `README.md`.
//!
//! ```text
//! folder -> reload -> package (files -> manifest, schema -> contract, permissions -> build) -> guest -> mods
//! frame  -> reload -> tick -> guest -> code of the mod -> host -> views, effects -> world
//! ```
//!
//! All code here is safe: what touches raw memory is in `tinkerbox_wasm` and `tinkerbox_columns`.

#![forbid(unsafe_code)]

// The rooms of this crate, in their order: a file may name its own room and earlier ones.

// The ground: bounds, prices, untrusted text, failures of the game's own code, a build that is too slow.
mod game_code;
mod limits;
mod prices;
mod text;
mod unoptimised;

// What mods can name of the game.
mod exposed;

// Pure decisions: order, batches, shares of fuel, faults.
mod schedule;

// From files to a build.
mod package;

// What an author's tool has built on this machine.
mod dev_builds;

// An instance of a build, and what the host keeps for it.
mod guest;

// The functions that mods import.
mod host;

// What a game names, sees and asks for.
mod game;

// Bevy's own types.
#[cfg(feature = "bevy")]
mod bevy;

// The table of mods, and the life of each.
mod mods;

// What a panel shows about mods, and a view of it.
pub mod panel;

// One frame of the mods that run.
mod tick;

// New code, on its way from files to the table.
mod reload;

// The frame and the plugin, which put the rooms together.
mod frame;
mod plugin;

// Mods that are assets.
#[cfg(feature = "asset")]
mod assets;

#[cfg(feature = "asset")]
pub use assets::{ModAsset, ModAssetPlugin, ModAssets};
#[cfg(feature = "bevy")]
pub use bevy::{ExposeBevy, ExposeStates};
pub use dev_builds::{BuildError, DevBuild, DevBuilds, content_hash};
pub use exposed::description::ConstantValue;
pub use exposed::time::ModTime;
pub use frame::{manage_mods, tick_mods};
pub use game::consent::{Consent, ModGrants};
pub use game::entity::{FuelBudget, ModInfo, ModPermissions, ModStats, ModStatus};
pub use game::expose::Expose;
pub use game::interface::interface;
pub use game::loading::{ModLoading, mods_loaded};
pub use game::ownership::{SpawnedBy, WhenGone};
pub use game::report::{ModReport, ModReportKind};
pub use game::requests::Mods;
pub use game::stand_in::{EventListener, StandIn};
pub use guest::state::ModState;
pub use limits::ModLimits;
pub use package::built_against::NotedInterface;
pub use package::details::{ModDetails, Permission, SystemDetails, inspect};
pub use plugin::{LoadMods, ManageMods, ModClock, ModdingPlugin, TickMods};
pub use reload::reloads::ModReloads;
pub use text::{harmless_line, short_line};
// For the types that a game shares with its mods.
pub use tinkerbox_abi as abi;
pub use tinkerbox_abi::{Flat, LogLevel, ModEntity, ModMirror, ModType, Text};
pub use tinkerbox_macros::{ModMirror, game_functions, mod_type};
// For a game's own functions, so that a game that has some needs no other crate; and values, for those of a stand-in.
pub use tinkerbox_columns::FromMirror;
pub use tinkerbox_wasm::{Caller, FuelBound, Result, Trap, Val};
// What `interface` returns.
pub use tinkerbox_interface::{Interface, InterfaceError};

/// What most games use, for `use tinkerbox::prelude::*`.
pub mod prelude {
    pub use crate::{Caller, ModState, Trap};
    pub use crate::{Consent, ModGrants, ModPermissions};
    pub use crate::{Expose, LoadMods, ModClock, ModTime, ModdingPlugin, TickMods};
    #[cfg(feature = "bevy")]
    pub use crate::{ExposeBevy, ExposeStates};
    pub use crate::{Flat, ModEntity, ModMirror, ModType, Text, mod_type};
    pub use crate::{FuelBudget, ModInfo, ModReport, ModReportKind, ModStats, ModStatus, Mods};
}

/// The guide's examples are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Guide;

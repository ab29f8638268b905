//! The author's tool: from the sources of mods to folders that a game can load.
//!
//! ```text
//! command_line -> commands: new        -> scaffold
//!                           build      -> build (sources -> bindings -> cargo, own_command -> check) -> channel, install -> report
//!                           dev        -> dev (watch -> plan) -> build
//!                           pack       -> build, pack
//!                     all:  project, which finds a mod and reads the tool's part of its manifest
//! ```
//!
//! Compilers do the work; this crate only starts them. Each mod is built and installed on its own, so one that fails does
//! not hold back the others.
//!
//! A game that comes with mods can build them through this library. The tool itself knows no game: whether a game will
//! load what was built, that game can add to the [`Report`].

#![forbid(unsafe_code)]

pub mod command_line;
pub mod commands;

mod build;
mod channel;
pub mod check;
pub mod dev;
mod install;
mod json;
pub mod pack;
mod page;
pub mod project;
mod report;
pub mod scaffold;
pub mod scenario;

pub use build::compile_error::CompileError;
pub use build::console::Console;
pub use build::{BuildRequest, TARGET, build, installed_mods};
pub use report::{BuildOutcome, BuiltMod, Report};

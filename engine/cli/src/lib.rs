//! The author's tool: from the sources of mods to folders that a game can load.
//!
//! ```text
//! folder -> cargo (workspace) -> sources -> target -> cargo (build) -> install: <to>/<name>/{mod.toml, <name>.wasm} -> report
//! ```
//!
//! Cargo does the work and serialises builds that run at the same time; this crate only starts it. Each mod is built and
//! installed on its own, so one that fails does not hold back the others.
//!
//! A game that comes with mods can build them through this library. The tool itself knows no game: whether a game will
//! load what was built, that game can add to the [`Report`].

#![forbid(unsafe_code)]

mod build;
mod cargo;
pub mod command_line;
pub mod commands {
    //! Commands with a file of their own: the arguments, and what is done with them.

    pub mod bindings;
    pub mod docs;
}
mod install;
mod page;
mod report;
mod sources;
mod target;

pub use build::{BuildRequest, build, installed_mods};
pub use report::{BuildOutcome, BuiltMod, Report};
pub use target::TARGET;

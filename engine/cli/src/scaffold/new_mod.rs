//! A mod that is to be made, and what its files are made of.

use std::path::PathBuf;

use clap::ValueEnum;

/// Where the SDK is in a mod's folder.
pub(super) const SDK: &str = ".tinkerbox/sdk";

/// A language that mods are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Rust, built by cargo
    #[default]
    Rust,
    /// C, built by clang
    C,
    /// AssemblyScript, built by npm's assemblyscript
    #[value(name = "assemblyscript")]
    AssemblyScript,
    /// Zig
    Zig,
}

/// A mod that is to be made.
#[derive(Clone, Debug)]
pub struct NewMod {
    /// The folder in which its folder is made.
    pub parent: PathBuf,
    /// Its id, and the name of its folder.
    pub id: String,
    /// The language.
    pub language: Language,
    /// What the game exposes.
    pub interface: Option<PathBuf>,
    /// A checkout of the project, on whose SDK the mod depends in place of a copy.
    pub checkout: Option<PathBuf>,
}

/// The files of a new mod, by their paths in its folder.
pub(super) type Files = Vec<(String, String)>;

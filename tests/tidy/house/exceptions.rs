//! Exceptions from the rules.

/// Folders with more source files than a reader can take in, with their numbers.
pub const FULL_FOLDERS: &[(&str, usize)] = &[("tests/peers/programs/rust/examples", 14)];

/// Files of more than half a megabyte that are in the history for a reason.
pub const LARGE_FILES: &[&str] = &[];

/// What documents and comments may name although it does not exist: files that each mod or crate has, folders that tools
/// make, and what an example invents. A folder with a `/` behind it stands for everything in it.
pub const INVENTED: &[&str] = &[
    "mod.toml",
    "mod.rs",
    "Cargo.toml",
    "target/",
    ".tinkerbox/",
    "mods/gale/",
    "mod.wasm.txt",
    "birds.rs",
    "birds/eggs.rs",
    "game/mods",
    "v1/address.wast",
];

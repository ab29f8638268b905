//! The SDKs that are not published yet, as they are in this binary: `build.rs` puts them there.

/// Paths and texts of the files, and the lock file's part for them.
const EMBEDDED: (&[(&str, &str)], &str) = include!(concat!(env!("OUT_DIR"), "/sdk.rs"));

/// The versions of the crates that the SDK for Rust depends on, as a part of a lock file.
pub(super) const LOCK: &str = EMBEDDED.1;

/// Whether the SDK for Rust is in this binary. It is not where this crate was built from its published package: then the SDK
/// is published as well.
pub(super) fn has_rust() -> bool {
    EMBEDDED.0.iter().any(|(name, _)| *name == "rust/Cargo.toml")
}

/// The files of the SDK for Rust, by their paths in the folder of the SDK.
pub(super) fn rust() -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_rust = |name: &str| OTHERS.iter().all(|other| !name.starts_with(other));
    EMBEDDED.0.iter().copied().filter(move |(name, _)| is_rust(name))
}

/// The files of the SDK for another language, which is in this folder.
pub(super) fn of(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    EMBEDDED
        .0
        .iter()
        .copied()
        .filter(move |(name, _)| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// The folders of SDKs for other languages.
const OTHERS: [&str; 3] = ["c/", "zig/", "assemblyscript/"];

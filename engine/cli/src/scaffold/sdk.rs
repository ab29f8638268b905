//! The SDKs that are not published yet, as they are in this binary: `build.rs` puts them there.

/// What of the SDKs is at hand.
#[derive(Clone, Copy)]
pub(super) struct Sdk {
    /// Paths in the folder of the SDKs, and texts.
    files: &'static [(&'static str, &'static str)],
    /// The versions of the crates that the SDK for Rust depends on, as a part of a lock file.
    pub lock: &'static str,
}

/// What is in this binary. It is nothing where this crate was built from its published package: then the SDK for Rust is
/// published as well.
pub(super) const EMBEDDED: Sdk = {
    let (files, lock): (&[(&str, &str)], &str) = include!(concat!(env!("OUT_DIR"), "/sdk.rs"));
    Sdk { files, lock }
};

impl Sdk {
    /// What a published version of the tool has.
    #[cfg(test)]
    pub const NONE: Sdk = Sdk { files: &[], lock: "" };

    /// Whether the SDK for Rust is there.
    pub fn has_rust(self) -> bool {
        self.files.iter().any(|(name, _)| *name == "rust/Cargo.toml")
    }

    /// The files of the SDK for Rust, by their paths in the folder of the SDK.
    pub fn rust(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let is_rust = |name: &str| OTHERS.iter().all(|other| !name.starts_with(other));
        self.files.iter().copied().filter(move |(name, _)| is_rust(name))
    }

    /// The files of the SDK for another language, which is in this folder.
    pub fn of(self, folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
        let is_in = move |name: &str| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.files.iter().copied().filter(move |(name, _)| is_in(name))
    }
}

/// The folders of SDKs for other languages.
const OTHERS: [&str; 3] = ["c/", "zig/", "assemblyscript/"];

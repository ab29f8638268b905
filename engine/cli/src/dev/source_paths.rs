//! Which paths are sources, and of which mods.
//!
//! Pure: paths in, work out. What tools make beside the sources does not count, nor what editors leave while they save.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::plan::Work;
use crate::project::MANIFEST;

/// Folders that tools make.
const MADE: [&str; 7] = ["target", "node_modules", "zig-cache", "zig-out", "build", "dist", "out"];
/// Hidden folders that belong to the sources.
const KEPT: [&str; 1] = [".cargo"];
/// Files after whose change the mods have to be found again.
const MANIFESTS: [&str; 4] = [MANIFEST, "Cargo.toml", "config.toml", "rust-toolchain.toml"];
/// Files that builds write themselves.
const WRITTEN: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// The mods whose sources are watched.
#[derive(Clone, Debug, Default)]
pub(super) struct SourcePaths {
    /// Each mod's folders.
    pub mods: BTreeMap<String, BTreeSet<PathBuf>>,
    /// The interfaces of games, and the mods that name them.
    pub interfaces: BTreeMap<PathBuf, BTreeSet<String>>,
    /// The files that builds make.
    pub outputs: BTreeSet<PathBuf>,
}

impl SourcePaths {
    /// Whether builds make the file, or a compiler makes it on the way: linkers write `gale.wasm.tmp3b1085f` first, and others
    /// leave `gale.wasm.map`.
    fn is_output(&self, path: &Path) -> bool {
        let begins = |output: &PathBuf| {
            let names = output.file_name().zip(path.file_name());
            names.is_some_and(|(output, name)| name.as_encoded_bytes().starts_with(output.as_encoded_bytes()))
        };
        self.outputs.iter().any(|output| output.parent() == path.parent() && begins(output))
    }

    /// What has to be built after a change of this path; nothing if it is not a source.
    pub fn work(&self, path: &Path) -> Option<Work> {
        let name = path.file_name()?;
        if !is_source_name(name) || WRITTEN.iter().any(|written| name == *written) || self.is_output(path) {
            return None;
        }
        if let Some(mods) = self.interfaces.get(path) {
            return Some(Work { mods: mods.clone(), is_anew: false });
        }
        let roots = self.mods.values().flatten().filter(|root| path.starts_with(root));
        let root = roots.max_by_key(|root| root.components().count());
        let inside = root.map_or(Path::new(""), |root| path.strip_prefix(root).unwrap_or(Path::new("")));
        let folders = inside.parent().into_iter().flat_map(Path::components);
        if !folders.map(|folder| folder.as_os_str()).all(is_source_folder) {
            return None;
        }
        if MANIFESTS.iter().any(|manifest| name == *manifest) {
            return Some(Work { mods: BTreeSet::new(), is_anew: true });
        }
        let touched = |folders: &BTreeSet<PathBuf>| folders.iter().any(|folder| path.starts_with(folder));
        let mods = self.mods.iter().filter(|(_, folders)| touched(folders)).map(|(name, _)| name.clone());
        let mods: BTreeSet<String> = mods.collect();
        (!mods.is_empty()).then_some(Work { mods, is_anew: false })
    }
}

/// Whether a folder of this name is looked into.
pub(super) fn is_source_folder(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    KEPT.contains(&&*name) || (!name.starts_with('.') && !MADE.contains(&&*name))
}

/// Whether a file of this name may be a source: neither hidden, nor what editors write before they rename it.
fn is_source_name(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let is_temporary = name.starts_with('.')
        || name.starts_with('#')
        || name.ends_with('~')
        || [".swp", ".swx", ".swo", ".tmp", ".bak", ".orig", ".part"].iter().any(|end| name.ends_with(end));
    // Vim writes 4913 to find out whether it may write. Linkers write `raw.wasm.tmp3b1085f` before `raw.wasm`.
    !is_temporary && name != "4913" && !name.contains(".wasm")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(path: &str) -> String {
        let folders = |folders: &[&str]| folders.iter().map(PathBuf::from).collect::<BTreeSet<_>>();
        let mods = [
            ("bees", folders(&["/mods/bees"])),
            ("flock", folders(&["/mods/flock", "/types"])),
            ("grass", folders(&["/mods/grass", "/types", "/mods/grass/.tinkerbox/sdk/rust"])),
        ];
        let mods = mods.into_iter().map(|(name, folders)| (name.to_owned(), folders)).collect();
        let interfaces = [(PathBuf::from("/game/zoo.interface.toml"), ["bees".to_owned()].into())].into();
        let paths = SourcePaths { mods, interfaces, outputs: [PathBuf::from("/mods/bees/bees.wasm")].into() };
        match paths.work(Path::new(path)) {
            None => "nothing".to_owned(),
            Some(Work { is_anew: true, .. }) => "all".to_owned(),
            Some(Work { mods, .. }) => mods.into_iter().collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn each_path_means_work_or_nothing() {
        let cases = [
            ("/mods/flock/src/lib.rs", "flock"),
            ("/mods/flock/src/deep/er/birds.rs", "flock"),
            ("/mods/flock/.cargo/config.toml", "all"),
            ("/mods/flock/Cargo.toml", "all"),
            ("/mods/flock/mod.toml", "all"),
            ("/mods/Cargo.toml", "all"),
            ("/mods/new/mod.toml", "all"),
            ("/mods/Cargo.lock", "nothing"),
            ("/mods/flock/Cargo.lock", "nothing"),
            ("/types/src/lib.rs", "flock grass"),
            ("/mods/grass/.tinkerbox/sdk/rust/src/lib.rs", "grass"),
            ("/mods/grass/.tinkerbox/other.rs", "nothing"),
            ("/mods/flock/target/release/x.rs", "nothing"),
            ("/mods/flock/.git/index", "nothing"),
            ("/mods/flock/node_modules/a/b.js", "nothing"),
            ("/mods/bees/src/bees.c", "bees"),
            ("/mods/bees/bees.wasm", "nothing"),
            ("/mods/bees/bees.wasm.tmp3b1085f", "nothing"),
            ("/mods/bees/bees.map", "bees"),
            ("/mods/bees/other.wasm", "nothing"),
            ("/mods/bees/raw.wasm.tmp3b1085f", "nothing"),
            ("/mods/bees/build/bees.wat", "nothing"),
            ("/mods/bees/zig-cache/x", "nothing"),
            ("/elsewhere/x.rs", "nothing"),
            ("/game/zoo.interface.toml", "bees"),
            ("/game/other.interface.toml", "nothing"),
        ];
        for (path, expected) in cases {
            assert_eq!(work(path), expected, "{path}");
        }
    }

    #[test]
    fn what_editors_leave_is_not_a_source() {
        for name in [
            ".lib.rs.swp",
            "lib.rs~",
            "#lib.rs#",
            ".#lib.rs",
            "4913",
            "lib.rs.tmp",
            ".lib.rs.un~",
            "lib.rs.swx",
        ] {
            assert_eq!(work(&format!("/mods/flock/src/{name}")), "nothing", "{name}");
        }
    }
}

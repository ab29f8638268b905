//! The files of an example's mods: manifests and WebAssembly as text, written into a temporary folder.
//!
//! A real mod is written with the SDK, which also generates the schema. Here it is text, so that an example is one file and
//! shows what a game sees of a mod. This file knows no example.

#![expect(clippy::unwrap_used, reason = "an example asserts what it claims")]

use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// A mod as text.
pub struct ModText {
    pub id: &'static str,
    /// What follows `[mod]` in its manifest.
    pub manifest: &'static str,
    pub wat: &'static str,
}

impl ModText {
    /// Writes it into a folder of its own inside `mods`, and replaces existing files.
    pub fn write(&self, mods: &Path) {
        let folder = mods.join(self.id);
        let manifest =
            format!("[mod]\nid = \"{}\"\nversion = \"0.1.0\"\napi = 1\n{}", self.id, self.manifest);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("mod.toml"), manifest).unwrap();
        fs::write(folder.join("mod.wasm"), wat::parse_str(self.wat).unwrap()).unwrap();
    }
}

/// A folder with these mods.
pub fn folder_of(mods: &[ModText]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    mods.iter().for_each(|text| text.write(folder.path()));
    folder
}

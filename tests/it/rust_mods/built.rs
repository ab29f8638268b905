//! The small mods as WebAssembly, built by cargo as the tool's template says.

use std::fs;
use std::sync::LazyLock;

use super::sources::{HEAD, MODS};
use crate::cargo_mods;

/// The mods as WebAssembly, without names and debug information, and without paths of this machine.
static BUILT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mods = MODS.iter().map(|(name, code)| (*name, format!("{HEAD}{code}")));
    let workspace = cargo_mods::workspace(mods, profile(), "");
    let root = cargo_mods::sdk().join("../..").canonicalize().unwrap();
    let flags = format!("-Ctarget-feature=+simd128 --remap-path-prefix={}/=", root.display());
    let environment = [("RUSTFLAGS", flags.as_str()), ("CARGO_PROFILE_RELEASE_STRIP", "true")];
    let built = cargo_mods::build(workspace.path(), "rust_mods", "release", &environment);
    MODS.iter().map(|(name, _)| fs::read(built.join(format!("{name}.wasm"))).unwrap()).collect()
});

/// The code of a mod.
pub fn built(name: &str) -> &'static [u8] {
    &BUILT[MODS.iter().position(|(other, _)| *other == name).unwrap()]
}

/// The profile of the template, which is that of the example mods.
fn profile() -> &'static str {
    let template = profile_in(include_str!("../../../engine/cli/templates/rust/Cargo.toml.in"));
    assert_eq!(template, profile_in(include_str!("../../../mods/Cargo.toml")));
    template
}

/// The settings of profiles in a manifest, up to an empty line behind the last one.
fn profile_in(manifest: &'static str) -> &'static str {
    let start = manifest.find("[profile.release]").unwrap();
    let last = manifest.rfind("[profile.release").unwrap();
    let end = manifest[last..].find("\n\n").map_or(manifest.len(), |end| last + end);
    manifest[start..end].trim_end()
}

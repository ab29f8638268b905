//! The small mods as WebAssembly, built by cargo as the tool's template says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::sources::{HEAD, MODS};

/// The mods as WebAssembly, without names and debug information, and without paths of this machine.
static BUILT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let disk = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let write = |name: &str, text: &str| {
        let file = disk.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let members = MODS.map(|(name, _)| format!("\"{name}\"")).join(", ");
    write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n{}", profile()));
    for (name, code) in MODS {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
             [dependencies]\ntinkerbox-sdk = {{ path = {:?} }}\n",
            root.join("sdk/rust")
        );
        write(&format!("{name}/Cargo.toml"), &manifest);
        write(&format!("{name}/src/lib.rs"), &format!("{HEAD}{code}"));
    }
    // The versions that the example mods are built with.
    fs::copy(root.join("mods/Cargo.lock"), disk.path().join("Cargo.lock")).unwrap();
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rust_mods");
    let status = Command::new(env!("CARGO"))
        .current_dir(disk.path())
        .args(["build", "--target", tinkerbox_cli::TARGET, "--release", "--target-dir"])
        .arg(&target)
        .env("RUSTFLAGS", format!("-Ctarget-feature=+simd128 --remap-path-prefix={}/=", root.display()))
        .env("CARGO_PROFILE_RELEASE_STRIP", "true")
        .status()
        .unwrap();
    assert!(status.success(), "the mods can't be built: cargo says why above");
    let file = |name| target.join(tinkerbox_cli::TARGET).join("release").join(format!("{name}.wasm"));
    MODS.iter().map(|(name, _)| fs::read(file(name)).unwrap()).collect()
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

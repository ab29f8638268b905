//! Mods in Rust that tests write themselves, built by cargo. What they depend on is compiled once for each kind of test, and
//! kept between runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use wasmparser::{Parser, Payload};

/// The SDK.
pub fn sdk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/rust").canonicalize().unwrap()
}

/// Writes a file and the folders that it is in.
pub fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// Writes a workspace with a package for each name and code. `profiles` stands in its manifest, and `dependencies` in each
/// package's.
pub fn workspace<'m>(
    mods: impl Iterator<Item = (&'m str, String)>,
    profiles: &str,
    dependencies: &str,
) -> TempDir {
    let disk = tempfile::tempdir().unwrap();
    let (mut members, sdk) = (Vec::new(), sdk());
    for (name, code) in mods {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
             [dependencies]\ntinkerbox-sdk = {{ path = {sdk:?} }}\n{dependencies}"
        );
        write(&disk.path().join(name).join("Cargo.toml"), &manifest);
        write(&disk.path().join(name).join("src/lib.rs"), &code);
        members.push(format!("\"{name}\""));
    }
    let members = members.join(", ");
    let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n{profiles}");
    write(&disk.path().join("Cargo.toml"), &workspace);
    disk
}

/// Builds the packages in a folder with the versions that the example mods are built with, and returns the folder of the
/// built files. `kind` names what is kept between runs.
pub fn build(folder: &Path, kind: &str, profile: &str, environment: &[(&str, &str)]) -> PathBuf {
    fs::copy(sdk().join("../../mods/Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(kind);
    let status = Command::new(env!("CARGO"))
        .current_dir(folder)
        .args(["build", "--target", tinkerbox_cli::TARGET, "--profile", profile, "--target-dir"])
        .arg(&target)
        .env_remove("RUSTFLAGS")
        .envs(environment.iter().copied())
        .status()
        .unwrap();
    assert!(status.success(), "the mods in {} can't be built: cargo says why above", folder.display());
    target.join(tinkerbox_cli::TARGET).join(profile)
}

/// The custom sections of this name, as texts.
pub fn custom_sections(wasm: &[u8], name: &str) -> Vec<String> {
    let sections = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.unwrap() {
        Payload::CustomSection(section) if section.name() == name => {
            Some(String::from_utf8(section.data().to_vec()).unwrap())
        }
        _ => None,
    });
    sections.collect()
}

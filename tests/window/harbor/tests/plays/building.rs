//! Builds the mods that come with the game, as their authors do.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tinkerbox_cli::check::CheckSettings;
use tinkerbox_cli::{BuildRequest, Console, build};

/// The folder of the game's crate.
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with the built mods, each in a folder of its own.
pub fn mods() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let to = target().join("mods");
        install(&folder().join("mods"), &to);
        to
    })
}

/// The folder with a pilot whose ships sail twice as fast: its author has changed a number in its source.
pub fn faster_mods() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let (author, to) = (target().join("author"), target().join("faster"));
        copy_sources(&author);
        edit(&author.join("mods/pilot/src/lib.rs"), "const SPEED: f32 = 8.0;", "const SPEED: f32 = 16.0;");
        install(&author.join("mods"), &to);
        to
    })
}

/// Replaces a text in a file. It must be there.
pub fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has no `{from}`", file.display());
    fs::write(file, text.replace(from, to)).unwrap();
}

/// Where cargo keeps what tests make.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn install(sources: &Path, to: &Path) {
    let request = BuildRequest {
        folder: sources.to_owned(),
        names: Vec::new(),
        to: Some(to.to_owned()),
        check: CheckSettings::default(),
    };
    let report = build(&request, Console::StandardError).unwrap();
    for built in &report.mods {
        assert!(built.outcome.is_built(), "{}: {:?}", built.name, built.outcome);
    }
}

/// What an author has: the interface file and the sources of the pilot.
fn copy_sources(to: &Path) {
    let files = [
        "harbor.interface.toml",
        "mods/.cargo/config.toml",
        "mods/Cargo.lock",
        "mods/Cargo.toml",
        "mods/pilot/Cargo.toml",
        "mods/pilot/mod.toml",
        "mods/pilot/src/lib.rs",
    ];
    for file in files {
        let copy = to.join(file);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(folder().join(file), copy).unwrap();
    }
    let workspace = to.join("mods/Cargo.toml");
    edit(&workspace, r#"members = ["customs", "pilot"]"#, r#"members = ["pilot"]"#);
    let here = folder().join("mods").display().to_string();
    edit(&workspace, r#"path = ""#, &format!(r#"path = "{here}/"#));
}

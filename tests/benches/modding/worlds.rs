//! Worlds with mods for measurements.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{Schedules, SingleThreadedExecutor};
use meadow::{Position, Velocity};
use tempfile::TempDir;
use tinkerbox::{Expose, ModStatus, ModdingPlugin};

/// Entities that are moved.
pub const ENTITIES: usize = 100_000;

/// An app with mods, each in a folder of its own, and the folders.
pub struct Modded {
    pub app: App,
    _folder: TempDir,
}

/// Loads mods, which are manifests with their WebAssembly, and runs a few frames on one thread. All of them must run.
pub fn modded(mods: &[(String, Vec<u8>)]) -> Modded {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    for (number, (manifest, wasm)) in mods.iter().enumerate() {
        write(&folder.path().join(format!("m{number:05}")), manifest, wasm);
    }
    let mut app = App::new();
    app.expose_component::<Position>().expose_component::<Velocity>();
    app.add_plugins(ModdingPlugin::new(folder.path()).wait_for_mods(true).watch(false).threads(1));
    one_thread(&mut app);
    (0..3).for_each(|_| app.update());
    let world = app.world_mut();
    let runs = |status: &&ModStatus| matches!(status, ModStatus::Live | ModStatus::Suspended { .. });
    assert_eq!(world.query::<&ModStatus>().iter(world).filter(runs).count(), mods.len(), "every mod runs");
    Modded { app, _folder: folder }
}

/// Measures the work, not the waking of threads.
pub fn one_thread(app: &mut App) {
    for (_, schedule) in app.world_mut().resource_mut::<Schedules>().iter_mut() {
        schedule.set_executor(SingleThreadedExecutor::new());
    }
}

fn write(folder: &Path, manifest: &str, wasm: &[u8]) {
    let write = || {
        fs::create_dir(folder)?;
        fs::write(folder.join("mod.toml"), manifest)?;
        fs::write(folder.join("mod.wasm"), wasm)
    };
    write().expect("temporary files can be written");
}

/// Things that move to the east, each with its own speed.
pub fn populate(world: &mut World) {
    let thing = |number| (Position::default(), Velocity { x: number as f32, y: 1.0 });
    world.spawn_batch((0..ENTITIES).map(thing));
}

/// The manifest of a mod, with additional lines after its head.
pub fn manifest(id: &str, rest: &str) -> String {
    format!("[mod]\nid = \"{id}\"\nversion = \"0.1.0\"\napi = 1\n{rest}")
}

/// Compiles text to WebAssembly.
pub fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The mod in `mods/bench/drift`, built by cargo: its manifest and its WebAssembly.
pub fn drift() -> (String, Vec<u8>) {
    let mods = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../mods");
    let built = Command::new(env!("CARGO"))
        .current_dir(&mods)
        .args(["build", "--release", "--package", "drift", "--target-dir", "target"])
        .env_remove("RUSTFLAGS")
        .status();
    assert!(built.is_ok_and(|status| status.success()), "cargo builds mods/bench/drift");
    let read = |path: &str| fs::read(mods.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let manifest = String::from_utf8(read("bench/drift/mod.toml")).expect("a manifest is text");
    (manifest, read("target/wasm32-unknown-unknown/release/drift.wasm"))
}

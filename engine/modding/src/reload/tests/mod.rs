//! What happens between the steps of loading and reloading, which a game does not see one by one.

mod held_up;
mod steps;

use std::fs;
use std::path::Path;

use bevy_app::App;

use crate::{ModInfo, ModStats};

/// Writes a mod that counts its ticks.
fn write(folder: &Path, id: &str, version: &str) {
    write_with(folder, id, version, "");
}

fn write_with(folder: &Path, id: &str, version: &str, manifest: &str) {
    let manifest = format!(
        "[mod]\nid = \"{id}\"\nversion = \"{version}\"\napi = 1\n{manifest}[[system]]\nname = \"run\"\n"
    );
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("mod.toml"), manifest).unwrap();
    fs::write(folder.join("mod.wasm"), wasm()).unwrap();
}

fn wasm() -> Vec<u8> {
    wat::parse_str("(module (memory (export \"memory\") 1) (func (export \"sys_run\")))").unwrap()
}

/// The version of a mod, and how many ticks it has had; `None` if there is no such mod.
fn seen(app: &mut App, id: &str) -> Option<(String, u64)> {
    let world = app.world_mut();
    let mut mods = world.query::<(&ModInfo, &ModStats)>();
    let (info, stats) = mods.iter(world).find(|(info, _)| info.id == id)?;
    Some((info.version.clone(), stats.ticks))
}

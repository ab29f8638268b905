//! Frames while the thread that builds is held up.

use std::fs;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use bevy_app::App;
use bevy_ecs::world::World;

use super::reloads::ModReloads;
use crate::{ModInfo, ModStats, ModdingPlugin};

/// Long enough for any machine; only a frame that waits takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

fn write(folder: &Path, version: &str) {
    let manifest =
        format!("[mod]\nid = \"counter\"\nversion = \"{version}\"\napi = 1\n[[system]]\nname = \"run\"\n");
    let wasm = wat::parse_str("(module (memory (export \"memory\") 1) (func (export \"sys_run\")))").unwrap();
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("mod.toml"), manifest).unwrap();
    fs::write(folder.join("mod.wasm"), wasm).unwrap();
}

/// The version that runs, and how many ticks the mod has had.
fn seen(world: &mut World) -> (String, u64) {
    let mut mods = world.query::<(&ModInfo, &ModStats)>();
    let (info, stats) = mods.single(world).unwrap();
    (info.version.clone(), stats.ticks)
}

/// Runs a thousand frames while nothing can be built.
fn run_while_nothing_is_built() {
    let disk = tempfile::tempdir().unwrap();
    let folder = disk.path().join("counter");
    write(&folder, "1.0.0");
    let mut app = App::new();
    app.add_plugins(ModdingPlugin::new(disk.path()));
    app.update();
    let follower = app.world().resource::<ModReloads>().follower();
    // Each build begins with this.
    let held_up = follower.lock().unwrap_or_else(PoisonError::into_inner);
    write(&folder, "2.0.0");
    let mut reloads = app.world_mut().resource_mut::<ModReloads>();
    reloads.record(&folder, Duration::ZERO);
    reloads.settle(Duration::from_secs(1));
    for tick in 2..1_000 {
        app.update();
        assert_eq!(seen(app.world_mut()), ("1.0.0".to_owned(), tick));
    }
    drop(held_up);
    app.world_mut().resource_mut::<ModReloads>().finish_builds();
    app.update();
    assert_eq!(seen(app.world_mut()), ("2.0.0".to_owned(), 1_000));
}

#[test]
fn no_frame_waits_for_a_build() {
    let (done, is_done) = channel();
    let frames = thread::spawn(move || {
        run_while_nothing_is_built();
        done.send(()).unwrap();
    });
    if is_done.recv_timeout(PATIENCE).is_err() && !frames.is_finished() {
        panic!("a frame waits for the build");
    }
    frames.join().unwrap();
}

//! Frames while nothing can be built.

use std::sync::PoisonError;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use bevy_app::App;

use super::{seen, write};
use crate::reload::reloads::ModReloads;
use crate::{ModInfo, ModLoading, ModdingPlugin};

/// Long enough for any machine; only a frame that waits takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a thousand frames while nothing can be built.
fn run_while_nothing_is_built() {
    let disk = tempfile::tempdir().unwrap();
    let folder = disk.path().join("counter");
    write(&folder, "counter", "1.0.0");
    let mut app = App::new();
    app.add_plugins(ModdingPlugin::new(disk.path()).wait_for_mods(true));
    app.update();
    let follower = app.world().resource::<ModReloads>().follower();
    // Each build begins with this.
    let held_up = follower.lock().unwrap_or_else(PoisonError::into_inner);
    write(&folder, "counter", "2.0.0");
    let mut reloads = app.world_mut().resource_mut::<ModReloads>();
    reloads.record(&folder, Duration::ZERO);
    reloads.settle(Duration::from_secs(1));
    for tick in 2..1_000 {
        app.update();
        assert_eq!(seen(&mut app, "counter"), Some(("1.0.0".to_owned(), tick)));
    }
    drop(held_up);
    app.world_mut().resource_mut::<ModReloads>().finish_builds();
    app.update();
    assert_eq!(seen(&mut app, "counter"), Some(("2.0.0".to_owned(), 1_000)));
}

/// Runs a thousand frames while the mods of the start can't be built.
fn run_while_nothing_is_loaded() {
    let disk = tempfile::tempdir().unwrap();
    write(&disk.path().join("counter"), "counter", "1.0.0");
    let mut app = App::new();
    app.add_plugins(ModdingPlugin::new(disk.path()));
    let follower = app.world().resource::<ModReloads>().follower();
    let held_up = follower.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..1_000 {
        app.update();
        assert!(!app.world().resource::<ModLoading>().is_done());
        assert_eq!(app.world_mut().query::<&ModInfo>().iter(app.world()).count(), 0);
    }
    drop(held_up);
    app.world_mut().resource_mut::<ModReloads>().finish_builds();
    while !app.world().resource::<ModLoading>().is_done() {
        app.update();
    }
    assert_eq!(
        seen(&mut app, "counter"),
        Some(("1.0.0".to_owned(), 1)),
        "it is ticked in the frame that ends loading"
    );
    let ModLoading { done, of, current, .. } = app.world().resource::<ModLoading>().clone();
    assert_eq!((done, of, current), (1, 1, None));
}

/// Fails if it takes longer than any machine needs.
fn in_time(run: fn()) {
    let (done, is_done) = channel();
    let frames = thread::spawn(move || {
        run();
        done.send(()).unwrap();
    });
    if is_done.recv_timeout(PATIENCE).is_err() && !frames.is_finished() {
        panic!("a frame waits for the build");
    }
    frames.join().unwrap();
}

#[test]
fn no_frame_waits_for_a_build() {
    in_time(run_while_nothing_is_built);
}

#[test]
fn no_frame_waits_for_the_mods_of_the_start() {
    in_time(run_while_nothing_is_loaded);
}

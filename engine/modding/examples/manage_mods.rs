//! Managing mods: disabled and enabled, reloaded from changed files, unloaded and loaded again.
//!
//! `cargo run -p tinkerbox --example manage_mods`

#![expect(clippy::unwrap_used, reason = "an example asserts what it claims")]

mod mod_files;

use std::time::Duration;

use bevy_app::App;
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use mod_files::{ModText, folder_of};
use tinkerbox::mod_type;
use tinkerbox::{Expose, ModInfo, ModReloads, ModReport, ModReportKind, ModStats, ModdingPlugin, Mods};

#[mod_type("meadow:Clock")]
#[derive(Resource, Debug, Default, PartialEq)]
struct Clock {
    hours: u32,
}

const TOWER: ModText = ModText {
    id: "tower",
    manifest: r#"
        [permissions]
        write = ["meadow:Clock"]

        [[system]]
        name = "strike"
        resource = [{ resource = "meadow:Clock", access = "write", layout = "{ hours: u32 }" }]"#,
    wat: r#"(module
        (import "tinkerbox1" "resource_get" (func $resource_get (param i32 i32) (result i32)))
        (import "tinkerbox1" "resource_set" (func $resource_set (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "sys_strike")
            (drop (call $resource_get (i32.const 0) (i32.const 0)))
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (drop (call $resource_set (i32.const 0) (i32.const 0)))))"#,
};

/// Everything that a game can ask for.
pub fn main() {
    let folder = folder_of(&[TOWER]);
    let mut app = App::new();
    app.init_resource::<Clock>()
        .expose_resource::<Clock>()
        .add_plugins(ModdingPlugin::new(folder.path()).wait_for_mods(true).watch(false));
    assert_eq!(frame(&mut app), (1, vec![ModReportKind::Loaded]));
    let tower = app.world().resource::<Mods>().entity("tower").unwrap();
    println!("{:?}", app.world().get::<ModInfo>(tower).unwrap());

    // Requests are carried out at the start of the next frame.
    app.world_mut().resource_mut::<Mods>().disable(tower);
    assert_eq!(frame(&mut app), (1, vec![ModReportKind::Disabled]));
    app.world_mut().resource_mut::<Mods>().enable(tower);
    assert_eq!(frame(&mut app), (2, vec![ModReportKind::Enabled]));

    // A changed file. With a watcher, `ModdingPlugin::watch(true)`, the game does not have to record changes.
    let faster = TOWER.wat.replace("(i32.const 1)))", "(i32.const 10)))");
    std::fs::write(folder.path().join("tower/mod.wasm"), wat::parse_str(faster).unwrap()).unwrap();
    let mut reloads = app.world_mut().resource_mut::<ModReloads>();
    reloads.record(&folder.path().join("tower/mod.wasm"), Duration::ZERO);
    reloads.settle(Duration::from_millis(80));
    reloads.finish_builds();
    assert_eq!(frame(&mut app), (12, vec![ModReportKind::Reloaded]));
    assert_eq!(app.world().get::<ModStats>(tower).unwrap().generation, 2);

    app.world_mut().resource_mut::<Mods>().unload(tower);
    assert_eq!(frame(&mut app), (12, vec![ModReportKind::Removed]));
    assert!(app.world().get_entity(tower).is_err());
    // It is built in the background, and loaded at the start of a later frame.
    app.world_mut().resource_mut::<Mods>().load(folder.path().join("tower"));
    assert_eq!(frame(&mut app), (12, vec![]));
    app.world_mut().resource_mut::<ModReloads>().finish_builds();
    assert_eq!(frame(&mut app), (22, vec![ModReportKind::Loaded]));
}

/// Runs a frame; returns the hour after it, and what was reported in it.
fn frame(app: &mut App) -> (u32, Vec<ModReportKind>) {
    app.update();
    let hours = app.world().resource::<Clock>().hours;
    let mut reports = app.world_mut().resource_mut::<Messages<ModReport>>();
    let print = |report: &ModReport| println!("{hours:>2} o'clock, {}: {}", report.mod_id, report.text);
    (hours, reports.drain().inspect(print).map(|report| report.kind).collect())
}

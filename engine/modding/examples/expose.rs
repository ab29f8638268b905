//! Components: a mod moves entities with a velocity, and a mod that was built for another version of the game is refused.
//!
//! `cargo run -p tinkerbox --example expose`

#![expect(clippy::unwrap_used, reason = "an example asserts what it claims")]

mod mod_files;

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;
use mod_files::{ModText, folder_of};
use tinkerbox::mod_type;
use tinkerbox::{Expose, ModReport, ModStatus, ModTime, ModdingPlugin, Mods, TickMods};

#[mod_type("meadow:Position")]
#[derive(Component, Debug, Default, PartialEq)]
struct Position {
    x: f32,
    y: f32,
}

#[mod_type("meadow:Velocity")]
#[derive(Component, Debug)]
struct Velocity {
    x: f32,
    y: f32,
}

const DRIFT: ModText = ModText {
    id: "drift",
    manifest: r#"
        [permissions]
        read = ["meadow:Velocity"]
        write = ["meadow:Position"]

        [[system]]
        name = "drift"
        [[system.query]]
        columns = [
            { component = "meadow:Position", access = "write", layout = "{ x: f32, y: f32 }" },
            { component = "meadow:Velocity", access = "read", layout = "{ x: f32, y: f32 }" },
        ]"#,
    wat: r#"(module
        (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
        (import "tinkerbox1" "delta" (func $delta (result f32)))
        (memory (export "memory") 1)
        (func (export "sys_drift") (local $rows i32) (local $position i32) (local $velocity i32)
            (loop $chunks
                ;; Of query 0 the next rows, in 4,096 bytes from address 64 on; where the columns are is written to 0.
                (local.set $rows (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 4096)))
                (if (i32.gt_s (local.get $rows) (i32.const 0)) (then
                    (local.set $position (i32.load (i32.const 8)))
                    (local.set $velocity (i32.load (i32.const 12)))
                    (loop $row
                        (f32.store (local.get $position) (f32.add
                            (f32.load (local.get $position))
                            (f32.mul (f32.load (local.get $velocity)) (call $delta))))
                        (local.set $position (i32.add (local.get $position) (i32.const 8)))
                        (local.set $velocity (i32.add (local.get $velocity) (i32.const 8)))
                        (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
                    (br $chunks))))))"#,
};

/// Built for a version in which positions were integers.
const STALE: ModText = ModText {
    id: "stale",
    manifest: r#"
        [permissions]
        read = ["meadow:Position"]

        [[system]]
        name = "look"
        [[system.query]]
        columns = [{ component = "meadow:Position", access = "read", layout = "{ x: i32, y: i32 }" }]"#,
    wat: r#"(module (memory (export "memory") 1) (func (export "sys_look")))"#,
};

/// Runs four frames of a meadow with both mods.
pub fn main() {
    let mods = folder_of(&[DRIFT, STALE]);
    let mut app = App::new();
    app.expose_component::<Position>()
        .expose_component::<Velocity>()
        .add_plugins(ModdingPlugin::new(mods.path()).wait_for_mods(true).watch(false))
        .add_systems(Update, (|mut time: ResMut<ModTime>| time.advance(0.5)).before(TickMods))
        .add_systems(Update, (show_reports, show_moved).chain().after(TickMods));
    let sheep = app.world_mut().spawn((Position::default(), Velocity { x: 3.0, y: 0.0 })).id();
    let rock = app.world_mut().spawn((Position::default(), Velocity { x: 0.0, y: 0.0 })).id();
    let tree = app.world_mut().spawn(Position::default()).id();
    (0..4).for_each(|_| app.update());

    let world = app.world();
    let at = |entity| *world.get::<Position>(entity).unwrap();
    assert_eq!(at(sheep), Position { x: 6.0, y: 0.0 });
    assert_eq!([at(rock), at(tree)], [Position::default(); 2]);
    let status = |id| *world.get::<ModStatus>(world.resource::<Mods>().entity(id).unwrap()).unwrap();
    assert_eq!((status("drift"), status("stale")), (ModStatus::Live, ModStatus::Refused));
}

fn show_reports(mut reports: MessageReader<ModReport>) {
    reports.read().for_each(|report| println!("{}: {}", report.mod_id, report.text));
}

/// The rock is not among them, since the mod has written the value that it had.
fn show_moved(moved: Query<(Entity, Ref<Position>)>) {
    for (entity, position) in moved.iter().filter(|(_, it)| it.is_changed() && !it.is_added()) {
        println!("{entity} has moved to {}", position.x);
        assert!(position.x > 0.0);
    }
}

//! Faults: a mod that traps leaves no trace, rests for longer each time, is quarantined, and gets another chance.
//!
//! `cargo run -p tinkerbox --example faults`

#![expect(clippy::unwrap_used, reason = "an example asserts what it claims")]

mod mod_files;

use bevy_app::{App, Update};
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use mod_files::{ModText, folder_of};
use tinkerbox::mod_type;
use tinkerbox::{Expose, ModReport, ModReportKind, ModStatus, ModTime, ModdingPlugin, Mods, TickMods};

/// How much wool can still be shorn.
#[mod_type("meadow:Wool")]
#[derive(Resource)]
struct Wool {
    left: u32,
}

/// Takes 1 of the wool, and traps if there was none.
const SHEARER: ModText = ModText {
    id: "shearer",
    manifest: r#"
        [permissions]
        write = ["meadow:Wool"]

        [[system]]
        name = "shear"
        resource = [{ resource = "meadow:Wool", access = "write", layout = "{ left: u32 }" }]"#,
    wat: r#"(module $shearer
        (import "tinkerbox1" "resource_get" (func $resource_get (param i32 i32) (result i32)))
        (import "tinkerbox1" "resource_set" (func $resource_set (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func $stumble unreachable)
        (func $shear (export "sys_shear") (local $left i32)
            (drop (call $resource_get (i32.const 0) (i32.const 0)))
            (local.set $left (i32.load (i32.const 0)))
            ;; Below 0 of a u32 there are four billion. The world never sees them.
            (i32.store (i32.const 0) (i32.sub (local.get $left) (i32.const 1)))
            (drop (call $resource_set (i32.const 0) (i32.const 0)))
            (if (i32.eqz (local.get $left)) (then (call $stumble)))))"#,
};

/// Wool for three ticks, then none for a hundred ticks, then for five more.
pub fn main() {
    let mods = folder_of(&[SHEARER]);
    let mut app = App::new();
    app.insert_resource(Wool { left: 3 })
        .expose_resource::<Wool>()
        .add_plugins(ModdingPlugin::new(mods.path()).wait_for_mods(true).watch(false))
        .add_systems(Update, (|mut time: ResMut<ModTime>| time.advance(0.1)).before(TickMods));
    let mut faulted_at = Vec::new();
    for tick in 1..=100 {
        let reports = frame(&mut app);
        if let Some(fault) = reports.iter().find(|report| report.kind == ModReportKind::Faulted) {
            assert!(
                fault.text.contains("shearer!stumble"),
                "the backtrace names the function: {}",
                fault.text
            );
            faulted_at.push(tick);
        }
    }
    println!("it faulted at {faulted_at:?}");
    // Faults in a row are followed by rests of 1, 2, 4, 8 and 16 ticks; the sixth within 600 ticks leads to quarantine.
    assert_eq!(faulted_at, [4, 5, 7, 11, 19, 35]);
    assert_eq!(status(&app), ModStatus::Quarantined);
    assert_eq!(app.world().resource::<Wool>().left, 0);

    // The game removes the cause, and resets the mod.
    app.world_mut().resource_mut::<Wool>().left = 5;
    let mut mods = app.world_mut().resource_mut::<Mods>();
    let shearer = mods.entity("shearer").unwrap();
    mods.reset(shearer);
    (0..2).for_each(|_| drop(frame(&mut app)));
    assert_eq!(status(&app), ModStatus::Live);
    assert_eq!(app.world().resource::<Wool>().left, 3);
}

/// Runs a frame; returns what was reported in it.
fn frame(app: &mut App) -> Vec<ModReport> {
    app.update();
    let mut reports = app.world_mut().resource_mut::<Messages<ModReport>>();
    reports.drain().inspect(|report| println!("{:?}: {}", report.kind, report.text)).collect()
}

fn status(app: &App) -> ModStatus {
    let world = app.world();
    *world.get(world.resource::<Mods>().entity("shearer").unwrap()).unwrap()
}

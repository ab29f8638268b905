//! Functions of the game: their price, and how they access the calling mod's memory and the world.
//!
//! `cargo run -p tinkerbox --example game_functions`

#![expect(clippy::unwrap_used, reason = "an example asserts what it claims")]

mod mod_files;

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;
use mod_files::{ModText, folder_of};
use tinkerbox::mod_type;
use tinkerbox::{Caller, Trap};
use tinkerbox::{Expose, ModReport, ModReportKind, ModState, ModStats, ModdingPlugin, Mods, TickMods};

#[mod_type("meadow:Sheep")]
#[derive(Component, Debug)]
struct Sheep;

/// Mods learn a sheep's name from a function only.
#[derive(Component)]
struct Name(&'static str);

#[derive(Resource, Default)]
struct Cheers(u32);

fn height_at(x: f32, y: f32) -> f32 {
    2.0 * x + y
}

/// Writes a sheep's name to an address in the calling mod's memory; returns its length in bytes, 0 if it has no name.
fn name_of(mut caller: Caller<'_, ModState>, sheep: u64, address: u32, room: u32) -> anyhow::Result<u32> {
    let memory = caller.memory().ok_or(Trap::MemoryOutOfBounds)?;
    caller.with_lent_and_memory(memory, |world: &World, bytes, _| {
        let sheep = Entity::try_from_bits(sheep);
        let name = sheep.and_then(|sheep| world.get::<Name>(sheep)).map_or("", |name| name.0);
        let len = name.len().min(room as usize);
        let place = bytes.get_mut(address as usize..).and_then(|rest| rest.get_mut(..len));
        place.ok_or(Trap::MemoryOutOfBounds)?.copy_from_slice(&name.as_bytes()[..len]);
        Ok(len as u32)
    })?
}

/// Changes the world when the mod's system has finished; not at all if the system ends in a fault.
fn cheer(mut caller: Caller<'_, ModState>, count: u32) -> anyhow::Result<()> {
    caller.data_mut().defer(move |world| world.resource_mut::<Cheers>().0 += count)
}

const VISIT: ModText = ModText {
    id: "visit",
    manifest: r#"
        [permissions]
        read = ["meadow:Sheep"]
        functions = ["meadow:height_at", "meadow:name_of", "meadow:cheer"]

        [[system]]
        name = "greet"
        [[system.query]]
        columns = [{ component = "entity", access = "read", layout = "u64" }]
        with = ["meadow:Sheep"]"#,
    wat: r#"(module
        (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
        (import "tinkerbox1" "log" (func $log (param i32 i32 i32)))
        (import "meadow" "height_at" (func $height_at (param f32 f32) (result f32)))
        (import "meadow" "name_of" (func $name_of (param i64 i32 i32) (result i32)))
        (import "meadow" "cheer" (func $cheer (param i32)))
        (memory (export "memory") 1)
        (func (export "sys_greet")
            (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 8)))
            ;; The first sheep's name, to address 128, is said at level 2, `info`.
            (call $log (i32.const 2) (i32.const 128)
                (call $name_of (i64.load (i32.load (i32.const 8))) (i32.const 128) (i32.const 32)))
            (call $cheer (i32.trunc_f32_u (call $height_at (f32.const 3) (f32.const 1))))))"#,
};

/// The same without the permission to cheer.
const INTRUDER: ModText = ModText {
    id: "intruder",
    manifest: "[[system]]\nname = \"cheer\"",
    wat: r#"(module
        (import "meadow" "cheer" (func $cheer (param i32)))
        (memory (export "memory") 1)
        (func (export "sys_cheer") (call $cheer (i32.const 1000))))"#,
};

/// Runs one frame of a meadow with one sheep.
pub fn main() {
    let mods = folder_of(&[VISIT, INTRUDER]);
    let mut app = App::new();
    app.init_resource::<Cheers>()
        .expose_component::<Sheep>()
        .expose_function("meadow:height_at", 20, height_at)
        .expose_function("meadow:name_of", 100, name_of)
        .expose_function("meadow:cheer", 50, cheer)
        .add_plugins(ModdingPlugin::new(mods.path()).wait_for_mods(true).watch(false))
        .add_systems(Update, check_reports.after(TickMods));
    app.world_mut().spawn((Sheep, Name("Dolly")));
    app.update();

    let world = app.world();
    let stats = world.get::<ModStats>(world.resource::<Mods>().entity("visit").unwrap()).unwrap();
    println!("{} cheers, for {} units of fuel", world.resource::<Cheers>().0, stats.fuel_used);
    assert_eq!(world.resource::<Cheers>().0, 7);
    assert!(stats.fuel_used > 20 + 100 + 50);
}

fn check_reports(mut reports: MessageReader<ModReport>) {
    for report in reports.read() {
        println!("{}: {}", report.mod_id, report.text);
        match report.kind {
            ModReportKind::Log(_) => assert_eq!(report.text, "Dolly"),
            ModReportKind::Refused => assert!(report.text.contains("`meadow:cheer`")),
            kind => assert_eq!(kind, ModReportKind::Loaded),
        }
    }
}

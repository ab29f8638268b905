//! Mirrors: mods see a component with an enum, a bool and an entity as plain numbers, and can write valid values only.
//!
//! `cargo run -p tinkerbox --example mirrors`

#![expect(clippy::unwrap_used, reason = "an example asserts what it claims")]

mod mod_files;

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;
use mod_files::{ModText, folder_of};
use tinkerbox::mod_type;
use tinkerbox::{Expose, ModEntity, ModReport, ModTime, ModdingPlugin, TickMods};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Calm,
    Angry,
}

/// What the game works with. Mods see the next type.
#[derive(Component, Debug, PartialEq)]
struct Dog {
    mood: Mood,
    is_asleep: bool,
    master: Entity,
}

#[mod_type("meadow:Dog")]
struct DogNumbers {
    master: ModEntity,
    /// 0 calm, 1 angry.
    mood: u32,
    /// 0 or 1.
    is_asleep: u32,
}

impl From<&Dog> for DogNumbers {
    fn from(dog: &Dog) -> DogNumbers {
        let master = ModEntity::from_bits(dog.master.to_bits());
        DogNumbers { master, mood: dog.mood as u32, is_asleep: u32::from(dog.is_asleep) }
    }
}

impl TryFrom<DogNumbers> for Dog {
    type Error = ();

    fn try_from(numbers: DogNumbers) -> Result<Dog, ()> {
        let mood = match numbers.mood {
            0 => Mood::Calm,
            1 => Mood::Angry,
            _ => return Err(()),
        };
        let master = Entity::try_from_bits(numbers.master.to_bits()).ok_or(())?;
        Ok(Dog { mood, is_asleep: numbers.is_asleep != 0, master })
    }
}

/// Wakes the first dog, and makes it angrier in each tick.
const CAT: ModText = ModText {
    id: "cat",
    manifest: r#"
        [permissions]
        write = ["meadow:Dog"]

        [[system]]
        name = "tease"
        [[system.query]]
        columns = [
            { component = "meadow:Dog", access = "write", layout = "{ master: entity, mood: u32, is_asleep: u32 }" },
        ]"#,
    wat: r#"(module
        (import "tinkerbox1" "view_next" (func $view_next (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "sys_tease") (local $dog i32)
            (drop (call $view_next (i32.const 0) (i32.const 0) (i32.const 64) (i32.const 16)))
            (local.set $dog (i32.load (i32.const 8)))
            (i32.store offset=8 (local.get $dog) (i32.add (i32.load offset=8 (local.get $dog)) (i32.const 1)))
            (i32.store offset=12 (local.get $dog) (i32.const 0))))"#,
};

/// Runs two frames of a meadow with one dog.
pub fn main() {
    let mods = folder_of(&[CAT]);
    let mut app = App::new();
    app.expose_component_as::<Dog, DogNumbers>()
        .add_plugins(ModdingPlugin::new(mods.path()).wait_for_mods(true).watch(false))
        .add_systems(Update, (|mut time: ResMut<ModTime>| time.advance(0.1)).before(TickMods))
        .add_systems(Update, show_reports.after(TickMods));
    let master = app.world_mut().spawn_empty().id();
    let dog = app.world_mut().spawn(Dog { mood: Mood::Calm, is_asleep: true, master }).id();
    // In the second frame the mod writes mood 2, which does not exist: it ends in a fault, and the dog does not change.
    for _ in 0..2 {
        app.update();
        println!("{:?}", app.world().get::<Dog>(dog).unwrap());
        assert_eq!(
            *app.world().get::<Dog>(dog).unwrap(),
            Dog { mood: Mood::Angry, is_asleep: false, master }
        );
    }
}

fn show_reports(mut reports: MessageReader<ModReport>, mut count: Local<u32>) {
    for report in reports.read() {
        println!("{}: {}", report.mod_id, report.text);
        *count += 1;
        assert_eq!(
            report.text.contains("not a valid `meadow:Dog`"),
            *count == 2,
            "first it is loaded, then it faults"
        );
    }
}

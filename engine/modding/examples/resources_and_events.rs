//! Resources and events: a mod that handles thunder makes it rain and sends an event of its own.
//!
//! `cargo run -p tinkerbox --example resources_and_events`

#![expect(clippy::unwrap_used, reason = "an example asserts what it claims")]

mod mod_files;

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;
use mod_files::{ModText, folder_of};
use tinkerbox::mod_type;
use tinkerbox::{Expose, ModStats, ModdingPlugin, Mods, TickMods};

#[mod_type("meadow:Weather")]
#[derive(Resource, Debug, Default, PartialEq)]
struct Weather {
    wind: f32,
    rain: f32,
}

/// Sent by the game, handled by mods.
#[mod_type("meadow:Thunder")]
#[derive(Message, Debug)]
struct Thunder {
    loudness: f32,
}

/// Sent by mods, read by the game.
#[mod_type("meadow:Bleat")]
#[derive(Message, Debug)]
struct Bleat {
    loudness: f32,
}

const STORM: ModText = ModText {
    id: "storm",
    manifest: r#"
        [permissions]
        write = ["meadow:Weather"]
        events = ["meadow:Thunder"]
        send = ["meadow:Bleat"]

        [[system]]
        name = "startle"
        on = { event = "meadow:Thunder", layout = "{ loudness: f32 }" }
        resource = [{ resource = "meadow:Weather", access = "write", layout = "{ wind: f32, rain: f32 }" }]
        send = [{ event = "meadow:Bleat", layout = "{ loudness: f32 }" }]"#,
    wat: r#"(module
        (import "tinkerbox1" "event_next" (func $event_next (param i32 i32) (result i32)))
        (import "tinkerbox1" "event_send" (func $event_send (param i32 i32 i32) (result i32)))
        (import "tinkerbox1" "resource_get" (func $resource_get (param i32 i32) (result i32)))
        (import "tinkerbox1" "resource_set" (func $resource_set (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "sys_startle") (local $thunders i32)
            ;; Up to 64 thunders, 4 bytes each, to address 0: they are bleats of the same loudness as they lie there.
            (local.set $thunders (call $event_next (i32.const 0) (i32.const 256)))
            (drop (call $event_send (i32.const 0) (i32.const 0) (i32.mul (local.get $thunders) (i32.const 4))))
            ;; The weather, to address 256, with 1 more of rain for each.
            (drop (call $resource_get (i32.const 0) (i32.const 256)))
            (f32.store (i32.const 260) (f32.add (f32.load (i32.const 260)) (f32.convert_i32_u (local.get $thunders))))
            (drop (call $resource_set (i32.const 0) (i32.const 256)))))"#,
};

#[derive(Resource, Default)]
struct Heard(f32);

/// Runs a quiet frame, one with thunder, and another quiet one.
pub fn main() {
    let mods = folder_of(&[STORM]);
    let mut app = App::new();
    app.insert_resource(Weather { wind: 2.0, rain: 0.0 })
        .init_resource::<Heard>()
        .expose_resource::<Weather>()
        .expose_event::<Thunder>()
        .expose_event::<Bleat>()
        .add_plugins(ModdingPlugin::new(mods.path()).wait_for_mods(true).watch(false))
        .add_systems(Update, listen.after(TickMods));
    for thunders in [&[][..], &[0.5, 0.25], &[]] {
        app.world_mut().write_message_batch(thunders.iter().map(|&loudness| Thunder { loudness }));
        app.update();
        let world = app.world();
        let (weather, heard) = (*world.resource::<Weather>(), world.resource::<Heard>().0);
        let stats = world.get::<ModStats>(world.resource::<Mods>().entity("storm").unwrap()).unwrap();
        println!("{} thunders: {weather:?}, heard {heard}, fuel {}", thunders.len(), stats.fuel_used);
        // Without an event a handler is not called.
        assert_eq!(stats.fuel_used > 0, !thunders.is_empty());
    }
    assert_eq!(*app.world().resource::<Weather>(), Weather { wind: 2.0, rain: 2.0 });
    assert_eq!(app.world().resource::<Heard>().0, 0.75);
}

/// Reads in the same frame: an event of a mod is sent when its system has finished.
fn listen(mut bleats: MessageReader<Bleat>, mut heard: ResMut<Heard>) {
    heard.0 += bleats.read().map(|bleat| bleat.loudness).sum::<f32>();
}

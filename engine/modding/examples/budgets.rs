//! Budgets: a mod that needs more than its grant is resumed in the next frame, and a game shares fuel out fairly.
//!
//! `cargo run -p tinkerbox --example budgets`

#![expect(clippy::unwrap_used, reason = "an example asserts what it claims")]

mod mod_files;

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;
use mod_files::{ModText, folder_of};
use tinkerbox::{FuelBudget, ModStats, ModStatus, ModTime, ModdingPlugin, Mods, TickMods};

/// Counts to 10,000 in each tick, which takes about 80,000 units.
const COUNTER: ModText = ModText {
    id: "counter",
    manifest: "
        [budget]
        fuel = 30_000
        burst = 30_000

        [[system]]
        name = 'count'",
    wat: r#"(module
        (memory (export "memory") 1)
        (func (export "sys_count") (local $n i32)
            (loop $again
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $n) (i32.const 10000))))))"#,
};

/// Never ends.
const RUNAWAY: ModText = ModText {
    id: "runaway",
    manifest: "[budget]\nfuel = 1_000_000\n[[system]]\nname = 'run'",
    wat: r#"(module (memory (export "memory") 1) (func (export "sys_run") (loop $again (br $again))))"#,
};

/// Another one that never ends.
const SPENDTHRIFT: ModText = ModText { id: "spendthrift", ..RUNAWAY };

/// First a mod alone, then three that have to share.
pub fn main() {
    more_frames_or_more_fuel();
    fair_shares();
}

fn more_frames_or_more_fuel() {
    let mods = folder_of(&[COUNTER]);
    let mut app = game(ModdingPlugin::new(mods.path()).wait_for_mods(true));
    let mut seen = Vec::new();
    for _ in 0..3 {
        app.update();
        seen.push(*of::<ModStatus>(&app, "counter"));
    }
    println!("counter: {seen:?}");
    assert_eq!(
        seen,
        [ModStatus::Suspended { frames: 1 }, ModStatus::Suspended { frames: 2 }, ModStatus::Live]
    );

    // With a larger grant it finishes in each frame.
    let counter = app.world().resource::<Mods>().entity("counter").unwrap();
    app.world_mut().entity_mut(counter).insert(FuelBudget { grant: 100_000, burst: 100_000 });
    app.update();
    let (status, stats) = (of::<ModStatus>(&app, "counter"), of::<ModStats>(&app, "counter"));
    println!("counter with more: {status:?}, {} units", stats.fuel_used);
    assert!(*status == ModStatus::Live && stats.fuel_used > 30_000);
}

fn fair_shares() {
    let mods = folder_of(&[COUNTER, RUNAWAY, SPENDTHRIFT]);
    let mut app = game(ModdingPlugin::new(mods.path()).wait_for_mods(true).frame_fuel(110_000));
    app.update();
    let used = ["counter", "runaway", "spendthrift"].map(|id| of::<ModStats>(&app, id).fuel_used);
    println!("of 110,000 units: counter {}, runaway {}, spendthrift {}", used[0], used[1], used[2]);
    // The modest mod gets what it asks for, and the others get equal shares. A run stops a little before its fuel is used up.
    for (used, share) in used.into_iter().zip([30_000, 40_000, 40_000]) {
        assert!((share - 200..=share).contains(&used), "{used} of {share}");
    }

    // A system that does not finish within 60 frames ends in a fault.
    (0..60).for_each(|_| app.update());
    assert_eq!(*of::<ModStatus>(&app, "runaway"), ModStatus::Faulted { until_tick: 62 });
    println!("runaway: {}", of::<ModStats>(&app, "runaway").last_message);
}

fn game(plugin: ModdingPlugin) -> App {
    let mut app = App::new();
    app.add_plugins(plugin.watch(false))
        .add_systems(Update, (|mut time: ResMut<ModTime>| time.advance(0.1)).before(TickMods));
    app
}

fn of<'a, C: Component>(app: &'a App, id: &str) -> &'a C {
    let world = app.world();
    world.get::<C>(world.resource::<Mods>().entity(id).unwrap()).unwrap()
}

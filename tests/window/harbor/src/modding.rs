//! What mods may name, and how they run: in `FixedUpdate`, by its step.

use bevy::prelude::*;
use harbor_types::{
    Berth, Docked, Fined, Flagged, Heading, Hold, Hull, Papers, Tariff, Tide, Treasury, Whistle,
};
use tinkerbox::prelude::*;
use tinkerbox::{WhenGone, interface};

use crate::harbour::{Logbook, MooredAt, depth};
use crate::screen::Screen;
use crate::settings::Settings;

/// The name of this game: the first half of its ids, and whose grants count.
pub const GAME: &str = "harbor";

/// Adds what mods may name, and the mods.
pub fn add_to(app: &mut App, settings: &Settings) {
    expose(app);
    app.add_plugins(
        ModdingPlugin::new(&settings.mods)
            .game(GAME)
            .seed(7)
            .schedule(FixedUpdate)
            .clock(ModClock::Fixed)
            .consent(Consent::Ask)
            .when_gone(WhenGone::Despawn)
            .wait_for_mods(!settings.is_played)
            .watch(settings.is_played),
    );
}

/// Exposes the harbour to mods.
pub fn expose(app: &mut App) {
    app.add_plugins(ExposeBevy::new().transform());
    expose_components(app);
    expose_the_rest(app);
    describe(app);
}

/// The content of the interface file, from which authors of mods know the game.
///
/// # Errors
/// If a description does not fit what is exposed.
pub fn interface_text() -> Result<String> {
    let mut app = App::new();
    expose(&mut app);
    Ok(interface(app.world(), GAME)?.to_toml()?)
}

fn expose_components(app: &mut App) {
    app.expose_component::<Heading>()
        .expose_component::<Hull>()
        .read_only()
        .expose_component::<Berth>()
        .read_only()
        .expose_component::<Flagged>()
        .expose_mirrored::<Hold>()
        .expose_mirrored::<Papers>()
        .expose_relationship::<MooredAt>("harbor:MooredAt");
}

fn expose_the_rest(app: &mut App) {
    app.expose_resource::<Tide>()
        .read_only()
        .expose_resource::<Tariff>()
        .expose_resource::<Treasury>()
        .only_for(&["customs"])
        .expose_event::<Docked>()
        .hear_only()
        .expose_event::<Whistle>()
        .send_only()
        .expose_event::<Fined>()
        .expose_function("harbor:depth_at", 40, depth_at)
        .expose_function("harbor:toll", 2, |crates: u32, coins: u32| crates.saturating_mul(coins))
        .expose_function("harbor:ring_bell", 50, ring_bell)
        .expose_state::<Screen>()
        .expose_next_state::<Screen>("harbor:go_to", 100);
}

/// What authors read about it.
fn describe(app: &mut App) {
    app.describe_function(
        "harbor:depth_at",
        "(x: f32, y: f32) -> f32",
        "How deep the water is at a place now, in metres. It follows the tide.",
    )
    .describe_function(
        "harbor:toll",
        "(crates: u32, coins_per_crate: u32) -> u32",
        "What is due for so many crates, in coins.",
    )
    .describe_function("harbor:ring_bell", "(times: u32)", "Rings the bell of the harbour.")
    .describe_entity(
        "ship",
        "Sails where its heading leads, unless it is moored or held.",
        &["harbor:Hull", "harbor:Heading", "harbor:Hold", "harbor:Papers", "bevy:Transform"],
    )
    .describe_entity("berth", "A place at the quay for one ship.", &["harbor:Berth", "bevy:Transform"])
    .describe_constant("SEA", crate::harbour::SEA, "Where the open sea begins, in metres from the quay.");
}

/// Reads the world as it is now.
fn depth_at(caller: Caller<'_, ModState>, x: f32, _y: f32) -> tinkerbox::Result<f32> {
    Ok(caller.with_lent(|world: &World| depth(x, *world.resource::<Tide>()))?)
}

/// The bell rings when the mod's system has finished.
fn ring_bell(mut caller: Caller<'_, ModState>, times: u32) -> tinkerbox::Result<()> {
    caller.data_mut().defer(move |world| {
        let bells = &mut world.resource_mut::<Logbook>().bells;
        *bells = bells.saturating_add(times);
    })
}

//! Faults that were found from the guide alone, of types by reflection and of Bevy's own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_ecs::reflect::AppTypeRegistry;
use bevy_reflect::Reflect;
use tinkerbox::interface;
use tinkerbox::prelude::*;

#[derive(Reflect, Clone, Copy, Debug, Default, PartialEq)]
struct Span<T> {
    low: T,
    high: T,
}

#[derive(Component, Reflect, Default)]
struct Spans {
    wide: Span<f32>,
    narrow: Span<u8>,
}

#[test]
fn a_generic_type_in_two_fields_is_two_types() {
    let mut world = World::new();
    world.expose_reflected::<Spans>("game:Spans");
    let interface = interface(&world, "game").map(|it| it.to_toml());
    assert!(matches!(interface, Ok(Ok(_))), "{interface:?}");
}

#[derive(Component, Reflect, Default)]
struct Größe {
    höhe: f32,
}

#[test]
fn a_field_with_letters_that_layouts_lack_is_refused_by_name_or_works() {
    let mut world = World::new();
    let exposed = catch_unwind(AssertUnwindSafe(|| _ = world.expose_reflected::<Größe>("game:Size")));
    if exposed.is_ok() {
        let interface = interface(&world, "game").map(|it| it.to_toml());
        assert!(matches!(interface, Ok(Ok(_))), "{interface:?}");
    }
}

#[derive(Component, Reflect, Default)]
struct OfSize {
    odd: usize,
}

#[test]
fn a_number_is_not_said_to_be_none() {
    let mut world = World::new();
    let refused = catch_unwind(AssertUnwindSafe(|| _ = world.expose_reflected::<OfSize>("game:Odd")));
    let payload = refused.unwrap_err();
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(!text.contains("neither a number"), "{text}");
}

#[test]
fn two_plugins_of_a_game_may_expose_types_of_bevys() {
    let mut app = App::new();
    app.add_plugins(ExposeBevy::new().name().transform());
    app.add_plugins(ExposeBevy::new().transform().hierarchy());
}

#[test]
fn what_a_mods_entity_has_is_registered() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = App::new();
    app.add_plugins(ModdingPlugin::new(folder.path()).watch(false));
    let registry = app.world().resource::<AppTypeRegistry>().read();
    for name in ["ModInfo", "ModStatus", "FuelBudget", "ModStats", "ModPermissions", "SpawnedBy"] {
        assert!(registry.get_with_short_type_path(name).is_some(), "{name}");
    }
}

mod mirrored {
    use super::*;

    #[derive(Component, ModMirror, Clone, PartialEq, Debug)]
    #[mod_mirror("game:Size")]
    struct Size {
        höhe: f32,
    }

    #[test]
    fn a_mirrored_field_with_letters_that_layouts_lack_is_refused_by_name() {
        let refused = catch_unwind(|| _ = World::new().expose_mirrored::<Size>());
        let payload = refused.unwrap_err();
        let text = payload.downcast_ref::<String>().unwrap();
        assert!(text.contains("`game:Size`") && text.contains("letters of a-z"), "{text}");
    }
}

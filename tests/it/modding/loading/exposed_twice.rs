//! One component, resource or message that is exposed in more than one way: the second call is refused, unless it is another
//! mirror of the same component or resource, under an id of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bevy_app::App;
use bevy_ecs::prelude::*;
use bytemuck::Zeroable;
use tinkerbox::Expose;
use tinkerbox_macros::mod_type;

/// A type of plain bytes that is a component, a resource and a message.
#[mod_type("game:Thing")]
#[derive(Resource, Message)]
struct Thing([u32; 2]);

/// The same with other sizes and ids.
macro_rules! mirrors {
    ($($name:ident $id:literal $of:ty)*) => {
        $(
            #[mod_type($id)]
            struct $name($of);

            impl From<&Thing> for $name {
                fn from(_: &Thing) -> $name {
                    $name::zeroed()
                }
            }

            impl From<$name> for Thing {
                fn from(_: $name) -> Thing {
                    Thing([1, 2])
                }
            }
        )*
    };
}

mirrors!(Same "game:Thing" [u32; 2] Longer "game:Thing" [u32; 3] OtherId "game:Other" [u32; 2] OtherLonger "game:Other" [u32; 8]);

type Exposing = fn(&mut App);

const WAYS: [(&str, Exposing); 13] = [
    ("component", |app| {
        app.expose_component::<Thing>();
    }),
    ("component as the same", |app| {
        app.expose_component_as::<Thing, Same>();
    }),
    ("component as longer", |app| {
        app.expose_component_as::<Thing, Longer>();
    }),
    ("component under another id", |app| {
        app.expose_component_as::<Thing, OtherId>();
    }),
    ("component under another id, longer", |app| {
        app.expose_component_as::<Thing, OtherLonger>();
    }),
    ("resource", |app| {
        app.expose_resource::<Thing>();
    }),
    ("resource as the same", |app| {
        app.expose_resource_as::<Thing, Same>();
    }),
    ("resource under another id", |app| {
        app.expose_resource_as::<Thing, OtherId>();
    }),
    ("resource under another id, longer", |app| {
        app.expose_resource_as::<Thing, OtherLonger>();
    }),
    ("event", |app| {
        app.expose_event::<Thing>();
    }),
    ("event as the same", |app| {
        app.expose_event_as::<Thing, Same>();
    }),
    ("event as longer", |app| {
        app.expose_event_as::<Thing, Longer>();
    }),
    ("event under another id", |app| {
        app.expose_event_as::<Thing, OtherId>();
    }),
];

#[test]
fn what_is_exposed_twice_in_different_ways_is_refused() {
    for (first, expose_first) in WAYS {
        for (second, expose_second) in WAYS {
            let mut app = App::new();
            expose_first(&mut app);
            let again = catch_unwind(AssertUnwindSafe(|| expose_second(&mut app)));
            // A message is not a component: it may be exposed beside one, under another id.
            let is_event = |way: &str| way.starts_with("event");
            let has_other_id = |way: &str| way.contains("another id");
            // A component, or a resource, may have several mirrors, each under an id of its own.
            let kind = |way: &str| way.split(' ').next().unwrap().to_owned();
            let are_mirrors = !is_event(first)
                && kind(first) == kind(second)
                && has_other_id(first) != has_other_id(second);
            let meet = !are_mirrors
                && (is_event(first) == is_event(second) || has_other_id(first) == has_other_id(second));
            match again {
                Ok(()) => assert!(first == second || !meet, "{first}, then {second}"),
                Err(panic) => {
                    assert!(first != second && meet, "{first}, then {second}");
                    let text = panic.downcast_ref::<String>().unwrap();
                    let says_what_to_do = text.contains("expose it once") || text.contains("rename one");
                    assert!(text.contains("game:") && says_what_to_do, "{text}");
                }
            }
        }
    }
}

#[test]
fn the_panic_points_to_where_it_is_exposed() {
    let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = std::sync::Arc::clone(&lines);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        noted.lock().unwrap().push(info.location().map(|location| location.file().to_owned()));
    }));
    let mut app = App::new();
    app.expose_component::<Thing>();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        app.expose_component_as::<Thing, Longer>();
    }));
    std::panic::set_hook(before);
    assert!(caught.is_err());
    let lines = lines.lock().unwrap();
    assert!(lines.iter().flatten().any(|file| file.ends_with("exposed_twice.rs")), "{lines:?}");
}

#[test]
#[should_panic(expected = "modules that begin with `tinkerbox` are the contract's")]
fn the_contracts_own_functions_can_not_be_replaced() {
    App::new().expose_function("tinkerbox1:get", 1, || {});
}

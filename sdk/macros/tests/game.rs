//! `game!` with an interface that has one of everything: what it makes compiles, and has the game's layouts.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use tinkerbox_interface::Interface;
use tinkerbox_sdk::{Entity, ModType};

mod zoo {
    tinkerbox_sdk::game!("../bindings/tests/everything.interface.toml");
}

fn interface() -> Interface {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../bindings/tests/everything.interface.toml");
    Interface::read(file.as_ref()).unwrap()
}

#[track_caller]
fn check<T: ModType>(id: &str) {
    let interface = interface();
    let shared = interface.shared(id).unwrap();
    let layout = interface.layout(shared);
    assert_eq!((T::ID, T::LAYOUT), (id, layout.to_string().as_str()));
    let (size, align) = layout.size().unwrap();
    assert_eq!((size_of::<T>(), align_of::<T>()), (size as usize, align as usize), "{id}");
    let docs = T::DOCS.fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let expected = shared.fields.iter().map(|field| (field.name.clone(), field.docs.clone()));
    assert_eq!(docs.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{id}");
    assert!(T::DOCS.text.starts_with(&shared.docs), "{id}");
}

#[test]
fn types_have_the_layouts_and_texts_of_the_game() {
    check::<zoo::Animal>("zoo:Animal");
    check::<zoo::Eaten>("zoo:Eaten");
    check::<zoo::Energy>("zoo:Energy");
    check::<zoo::Follows>("zoo:Follows");
    check::<zoo::Marked>("zoo:Marked");
    check::<zoo::Numbers>("zoo:Numbers");
    check::<zoo::Point>("zoo:Point");
    check::<zoo::Species>("zoo:Species");
    check::<zoo::Weather>("zoo:Weather");
    check::<zoo::f32_>("zoo:f32");
    check::<zoo::physics_Body>("physics:Body");
    // None was forgotten.
    let interface = interface();
    let all = interface.components.len() + interface.resources.len() + interface.events.len();
    assert_eq!(all, 11);
}

#[test]
fn values_are_written_as_in_any_other_crate() {
    let animal = zoo::Animal {
        owner: Entity::from_bits(1),
        leader: None,
        huge: zoo::Huge::Most,
        cage: zoo::Box_::default(),
        at: zoo::Point { x: zoo::WIDTH, y: zoo::tiny as f32 },
        heights: [1.0; 3],
        side: zoo::Side::default(),
        r#type: zoo::Mood::r#type,
        default: true,
        default_: [false; 2],
        name: "Ada".into(),
        nicknames: ["A".into(), "D".into()],
        moods: [[zoo::Mood::Calm; 2]; 2],
        friends: [zoo::default; 3],
        class: 0,
    };
    // No variant is 0, so the first one is the default.
    assert_eq!(animal.side, zoo::Side::Left);
    assert_eq!(zoo::Mood::default(), zoo::Mood::Calm);
    assert_eq!(zoo::Species::default(), zoo::Species(0, zoo::Mood::Calm, [0; 3]));
    assert_eq!((zoo::LEAST, zoo::MOST, zoo::LEAST_32), (i64::MIN, u64::MAX, i32::MIN));
}

/// Outside of a mod there is no game.
#[test]
fn functions_are_those_of_the_game() {
    let calls: [(&str, fn()); 4] = [
        ("height_at", || _ = zoo::height_at(1.0, 2.0)),
        ("match", || zoo::r#match(1, 2, 3.0)),
        ("ring", zoo::ring),
        ("physics_cast", || _ = zoo::physics_cast(1.0)),
    ];
    for (name, call) in calls {
        let panic = std::panic::catch_unwind(call).unwrap_err();
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or(panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        let text = text.unwrap_or_default();
        assert!(text.contains(&format!("{name}()` is a function of the game")), "{name}: {text}");
    }
}

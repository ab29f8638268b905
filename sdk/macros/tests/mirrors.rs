//! `#[derive(ModMirror)]`: what crosses is what the layout says, values come back as they were, and no others do.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use tinkerbox_interface::Type;
use tinkerbox_sdk::abi::{MirrorField, Shape};
use tinkerbox_sdk::{Entity, Flat, ModMirror, ModType, Text, mod_type};

#[mod_type("a:Mood")]
#[derive(Debug, PartialEq)]
enum Mood {
    Calm,
    Angry = 9,
}

#[derive(ModMirror, Clone, Debug, PartialEq)]
#[mod_mirror("a:Padded")]
struct Padded {
    small: u8,
    wide: f64,
    flag: bool,
}

/// What a ship carries.
#[derive(ModMirror, Clone, Debug, PartialEq)]
#[mod_mirror("a:Cargo")]
enum Hold {
    /// Nothing.
    Empty,
    Fish(u32),
    Crate {
        /// In kilograms.
        weight: f32,
        owner: Entity,
        prey: Option<Entity>,
        moods: [Mood; 2],
        label: Option<Text<5>>,
    },
    Two(Padded, u16),
}

#[derive(ModMirror, Clone, Debug, PartialEq)]
#[mod_mirror("a:Ship")]
struct Ship {
    hold: Hold,
    holds: [Hold; 2],
    spare: Option<Hold>,
    owners: [Entity; 2],
    pad: u8,
    r#type: Option<Padded>,
}

#[derive(ModMirror, Clone, Debug, PartialEq)]
#[mod_mirror("a:Tuple")]
struct Tuple(Option<f32>, Entity);

#[derive(ModMirror, Clone, Debug, PartialEq)]
#[mod_mirror("a:Unit")]
struct Unit;

fn entity(bits: u64) -> Entity {
    Entity::from_bits(bits)
}

fn holds() -> Vec<Hold> {
    let padded = Padded { small: 255, wide: -0.5, flag: true };
    let crates = [None, Some(entity(u64::MAX))].into_iter().flat_map(|prey| {
        [None, Some(Text::from("")), Some(Text::from("abcde"))].map(|label| Hold::Crate {
            weight: -1.0,
            owner: entity(1),
            prey,
            moods: [Mood::Angry, Mood::Calm],
            label,
        })
    });
    let others = [Hold::Empty, Hold::Fish(0), Hold::Fish(u32::MAX), Hold::Two(padded, 7)];
    others.into_iter().chain(crates).collect()
}

fn ships() -> Vec<Ship> {
    let all = holds();
    let spares = all.iter().cloned().map(Some).chain([None]);
    let ship = |(at, spare): (usize, Option<Hold>)| Ship {
        hold: all[at % all.len()].clone(),
        holds: [all[(at + 1) % all.len()].clone(), all[(at + 3) % all.len()].clone()],
        spare,
        owners: [entity(at as u64 + 1), entity(3)],
        pad: 5,
        r#type: (at % 2 == 0).then_some(Padded { small: 1, wide: 2.0, flag: false }),
    };
    spares.enumerate().map(ship).collect()
}

/// There and back, and as the layout says.
#[track_caller]
fn check<T: ModMirror + Clone + PartialEq + std::fmt::Debug>(values: &[T]) {
    let (size, align) = Type::parse(T::LAYOUT).unwrap().size().unwrap();
    assert_eq!(
        (size_of::<Flat<T>>(), align_of::<Flat<T>>()),
        (size as usize, align as usize),
        "{}",
        T::LAYOUT
    );
    assert_eq!(<T as MirrorField>::SHAPE.size(), size as usize);
    assert_eq!(Flat::<T>::LAYOUT, T::LAYOUT);
    for value in values {
        let flat = Flat::of(value);
        assert_eq!(flat.get(), *value);
        let bytes = bytemuck::bytes_of(&flat);
        assert_eq!(T::unflatten(bytes).as_ref(), Some(value));
    }
    for one in values {
        for other in values {
            let are_same = bytemuck::bytes_of(&Flat::of(one)) == bytemuck::bytes_of(&Flat::of(other));
            assert_eq!(are_same, one == other, "each value has bytes of its own");
        }
    }
}

#[test]
fn values_come_back_as_they_were() {
    check(&holds());
    check(&ships());
    check(&[Tuple(None, entity(1)), Tuple(Some(0.0), entity(1)), Tuple(Some(0.0), entity(2))]);
    check(&[Unit]);
}

#[test]
fn layouts_are_structs_of_all_languages() {
    let padded = "Padded { wide: f64, small: u8, flag: bool, pad: [u8; 6] }";
    let expected = format!(
        "{{ crate_owner: entity?, crate_prey: entity?, two_0: {padded}, fish: u32, crate_weight: f32, two_1: u16, \
         kind: CargoKind enum u8 {{ Empty = 0, Fish = 1, Crate = 2, Two = 3 }}, \
         crate_moods: [Mood enum u8 {{ Calm = 0, Angry = 9 }}; 2], crate_label: text[5], has_crate_label: bool, \
         pad: [u8; 5] }}"
    );
    assert_eq!(Hold::LAYOUT, expected);
    assert_eq!(Tuple::LAYOUT, "{ 1: entity, 0: f32, has_0: bool, pad: [u8; 3] }");
    assert_eq!(Unit::LAYOUT, "{}");
    let Shape::Struct { fields, .. } = Ship::SHAPE else { panic!("a mirror is a struct") };
    assert!(fields.iter().any(|(name, _)| *name == "pad") && fields.iter().any(|(name, _)| *name == "pad_"));
    assert_eq!(Hold::DOCS.text, "What a ship carries.");
    assert!(Hold::DOCS.fields.contains(&("crate_weight", "In kilograms.")));
    let kind = Hold::DOCS.nested.iter().find(|nested| nested.name == "CargoKind").unwrap();
    assert_eq!(kind.fields[0], ("Empty", "Nothing."));
}

/// Whether bytes are a value, by the layout alone: what another language knows of it.
fn fits(shape: &Shape, bytes: &[u8]) -> bool {
    match shape {
        Shape::Bool => bytes[0] < 2,
        Shape::Entity => bytes.iter().any(|byte| *byte != 0),
        Shape::Enum { variants, .. } => variants.iter().any(|(_, number)| *number == i128::from(bytes[0])),
        Shape::Array(element, len) => (0..*len).all(|at| fits(element, &bytes[at * element.size()..])),
        Shape::Struct { fields, .. } => {
            let mut start = 0;
            fields.iter().all(|(_, field)| {
                let at = start;
                start += field.size();
                fits(field, &bytes[at..][..field.size()])
            })
        }
        _ => true,
    }
}

#[test]
fn any_byte_may_be_anything_and_what_is_accepted_is_a_value() {
    let mut accepted = 0;
    for hold in holds() {
        let good = bytemuck::bytes_of(&Flat::of(&hold)).to_vec();
        for at in 0..good.len() {
            for byte in 0..=255 {
                let mut bytes = good.clone();
                bytes[at] = byte;
                let value = Hold::unflatten(&bytes);
                // All that fits the layout is a value, but for a crate without an owner.
                let Some(value) = value else {
                    let is_crate = matches!(hold, Hold::Crate { .. }) || byte == 2;
                    assert!(!fits(Hold::SHAPE, &bytes) || is_crate, "{hold:?}: byte {at} is {byte}");
                    continue;
                };
                accepted += 1;
                assert_eq!(Hold::unflatten(bytemuck::bytes_of(&Flat::of(&value))), Some(value));
            }
        }
    }
    assert!(accepted > 10_000, "{accepted}");
}

#[test]
fn what_another_variant_has_is_ignored() {
    let fish = |bytes: &mut [u8]| bytes[32..36].copy_from_slice(&7u32.to_le_bytes());
    let mut bytes = bytemuck::bytes_of(&Flat::of(&Hold::Empty)).to_vec();
    assert!(bytes.iter().all(|byte| *byte == 0), "what is not there is zero");
    fish(&mut bytes);
    assert_eq!(Hold::unflatten(&bytes), Some(Hold::Empty));
    bytes[42] = 1;
    assert_eq!(Hold::unflatten(&bytes), Some(Hold::Fish(7)));
}

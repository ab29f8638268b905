//! What crosses for a type by its leaves is what walking the value says, there and back, for many values and all wrong
//! bytes; and what mods do not see stays as it is.

use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bevy_transform::components::{GlobalTransform, Transform};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use tinkerbox_columns::{
    Applied, FlatComponent, Journal, Reflected, RowQuery, Terms, copy_column, copy_value,
};
use tinkerbox_columns::{insert, spawn};

use crate::reflected_types::*;

fn rng() -> Pcg64 {
    Pcg64::seed_from_u64(15)
}

fn flat<T>(reflected: &Reflected<T>, value: &T) -> Vec<u8> {
    let mut bytes = vec![0xee; reflected.size()];
    reflected.flatten(value, &mut bytes);
    bytes
}

/// Compares with the walk, there and back.
fn check_value<T: Reflect + Default>(reflected: &Reflected<T>, value: &T) {
    let bytes = flat(reflected, value);
    let mut expected = Vec::new();
    walked(reflected.shape(), value.as_partial_reflect(), &mut expected);
    assert_eq!(bytes, expected, "{:?}", reflected.shape());
    let back = reflected.value(&bytes).expect("the bytes of a value are one");
    assert_eq!(flat(reflected, &back), bytes);
}

#[test]
fn many_values_cross_as_the_walk_says() {
    let reflected = Reflected::<Everything>::find().unwrap();
    let mut rng = rng();
    for _ in 0..2_000 {
        let value = Everything::any(&mut rng);
        check_value(&reflected, &value);
        let back = reflected.value(&flat(&reflected, &value)).unwrap();
        assert_eq!(
            (back.hidden.as_str(), back.secret),
            ("hidden", 77),
            "what mods don't see is the default's"
        );
    }
}

#[test]
fn fields_are_found_in_whatever_order_rust_has_them() {
    macro_rules! check {
        ($name:ident) => {{
            let reflected = Reflected::<$name>::find().unwrap();
            let mut rng = rng();
            for _ in 0..200 {
                let mut bytes = vec![0; reflected.size()];
                rng.fill_bytes(&mut bytes);
                let accepted = reflected.value(&bytes);
                assert_eq!(accepted.is_some(), is_value(reflected.shape(), &bytes).0);
                check_value(&reflected, &accepted.unwrap_or_default());
            }
        }};
    }
    for_each_order!(check);
}

#[test]
fn all_wrong_bytes_are_refused_and_no_others() {
    let reflected = Reflected::<Everything>::find().unwrap();
    let good = flat(&reflected, &Everything::any(&mut rng()));
    let mut refused = 0;
    for at in 0..good.len() {
        for byte in 0..=255 {
            let mut bytes = good.clone();
            bytes[at] = byte;
            let (is_value, size) = is_value(reflected.shape(), &bytes);
            assert_eq!(size, bytes.len());
            assert_eq!(reflected.accepts(&bytes), is_value, "byte {at} is {byte}");
            assert_eq!(reflected.value(&bytes).is_some(), is_value);
            refused += usize::from(!is_value);
        }
    }
    // Two bools, three moods: each has a byte with many that are none.
    assert_eq!(refused, 2 * 254 + 3 * 253);
}

#[derive(Component, Reflect, Clone, Debug, Default, PartialEq)]
#[component(storage = "SparseSet")]
struct Sparse {
    a: u8,
    b: u32,
    #[reflect(ignore)]
    hidden: String,
}

fn only(world: &World, component: FlatComponent) -> RowQuery {
    let mut query = RowQuery::new(world, &Terms { all: vec![component], ..Terms::default() });
    query.update(world);
    query
}

#[test]
fn rows_move_together_and_hidden_fields_stay() {
    let mut world = World::new();
    let reflected = Reflected::<Everything>::find().unwrap();
    let component = FlatComponent::register_reflected(&mut world, &reflected);
    assert!(!component.takes_time_by_value());
    let mut rng = rng();
    let values: Vec<Everything> = (0..300).map(|_| Everything::any(&mut rng)).collect();
    let entities: Vec<Entity> = world.spawn_batch(values.clone()).collect();
    let run = only(&world, component).runs(&world, None)[0];
    let mut lent = vec![0; 300 * component.size()];
    copy_column(&world, &run, &component, &mut lent);
    for (value, bytes) in values.iter().zip(lent.chunks(component.size())) {
        assert_eq!(flat(&reflected, value), bytes);
    }

    world.clear_trackers();
    let mut returned = lent.clone();
    let changed = [0, 7, 8, 9, 299];
    let new: Vec<Everything> = changed.iter().map(|_| Everything::any(&mut rng)).collect();
    for (&at, new) in changed.iter().zip(&new) {
        let size = component.size();
        returned[at * size..(at + 1) * size].copy_from_slice(&flat(&reflected, new));
    }
    let mut journal = Journal::default();
    journal.compare(&world, &run, &component, &returned).unwrap();
    assert_eq!(journal.apply(&mut world), Applied { written: changed.len() as u64, skipped: 0 });
    for (at, (entity, old)) in entities.iter().zip(&values).enumerate() {
        let held = world.entity(*entity).get_ref::<Everything>().unwrap();
        let expected = match changed.iter().position(|it| *it == at) {
            Some(at) => &new[at],
            None => old,
        };
        assert_eq!(flat(&reflected, &held), flat(&reflected, expected));
        assert_eq!((&held.hidden, held.secret), (&old.hidden, old.secret), "mods do not see these");
        assert_eq!(held.is_changed(), changed.contains(&at));
    }
}

#[test]
fn values_are_spawned_and_written_one_by_one() {
    let mut world = World::new();
    let reflected = Reflected::<Sparse>::find().unwrap();
    let component = FlatComponent::register_reflected(&mut world, &reflected);
    assert!(component.takes_time_by_value());
    let bytes = |a, b| flat(&reflected, &Sparse { a, b, hidden: String::new() });
    let entity = spawn(&mut world, None, &[(component, &bytes(1, 2))]).unwrap();
    assert_eq!(world.get::<Sparse>(entity), Some(&Sparse { a: 1, b: 2, hidden: String::new() }));
    world.get_mut::<Sparse>(entity).unwrap().hidden = "kept".to_owned();
    let mut journal = Journal::default();
    journal.set(&world, entity, &component, &bytes(3, 4)).unwrap();
    journal.apply(&mut world);
    assert_eq!(world.get::<Sparse>(entity), Some(&Sparse { a: 3, b: 4, hidden: "kept".to_owned() }));
    let mut out = vec![0; component.size()];
    assert!(copy_value(&world, entity, &component, &mut out));
    assert_eq!(out, bytes(3, 4));
    // Inserted, it is another value.
    insert(&mut world, entity, &[(component, &bytes(5, 6))]).unwrap();
    assert_eq!(world.get::<Sparse>(entity), Some(&Sparse { a: 5, b: 6, hidden: String::new() }));
}

#[test]
fn bevys_transforms_cross() {
    let transform = Reflected::<Transform>::find().unwrap();
    assert_eq!(transform.size(), 40);
    let value = Transform::from_xyz(1.0, 2.0, 3.0);
    check_value(&transform, &value);
    assert_eq!(flat(&transform, &value)[..12], [1f32, 2.0, 3.0].map(f32::to_le_bytes).concat());
    let global = Reflected::<GlobalTransform>::find().unwrap();
    assert_eq!(global.size(), 48);
    check_value(&global, &GlobalTransform::from(value));
}

#[derive(Reflect, Default)]
struct Named {
    deep: [Deep; 2],
}

#[derive(Reflect, Default)]
struct Deep {
    number: u32,
    name: String,
}

#[derive(Reflect, Default)]
struct Listed {
    list: Vec<u8>,
}

#[derive(Reflect, Default)]
enum Hold {
    #[default]
    Empty,
    Fish(u32),
}

#[derive(Reflect, Default)]
struct Ship {
    hold: Hold,
}

#[derive(Reflect, Default)]
#[repr(u16)]
enum Wide {
    #[default]
    One = 1,
    Thousand = 1_000,
}

#[derive(Reflect, Default)]
struct Wider(Wide);

#[derive(Reflect, Default)]
struct Tuples {
    pair: (u8, u8),
}

#[derive(Reflect, Default)]
struct Sizes {
    size: usize,
}

#[derive(Reflect, Default)]
struct Wides {
    wide: u128,
}

#[test]
fn what_can_not_be_bytes_is_named() {
    macro_rules! refused {
        ($($ty:ident $path:literal $why:literal;)*) => {$(
            let refused = Reflected::<$ty>::find().unwrap_err();
            assert_eq!(refused.path, $path);
            let text = refused.to_string();
            assert!(text.contains($why) && text.contains("#[reflect(ignore)]"), "{text}");
        )*};
    }
    refused! {
        Named "deep[0].name" "`alloc::string::String`";
        Listed "list" "a collection, which has no fixed size";
        Ship "hold" "derive `ModMirror`";
        Wider "0" "`#[repr(u8)]`";
        Tuples "pair" "write a struct";
        Sizes "size" "make it a `u32` or a `u64`";
        Wides "wide" "a number of 128 bits";
    }
    let root = Reflected::<Hold>::find().unwrap_err().to_string();
    assert!(root.ends_with("it is an enum with fields: derive `ModMirror` for the type instead"), "{root}");
}

#[test]
fn an_enum_alone_is_a_struct_with_it() {
    let reflected = Reflected::<Mood>::find().unwrap();
    assert_eq!(flat(&reflected, &Mood::Angry), [200]);
    assert_eq!(reflected.value(&[0]), Some(Mood::Sad));
    assert_eq!(reflected.value(&[1]), None);
}

//! Types with fields of all kinds, values of them, and what crosses for them as a second opinion: by walking each value.

use bevy_ecs::prelude::*;
use bevy_reflect::{PartialReflect, Reflect, ReflectRef};
use rand_core::Rng;
use tinkerbox_columns::ReflectedShape;

/// A byte with gaps between its numbers.
#[derive(Reflect, Clone, Copy, Debug, Default, PartialEq)]
pub enum Mood {
    #[default]
    Calm = 3,
    Angry = 200,
    Sad = 0,
}

impl Mood {
    pub const ALL: [Mood; 3] = [Mood::Calm, Mood::Angry, Mood::Sad];
}

/// Padding between fields in the order of the source, whatever order Rust chooses.
#[derive(Reflect, Clone, Copy, Debug, Default, PartialEq)]
pub struct Inner {
    pub a: u8,
    pub b: f32,
    pub c: [i16; 3],
    pub mood: Mood,
}

/// A component of everything that can cross, with two fields that mods do not see.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct Everything {
    pub flag: bool,
    pub wide: f64,
    #[reflect(ignore)]
    pub hidden: String,
    pub inner: Inner,
    pub owner: Entity,
    pub prey: Option<Entity>,
    pub small: i8,
    #[reflect(ignore)]
    pub secret: u64,
    pub pair: Pair,
    pub inners: [Inner; 2],
    pub big: u64,
}

#[derive(Reflect, Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair(pub u16, pub bool);

impl Default for Everything {
    fn default() -> Everything {
        Everything {
            flag: true,
            wide: 1.5,
            hidden: "hidden".to_owned(),
            inner: Inner::default(),
            owner: Entity::PLACEHOLDER,
            prey: None,
            small: -1,
            secret: 77,
            pair: Pair(7, false),
            inners: [Inner::default(); 2],
            big: 9,
        }
    }
}

fn entity(rng: &mut impl Rng) -> Entity {
    loop {
        if let Some(entity) = Entity::try_from_bits(rng.next_u64()) {
            return entity;
        }
    }
}

fn number(rng: &mut impl Rng) -> u64 {
    // The ends of the range more often than chance would have them.
    match rng.next_u32() % 4 {
        0 => 0,
        1 => u64::MAX,
        _ => rng.next_u64(),
    }
}

impl Inner {
    pub fn any(rng: &mut impl Rng) -> Inner {
        Inner {
            a: number(rng) as u8,
            b: f32::from_bits(number(rng) as u32),
            c: [number(rng) as i16, number(rng) as i16, number(rng) as i16],
            mood: Mood::ALL[rng.next_u32() as usize % 3],
        }
    }
}

impl Everything {
    pub fn any(rng: &mut impl Rng) -> Everything {
        Everything {
            flag: rng.next_u32().is_multiple_of(2),
            wide: f64::from_bits(number(rng)),
            hidden: format!("{}", rng.next_u32()),
            inner: Inner::any(rng),
            owner: entity(rng),
            prey: rng.next_u32().is_multiple_of(2).then(|| entity(rng)),
            small: number(rng) as i8,
            secret: rng.next_u64(),
            pair: Pair(number(rng) as u16, rng.next_u32().is_multiple_of(2)),
            inners: [Inner::any(rng), Inner::any(rng)],
            big: number(rng),
        }
    }
}

/// Structs of the same fields in different orders, which Rust may lay out as it likes.
macro_rules! orders {
    ($($name:ident { $($field:ident: $ty:ty,)* })*) => {
        $(
            #[derive(Reflect, Clone, Debug, Default, PartialEq)]
            pub struct $name { $(pub $field: $ty,)* #[reflect(ignore)] pub hidden: u16 }
        )*

        /// Calls the macro with each of the types.
        macro_rules! for_each_order {
            ($call:ident) => { $($call!($name);)* };
        }
    };
}

orders! {
    A { a: u8, b: u16, c: f32, d: f64, }
    B { d: f64, c: f32, b: u16, a: u8, }
    C { a: u8, d: f64, b: u16, c: f32, }
    D { c: f32, a: u8, d: f64, b: u16, }
    E { b: u16, a: u8, e: bool, d: i64, c: f32, }
    F { a: u8, }
    G { a: u8, b: [u16; 3], c: [f32; 2], }
    H { b: u32, a: [bool; 5], d: [[u8; 2]; 2], }
    I { }
}

/// What crosses for a value, by walking it along the shape: the slow way, without a place of anything.
pub fn walked(shape: &ReflectedShape, value: &dyn PartialReflect, bytes: &mut Vec<u8>) {
    macro_rules! number {
        ($name:ident: $($ty:ident)*) => {
            match *$name {
                $(stringify!($ty) => bytes.extend(value.try_downcast_ref::<$ty>().unwrap().to_le_bytes()),)*
                other => panic!("{other}"),
            }
        };
    }
    match (shape, value.reflect_ref()) {
        (ReflectedShape::Number(name), _) => number!(name: u8 i8 u16 i16 u32 i32 u64 i64 f32 f64),
        (ReflectedShape::Bool, _) => bytes.push(u8::from(*value.try_downcast_ref::<bool>().unwrap())),
        (ReflectedShape::Entity, _) => {
            bytes.extend(value.try_downcast_ref::<Entity>().unwrap().to_bits().to_le_bytes());
        }
        (ReflectedShape::OptionEntity, _) => {
            let entity = value.try_downcast_ref::<Option<Entity>>().unwrap();
            bytes.extend(entity.map_or(0, Entity::to_bits).to_le_bytes());
        }
        (ReflectedShape::Enum { variants, .. }, ReflectRef::Enum(it)) => {
            let byte = variants.iter().find(|(name, _)| *name == it.variant_name()).unwrap().1;
            bytes.push(byte);
        }
        (ReflectedShape::Array(element, count), ReflectRef::Array(it)) => {
            assert_eq!(*count, it.len());
            it.iter().for_each(|it| walked(element, it, bytes));
        }
        (ReflectedShape::Struct { fields, .. }, it) => {
            for (name, shape) in fields {
                let field = match it {
                    ReflectRef::Struct(it) => it.field(name),
                    ReflectRef::TupleStruct(it) => it.field(name.parse().unwrap_or(usize::MAX)),
                    _ => panic!("not a struct"),
                };
                match (field, shape) {
                    (Some(field), _) => walked(shape, field, bytes),
                    (None, ReflectedShape::Array(_, count)) if name == "pad" => {
                        bytes.extend(std::iter::repeat_n(0, *count));
                    }
                    _ => panic!("there is no field `{name}`"),
                }
            }
        }
        other => panic!("{:?}", other.0),
    }
}

/// Whether bytes are a value of the shape, and how many it takes.
pub fn is_value(shape: &ReflectedShape, bytes: &[u8]) -> (bool, usize) {
    let entity = |bytes: &[u8]| {
        let bits = u64::from_le_bytes(*bytes.first_chunk().unwrap());
        (bits, Entity::try_from_bits(bits).is_some())
    };
    match shape {
        ReflectedShape::Number(name) => (true, name[1..].parse::<usize>().unwrap() / 8),
        ReflectedShape::Bool => (bytes[0] < 2, 1),
        ReflectedShape::Entity => (entity(bytes).1, 8),
        ReflectedShape::OptionEntity => (entity(bytes).0 == 0 || entity(bytes).1, 8),
        ReflectedShape::Enum { variants, .. } => (variants.iter().any(|(_, byte)| *byte == bytes[0]), 1),
        ReflectedShape::Array(element, count) => {
            (0..*count).fold((true, 0), |(all, start), _| and(all, start, is_value(element, &bytes[start..])))
        }
        ReflectedShape::Struct { fields, .. } => fields
            .iter()
            .fold((true, 0), |(all, start), (_, shape)| and(all, start, is_value(shape, &bytes[start..]))),
    }
}

fn and(all: bool, start: usize, (is_value, size): (bool, usize)) -> (bool, usize) {
    (all && is_value, start + size)
}

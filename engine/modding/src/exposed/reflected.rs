//! Types that are exposed by their reflection: their layout is made from what was found of their fields.
//!
//! How their values move is in `tinkerbox-columns`.

use bevy_ecs::component::Component;
use bevy_ecs::message::Message;
use bevy_ecs::world::World;
use bevy_reflect::Reflect;
use tinkerbox_abi::Shape;
use tinkerbox_columns::{FlatComponent, Reflected, ReflectedShape};
use tinkerbox_interface::{Enum, Member, Number, Struct, Type};

use super::event::ExposedEvent;
use super::runtime_layout::{NO_DOCS, keep, shape};
use super::{ExposedType, check_id, check_layout};

/// What mods see of a component or a resource.
///
/// # Panics
/// The id is not valid, or there is a field that can't cross.
#[track_caller]
pub(crate) fn reflected_type<T: Component + Reflect + Default>(
    world: &mut World,
    id: &'static str,
) -> ExposedType {
    let reflected = find::<T>(id);
    let (layout, shape) = layout(id, &reflected);
    let flat = FlatComponent::register_reflected(world, &reflected);
    ExposedType { id, layout, docs: NO_DOCS, shape, flat }
}

/// What mods see of a message.
///
/// # Panics
/// As [`reflected_type`] does, and if no field crosses.
#[track_caller]
pub(crate) fn reflected_event<E: Message + Reflect + Default>(id: &'static str) -> ExposedEvent {
    let reflected = Box::leak(Box::new(find::<E>(id)));
    let (layout, shape) = layout(id, reflected);
    ExposedEvent::reflected(id, layout, shape, reflected)
}

#[track_caller]
fn find<T: Reflect + Default>(id: &str) -> Reflected<T> {
    check_id(id);
    match Reflected::<T>::find() {
        Ok(reflected) => reflected,
        Err(problem) => panic!("`{id}` can't be exposed by reflection: {problem}"),
    }
}

/// The layout as text and as data.
///
/// # Panics
/// A name in it has letters that not all languages have.
#[track_caller]
fn layout<T>(id: &str, reflected: &Reflected<T>) -> (&'static str, &'static Shape) {
    let ty = layout_type(reflected.shape());
    let text = without_its_own_name(&ty).to_string();
    check_layout(id, &text);
    (keep(&text), shape(&ty))
}

/// The text of a layout begins with the fields.
fn without_its_own_name(ty: &Type) -> Type {
    match ty {
        Type::Struct(it) => Type::Struct(Struct { name: None, ..it.clone() }),
        other => other.clone(),
    }
}

fn layout_type(shape: &ReflectedShape) -> Type {
    match shape {
        ReflectedShape::Number(name) => Type::Number(number(name)),
        ReflectedShape::Bool => Type::Bool,
        ReflectedShape::Entity => Type::Entity,
        ReflectedShape::OptionEntity => Type::OptionalEntity,
        ReflectedShape::Array(element, count) => {
            let count = u32::try_from(*count).expect("a type has less than 4 GiB");
            Type::Array(Box::new(layout_type(element)), count)
        }
        ReflectedShape::Enum { name, variants } => Type::Enum(Enum {
            name: Some(name.clone()),
            number: Number::U8,
            variants: variants.iter().map(|(name, byte)| ((*name).to_owned(), i128::from(*byte))).collect(),
        }),
        ReflectedShape::Struct { name, fields } => Type::Struct(Struct {
            name: Some(name.clone()),
            fields: fields
                .iter()
                .map(|(name, shape)| Member { name: name.clone(), ty: layout_type(shape) })
                .collect(),
        }),
    }
}

fn number(name: &str) -> Number {
    Number::named(name).expect("layouts have every number that is found by reflection")
}

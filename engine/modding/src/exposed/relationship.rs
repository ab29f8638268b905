//! Relationships of Bevy's, which mods see as their target.
//!
//! Which ones a mod may make is decided when its commands are applied, in `guest/effects`.

use bevy_ecs::entity::Entity;
use bevy_ecs::relationship::Relationship;
use bevy_ecs::world::World;
use tinkerbox_abi::{ModEntity, Shape};
use tinkerbox_columns::{Conversion, FlatComponent};

use super::runtime_layout::NO_DOCS;
use super::{ExposedType, check_id};

const SHAPE: &Shape = &Shape::Struct { name: "Relationship", fields: &[("target", &Shape::Entity)] };

/// Crosses as the entity that a relationship leads to.
struct Target;

impl<R: Relationship> Conversion<R> for Target {
    type Flat = ModEntity;

    fn flatten(relationship: &R) -> ModEntity {
        ModEntity::from_bits(relationship.get().to_bits())
    }

    fn value(target: ModEntity, _: &World) -> Option<R> {
        Entity::try_from_bits(target.to_bits()).map(<R as Relationship>::from)
    }
}

/// What mods see of a relationship.
///
/// # Panics
/// The id is not valid.
#[track_caller]
pub(crate) fn relationship<R: Relationship>(world: &mut World, id: &'static str) -> ExposedType {
    check_id(id);
    let flat = FlatComponent::register_converted::<R, Target>(world);
    ExposedType { id, layout: "{ target: entity }", docs: NO_DOCS, shape: SHAPE, flat }
}

//! Which mod has spawned an entity, and what becomes of the entity when the mod is gone.

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::HookContext;
#[cfg(feature = "reflect")]
use bevy_ecs::reflect::ReflectComponent;
use bevy_ecs::world::{DeferredWorld, World};
#[cfg(feature = "reflect")]
use bevy_reflect::Reflect;
use tinkerbox_columns::FlatComponent;

use super::entity::{ModStats, SpawnCounts, query_all};
use crate::guest::effects::commands::Mark;

/// On each entity that a mod has spawned: which mod it was. What the game spawns on behalf of a mod, in a function of its own,
/// does not have it, unless the game inserts it.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use tinkerbox::{Mods, SpawnedBy};
///
/// /// The player is tired of what a mod does.
/// fn clean_up(mut commands: Commands, mods: Res<Mods>, spawned: Query<(Entity, &SpawnedBy)>) {
///     let Some(rabbits) = mods.entity("rabbits") else { return };
///     for (entity, _) in spawned.iter().filter(|(_, by)| by.mod_entity() == rabbits) {
///         commands.entity(entity).despawn();
///     }
/// }
/// ```
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "reflect", derive(Reflect), reflect(Component))]
#[component(immutable, on_insert = count, on_discard = discount)]
pub struct SpawnedBy(Entity);

impl SpawnedBy {
    /// For an entity that the game spawns on behalf of the mod with this entity.
    pub fn new(mod_entity: Entity) -> SpawnedBy {
        SpawnedBy(mod_entity)
    }

    /// The mod's entity. It is despawned when the mod is removed; if the mod comes back, this is its new one.
    pub fn mod_entity(&self) -> Entity {
        self.0
    }
}

/// As it is inserted together with what a mod has queued, which is bytes.
impl From<&SpawnedBy> for u64 {
    fn from(by: &SpawnedBy) -> u64 {
        by.0.to_bits()
    }
}

impl TryFrom<u64> for SpawnedBy {
    type Error = ();

    fn try_from(bits: u64) -> Result<SpawnedBy, ()> {
        Entity::try_from_bits(bits).map(SpawnedBy).ok_or(())
    }
}

/// What becomes of the entities that a mod has spawned when it is removed: its folder is gone, or the game has unloaded it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenGone {
    /// They stay. If the mod comes back those that still have its [`SpawnedBy`] are its own again.
    #[default]
    Keep,
    /// They are despawned.
    Despawn,
}

fn count(world: DeferredWorld<'_>, hook: HookContext) {
    change_count(world, hook.entity, |count| count.saturating_add(1));
}

fn discount(world: DeferredWorld<'_>, hook: HookContext) {
    change_count(world, hook.entity, |count| count.saturating_sub(1));
}

fn change_count(mut world: DeferredWorld<'_>, spawned: Entity, change: impl FnOnce(u64) -> u64) {
    let Some(&SpawnedBy(mod_entity)) = world.get(spawned) else { return };
    let Some(mut counts) = world.get_resource_mut::<SpawnCounts>() else { return };
    let count = counts.change(mod_entity, change);
    if let Some(mut stats) = world.get_mut::<ModStats>(mod_entity) {
        stats.spawned = count;
    }
}

/// What marks the entities that this mod spawns.
pub(crate) fn mark(world: &mut World, mod_entity: Entity) -> Mark {
    let component = FlatComponent::register_mirrored::<SpawnedBy, u64>(world);
    Mark { component, value: mod_entity.to_bits().to_ne_bytes() }
}

/// The living entities of a mod, hidden ones as well, in the order of their ids.
pub(crate) fn spawned_by(world: &mut World, mod_entity: Entity) -> Vec<Entity> {
    let mut all = query_all::<(Entity, &SpawnedBy)>(world);
    let of_mod = all.iter(world).filter(|(_, by)| by.mod_entity() == mod_entity);
    let mut entities: Vec<Entity> = of_mod.map(|(entity, _)| entity).collect();
    entities.sort_unstable();
    entities
}

//! A mod as the game sees it: an entity with these components.
//!
//! The code and memory of a mod are elsewhere. A game reads these components, and sets [`FuelBudget`].

use std::path::PathBuf;

use bevy_ecs::change_detection::Mut;
use bevy_ecs::component::{Component, ComponentId};
use bevy_ecs::entity::{Entity, EntityHashMap};
use bevy_ecs::entity_disabling::DefaultQueryFilters;
use bevy_ecs::lifecycle::HookContext;
use bevy_ecs::query::{QueryData, QueryState};
#[cfg(feature = "reflect")]
use bevy_ecs::reflect::ReflectComponent;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{DeferredWorld, EntityWorldMut, World};
#[cfg(feature = "reflect")]
use bevy_reflect::Reflect;
use tinkerbox_columns::whole_or_half_made;

use crate::game_code::contain;
use crate::package::details::Permission;

/// What a mod is.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "reflect", derive(Reflect), reflect(Component))]
pub struct ModInfo {
    /// The id in its manifest; the folder's name as long as no manifest could be read.
    pub id: String,
    /// The version in its manifest; empty as long as no manifest could be read.
    pub version: String,
    /// Its name for people: the manifest's title, or the id if there is none.
    pub title: String,
    /// Who made it.
    pub authors: Vec<String>,
    /// The folder in which it was found.
    pub folder: PathBuf,
}

/// The state of a mod.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "reflect", derive(Reflect), reflect(Component))]
pub enum ModStatus {
    /// It is ticked.
    Live,
    /// A system has used up the budget and is resumed in the next frame.
    Suspended {
        /// The number of frames so far.
        frames: u32,
    },
    /// It rests after a fault.
    Faulted {
        /// The tick at which it runs again.
        until_tick: u64,
    },
    /// It faulted too often and does not run until it is reloaded.
    Quarantined,
    /// The game has turned it off, or has not turned it on yet.
    Disabled,
    /// Nothing of it runs until the game [grants](crate::Mods::grant) what it asks for.
    AwaitsConsent,
    /// It was found at the start of the game, and runs as soon as all such mods are loaded.
    Loading,
    /// It can't run: its last report says why.
    Refused,
}

/// Fuel granted to a mod. A game may change it; it starts with the manifest's values.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "reflect", derive(Reflect), reflect(Component))]
pub struct FuelBudget {
    /// Units granted each frame.
    pub grant: u64,
    /// Units that can be saved up.
    pub burst: u64,
}

/// What a mod has done so far.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "reflect", derive(Reflect), reflect(Component))]
#[component(on_insert = show_spawned)]
pub struct ModStats {
    /// Fuel used in the last frame, in units.
    pub fuel_used: u64,
    /// Fuel used since the mod was loaded, in units.
    pub fuel_total: u64,
    /// Frames in which the mod was ticked.
    pub ticks: u64,
    /// Faults since the mod was loaded.
    pub faults: u64,
    /// How often a system was suspended at the end of its budget.
    pub suspensions: u64,
    /// Written values and commands that were skipped, since the entity or its component was gone, or that were refused when
    /// they were applied.
    pub writes_skipped: u64,
    /// Failures of the game's own hooks, observers and commands in what was done for the mod.
    pub game_errors: u64,
    /// Living entities that it has spawned: those with its [`SpawnedBy`](crate::SpawnedBy).
    pub spawned: u64,
    /// The number of the code that runs: 1 at first, one more with each reload; 0 while no code runs.
    pub generation: u32,
    /// The text of the mod's last report.
    pub last_message: String,
}

/// What a mod asks to be allowed, and what it was. For a question to the player, and for lists.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "reflect", derive(Reflect), reflect(Component))]
pub struct ModPermissions {
    /// What its newest code asks for.
    pub asked: Vec<Permission>,
    /// What the code that runs may do; nothing while none runs.
    pub granted: Vec<Permission>,
    /// What was asked for and is not granted yet.
    pub pending: Vec<Permission>,
    /// The hash of its newest files, in hexadecimal digits; empty if they could not be read.
    pub content: String,
    /// The version of its newest code.
    pub version: String,
    /// Whether its newest code waits for [`Mods::grant`](crate::Mods::grant) or [`Mods::refuse`](crate::Mods::refuse). It may
    /// wait though nothing is pending: what was granted was granted to other content.
    pub is_waiting: bool,
}

/// How many living entities each mod has spawned, by the mod's entity. Kept here, since the game may remove [`ModStats`] or
/// replace it.
#[derive(Resource, Default)]
pub(crate) struct SpawnCounts(EntityHashMap<u64>);

impl SpawnCounts {
    /// Changes the number of a mod, and returns the new one.
    pub fn change(&mut self, mod_entity: Entity, change: impl FnOnce(u64) -> u64) -> u64 {
        let count = change(self.0.get(&mod_entity).copied().unwrap_or(0));
        match count {
            0 => drop(self.0.remove(&mod_entity)),
            _ => drop(self.0.insert(mod_entity, count)),
        }
        count
    }
}

fn show_spawned(mut world: DeferredWorld<'_>, hook: HookContext) {
    let Some(counts) = world.get_resource::<SpawnCounts>() else { return };
    let count = counts.0.get(&hook.entity).copied().unwrap_or(0);
    if let Some(mut stats) = world.get_mut::<ModStats>(hook.entity) {
        stats.spawned = count;
    }
}

/// A query that finds entities whether the game hides them or not, by `Disabled` or by a disabling component of its own.
pub(crate) fn query_all<D: QueryData>(world: &mut World) -> QueryState<D> {
    let unfiltered = |world: &mut World, _: Mut<DefaultQueryFilters>| world.query();
    world.try_resource_scope(unfiltered).unwrap_or_else(|| world.query())
}

/// Changes a mod's entity; `false` if the entity is gone, before or afterwards. That can happen to any entity while code of
/// the game runs.
pub(crate) fn change(
    world: &mut World,
    entity: Entity,
    change: impl FnOnce(&mut EntityWorldMut<'_>),
) -> bool {
    let shown = shown_components(world);
    contain(world, "an observer or a hook for the mod's own entity panicked", |world| {
        whole_or_half_made(world, entity, &shown, |world| {
            if let Ok(mut entity) = world.get_entity_mut(entity) {
                change(&mut entity);
            }
        });
    });
    world.entities().contains_spawned(entity)
}

/// The components of mods' entities, of which a game may have made some require others.
fn shown_components(world: &mut World) -> [ComponentId; 5] {
    [
        world.register_component::<ModInfo>(),
        world.register_component::<ModStatus>(),
        world.register_component::<FuelBudget>(),
        world.register_component::<ModStats>(),
        world.register_component::<ModPermissions>(),
    ]
}

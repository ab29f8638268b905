//! A mod as a game sees it: an entity with these components.
//!
//! They are the plugin's shop window. The code and memory of a mod are elsewhere; a game reads here, and sets
//! [`FuelBudget`] and [`AllowPermissions`].

use std::path::PathBuf;

use bevy_ecs::component::{Component, ComponentId};
use bevy_ecs::entity::Entity;
use bevy_ecs::world::{EntityWorldMut, World};
use tinkerbox_columns::whole_or_half_made;

use crate::game_code::contain;

/// Who a mod is.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
pub struct ModInfo {
    /// The id in its manifest; the folder's name as long as no manifest could be read.
    pub id: String,
    /// The version in its manifest; empty as long as no manifest could be read.
    pub version: String,
    /// What to call it: the manifest's title, or else the id.
    pub title: String,
    /// Who made it.
    pub authors: Vec<String>,
    /// Where it was found.
    pub folder: PathBuf,
}

/// How a mod is doing.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModStatus {
    /// It is ticked.
    Live,
    /// A system has used up the budget and goes on next frame.
    Suspended {
        /// For so many frames already.
        frames: u32,
    },
    /// It rests after a fault.
    Faulted {
        /// The tick at which it runs again.
        until_tick: u64,
    },
    /// It faulted too often and runs no more until it is reloaded.
    Quarantined,
    /// The game has turned it off.
    Disabled,
    /// It can't run: its last report says why.
    Refused,
}

/// Fuel granted to a mod. A game may change it; it starts as the manifest says.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuelBudget {
    /// Units granted each frame.
    pub grant: u64,
    /// Units that can be saved up.
    pub burst: u64,
}

/// What a mod has done so far.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
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
    /// Written values and commands that found no entity, or no such component on it, any more, or that were refused when
    /// they were to be done.
    pub writes_skipped: u64,
    /// Failures of the game's own hooks, observers and commands in what was done for the mod.
    pub game_errors: u64,
    /// Number of the code that runs: 1 at first, one more with each reload; 0 while none does.
    pub generation: u32,
    /// The text of the mod's last report.
    pub last_message: String,
}

/// Insert this on a mod's entity to allow what waits there, with all that it asks for.
///
/// New code that asks for more permissions, fuel or memory than its mod was granted waits, and is reported. This component
/// allows the one that waits when the next frame begins, and no other, not even one that comes in that frame; then it is
/// taken away. Where nothing waits it does nothing, which is reported.
#[derive(Component, Clone, Copy, Debug)]
pub struct AllowPermissions;

/// Changes a mod's entity; `false` if it is gone, before or after. That has to be expected of an entity that was kept while
/// code of the game may have run.
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

/// The components that a game may have made to require others.
fn shown_components(world: &mut World) -> [ComponentId; 4] {
    [
        world.register_component::<ModInfo>(),
        world.register_component::<ModStatus>(),
        world.register_component::<FuelBudget>(),
        world.register_component::<ModStats>(),
    ]
}

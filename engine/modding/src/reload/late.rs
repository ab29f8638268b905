//! What the game exposes after its mods were loaded: taken over at the start of the next frame, and said.
//!
//! Mods that were refused may have been refused for want of it, so they are tried again, here and now: as at the start of
//! the game, what runs does not depend on how fast a machine builds.

use std::path::PathBuf;
use std::sync::Arc;

use bevy_ecs::world::World;

use super::{ModReloads, handover};
use crate::exposed::Exposed;
use crate::package::build::{Outcome, build};
use crate::table::Table;
use crate::text::list;

/// Takes over what was exposed since mods were loaded.
pub(super) fn take(world: &mut World, table: &mut Table) {
    let Some(exposed) = world.get_resource::<Exposed>() else { return };
    if exposed.is_same(&table.exposed) {
        return;
    }
    let new = exposed.beyond(&table.exposed);
    let exposed = exposed.clone();
    adopt(world, table, exposed);
    if new.is_empty() {
        return;
    }
    let refused: Vec<PathBuf> =
        table.mods.iter().filter(|it| it.code.is_none()).map(|it| it.about.folder.clone()).collect();
    tracing::info!(
        "the game exposes {} from now on, after its mods were loaded: mods that were refused before are tried again ({}). \
         To have them from the start, expose everything before the set LoadMods",
        list(&new),
        refused.len()
    );
    let Some(reloads) = world.get_resource::<ModReloads>() else { return };
    let outcomes: Vec<Outcome> =
        refused.iter().map(|folder| build(folder, None, &reloads.settings)).collect();
    outcomes.iter().for_each(|outcome| reloads.builder.remember(outcome));
    handover::take(world, table, outcomes);
}

/// From now on mods are built against this.
pub(super) fn adopt(world: &mut World, table: &mut Table, exposed: Exposed) {
    for (id, function) in exposed.functions() {
        // Those that are defined already have nothing to do.
        function
            .define(&mut table.linker, id)
            .expect("ids of functions are unique, and none is the contract's");
    }
    if let Some(mut reloads) = world.get_resource_mut::<ModReloads>() {
        reloads.settings.functions = Arc::new(exposed.function_types(&table.linker));
        reloads.settings.exposed = exposed.clone();
    }
    table.exposed = exposed;
}

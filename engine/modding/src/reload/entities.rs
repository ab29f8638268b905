//! The entities of mods: spawned when a folder is found, despawned when it is gone, and shown what runs.

use std::path::Path;

use bevy_ecs::name::Name;

use super::context::ReloadContext;
use crate::game::entity::{FuelBudget, ModInfo, ModStats, ModStatus, change};
use crate::game::report::ModReportKind;
use crate::game::requests::Mods;
use crate::game_code::contain;
use crate::mods::context::ModContext;
use crate::mods::entry::ModEntry;
use crate::package::manifest::About;
use crate::schedule::index::ModIndex;
use crate::text::{harmless, harmless_name};

/// Adds a mod of which nothing runs yet.
pub(super) fn insert(ctx: &mut ReloadContext<'_>, folder: &Path, about: Option<&About>) -> ModIndex {
    let name = harmless_name(&folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy());
    let id = about.map_or(&name, |about| &about.id).to_owned();
    let info = info(folder, &id, about);
    let entity = ctx.world.spawn_empty().id();
    change(ctx.world, entity, |entity| {
        entity.insert((info, ModStatus::Refused, FuelBudget { grant: 0, burst: 0 }, ModStats::default()));
    });
    // A mod that runs under this id takes precedence.
    ctx.world.get_resource_or_init::<Mods>().by_id.entry(id.clone()).or_insert(entity);
    ctx.tick.shown.forget();
    let index = ctx.table.add(entity, folder, id);
    ctx.of(index).report_failures();
    index
}

/// The mod of a folder, which is added if it is not there.
pub(super) fn find_or_insert(ctx: &mut ReloadContext<'_>, folder: &Path, about: Option<&About>) -> ModIndex {
    ctx.table.find(folder).unwrap_or_else(|| insert(ctx, folder, about))
}

/// Removes a mod from the table and the world.
pub(super) fn remove(ctx: &mut ReloadContext<'_>, index: ModIndex, why: &str) -> ModEntry {
    let mut entry = ctx.table.remove(index);
    ctx.table.release(&entry.folder.path);
    ctx.tick.shown.forget();
    ctx.state.is_undecided = true;
    if let Some(guest) = &mut entry.guest {
        // It may be suspended, and hold reserved ids of entities.
        guest.state().effects.abandon(ctx.world);
    }
    ctx.update_channels();
    let entity = entry.entity;
    ctx.world.get_resource_or_init::<Mods>().by_id.retain(|_, other| *other != entity);
    contain(ctx.world, "an observer or a hook panicked at the despawn of the mod's own entity", |world| {
        world.try_despawn(entity).is_ok()
    });
    let mut removed = ModContext { world: ctx.world, entry: &mut entry, moment: &ctx.moment };
    removed.report_failures();
    removed.report(ModReportKind::Removed, why);
    entry
}

/// Removes mods whose entity the game has despawned. That can happen whenever code of the game runs, even in an observer or
/// hook of something that is done to a mod's entity.
pub(super) fn forget_despawned(ctx: &mut ReloadContext<'_>) {
    if ctx.tick.shown.are_complete(ctx.world) {
        return;
    }
    ctx.tick.shown.forget();
    for index in ctx.table.mods.indices().rev() {
        if !ctx.world.entities().contains_spawned(ctx.table.mods[index].entity) {
            remove(ctx, index, "the game has removed its entity");
        }
    }
}

/// Shows the game the code that runs from now on.
pub(super) fn show_build(mut ctx: ModContext<'_>, has_new_budget: bool) {
    let entry = &mut *ctx.entry;
    let Some(code) = &mut entry.code else { return };
    code.generation += 1;
    let (budget, generation) = (&code.build.budget, code.generation);
    let info = info(&entry.folder.path, &entry.folder.id, Some(&code.build.about));
    let status = if entry.is_disabled { ModStatus::Disabled } else { ModStatus::Live };
    let budget = FuelBudget { grant: budget.fuel, burst: budget.burst() };
    change(ctx.world, entry.entity, |entity| {
        entity.insert((info, status));
    });
    if has_new_budget {
        change(ctx.world, entry.entity, |entity| {
            entity.insert(budget);
        });
    }
    ctx.change_stats(|stats| stats.generation = generation);
}

/// What the mod is, with its title as the entity's name, which inspectors show.
fn info(folder: &Path, id: &str, about: Option<&About>) -> (Name, ModInfo) {
    let info = ModInfo {
        id: id.to_owned(),
        version: about.map(|about| about.version.to_string()).unwrap_or_default(),
        title: about.and_then(|about| about.title.as_deref()).map_or_else(|| id.to_owned(), harmless),
        authors: about
            .map(|about| about.authors.iter().map(|author| harmless(author)).collect())
            .unwrap_or_default(),
        folder: folder.to_owned(),
    };
    (Name::new(info.title.clone()), info)
}

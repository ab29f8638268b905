//! The entities of mods: spawned when a folder is found, despawned when it is gone, and shown what runs.

use std::path::Path;

use bevy_ecs::entity::Entity;
use bevy_ecs::name::Name;

use super::context::ReloadContext;
use super::reloads::ModReloads;
use crate::game::entity::{FuelBudget, ModInfo, ModPermissions, ModStats, ModStatus, change};
use crate::game::ownership::{SpawnedBy, WhenGone, spawned_by};
use crate::game::report::ModReportKind;
use crate::game::requests::{Mods, NamedBy};
use crate::game_code::contain;
use crate::guest::effects::visibility::NotForMods;
use crate::mods::context::ModContext;
use crate::mods::entry::{ModEntry, Waiting};
use crate::mods::reporting::show;
use crate::package::files::hash_text;
use crate::package::manifest::About;
use crate::schedule::index::ModIndex;
use crate::text::harmless_name;

/// Adds a mod of which nothing runs yet.
pub(super) fn insert(
    ctx: &mut ReloadContext<'_>,
    folder: &Path,
    about: Option<&About>,
    status: ModStatus,
) -> ModIndex {
    let name = harmless_name(&folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy());
    let id = about.map_or(&name, |about| &about.id).to_owned();
    let info = info(folder, &id, about);
    let entity = ctx.world.spawn_empty().id();
    let slot = ctx.tick.shown.slot(ctx.table.next_index());
    change(ctx.world, entity, |entity| {
        let budget = FuelBudget { grant: 0, burst: 0 };
        entity.insert((
            info,
            status,
            budget,
            ModStats::default(),
            ModPermissions::default(),
            slot,
            NotForMods,
        ));
    });
    let by = if about.is_some() { NamedBy::Manifest } else { NamedBy::Folder };
    ctx.world.get_resource_or_init::<Mods>().name(&id, by, entity);
    let index = ctx.table.add(entity, folder, id);
    ctx.of(index).report_failures();
    index
}

/// The mod of a folder, which is added if it is not there.
pub(super) fn find_or_insert(ctx: &mut ReloadContext<'_>, folder: &Path, about: Option<&About>) -> ModIndex {
    ctx.table.find(folder).unwrap_or_else(|| insert(ctx, folder, about, ModStatus::Refused))
}

/// Removes a mod from the table and the world.
pub(super) fn remove(ctx: &mut ReloadContext<'_>, index: ModIndex, why: &str) -> ModEntry {
    let mut entry = ctx.table.remove(index);
    ctx.release(&entry.folder.path);
    ctx.tick.shown.forget();
    (ctx.state.is_undecided, ctx.state.is_unordered) = (true, true);
    if let Some(guest) = &mut entry.guest {
        // It may be suspended, and hold reserved ids of entities.
        guest.state().effects.abandon(ctx.world);
    }
    let entity = entry.entity;
    leave_behind(ctx, &entry);
    ctx.world.get_resource_or_init::<Mods>().forget(entity);
    contain(ctx.world, "an observer or a hook panicked at the despawn of the mod's own entity", |world| {
        world.try_despawn(entity).is_ok()
    });
    let mut removed = ModContext { world: ctx.world, entry: &mut entry, moment: &ctx.moment };
    removed.report_failures();
    removed.report(ModReportKind::Removed, why);
    entry
}

/// Despawns the entities of a mod that is removed, or remembers them until it comes back.
fn leave_behind(ctx: &mut ReloadContext<'_>, entry: &ModEntry) {
    let entities = spawned_by(ctx.world, entry.entity);
    if entities.is_empty() {
        return;
    }
    match ctx.state.when_gone {
        WhenGone::Keep => {
            ctx.state.left_behind.entry(entry.folder.id.clone()).or_default().push(entry.entity);
        }
        WhenGone::Despawn => {
            for entity in entities {
                contain(
                    ctx.world,
                    "an observer or a hook panicked at the despawn of what a removed mod had spawned",
                    |world| world.try_despawn(entity).is_ok(),
                );
            }
        }
    }
}

/// What a mod has left behind when it was removed is its own again, except where the game has decided otherwise meanwhile.
pub(super) fn take_back(ctx: &mut ReloadContext<'_>, index: ModIndex) {
    let entry = &ctx.table.mods[index];
    let Some(former) = ctx.state.left_behind.remove(&entry.folder.id) else { return };
    let owner = entry.entity;
    let left: Vec<Entity> = former.into_iter().flat_map(|former| spawned_by(ctx.world, former)).collect();
    let mut alive = Vec::new();
    for entity in left {
        if change(ctx.world, entity, |entity| _ = entity.insert(SpawnedBy::new(owner))) {
            alive.push(entity);
        }
    }
    if let Some(guest) = &mut ctx.table.mods[index].guest {
        alive.into_iter().for_each(|entity| guest.state().carried.quota.add(entity));
    }
}

/// Removes mods whose entity the game has despawned. That can happen whenever code of the game runs, even in an observer or
/// hook of something that is done to a mod's entity.
pub(super) fn forget_despawned(ctx: &mut ReloadContext<'_>) {
    if ctx.tick.shown.are_complete(ctx.world) {
        return;
    }
    ctx.tick.shown.forget();
    for index in ctx.table.mods.indices().rev() {
        let entry = &ctx.table.mods[index];
        if !ctx.world.entities().contains_spawned(entry.entity) {
            let path = entry.folder.path.clone();
            if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
                reloads.forget(&path);
            }
            remove(ctx, index, "the game has removed its entity");
        }
    }
}

/// Shows the game the code that runs from now on.
pub(super) fn show_build(mut ctx: ModContext<'_>, has_new_budget: bool) {
    let entry = &mut *ctx.entry;
    let Some(code) = &entry.code else { return };
    entry.generation += 1;
    let (budget, generation) = (&code.build.budget, entry.generation);
    let info = info(&entry.folder.path, &entry.folder.id, Some(&code.build.about));
    let status = if entry.is_disabled { ModStatus::Disabled } else { ModStatus::Live };
    let budget = FuelBudget { grant: budget.fuel, burst: budget.burst() };
    let permissions = permissions(entry);
    change(ctx.world, entry.entity, |entity| {
        entity.insert((info, status, permissions));
    });
    if has_new_budget {
        change(ctx.world, entry.entity, |entity| {
            entity.insert(budget);
        });
    }
    ctx.change_stats(|stats| stats.generation = generation);
}

/// Shows the game what a mod's newest code asks for, and what a mod of which nothing runs waits for.
pub(super) fn show_idle(mut ctx: ModContext<'_>) {
    if ctx.entry.code.is_none()
        && let Some(about) = ctx.entry.folder.newest().map(|build| build.about.clone())
    {
        name(ctx.reborrow(), &about);
    }
    let (world, entry) = (ctx.world, ctx.entry);
    let waiting = entry.folder.staged.as_ref().and_then(|staged| staged.waiting.as_ref());
    let status = match (&entry.code, waiting) {
        (Some(_), _) => None,
        // It is started in this frame, or when the mods of the start are.
        (None, None) if entry.folder.staged.is_some() => None,
        (None, Some(Waiting::Consent | Waiting::More(_))) => Some(ModStatus::AwaitsConsent),
        (None, Some(Waiting::Off)) => Some(ModStatus::Disabled),
        (None, Some(Waiting::Refused) | None) => Some(ModStatus::Refused),
    };
    let permissions = permissions(entry);
    show(world, entry.entity, permissions);
    if let Some(status) = status {
        show(world, entry.entity, status);
    }
}

/// Shows the game as which mod the files of a folder pose of which nothing runs.
pub(super) fn name(ctx: ModContext<'_>, about: &About) {
    let (world, entry) = (ctx.world, ctx.entry);
    if entry.folder.id != about.id {
        let mut mods = world.get_resource_or_init::<Mods>();
        mods.forget(entry.entity);
        mods.name(&about.id, NamedBy::Manifest, entry.entity);
        entry.folder.id.clone_from(&about.id);
    }
    let info = info(&entry.folder.path, &about.id, Some(about));
    change(world, entry.entity, |entity| {
        entity.insert(info);
    });
}

fn permissions(entry: &ModEntry) -> ModPermissions {
    let (folder, running) = (&entry.folder, entry.code.as_ref().map(|code| &*code.build));
    let staged = folder.staged.as_ref();
    let newest = folder.newest().or(running);
    let asked = newest.map_or_else(Vec::new, |build| build.permissions.clone());
    let granted = running.map_or_else(Vec::new, |build| build.permissions.clone());
    let pending = asked.iter().filter(|asked| !granted.contains(asked)).cloned().collect();
    ModPermissions {
        asked,
        granted,
        pending,
        content: newest.map_or_else(String::new, |build| hash_text(&build.hash)),
        version: newest.map_or_else(String::new, |build| build.about.version.to_string()),
        is_waiting: staged.and_then(|staged| staged.waiting.as_ref()).is_some_and(Waiting::is_open),
    }
}

/// What the mod is, with its title as the entity's name, which inspectors show.
fn info(folder: &Path, id: &str, about: Option<&About>) -> (Name, ModInfo) {
    let info = ModInfo {
        id: id.to_owned(),
        version: about.map(|about| about.version.to_string()).unwrap_or_default(),
        title: about.map_or_else(|| id.to_owned(), About::shown_title),
        authors: about.map(About::shown_authors).unwrap_or_default(),
        folder: folder.to_owned(),
    };
    (Name::new(info.title.clone()), info)
}

//! What the game has asked for of its mods, done at the start of a frame: requests to [`Mods`], and what it allows.

use bevy_ecs::entity::Entity;
use tinkerbox_abi::LogLevel;

use super::context::ReloadContext;
use super::entities::remove;
use super::reloads::ModReloads;
use crate::game::entity::{AllowPermissions, change};
use crate::game::report::ModReportKind;
use crate::game::requests::{Mods, Request};
use crate::mods::entry::Condition;
use crate::schedule::index::ModIndex;

/// Does what was asked of [`Mods`], in this order.
pub(super) fn accept_requests(ctx: &mut ReloadContext<'_>) {
    for (entity, request) in ctx.world.get_resource_or_init::<Mods>().take_requests() {
        let Some(index) = ctx.table.find_entity(entity) else { continue };
        match request {
            Request::Disable => set_disabled(ctx, index, true),
            Request::Enable => set_disabled(ctx, index, false),
            Request::Unload => unload(ctx, index),
            Request::Reset => reset(ctx, index),
        }
    }
}

/// Removes a mod, also if it is just being built or started.
fn unload(ctx: &mut ReloadContext<'_>, index: ModIndex) {
    let path = ctx.table.mods[index].folder.path.clone();
    if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
        reloads.forget(&path);
    }
    remove(ctx, index, "the game has unloaded it");
}

fn set_disabled(ctx: &mut ReloadContext<'_>, index: ModIndex, is_disabled: bool) {
    let is_loading = !ctx.state.loading.is_done();
    let mut ctx = ctx.of(index);
    if ctx.entry.code.is_none() && !is_loading || ctx.entry.is_disabled == is_disabled {
        return;
    }
    ctx.entry.is_disabled = is_disabled;
    let (kind, text) = match is_disabled {
        true => (ModReportKind::Disabled, "the game has disabled it"),
        false => (ModReportKind::Enabled, "the game has enabled it again"),
    };
    ctx.report(kind, text);
    if !is_disabled && ctx.entry.condition == Condition::Quarantined {
        // Otherwise one would think that it runs again.
        ctx.report_quarantine();
    }
}

fn reset(ctx: &mut ReloadContext<'_>, index: ModIndex) {
    let entry = &mut ctx.table.mods[index];
    let Some(code) = &mut entry.code else { return };
    // Only the record of what it has spawned is kept: those entities are still in the world.
    let mut carried = match &mut entry.guest {
        Some(guest) => {
            guest.state().effects.abandon(ctx.world);
            guest.state().carried.clone()
        }
        None => code.carried.clone().expect("kept when the last guest was dropped"),
    };
    carried.random = ctx.environment.nothing_carried(&entry.folder.id).random;
    (code.carried, code.saved) = (Some(carried), None);
    (code.faults, code.overruns) = Default::default();
    (entry.guest, entry.bucket, entry.debt) = (None, entry.burst, 0);
    ctx.of(index).report(ModReportKind::Reset, "the game has reset it");
    ctx.restart(index);
}

/// Accepts what the game allows: the builds that have waited since the last frame, each by its hash.
pub(super) fn accept_allowances(ctx: &mut ReloadContext<'_>) {
    let allowances = ctx.state.allowances.get_or_insert_with(|| ctx.world.query_filtered());
    let allowed: Vec<Entity> = allowances.iter(ctx.world).collect();
    for entity in allowed {
        change(ctx.world, entity, |entity| {
            entity.remove::<AllowPermissions>();
        });
        match ctx.table.find_entity(entity) {
            Some(index) => allow(ctx, index),
            None => {
                tracing::warn!("`AllowPermissions` on entity {entity} does nothing: it is not a mod's");
            }
        }
    }
}

fn allow(ctx: &mut ReloadContext<'_>, index: ModIndex) {
    ctx.of(index).report_failures();
    let folder = &mut *ctx.table.mods[index].folder;
    match folder.staged.as_mut().filter(|staged| !staged.is_allowed) {
        Some(staged) => {
            staged.is_allowed = true;
            ctx.state.grants.allow(&staged.build, &folder.path);
            ctx.state.is_undecided = true;
            let path = folder.path.clone();
            ctx.table.release(&path);
        }
        None => {
            let text = "`AllowPermissions` does nothing: no code of this mod waits to be allowed";
            ctx.of(index).report(ModReportKind::Log(LogLevel::Warn), text);
        }
    }
}

//! What the game has asked for of its mods, done at the start of a frame: requests to [`Mods`], and what it allows.

use tinkerbox_abi::LogLevel;

use super::context::ReloadContext;
use super::entities::{remove, show_idle};
use super::reloads::ModReloads;
use crate::game::consent::ModGrants;
use crate::game::report::ModReportKind;
use crate::game::requests::{Mods, Request};
use crate::mods::entry::{Condition, Waiting};
use crate::package::files::{ContentHash, hash_text};
use crate::schedule::index::ModIndex;

/// Does what was asked of [`Mods`], in this order.
pub(super) fn accept_requests(ctx: &mut ReloadContext<'_>) {
    for (entity, request) in ctx.world.get_resource_or_init::<Mods>().take_requests() {
        let Some(index) = ctx.table.find_entity(entity) else { continue };
        match request {
            Request::Grant(content) => grant(ctx, index, content.as_deref()),
            Request::Refuse(content) => refuse(ctx, index, content.as_deref()),
            Request::Disable => set_disabled(ctx, index, true),
            Request::Enable => set_disabled(ctx, index, false),
            Request::Unload => unload(ctx, index),
            Request::Reset => reset(ctx, index),
        }
    }
}

/// Grants the code that waits now what it asks for, if it is the content that the player has seen.
fn grant(ctx: &mut ReloadContext<'_>, index: ModIndex, seen: Option<&str>) {
    let folder = &mut *ctx.table.mods[index].folder;
    let Some(staged) = folder.staged.as_mut().filter(|staged| !staged.is_allowed()) else {
        return does_nothing(ctx, index, "grant");
    };
    let content = staged.build.hash;
    if !is_seen(seen, &content) {
        return ask_again(ctx, index, "granted");
    }
    staged.waiting = None;
    ctx.state.is_undecided = true;
    let (id, path) = (staged.build.about.id.clone(), folder.path.clone());
    ctx.release(&path);
    let mut grants = ctx.world.get_resource_or_init::<ModGrants>();
    grants.grant(&id, &content);
    grants.set_off(&id, false);
    // It may be some frames until the code runs, and the question is answered now.
    show_idle(ctx.of(index));
}

fn refuse(ctx: &mut ReloadContext<'_>, index: ModIndex, seen: Option<&str>) {
    let folder = &mut *ctx.table.mods[index].folder;
    let Some(staged) = folder.staged.as_mut().filter(|staged| !staged.is_allowed()) else {
        return does_nothing(ctx, index, "refuse");
    };
    if !is_seen(seen, &staged.build.hash) {
        return ask_again(ctx, index, "refused");
    }
    staged.waiting = Some(Waiting::Refused);
    let (id, content, version) = (&staged.build.about.id, &staged.build.hash, &staged.build.about.version);
    let text = format!("the game has refused what version {version} asks for");
    ctx.world.get_resource_or_init::<ModGrants>().refuse(id, content);
    let mut ctx = ctx.of(index);
    show_idle(ctx.reborrow());
    ctx.report(ModReportKind::ConsentRefused, text);
}

/// Whether an answer is about this content: one without a hash is about whatever waits.
fn is_seen(seen: Option<&str>, content: &ContentHash) -> bool {
    seen.is_none_or(|seen| seen == hash_text(content))
}

fn ask_again(ctx: &mut ReloadContext<'_>, index: ModIndex, what: &str) {
    let text = format!("nothing was {what}: its files have changed since the player was asked. Ask again");
    ctx.of(index).report(ModReportKind::Log(LogLevel::Warn), text);
}

fn does_nothing(ctx: &mut ReloadContext<'_>, index: ModIndex, what: &str) {
    let text = format!("`Mods::{what}` does nothing: no code of this mod waits to be allowed");
    ctx.of(index).report(ModReportKind::Log(LogLevel::Warn), text);
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
    let entry = &mut ctx.table.mods[index];
    let is_starting = !ctx.state.loading.is_done() && entry.folder.staged.is_none();
    if entry.code.is_none() && !is_starting {
        return set_off(ctx, index, is_disabled);
    }
    if entry.is_disabled == is_disabled {
        return;
    }
    entry.is_disabled = is_disabled;
    ctx.world.get_resource_or_init::<ModGrants>().set_off(&entry.folder.id, is_disabled);
    let mut ctx = ctx.of(index);
    if ctx.entry.code.is_some() {
        ctx.show_status();
    }
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

/// Turns a mod on or off of which nothing runs.
fn set_off(ctx: &mut ReloadContext<'_>, index: ModIndex, is_off: bool) {
    let entry = &mut ctx.table.mods[index];
    // It may have been turned off while it was being built.
    entry.is_disabled &= is_off;
    let folder = &mut *entry.folder;
    ctx.world.get_resource_or_init::<ModGrants>().set_off(&folder.id, is_off);
    match folder.staged.as_mut().filter(|staged| !staged.is_allowed()) {
        Some(staged) if is_off && staged.waiting != Some(Waiting::Off) => {
            staged.waiting = Some(Waiting::Off);
            let mut ctx = ctx.of(index);
            show_idle(ctx.reborrow());
            ctx.report(ModReportKind::Disabled, "the game has disabled it");
        }
        Some(staged) if !is_off && staged.waiting == Some(Waiting::Off) => enable_waiting(ctx, index),
        _ => {}
    }
}

/// Enables a mod that was off when it was found. To turn on a mod that was never on is to grant what it asks for; one that
/// was on before is judged again.
fn enable_waiting(ctx: &mut ReloadContext<'_>, index: ModIndex) {
    let folder = &mut *ctx.table.mods[index].folder;
    let Some(staged) = folder.staged.take() else { return };
    let is_new = ctx.judge().is_off_until_enabled(&staged.build);
    ctx.table.mods[index].folder.staged = Some(staged);
    if is_new {
        return grant(ctx, index, None);
    }
    let folder = &mut *ctx.table.mods[index].folder;
    folder.held = folder.staged.take().map(|staged| staged.build);
    ctx.state.is_undecided = true;
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
    ctx.of(index).show_status();
}

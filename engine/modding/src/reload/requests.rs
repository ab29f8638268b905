//! What the game has asked for of its mods, done at the start of a frame: requests to [`Mods`], and what it allows.

use tinkerbox_abi::LogLevel;

use super::context::ReloadContext;
use super::entities::{remove, show_idle};
use super::reloads::ModReloads;
use crate::game::consent::ModGrants;
use crate::game::report::ModReportKind;
use crate::game::requests::{Mods, Request};
use crate::mods::entry::{Condition, StagedBuild, Waiting};
use crate::package::files::{ContentHash, hash_text};
use crate::schedule::index::ModIndex;

/// Does what was asked of [`Mods`], in this order.
pub(super) fn accept_requests(ctx: &mut ReloadContext<'_>) {
    for (entity, request) in ctx.world.get_resource_or_init::<Mods>().take_requests() {
        let Some(index) = ctx.table.find_entity(entity) else { continue };
        match request {
            Request::Grant(content) => grant(ctx, index, content.as_deref()),
            Request::Refuse(content) => refuse(ctx, index, content.as_deref()),
            Request::Disable => disable(ctx, index),
            Request::Enable(content) => enable(ctx, index, content.as_deref()),
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
    // A mod that runs, and was turned off, stays off with its new version.
    let entry = &mut ctx.table.mods[index];
    if entry.code.is_none() {
        entry.is_disabled = false;
        grants.set_off(&id, false);
    }
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

fn disable(ctx: &mut ReloadContext<'_>, index: ModIndex) {
    let entry = &mut ctx.table.mods[index];
    ctx.world.get_resource_or_init::<ModGrants>().set_off(&entry.folder.id, true);
    let is_starting = !ctx.state.loading.is_done() && entry.folder.staged.is_none();
    let waiting = entry.folder.staged.as_mut().and_then(|staged| staged.waiting.as_mut());
    let was_on = match (&entry.code, waiting) {
        (None, Some(waiting)) => std::mem::replace(waiting, Waiting::Off) != Waiting::Off,
        (None, None) if !is_starting => false,
        _ => !std::mem::replace(&mut entry.is_disabled, true),
    };
    if was_on {
        let mut ctx = ctx.of(index);
        match &ctx.entry.code {
            Some(_) => ctx.show_status(),
            None if is_starting => {}
            None => show_idle(ctx.reborrow()),
        }
        ctx.report(ModReportKind::Disabled, "the game has disabled it");
    }
}

fn enable(ctx: &mut ReloadContext<'_>, index: ModIndex, seen: Option<&str>) {
    let entry = &mut ctx.table.mods[index];
    let was_disabled = std::mem::take(&mut entry.is_disabled);
    ctx.world.get_resource_or_init::<ModGrants>().set_off(&entry.folder.id, false);
    if entry.code.is_none() {
        enable_idle(ctx, index, seen);
    }
    if !was_disabled {
        return;
    }
    let mut ctx = ctx.of(index);
    if ctx.entry.code.is_some() {
        ctx.show_status();
    }
    ctx.report(ModReportKind::Enabled, "the game has enabled it again");
    if ctx.entry.condition == Condition::Quarantined {
        // Otherwise one would think that it runs again.
        ctx.report_quarantine();
    }
}

/// Enables a mod of which nothing runs. To turn on a mod that was never on is to grant what it asks for; one that was on before
/// is judged again.
fn enable_idle(ctx: &mut ReloadContext<'_>, index: ModIndex, seen: Option<&str>) {
    let folder = &ctx.table.mods[index].folder;
    let Some(newest) = folder.newest() else { return };
    let (id, content) = (newest.about.id.clone(), newest.hash);
    if ctx.judge().waiting(newest, &folder.path, false) == Some(Waiting::Off) {
        if !is_seen(seen, &content) {
            return ask_again(ctx, index, "enabled");
        }
        ctx.world.get_resource_or_init::<ModGrants>().grant(&id, &content);
    }
    let folder = &mut *ctx.table.mods[index].folder;
    let was_off = folder.staged.take_if(|staged| staged.waiting == Some(Waiting::Off));
    if let Some(StagedBuild { build, .. }) = was_off {
        folder.held = Some(build);
        ctx.state.is_undecided = true;
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
    ctx.of(index).show_status();
}

//! From a changed file to new code in the running game.
//!
//! ```text
//! watch (notify) -> debounce -> building, on Bevy's threads -> [start of a frame] accept -> claims -> handover
//!        \ ways -> plan: what is watched from then on              \ the first time: loading
//! ```
//!
//! Only `watch` and `building` touch the outside, and decide nothing; `watch/debounce.rs` and `watch/plan.rs` are
//! pure. `claims` decides which mods run, and `handover` lets new code take over, of several mods at once if they belong
//! together. `loading` brings in what is found at the start of the game.

mod accept;
mod building;
mod claims;
pub(crate) mod context;
mod development;
mod entities;
mod grants;
mod handover;
mod late;
mod loading;
mod news;
mod refuse;
pub(crate) mod reloads;
mod requests;
mod watch;

use std::path::Path;
use std::sync::Arc;

use building::answer::{Batch, Embedded};
use context::ReloadContext;
use news::learn_news;
use reloads::ModReloads;

use crate::game::consent::ModGrants;
use crate::game::requests::{EMBEDDED_FOLDER, Mods};
use crate::limits::STARTS_MAX;
use crate::text::{cut, harmless_name};

/// Begins to load all mods. If the game waits for its mods, all of them are loaded when this returns.
pub(crate) fn load_all(ctx: &mut ReloadContext<'_>) {
    embed_added(ctx);
    claim_grants(ctx);
    loading::begin(ctx);
    if ctx.world.get_resource().is_some_and(ModReloads::waits) {
        ctx.state.starts_left = usize::MAX;
        loading::finish(ctx);
        claims::decide(ctx);
        development::report(ctx);
    }
}

/// Does what the game has asked for, and applies finished builds: the first step of a frame.
pub(crate) fn apply_reloads(ctx: &mut ReloadContext<'_>) {
    ctx.state.starts_left = STARTS_MAX;
    let is_loading = !ctx.state.loading.is_done();
    if !is_loading {
        late::adopt_new(ctx);
    }
    claim_grants(ctx);
    entities::forget_despawned(ctx);
    // The game grants what waited in the last frame: this comes before anything else can begin to wait.
    requests::accept_requests(ctx);
    // Before anything is started: what this frame starts is for a later frame.
    if is_loading {
        loading::advance(ctx);
    }
    if ctx.state.loading.is_done() {
        accept_finished(ctx);
    }
    start_builds(ctx);
    if !ctx.state.loading.is_done() {
        return;
    }
    claims::decide(ctx);
    development::report(ctx);
    handover::apply_staged(ctx);
    claims::decide(ctx);
    ctx.order_if_needed();
}

/// Accepts what was built since the mods of the start were.
fn accept_finished(ctx: &mut ReloadContext<'_>) {
    let reloads = ctx.world.get_resource_mut::<ModReloads>();
    for Batch { outcomes, roots } in reloads.map_or_else(Vec::new, |mut reloads| reloads.finished()) {
        learn_news(ctx, roots);
        accept::accept_all(ctx, outcomes);
    }
}

/// Starts to build what the game asks for, and what has changed.
fn start_builds(ctx: &mut ReloadContext<'_>) {
    let folders = ctx.world.get_resource_or_init::<Mods>().take_folders();
    let added = embed_added(ctx);
    if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
        reloads.start_builds(folders, added);
    }
}

/// Remembers mods that the game has in memory.
fn embed_added(ctx: &mut ReloadContext<'_>) -> Vec<Arc<Embedded>> {
    let added = ctx.world.get_resource_or_init::<Mods>().take_added();
    let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() else { return Vec::new() };
    let embed = |(name, manifest, wasm): (String, Vec<u8>, Vec<u8>)| {
        let path = Path::new(EMBEDDED_FOLDER).join(name);
        reloads.embed(Embedded { path, manifest, wasm })
    };
    added.into_iter().map(embed).collect()
}

/// Drops grants that are another game's.
fn claim_grants(ctx: &mut ReloadContext<'_>) {
    let game = &ctx.state.game;
    let mut grants = ctx.world.get_resource_or_init::<ModGrants>();
    if grants.is_of(game) {
        return;
    }
    if let Err(other) = grants.claim(game) {
        *grants = ModGrants::default();
        tracing::warn!(
            "the grants of mods were those of the game `{}`, and this is `{}`: they are dropped, and players are asked again",
            harmless_name(&cut(&other)),
            harmless_name(game)
        );
    }
}

#[cfg(test)]
mod tests;

//! From a changed file to new code in the running game.
//!
//! ```text
//! watch (notify) -> debounce -> build, on a thread of its own -> [start of a frame] accept -> claims -> handover
//!        \ ways -> plan: what is watched from then on
//! ```
//!
//! Only `watch` and `builder` touch the outside, and decide nothing; `watch/debounce.rs` and `watch/plan.rs` are pure.
//! `claims` decides which mods run, and `handover` lets new code take over, of several mods at once if they belong together.

mod accept;
mod builder;
mod claims;
pub(crate) mod context;
mod development;
mod entities;
mod grants;
mod handover;
mod late;
mod refuse;
pub(crate) mod reloads;
mod requests;
mod watch;

use crate::exposed::Exposed;
use crate::game::consent::ModGrants;
use crate::game::requests::Mods;
use crate::text::{cut, harmless_name};

use context::ReloadContext;
use reloads::ModReloads;

/// Loads all mods of the folder.
pub(crate) fn load_all(ctx: &mut ReloadContext<'_>) {
    let exposed = ctx.world.resource::<Exposed>().clone();
    late::adopt(ctx, exposed);
    claim_grants(ctx);
    let mut reloads = ctx.world.resource_mut::<ModReloads>();
    let (outcomes, builds) = (reloads.build_all_now(), reloads.read_dev_builds());
    if let Some((root, builds)) = builds {
        development::learn(ctx, &root, builds);
    }
    accept::accept_all(ctx, outcomes);
    claims::decide(ctx);
    development::report(ctx);
}

/// Does what the game has asked for, and applies finished builds: the first step of a frame.
pub(crate) fn apply_reloads(ctx: &mut ReloadContext<'_>) {
    late::adopt_new(ctx);
    claim_grants(ctx);
    entities::forget_despawned(ctx);
    // The game grants what waited in the last frame: this comes before anything else can begin to wait.
    requests::accept_requests(ctx);
    let folders = ctx.world.get_resource_or_init::<Mods>().take_folders();
    let reloads = ctx.world.get_resource_mut::<ModReloads>();
    let batches = reloads.map_or_else(Vec::new, |mut reloads| reloads.advance(folders));
    for batch in batches {
        if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
            reloads.report_trouble(batch.trouble);
        }
        if let Some((root, builds)) = batch.dev_builds {
            development::learn(ctx, &root, builds);
        }
        accept::accept_all(ctx, batch.outcomes);
    }
    claims::decide(ctx);
    development::report(ctx);
    handover::apply_staged(ctx);
    claims::decide(ctx);
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

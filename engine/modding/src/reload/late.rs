//! What the game exposes after its mods were loaded: adopted at the start of the next frame.
//!
//! Mods that were refused may have been refused for lack of it, so they are tried again at once, and in this thread: as at
//! the start of the game, what runs does not depend on how fast a machine builds.

use std::path::PathBuf;
use std::sync::Arc;

use super::accept::accept_all;
use super::context::ReloadContext;
use super::reloads::ModReloads;
use crate::exposed::Exposed;
use crate::host::game_function::GameFunctions;
use crate::mods::entry::ModEntry;
use crate::package::contract;
use crate::text::list;

/// Adopts what was exposed since mods were loaded.
pub(super) fn adopt_new(ctx: &mut ReloadContext<'_>) {
    let Some(exposed) = ctx.world.get_resource::<Exposed>() else { return };
    if exposed.is_same(&ctx.environment.exposed) {
        return;
    }
    let new = exposed.beyond(&ctx.environment.exposed);
    let exposed = exposed.clone();
    adopt(ctx, exposed);
    if new.is_empty() {
        return;
    }
    let is_refused = |entry: &ModEntry| entry.code.is_none();
    let refused = ctx.table.mods.iter().filter(|(_, entry)| is_refused(entry));
    let refused: Vec<PathBuf> = refused.map(|(_, entry)| entry.folder.path.clone()).collect();
    tracing::info!(
        "the game exposes {} from now on, after its mods were loaded: mods that were refused before are tried again ({}). \
         To have them from the start, expose everything before the set LoadMods",
        list(&new),
        refused.len()
    );
    let Some(reloads) = ctx.world.get_resource::<ModReloads>() else { return };
    let outcomes = refused.iter().map(|folder| reloads.build_now(folder)).collect();
    accept_all(ctx, outcomes);
}

/// From now on mods are built against `exposed`.
pub(super) fn adopt(ctx: &mut ReloadContext<'_>, exposed: Exposed) {
    let linker = &mut ctx.environment.linker;
    if let Some(mut functions) = ctx.world.get_resource_mut::<GameFunctions>() {
        functions.define(linker).expect("ids of functions are unique, and none is the contract's");
    }
    if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
        reloads.build_against(exposed.clone(), Arc::new(contract::game_functions(&exposed)));
    }
    ctx.environment.exposed = exposed;
}

//! What the game exposes after its mods were loaded: adopted at the start of the next frame.
//!
//! Mods that were refused may have been refused for lack of it, so they are tried again, in the background as all builds.

use std::path::PathBuf;
use std::sync::Arc;

use super::context::ReloadContext;
use super::reloads::ModReloads;
use crate::exposed::Exposed;
use crate::host::game_function::GameFunctions;
use crate::mods::entry::ModEntry;
use crate::package::contract;
use crate::text::list;

/// Adopts what was exposed since mods were loaded.
pub(super) fn adopt_new(ctx: &mut ReloadContext<'_>) {
    let Some(new) = adopt_if_more(ctx) else { return };
    let is_refused = |entry: &ModEntry| entry.code.is_none();
    let refused = ctx.table.mods.iter().filter(|(_, entry)| is_refused(entry));
    let refused: Vec<PathBuf> = refused.map(|(_, entry)| entry.folder.path.clone()).collect();
    tracing::info!(
        "the game exposes {} from now on, after its mods were loaded: mods that were refused before are tried again ({}). \
         To have them from the start, expose everything before the set LoadMods",
        list(&new),
        refused.len()
    );
    if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>().filter(|_| !refused.is_empty()) {
        reloads.start_again(&refused);
    }
}

/// Adopts what the game exposes now. Returns the ids that are new, if some are.
pub(super) fn adopt_if_more(ctx: &mut ReloadContext<'_>) -> Option<Vec<String>> {
    let exposed = ctx.world.get_resource::<Exposed>()?;
    if exposed.is_same(&ctx.environment.exposed) {
        return None;
    }
    let new = exposed.beyond(&ctx.environment.exposed);
    adopt_present(ctx);
    (!new.is_empty()).then_some(new)
}

/// From now on mods are built against what the game exposes, with the rules that it has now.
pub(super) fn adopt_present(ctx: &mut ReloadContext<'_>) {
    let mut exposed = ctx.world.resource_mut::<Exposed>();
    exposed.settle();
    let exposed = exposed.clone();
    let linker = &mut ctx.environment.linker;
    if let Some(mut functions) = ctx.world.get_resource_mut::<GameFunctions>() {
        functions.define(linker).expect("ids of functions are unique, and none is the contract's");
    }
    if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
        reloads.build_against(exposed.clone(), Arc::new(contract::game_functions(&exposed)));
    }
    ctx.environment.exposed = exposed;
}

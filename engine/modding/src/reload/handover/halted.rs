//! New code that can't take over for long: a system of the old code is suspended, and the game does not tick the mod.
//!
//! Otherwise a suspended system ends within some frames, for which new code waits without a word. A mod that is paused or
//! disabled in the middle of one stays there until the game says otherwise. Its new code does not count as free meanwhile: it
//! binds no other mod, and a mod that needs it is told so.

use super::super::context::ReloadContext;
use crate::game::report::ModReportKind;
use crate::game::requests::Mods;
use crate::mods::entry::StagedBuild;

/// Finds the staged builds for which that is so, reports it once for each, and frees those for which it is so no longer.
pub(super) fn wait_for_halted(ctx: &mut ReloadContext<'_>) {
    let are_paused = ctx.world.get_resource::<Mods>().is_some_and(Mods::is_paused);
    for index in ctx.table.mods.indices() {
        let entry = &mut ctx.table.mods[index];
        let is_halted = entry.is_suspended() && (are_paused || entry.is_disabled);
        let path = &entry.folder.path;
        let Some(StagedBuild { build, waiting: None, waits_for }) = &mut entry.folder.staged else {
            continue;
        };
        match waits_for {
            None if is_halted => {
                *waits_for = Some(path.clone());
                let version = &build.about.version;
                let why = if entry.is_disabled { "has disabled the mod" } else { "has paused its mods" };
                let text = format!(
                    "version {version} waits, since a system of the old version is suspended and the game {why}. It takes over \
                     when that system has finished, or when the mod is reset."
                );
                ctx.of(index).report(ModReportKind::ReloadRefused, text);
            }
            Some(own) if own == path && !is_halted => {
                let path = path.clone();
                ctx.release(&path);
            }
            _ => continue,
        }
        ctx.state.is_undecided = true;
    }
}

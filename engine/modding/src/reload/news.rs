//! What was found out about the folders that hold mods' folders, beside their mods.

use super::building::answer::RootNews;
use super::context::ReloadContext;
use super::development;
use super::reloads::ModReloads;

/// Learns it, before mods are accepted.
pub(super) fn learn_news(ctx: &mut ReloadContext<'_>, roots: Vec<RootNews>) {
    for RootNews { root, trouble, warning, dev_builds } in roots {
        if let Some(warning) = warning {
            tracing::warn!("{warning}");
        }
        if let Some(mut reloads) = ctx.world.get_resource_mut::<ModReloads>() {
            reloads.report_trouble(&root, trouble);
        }
        if let Some(builds) = dev_builds {
            development::learn(ctx, &root, builds);
        }
    }
}

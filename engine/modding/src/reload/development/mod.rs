//! What a game in development learns from an author's tool: which content was built on this machine, and may therefore ask
//! for more permissions without a question; and what compilers have found wrong, while the old code continues.

pub(crate) mod file;
pub(crate) mod known;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use bevy_ecs::entity::Entity;

use super::context::ReloadContext;
use crate::dev_builds::{DevBuild, DevBuilds};
use crate::game::report::{ModReport, ModReportKind, send};
use crate::mods::entry::Waiting;
use crate::package::files::is_mods_name;
use crate::text::{cut, harmless_name};

/// Learns what was built. It comes before new content of mods is accepted.
pub(super) fn learn(ctx: &mut ReloadContext<'_>, root: &Path, read: Result<DevBuilds, String>) {
    let (builds, trouble) = match read {
        Ok(builds) => (builds, None),
        Err(trouble) => (DevBuilds::default(), Some(trouble)),
    };
    let development = &mut ctx.state.development;
    if let Some(text) = trouble.as_ref().filter(|text| development.trouble.as_ref() != Some(text)) {
        tracing::warn!("{text}");
    }
    development.trouble = trouble;
    let named = builds.mods.into_iter().filter(|(name, _)| is_folder_name(name));
    development.builds = named.map(|(name, build)| (root.join(name), build)).collect();
    let contents = development.builds.iter();
    let contents = contents.filter_map(|(folder, build)| Some((folder.clone(), build.content()?)));
    ctx.state.grants.built_here = contents.collect();
    allow_waiting(ctx);
}

/// Whether this is the name of a mod's folder, and of nothing further away.
fn is_folder_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(only)), None) if only == OsStr::new(name))
        && is_mods_name(OsStr::new(name))
}

/// Content that waits for permissions, and of which it has become known that it was built here, waits no longer.
fn allow_waiting(ctx: &mut ReloadContext<'_>) {
    for index in ctx.table.mods.indices() {
        let folder = &mut *ctx.table.mods[index].folder;
        if let Some(staged) =
            folder.staged.as_mut().filter(|staged| staged.waiting.as_ref().is_some_and(Waiting::is_open))
            && ctx.state.grants.is_built_here(&staged.build, &folder.path)
        {
            staged.waiting = None;
            ctx.state.is_undecided = true;
        }
    }
}

/// Reports what compilers have found wrong since the last time, and what is repaired.
pub(super) fn report(ctx: &mut ReloadContext<'_>) {
    let shown = |(folder, build): (&PathBuf, &DevBuild)| {
        (!build.errors.is_empty()).then(|| (folder.clone(), build.shown_errors()))
    };
    let errors: BTreeMap<PathBuf, String> = ctx.state.development.builds.iter().filter_map(shown).collect();
    let before = std::mem::replace(&mut ctx.state.development.reported, errors.clone());
    for (folder, text) in &errors {
        if before.get(folder) != Some(text) {
            report_one(ctx, folder, ModReportKind::BuildFailed, text.clone());
        }
    }
    for folder in before.keys().filter(|folder| !errors.contains_key(*folder)) {
        report_one(ctx, folder, ModReportKind::BuildRepaired, "the build succeeds again".to_owned());
    }
}

fn report_one(ctx: &mut ReloadContext<'_>, folder: &Path, kind: ModReportKind, mut text: String) {
    if let Some(index) = ctx.table.find(folder) {
        let mut of_mod = ctx.of(index);
        if kind == ModReportKind::BuildFailed && of_mod.entry.code.is_some() {
            text.push_str("\nThe old code continues.");
        }
        return of_mod.report(kind, text);
    }
    // Nothing of it was ever installed.
    let mod_id = harmless_name(&cut(&folder.file_name().unwrap_or_default().to_string_lossy()));
    send(ctx.world, ModReport { mod_entity: Entity::PLACEHOLDER, mod_id, kind, text });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_mods_folders_are_taken() {
        for name in ["gale", "two words", "a.b"] {
            assert!(is_folder_name(name), "{name}");
        }
        for name in ["", ".", "..", ".hidden", "a/b", "/a", "../a", "a/", "./a", "a/.."] {
            assert!(!is_folder_name(name), "{name}");
        }
    }
}

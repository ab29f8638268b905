//! Builds that do not run, and the reports that say why.

use std::path::Path;

use super::context::ReloadContext;
use super::entities::find_or_insert;
use crate::game::report::ModReportKind;
use crate::mods::context::ModContext;
use crate::mods::entry::StagedBuild;
use crate::package::Build;
use crate::package::manifest::{About, FILE_NAME};
use crate::package::refusal::Refusal;
use crate::schedule::index::ModIndex;
use crate::text::shown;

/// A build that can't run on account of its own files. The mod's old code, if there is any, continues.
pub(super) fn refuse(ctx: &mut ReloadContext<'_>, folder: &Path, about: Option<&About>, refusal: &Refusal) {
    let index = find_or_insert(ctx, folder, about);
    ctx.state.is_undecided = true;
    ctx.release(folder);
    let mut ctx = ctx.of(index);
    let folder = &mut ctx.entry.folder;
    (folder.staged, folder.held, folder.held_report) = (None, None, None);
    folder.is_behind = ctx.entry.code.is_some();
    match &ctx.entry.code {
        Some(_) => report_refused_reload(ctx, refusal),
        None => ctx.report(ModReportKind::Refused, refusal.to_string()),
    }
}

/// Reports that new code does not replace the running one.
pub(super) fn report_refused_reload(mut ctx: ModContext<'_>, refusal: &Refusal) {
    ctx.report(ModReportKind::ReloadRefused, format!("{refusal} The old code continues."));
}

/// A build of a mod of which nothing runs, and which asks for more than was granted to its id or to the mod that ran in its
/// folder before.
pub(super) fn await_allowance(
    ctx: &mut ReloadContext<'_>,
    index: ModIndex,
    build: Box<Build>,
    lacking: &[String],
) {
    let folder = &ctx.table.mods[index].folder.path;
    let before = match ctx.state.grants.predecessor(&build, folder) {
        Some(id) => format!("the mod `{id}` had, which ran in its folder before"),
        None => "it was granted before".to_owned(),
    };
    let text = format!(
        "{}: it asks for more than {before}: {}. It does not run until the game allows it.",
        shown(&folder.join(FILE_NAME)),
        lacking.join(", ")
    );
    ctx.state.has_staged = true;
    let mut ctx = ctx.of(index);
    ctx.entry.folder.staged = Some(StagedBuild { build, is_allowed: false, waits_for: None });
    ctx.report(ModReportKind::AwaitsPermission, text);
}

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
    let mut ctx = ctx.of(index);
    let folder = &mut ctx.entry.folder;
    (folder.staged, folder.held, folder.held_report) = (None, None, None);
    match &ctx.entry.code {
        Some(_) => report_refused_reload(ctx, refusal),
        None => ctx.report(ModReportKind::Refused, refusal.to_string()),
    }
}

/// Reports that new code does not replace the running one.
pub(super) fn report_refused_reload(mut ctx: ModContext<'_>, refusal: &Refusal) {
    ctx.report(ModReportKind::ReloadRefused, format!("{refusal} The old code continues."));
}

/// A build of a mod of which nothing runs, and which asks for more than its id was granted before.
pub(super) fn await_allowance(
    ctx: &mut ReloadContext<'_>,
    index: ModIndex,
    build: Box<Build>,
    lacking: &[String],
) {
    ctx.state.has_staged = true;
    let mut ctx = ctx.of(index);
    let text = format!(
        "{}: it asks for more than it was granted before: {}. It does not run until the game allows it.",
        shown(&ctx.entry.folder.path.join(FILE_NAME)),
        lacking.join(", ")
    );
    ctx.entry.folder.staged = Some(StagedBuild { build, is_allowed: false });
    ctx.report(ModReportKind::Refused, text);
}

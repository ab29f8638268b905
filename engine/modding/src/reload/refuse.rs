//! Builds that do not run, and the reports that say why.

use std::path::Path;

use super::context::ReloadContext;
use super::entities::{find_or_insert, name, show_idle};
use crate::game::report::ModReportKind;
use crate::mods::context::ModContext;
use crate::mods::entry::{StagedBuild, Waiting};
use crate::package::Build;
use crate::package::details::Permission;
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
    if let (None, Some(about)) = (&ctx.entry.code, about) {
        name(ctx.reborrow(), about);
    }
    show_idle(ctx.reborrow());
    match &ctx.entry.code {
        Some(_) => report_refused_reload(ctx, refusal),
        None => ctx.report(ModReportKind::Refused, refusal.to_string()),
    }
}

/// Reports that new code does not replace the running one.
pub(super) fn report_refused_reload(mut ctx: ModContext<'_>, refusal: &Refusal) {
    ctx.report(ModReportKind::ReloadRefused, format!("{refusal} The old code continues."));
}

/// Stages a build that may not run, or not yet, and reports why: what the game can do is to grant it.
pub(super) fn wait(ctx: &mut ReloadContext<'_>, index: ModIndex, build: Box<Build>, waiting: Waiting) {
    let folder = &ctx.table.mods[index].folder.path;
    let manifest = shown(&folder.join(FILE_NAME));
    let before = match ctx.state.grants.predecessor(&build, folder) {
        Some(id) => format!("the mod `{id}` had, which ran in its folder before"),
        None => "it was granted before".to_owned(),
    };
    let version = &build.about.version;
    let is_running = ctx.table.mods[index].code.is_some();
    let meanwhile = match is_running {
        true => "The old version continues until the game allows it.",
        false => "It does not run until the game allows it.",
    };
    let (kind, text) = match &waiting {
        Waiting::More(more) if is_running => (
            ModReportKind::AsksForMore,
            format!("{manifest}: the new version asks for more: {}. {meanwhile}", more.join(", ")),
        ),
        Waiting::More(more) => (
            ModReportKind::AsksForMore,
            format!("{manifest}: it asks for more than {before}: {}. {meanwhile}", more.join(", ")),
        ),
        Waiting::Consent => {
            let words = build.permissions.iter().map(Permission::words);
            let words: Vec<String> = words.collect();
            let words = if words.is_empty() { "asks for nothing".to_owned() } else { words.join(", ") };
            (
                ModReportKind::AwaitsConsent,
                format!("{manifest}: version {version} was not allowed yet: it {words}. {meanwhile}"),
            )
        }
        Waiting::Refused => (
            ModReportKind::ConsentRefused,
            format!("{manifest}: the game has refused what version {version} asks for"),
        ),
        Waiting::Off => (ModReportKind::Disabled, "it is off until the game enables it".to_owned()),
    };
    ctx.state.has_staged = true;
    let mut ctx = ctx.of(index);
    ctx.entry.folder.staged = Some(StagedBuild { build, waiting: Some(waiting), waits_for: None });
    show_idle(ctx.reborrow());
    ctx.report(kind, text);
}

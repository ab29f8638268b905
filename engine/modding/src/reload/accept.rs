//! What has become of changed folders, accepted at the start of a frame. Which of them run is decided in `claims.rs`.

use std::path::Path;

use super::context::ReloadContext;
use super::entities::{insert, remove};
use super::handover::stage;
use super::refuse::refuse;
use crate::game::entity::ModStatus;
use crate::package::Build;
use crate::package::build::{BuildOutcome, BuildResult};

/// Accepts the outcomes of all builds together: a folder that was renamed is one that is gone and one that is new.
pub(super) fn accept_all(ctx: &mut ReloadContext<'_>, outcomes: Vec<BuildOutcome>) {
    outcomes.into_iter().for_each(|outcome| accept_one(ctx, outcome));
}

/// Accepts the outcome of a build.
pub(super) fn accept_one(ctx: &mut ReloadContext<'_>, BuildOutcome { folder, result, .. }: BuildOutcome) {
    match result {
        BuildResult::Unchanged => {}
        BuildResult::Gone => {
            if let Some(index) = ctx.table.find(&folder) {
                remove(ctx, index, "its folder is gone");
            }
        }
        BuildResult::Refused { about, refusal } => refuse(ctx, &folder, about.as_deref(), &refusal),
        BuildResult::Ready(build) => accept(ctx, &folder, build),
    }
}

/// Accepts a build that can run as far as its own files are concerned.
fn accept(ctx: &mut ReloadContext<'_>, path: &Path, build: Box<Build>) {
    let found = ctx.table.find(path);
    let status = if ctx.state.loading.is_accepting() { ModStatus::Loading } else { ModStatus::Refused };
    let index = found.unwrap_or_else(|| insert(ctx, path, Some(&build.about), status));
    ctx.state.is_undecided = true;
    ctx.release(path);
    let entry = &mut ctx.table.mods[index];
    let folder = &mut entry.folder;
    (folder.staged, folder.held, folder.held_report) = (None, None, None);
    folder.is_behind = false;
    match &entry.code {
        // The files were something else in between.
        Some(code) if code.build.hash == build.hash => stage(ctx, index, build),
        _ => folder.held = Some(build),
    }
}

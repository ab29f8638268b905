//! Code that starts, and new code that takes over from old at the start of a frame.
//!
//! ```text
//! save old -> instantiate new -> load -> tb_init --if all succeed--> the new code runs, the old one is dropped
//!                                              \--otherwise-------> the old code continues, and a report says why
//! ```

use std::path::Path;

use tinkerbox_abi::export::InitReason;

use super::context::ReloadContext;
use super::entities::{find_or_insert, show_build};
use super::refuse::{refuse, report_refused_reload};
use crate::game::report::ModReportKind;
use crate::game::requests::Mods;
use crate::guest::diagnosis::Fault;
use crate::guest::instance::{Guest, GuestStart};
use crate::mods::entry::{Code, Condition, ModEntry, StagedBuild};
use crate::mods::run_order::RunOrder;
use crate::package::Build;
use crate::package::manifest::FILE_NAME;
use crate::package::refusal::Refusal;
use crate::schedule::index::ModIndex;
use crate::text::{list, shown};

/// Starts a guest of code that was not running.
pub(super) fn start(ctx: &ReloadContext<'_>, build: &Build) -> Result<Guest, Fault> {
    let environment = &*ctx.environment;
    let carried = environment.nothing_carried(&build.about.id);
    let (reason, moment) = (InitReason::New, ctx.moment);
    Guest::new(ctx.world, GuestStart { environment, build, reason, carried, moment, saved: None })
}

/// Loads code that was not running and of which a guest has started, or failed to. Its systems are not in the order yet.
pub(super) fn load(
    ctx: &mut ReloadContext<'_>,
    folder: &Path,
    build: Box<Build>,
    guest: Result<Guest, Fault>,
) {
    let guest = match guest {
        Ok(guest) => guest,
        Err(fault) => {
            let refusal = failed_start(&build, "it", &fault);
            return refuse(ctx, folder, Some(&build.about), &refusal);
        }
    };
    let index = find_or_insert(ctx, folder, Some(&build.about));
    let systems = list(build.systems.iter().map(|system| &system.name));
    let note = ctx.state.grants.note(&build, folder);
    let text = format!("version {} with {systems}{note}", build.about.version);
    ctx.state.grants.run(&build, folder);
    let mut ctx = ctx.of(index);
    let entity = ctx.entry.entity;
    let by_id = &mut ctx.world.get_resource_or_init::<Mods>().by_id;
    by_id.retain(|_, other| *other != entity);
    by_id.insert(build.about.id.clone(), entity);
    ctx.entry.folder.id.clone_from(&build.about.id);
    ctx.entry.folder.staged = None;
    ctx.entry.condition = Condition::Live;
    ctx.entry.guest = Some(guest);
    let (faults, overruns, rows) = Default::default();
    let code = Code { build, generation: 0, carried: None, rows, saved: None, faults, overruns };
    ctx.entry.code = Some(Box::new(code));
    show_build(ctx.reborrow(), true);
    ctx.report_failures();
    ctx.report(ModReportKind::Loaded, text);
    ctx.report_logs();
}

/// Stages a build for a mod that is running. It takes over as soon as it may.
pub(super) fn stage(ctx: &mut ReloadContext<'_>, index: ModIndex, build: Box<Build>) {
    let entry = &mut ctx.table.mods[index];
    entry.folder.staged = None;
    let code = entry.code.as_ref().expect("the mod is running");
    if code.build.hash == build.hash {
        // The files were something else in between, which was refused or waited.
        let text = format!("the files match the running version {} again", build.about.version);
        ctx.of(index).report(ModReportKind::Loaded, text);
        return;
    }
    let wider = ctx.state.grants.lacking(&build, &entry.folder.path);
    entry.folder.staged = Some(StagedBuild { build, is_allowed: wider.is_empty() });
    ctx.state.has_staged = true;
    if !wider.is_empty() {
        let text = format!(
            "{}: the new version asks for more: {}. The old version continues until the game allows it.",
            shown(&entry.folder.path.join(FILE_NAME)),
            wider.join(", ")
        );
        ctx.of(index).report(ModReportKind::ReloadRefused, text);
    }
}

/// Lets staged builds take over that may, and whose mods are not in the middle of a system.
pub(super) fn apply_staged(ctx: &mut ReloadContext<'_>) {
    if !ctx.state.has_staged {
        return;
    }
    for index in ctx.table.mods.indices() {
        if ctx.table.mods[index].folder.staged.is_some() {
            hand_over(ctx, index);
        }
    }
    ctx.state.has_staged = ctx.table.mods.iter().any(|(_, entry)| entry.folder.staged.is_some());
}

fn hand_over(ctx: &mut ReloadContext<'_>, index: ModIndex) {
    let entry = &mut ctx.table.mods[index];
    // The memory of a mod can't be saved in the middle of a system, which finishes or faults within 60 frames.
    if matches!(entry.condition, Condition::Suspended(_))
        || entry.code.is_none()
        || !entry.folder.staged.as_ref().is_some_and(|staged| staged.is_allowed)
    {
        return;
    }
    let Some(StagedBuild { build, .. }) = entry.folder.staged.take() else { return };
    // The order that was decided on may have to wait for another mod whose system is still suspended.
    let Ok(order) = ctx.table.order_with(Some((&ctx.table.mods[index].folder.path, &build))) else {
        ctx.table.mods[index].folder.held = Some(build);
        ctx.state.is_undecided = true;
        return;
    };
    let entry = &mut ctx.table.mods[index];
    let (saved, lost) = save(entry);
    let carried = match (&mut entry.guest, &entry.code) {
        (Some(guest), _) => guest.state().carried.clone(),
        (None, Some(code)) => code.carried.clone().expect("kept when the last guest was dropped"),
        (None, None) => return,
    };
    let (environment, reason, moment) = (&*ctx.environment, InitReason::Reload, ctx.moment);
    let start = GuestStart { environment, build: &build, reason, carried, moment, saved: saved.as_deref() };
    match Guest::new(ctx.world, start) {
        Ok(guest) => take_over(ctx, index, Successor { build, guest, saved, lost, order }),
        Err(fault) => {
            let refusal = failed_start(&build, "the new code", &fault);
            report_refused_reload(ctx.of(index), &refusal);
        }
    }
}

/// Code that has started and takes over.
struct Successor {
    build: Box<Build>,
    guest: Guest,
    /// The state with which it has started.
    saved: Option<Vec<u8>>,
    /// Why it has started without one, for the report.
    lost: String,
    order: RunOrder,
}

fn take_over(ctx: &mut ReloadContext<'_>, index: ModIndex, successor: Successor) {
    let Successor { build, mut guest, saved, lost, order } = successor;
    let folder = &ctx.table.mods[index].folder.path;
    let note = ctx.state.grants.note(&build, folder);
    ctx.state.grants.run(&build, folder);
    let mut of_mod = ctx.of(index);
    let entry = &mut *of_mod.entry;
    let Some(code) = &mut entry.code else { return };
    let old = std::mem::replace(&mut code.build, build);
    if let Some(before) = &mut entry.guest {
        pass_events_on((before, &old), (&mut guest, &code.build));
    }
    (code.saved, code.carried, code.rows) = (saved, None, Vec::new());
    (code.faults, code.overruns) = Default::default();
    let budget = |build: &Build| (build.budget.fuel, build.budget.burst());
    let has_new_budget = budget(&old) != budget(&code.build);
    let text = format!("version {} runs from now on{lost}{note}", code.build.about.version);
    entry.guest = Some(guest);
    entry.condition = Condition::Live;
    show_build(of_mod.reborrow(), has_new_budget);
    of_mod.report_failures();
    ctx.adopt_order(order);
    ctx.state.is_undecided = true;
    let mut of_mod = ctx.of(index);
    of_mod.report(ModReportKind::Reloaded, text);
    of_mod.report_logs();
}

/// The state of the old code. If it can't be saved the new code starts without: otherwise a mistake in `tb_save` could never
/// be corrected in a running game.
fn save(entry: &mut ModEntry) -> (Option<Vec<u8>>, String) {
    let Some(code) = &entry.code else { return (None, String::new()) };
    let Some(guest) = &mut entry.guest else {
        return (code.saved.clone(), String::new());
    };
    match guest.save(&code.build) {
        Ok(saved) => (saved, String::new()),
        Err(fault) => (None, format!(", without the old state, since saving it ended in a fault: {fault}")),
    }
}

/// Events that wait for a handler of the old code wait for the new handler of the same name.
fn pass_events_on((old, old_build): (&mut Guest, &Build), (new, new_build): (&mut Guest, &Build)) {
    for (system, state) in new_build.systems.iter().zip(&mut new.state().systems) {
        let same = old_build.systems.iter().position(|other| other.name == system.name);
        let before = same.and_then(|number| old.state().systems[number].handles.as_deref_mut());
        if let (Some((event, queue)), Some((event_before, waiting))) = (state.handles.as_deref_mut(), before)
            && event.is_of_the_type_of(event_before)
        {
            std::mem::swap(queue, waiting);
        }
    }
}

/// Why code whose files are in order can't run.
fn failed_start(build: &Build, what: &str, fault: &Fault) -> Refusal {
    match fault.is_the_machines {
        true => {
            let problem = format!("{what} could not be started: {fault}");
            Refusal::new(&build.wasm_file, problem, "The mod itself needs no change.")
        }
        false => {
            let problem = format!("{what} ended in a fault before its first tick: {fault}");
            Refusal::new(&build.wasm_file, problem, "Correct the mod's code.")
        }
    }
}

//! Code that starts, and new code that takes over from old at the start of a frame.
//!
//! ```text
//! save old -> instantiate new -> load -> tb_init --if all succeed--> the new code runs, the old one is dropped
//!                                              \--otherwise-------> the old code continues, and a report says why
//! ```
//!
//! This is done for one mod, or for several that need each other's new code, as `together.rs` decides.

mod halted;
mod together;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tinkerbox_abi::export::InitReason;

use super::context::ReloadContext;
use super::entities::{find_or_insert, show_build, show_idle, take_back};
use super::refuse::{refuse, report_refused_reload, wait};
use crate::game::report::ModReportKind;
use crate::game::requests::{Mods, NamedBy};
use crate::guest::diagnosis::Fault;
use crate::guest::instance::{Guest, GuestStart};
use crate::mods::entry::{Code, Condition, ModEntry, StagedBuild};
use crate::mods::run_order::RunOrder;
use crate::package::Build;
use crate::package::refusal::Refusal;
use crate::schedule::index::ModIndex;
use crate::text::list;
use halted::wait_for_halted;
use together::{Ties, Turn};

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
    let parent = ctx;
    let mut ctx = parent.of(index);
    let entity = ctx.entry.entity;
    let mut mods = ctx.world.get_resource_or_init::<Mods>();
    if ctx.entry.folder.id != build.about.id {
        mods.forget(entity);
    }
    mods.name(&build.about.id, NamedBy::Running, entity);
    ctx.entry.folder.id.clone_from(&build.about.id);
    ctx.entry.folder.staged = None;
    ctx.entry.condition = Condition::Live;
    ctx.entry.guest = Some(guest);
    let (faults, overruns, rows) = Default::default();
    let code = Code { build, carried: None, rows, saved: None, faults, overruns };
    ctx.entry.code = Some(Box::new(code));
    show_build(ctx.reborrow(), true);
    ctx.report_failures();
    ctx.report(ModReportKind::Loaded, text);
    ctx.report_logs();
    take_back(parent, index);
}

/// Stages a build for a mod that is running. It takes over as soon as it may.
pub(super) fn stage(ctx: &mut ReloadContext<'_>, index: ModIndex, build: Box<Build>) {
    let entry = &mut ctx.table.mods[index];
    entry.folder.staged = None;
    let code = entry.code.as_ref().expect("the mod is running");
    if code.build.hash == build.hash {
        // The files were something else in between, which was refused or waited.
        let text = format!("the files match the running version {} again", build.about.version);
        let mut ctx = ctx.of(index);
        show_idle(ctx.reborrow());
        ctx.report(ModReportKind::Loaded, text);
        return;
    }
    let waiting = ctx.judge().waiting(&build, &ctx.table.mods[index].folder.path, true);
    match waiting {
        Some(waiting) => wait(ctx, index, build, waiting),
        None => {
            ctx.state.has_staged = true;
            ctx.table.mods[index].folder.staged = Some(StagedBuild { build, waiting: None, waits_for: None });
        }
    }
}

/// Lets staged builds take over that may, and whose mods are not in the middle of a system. Those that need each other do so
/// in the same frame.
pub(super) fn apply_staged(ctx: &mut ReloadContext<'_>) {
    if !ctx.state.has_staged {
        return;
    }
    wait_for_halted(ctx);
    // Once more if a build was taken out of a group: the ties of the others are different ones then.
    while !apply_tied(ctx) {}
    ctx.state.has_staged = ctx.table.mods.iter().any(|(_, entry)| entry.folder.staged.is_some());
}

/// Returns whether it is done.
fn apply_tied(ctx: &mut ReloadContext<'_>) -> bool {
    let ties = Ties::of(ctx.table);
    let blocked = ties.blocked(ctx.table);
    if !blocked.is_empty() {
        blocked.into_iter().for_each(|(index, folder)| await_needed(ctx, index, folder));
        return false;
    }
    for index in ties.in_turn() {
        // It may have taken over together with another one.
        if !ctx.table.mods[index].can_hand_over() {
            continue;
        }
        match ties.turn(ctx.table, index) {
            Turn::TakesOver(group, order) => {
                let is_alone = group.len() == 1;
                if !hand_over(ctx, &ties, &group, order) && !is_alone {
                    return false;
                }
            }
            Turn::Waits => {}
            Turn::ClosesCycle => {
                let folder = &mut *ctx.table.mods[index].folder;
                folder.held = folder.staged.take().map(|staged| staged.build);
                ctx.state.is_undecided = true;
            }
        }
    }
    true
}

/// Lets the staged builds of these mods take over: all of them, or none. Returns whether they have.
fn hand_over(ctx: &mut ReloadContext<'_>, ties: &Ties, group: &BTreeSet<ModIndex>, order: RunOrder) -> bool {
    let starts: BTreeMap<ModIndex, Start> =
        group.iter().map(|&index| (index, start_successor(ctx, index))).collect();
    ctx.state.is_undecided = true;
    if starts.values().any(|start| start.guest.is_err()) {
        keep_old(ctx, ties, starts);
        return false;
    }
    let swapped: Vec<_> = starts
        .into_iter()
        .filter_map(|(index, start)| Some((index, take_over(ctx, index, start)?)))
        .collect();
    ctx.adopt_order(order);
    // The game is told when all of them run.
    for (index, text) in swapped {
        let mut of_mod = ctx.of(index);
        of_mod.report(ModReportKind::Reloaded, text);
        of_mod.report_logs();
    }
    true
}

/// New code that has started, or failed to.
struct Start {
    guest: Result<Guest, Fault>,
    /// The state of the old code, with which it has started.
    saved: Option<Vec<u8>>,
    /// Why it has started without one. The old guest can't be used any more then.
    lost: Option<Fault>,
}

fn start_successor(ctx: &mut ReloadContext<'_>, index: ModIndex) -> Start {
    let (environment, reason, moment) = (&*ctx.environment, InitReason::Reload, ctx.moment);
    let entry = &mut ctx.table.mods[index];
    let (saved, lost) = save(entry);
    let carried = match (&mut entry.guest, &entry.code) {
        (Some(guest), _) => guest.state().carried.clone(),
        (None, Some(code)) => code.carried.clone().expect("kept when the last guest was dropped"),
        (None, None) => environment.nothing_carried(&entry.folder.id),
    };
    let build = &entry.folder.staged.as_ref().expect("only mods with a staged build hand over").build;
    let start = GuestStart { environment, build, reason, carried, moment, saved: saved.as_deref() };
    Start { guest: Guest::new(ctx.world, start), saved, lost }
}

/// Not all of the new code has started, so none of it takes over.
fn keep_old(ctx: &mut ReloadContext<'_>, ties: &Ties, starts: BTreeMap<ModIndex, Start>) {
    let failed: Vec<ModIndex> =
        starts.iter().filter(|(_, start)| start.guest.is_err()).map(|(&index, _)| index).collect();
    for (index, start) in starts {
        match (start.guest, failed.iter().find(|&&failed| ties.needs(index, failed))) {
            (Err(fault), _) => {
                let folder = &mut ctx.table.mods[index].folder;
                folder.is_behind = true;
                let staged = folder.staged.take();
                let build = staged.expect("only mods with a staged build hand over").build;
                let mut ctx = ctx.of(index);
                show_idle(ctx.reborrow());
                report_refused_reload(ctx, &failed_start(&build, "the new code", &fault));
            }
            (Ok(_), Some(&needed)) => {
                let folder = ctx.table.mods[needed].folder.path.clone();
                await_needed(ctx, index, folder);
            }
            // Only wishes of others bound it: it is tried without them.
            (Ok(_), None) => {}
        }
        if let Some(fault) = start.lost {
            ctx.of(index).contain("saving its state", &fault);
        }
    }
}

/// Lets a staged build wait until the mod in this folder, whose new version it needs, has other code.
fn await_needed(ctx: &mut ReloadContext<'_>, index: ModIndex, folder: PathBuf) {
    let needed = ctx.table.find(&folder).map(|needed| &*ctx.table.mods[needed].folder);
    let id = needed.map_or_else(String::new, |needed| needed.id.clone());
    let (why, remedy) = match needed.and_then(|needed| needed.staged.as_ref()) {
        Some(staged) if !staged.is_allowed() => {
            ("asks for more than it was granted", "Both take over together once the game allows that.")
        }
        Some(staged) if staged.waits_for.as_ref() == Some(&folder) => (
            "waits for a suspended system of the old one, which is not ticked",
            "Both take over together once that system has finished.",
        ),
        _ => ("could not be started", "Correct that one: both take over together then."),
    };
    let problem = format!("its systems are ordered by those of the new version of `{id}`, which {why}");
    let Some(staged) = &mut ctx.table.mods[index].folder.staged else { return };
    staged.waits_for = Some(folder);
    let refusal = Refusal::new(&staged.build.wasm_file, problem, remedy);
    report_refused_reload(ctx.of(index), &refusal);
}

/// Puts new code in the place of the old. Returns what to report once systems are ordered again.
fn take_over(ctx: &mut ReloadContext<'_>, index: ModIndex, start: Start) -> Option<String> {
    let Start { guest, saved, lost } = start;
    let mut guest = guest.ok()?;
    let build = ctx.table.mods[index].folder.staged.take()?.build;
    let folder = &ctx.table.mods[index].folder.path;
    let note = ctx.state.grants.note(&build, folder);
    ctx.state.grants.run(&build, folder);
    let mut of_mod = ctx.of(index);
    let entry = &mut *of_mod.entry;
    let code = entry.code.as_mut()?;
    let old = std::mem::replace(&mut code.build, build);
    if let Some(before) = &mut entry.guest {
        pass_events_on((before, &old), (&mut guest, &code.build));
    }
    (code.saved, code.carried, code.rows) = (saved, None, Vec::new());
    (code.faults, code.overruns) = Default::default();
    let budget = |build: &Build| (build.budget.fuel, build.budget.burst());
    let has_new_budget = budget(&old) != budget(&code.build);
    let lost = lost.map_or_else(String::new, |fault| {
        format!(", without the old state, since saving it ended in a fault: {fault}")
    });
    let drops_state = code.saved.is_some() && !code.build.exports.state;
    let dropped = if drops_state { "; it keeps no state, so that of the version before is lost" } else { "" };
    let text = format!("version {} runs from now on{lost}{dropped}{note}", code.build.about.version);
    entry.guest = Some(guest);
    entry.condition = Condition::Live;
    show_build(of_mod.reborrow(), has_new_budget);
    of_mod.report_failures();
    Some(text)
}

/// The state of the old code. If it can't be saved the new code starts without: otherwise a mistake in `tb_save` could never
/// be corrected in a running game.
fn save(entry: &mut ModEntry) -> (Option<Vec<u8>>, Option<Fault>) {
    let Some(code) = &entry.code else { return (None, None) };
    let Some(guest) = &mut entry.guest else {
        return (code.saved.clone(), None);
    };
    let saved = guest.save(&code.build);
    // The mod does not pay for reloads: one that is refused must not cost it anything.
    guest.take_spent();
    match saved {
        Ok(saved) => (saved, None),
        Err(fault) => (None, Some(fault)),
    }
}

/// Events and removals that wait for a handler of the old code wait for the new handler of the same name.
fn pass_events_on((old, old_build): (&mut Guest, &Build), (new, new_build): (&mut Guest, &Build)) {
    for (system, state) in new_build.systems.iter().zip(&mut new.state().systems) {
        let same = old_build.systems.iter().position(|other| other.name == system.name);
        let before = same.and_then(|number| old.state().systems[number].handles.as_deref_mut());
        if let (Some((handled, queue)), Some((handled_before, waiting))) =
            (state.handles.as_deref_mut(), before)
            && handled.is_like(handled_before)
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

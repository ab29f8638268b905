//! Which of the mods run, as far as that depends on more than one of them.
//!
//! ```text
//! each folder's newest build ─> one folder for each id, of the plugin's last folder and the first by name ─> no systems that wait for each other
//!     ─> runs, or is held until another mod is removed or changes
//! ```
//!
//! It is decided for all mods whenever one was added, changed or removed, and from their folders alone: so what runs is what
//! would run if the game were started now, regardless of the order in which files have changed. Only a folder whose own
//! files are refused keeps its old code, and with it its id.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use super::context::{ReloadContext, ReloadState};
use super::entities::{insert, remove, show_idle};
use super::grants::Judge;
use super::handover::{load, stage, start};
use super::loading::stages::Wanted;
use super::refuse::{report_refused_reload, wait};
use crate::game::entity::ModStatus;
use crate::game::report::ModReportKind;
use crate::mods::entry::{ModEntry, StagedBuild, Waiting};
use crate::mods::reporting::show;
use crate::mods::run_order::RunOrder;
use crate::mods::table::Table;
use crate::package::Build;
use crate::package::manifest::FILE_NAME;
use crate::package::refusal::Refusal;
use crate::schedule::index::ModIndex;
use crate::schedule::order::Cycle;
use crate::text::shown;

/// The build that a folder wants to run.
struct Claim<'t> {
    index: ModIndex,
    /// Its place among all folders.
    place: usize,
    entry: &'t ModEntry,
    build: &'t Build,
}

enum Verdict {
    Runs,
    /// The game has not allowed it, and nothing of it runs: until it is allowed, it does not prevent other mods from running.
    Waits(Waiting),
    /// Other mods prevent it.
    Held {
        refusal: Refusal,
        /// Its old code may continue.
        keeps_old: bool,
    },
}

/// Decides again if something has changed, and loads, holds and removes mods accordingly.
pub(super) fn decide(ctx: &mut ReloadContext<'_>) {
    // Once more if a mod was removed or did not start: the decision is another one then. In the next frame if no more mods
    // may be started in this one.
    while ctx.state.starts_left > 0 && std::mem::take(&mut ctx.state.is_undecided) {
        let mut changes = Changes::default();
        for (place, verdict) in verdicts(ctx.table, ctx.state, ctx.judge()) {
            apply(ctx, place, verdict, &mut changes);
        }
        changes.make(ctx);
    }
}

/// Decides for the mods of the start, of which nothing runs yet. Returns those that are to run, by their folders.
pub(super) fn decide_at_start(ctx: &mut ReloadContext<'_>) -> VecDeque<Wanted> {
    ctx.state.is_undecided = false;
    let mut changes = Changes::default();
    for (place, verdict) in verdicts(ctx.table, ctx.state, ctx.judge()) {
        apply(ctx, place, verdict, &mut changes);
    }
    changes.to_load.into_iter().map(|(folder, build)| Wanted { folder, build }).collect()
}

/// Changes of a decision that are made together.
#[derive(Default)]
struct Changes {
    to_load: Vec<(PathBuf, Box<Build>)>,
    /// Running mods whose id another folder takes.
    displaced: Vec<(PathBuf, Refusal)>,
}

fn apply(
    ctx: &mut ReloadContext<'_>,
    (index, folder): (ModIndex, PathBuf),
    verdict: Verdict,
    changes: &mut Changes,
) {
    // Mods before it may have been removed since, and have changed their places.
    let Some(mut index) = ctx.table.find_near(index, &folder) else { return };
    if holds_another(&ctx.table.mods[index]) {
        index = stop(ctx, index);
    }
    let entry = &mut ctx.table.mods[index];
    match verdict {
        Verdict::Held { refusal, keeps_old: false } if entry.code.is_some() => {
            changes.displaced.push((folder, refusal));
        }
        Verdict::Held { refusal, .. } => hold(ctx, index, &refusal),
        Verdict::Waits(waiting) => {
            let folder = &mut *entry.folder;
            let waits_otherwise = |staged: &mut StagedBuild| staged.waiting.as_ref() != Some(&waiting);
            let staged = || folder.staged.take_if(waits_otherwise).map(|staged| staged.build);
            if let Some(build) = folder.held.take().or_else(staged) {
                wait(ctx, index, build, waiting);
            }
        }
        Verdict::Runs => {
            entry.folder.held_report = None;
            let build = entry.folder.held.take().or_else(|| match entry.code {
                None => entry.folder.staged.take().map(|staged| staged.build),
                // It hands over when its time comes.
                Some(_) => None,
            });
            match (build, &entry.code) {
                (Some(build), None) => changes.to_load.push((folder, build)),
                (Some(build), Some(_)) => stage(ctx, index, build),
                (None, _) => {}
            }
        }
    }
}

impl Changes {
    fn make(self, ctx: &mut ReloadContext<'_>) {
        let Changes { mut to_load, displaced } = self;
        if to_load.is_empty() && displaced.is_empty() {
            return;
        }
        // What takes the place of running mods starts in the same frame.
        if displaced.is_empty() && to_load.len() > ctx.state.starts_left {
            let later = to_load.split_off(ctx.state.starts_left);
            start_later(ctx, later);
        }
        ctx.state.starts_left = ctx.state.starts_left.saturating_sub(to_load.len());
        if ctx.state.has_staged && !is_ordered(ctx.table, &to_load, &displaced) {
            return hold_for_now(ctx, to_load);
        }
        // What a frame needs of the guests is close together in memory if they are made one right after the other: with
        // thousands of mods, finding it takes most of a frame.
        let guests: Vec<_> = to_load.iter().map(|(_, build)| start(ctx, build)).collect();
        // A displaced mod is stopped once the other one has started. If that one can't, the next decision is without it.
        let started = to_load.iter().zip(&guests);
        let failed =
            started.filter(|(_, guest)| guest.is_err()).map(|((_, build), _)| build.about.id.clone());
        let failed: BTreeSet<String> = failed.collect();
        for (folder, refusal) in displaced {
            let index = ctx.table.find(&folder);
            if let Some(index) = index.filter(|&index| !failed.contains(&ctx.table.mods[index].folder.id)) {
                let index = stop(ctx, index);
                hold(ctx, index, &refusal);
            }
        }
        for ((folder, build), guest) in to_load.into_iter().zip(guests) {
            load(ctx, &folder, build, guest);
        }
        if let Ok(order) = ctx.table.order_of_running() {
            ctx.adopt_order(order);
        }
    }
}

/// Whether there is an order for what runs and what is to be loaded. There is one for the newest builds of all mods, but some
/// may wait for a suspended system of their old code.
fn is_ordered(table: &Table, to_load: &[(PathBuf, Box<Build>)], displaced: &[(PathBuf, Refusal)]) -> bool {
    let is_displaced = |entry: &ModEntry| displaced.iter().any(|(folder, _)| *folder == entry.folder.path);
    let running = table.mods.iter().filter(|(_, entry)| !is_displaced(entry));
    let mut builds: BTreeMap<ModIndex, &Build> =
        running.filter_map(|(index, entry)| Some((index, &*entry.code.as_ref()?.build))).collect();
    builds.extend(to_load.iter().filter_map(|(folder, build)| Some((table.find(folder)?, &**build))));
    RunOrder::of(builds.into_iter().collect()).is_ok()
}

/// The staged builds come first: it is decided again when one of them has taken over.
fn hold_for_now(ctx: &mut ReloadContext<'_>, to_load: Vec<(PathBuf, Box<Build>)>) {
    for (folder, build) in to_load {
        if let Some(index) = ctx.table.find(&folder) {
            ctx.table.mods[index].folder.held = Some(build);
        }
    }
}

/// It is decided again in the next frame.
fn start_later(ctx: &mut ReloadContext<'_>, to_load: Vec<(PathBuf, Box<Build>)>) {
    for (folder, _) in &to_load {
        if let Some(index) = ctx.table.find(folder) {
            show(ctx.world, ctx.table.mods[index].entity, ModStatus::Loading);
        }
    }
    hold_for_now(ctx, to_load);
    ctx.state.is_undecided = true;
}

/// Whether the files of a mod have become those of another mod than the one that runs.
fn holds_another(entry: &ModEntry) -> bool {
    let Some(code) = &entry.code else { return false };
    entry.folder.held.as_ref().is_some_and(|build| build.about.id != code.build.about.id)
}

/// Removes the running mod of a folder, and holds the folder's newest build.
fn stop(ctx: &mut ReloadContext<'_>, index: ModIndex) -> ModIndex {
    let folder = &ctx.table.mods[index].folder;
    let why = match folder.held.as_ref().filter(|build| build.about.id != folder.id) {
        Some(build) => format!("its folder holds the mod `{}` now", build.about.id),
        None => "another mod takes its place".to_owned(),
    };
    let ModEntry { code, folder, .. } = remove(ctx, index, &why);
    let running = code.expect("only mods with code are stopped").build;
    // Also one that is not allowed yet: the game is asked about what the folder holds, as if it were started now.
    let staged = folder.staged.map(|staged| staged.build);
    let build = folder.held.or(staged).unwrap_or(running);
    let index = insert(ctx, &folder.path, Some(&build.about), ModStatus::Refused);
    ctx.table.mods[index].folder.held = Some(build);
    index
}

/// Reports once why a build does not run.
fn hold(ctx: &mut ReloadContext<'_>, index: ModIndex, refusal: &Refusal) {
    let mut ctx = ctx.of(index);
    let folder = &mut ctx.entry.folder;
    // Nothing is asked about a build that would not run if it were allowed.
    let is_idle = ctx.entry.code.is_none();
    if let Some(staged) = folder.staged.take_if(|staged| is_idle || staged.is_allowed()) {
        folder.held = Some(staged.build);
    }
    let text = refusal.to_string();
    if folder.held_report.as_ref() == Some(&text) {
        return;
    }
    folder.held_report = Some(text.clone());
    show_idle(ctx.reborrow());
    match ctx.entry.code {
        Some(_) => report_refused_reload(ctx, refusal),
        None => ctx.report(ModReportKind::Refused, text),
    }
}

/// The verdict for each folder that wants to run something, sorted by folder: where its mod is now, and its path.
fn verdicts(table: &Table, state: &ReloadState, judge: Judge<'_>) -> Vec<((ModIndex, PathBuf), Verdict)> {
    let mut owners: BTreeMap<&str, Claim> = BTreeMap::new();
    let mut verdicts = Vec::new();
    let mut asking = Vec::new();
    let mut claims: Vec<Claim> = table.by_folder().enumerate().filter_map(claim).collect();
    claims.sort_by_cached_key(|claim| (Reverse(state.precedence(&claim.entry.folder.path)), claim.place));
    for claim in claims {
        let folder = &claim.entry.folder.path;
        // A newer version of the running mod is staged, and compared with its grants then; another mod is not.
        let running = claim.entry.code.as_ref().map(|code| &code.build.about.id);
        let is_newer_version = running == Some(&claim.build.about.id);
        let waiting = if is_newer_version { None } else { judge.waiting(claim.build, folder, false) };
        if let Some(waiting) = waiting {
            asking.push((claim, waiting));
            continue;
        }
        match owners.get(claim.build.about.id.as_str()) {
            None => drop(owners.insert(&claim.build.about.id, claim)),
            Some(owner) => {
                let refusal = has_the_same_id(&claim, owner);
                verdicts.push((claim, Verdict::Held { refusal, keeps_old: false }));
            }
        }
    }
    // To allow a mod whose id another one has would not let it run: the id is what has to change.
    for (claim, waiting) in asking {
        let verdict = match owners.get(claim.build.about.id.as_str()) {
            Some(owner) => Verdict::Held { refusal: has_the_same_id(&claim, owner), keeps_old: false },
            None => Verdict::Waits(waiting),
        };
        verdicts.push((claim, verdict));
    }
    let mut owners: Vec<Claim> = owners.into_values().collect();
    owners.sort_by_key(|claim| claim.place);
    let closed = closed_cycles(&owners);
    for (claim, closed) in owners.into_iter().zip(closed) {
        let verdict = match closed {
            None => Verdict::Runs,
            Some((cycle, keeps_old)) => Verdict::Held { refusal: closes_a_cycle(&claim, &cycle), keeps_old },
        };
        verdicts.push((claim, verdict));
    }
    verdicts.sort_by_key(|(claim, _)| claim.place);
    let place = |claim: Claim| (claim.index, claim.entry.folder.path.clone());
    verdicts.into_iter().map(|(claim, verdict)| (place(claim), verdict)).collect()
}

/// The newest build of a folder that may run, as far as it is known; of one of which nothing runs, the newest build.
fn claim<'t>((place, (index, entry)): (usize, (ModIndex, &'t ModEntry))) -> Option<Claim<'t>> {
    let running = entry.code.as_ref().map(|code| &code.build);
    let staged = entry.folder.staged.as_ref().filter(|staged| running.is_none() || staged.is_free());
    let staged = staged.map(|staged| &staged.build);
    let build = entry.folder.held.as_ref().or(staged).or(running)?;
    Some(Claim { index, place, entry, build })
}

/// For each claim the cycle that it would close, and whether its old code closes none. Mods without wishes for the order
/// are accepted first, since a cycle is the fault of mods with wishes. Old versions that run in place of newer files which
/// can't come next: nothing else is left of them. Then come the others by their folders.
fn closed_cycles(claims: &[Claim]) -> Vec<Option<(Cycle, bool)>> {
    let all = claims.iter().map(|claim| (claim.index, claim.build)).collect();
    let mut cycles: Vec<Option<(Cycle, bool)>> = claims.iter().map(|_| None).collect();
    if RunOrder::of(all).is_ok() {
        return cycles;
    }
    let has_wishes = |claim: &Claim| {
        claim.build.systems.iter().any(|system| !system.after.is_empty() || !system.before.is_empty())
    };
    let plain = claims.iter().filter(|claim| !has_wishes(claim));
    let mut accepted: Vec<(ModIndex, &Build)> = plain.map(|claim| (claim.index, claim.build)).collect();
    let mut others: Vec<_> = claims.iter().zip(&mut cycles).filter(|(claim, _)| has_wishes(claim)).collect();
    others.sort_by_key(|(claim, _)| !claim.entry.folder.is_behind);
    accept_in_turn(&mut accepted, &mut others);
    for (claim, cycle) in claims.iter().zip(&mut cycles) {
        let Some((_, keeps_old)) = cycle else { continue };
        let old = claim.entry.code.as_ref().map(|code| &*code.build);
        let Some(old) = old.filter(|old| old.hash != claim.build.hash) else { continue };
        accepted.push((claim.index, old));
        *keeps_old = RunOrder::of(accepted.clone()).is_ok();
        if !*keeps_old {
            accepted.pop();
        }
    }
    cycles
}

/// Accepts claims one after the other, except those that close a cycle with what was accepted before. What closes none
/// together is accepted together: ordering all systems again for each mod would take too long for a frame.
fn accept_in_turn<'t>(accepted: &mut Vec<(ModIndex, &'t Build)>, others: &mut [Verdicted<'_, 't>]) {
    let before = accepted.len();
    accepted.extend(others.iter().map(|(claim, _)| (claim.index, claim.build)));
    let Err(closed) = RunOrder::of(accepted.clone()) else { return };
    accepted.truncate(before);
    match others {
        [(_, cycle)] => **cycle = Some((closed, false)),
        _ => {
            let (first, second) = others.split_at_mut(others.len() / 2);
            accept_in_turn(accepted, first);
            accept_in_turn(accepted, second);
        }
    }
}

/// A claim, and where the cycle goes that it closes.
type Verdicted<'c, 't> = (&'c Claim<'t>, &'c mut Option<(Cycle, bool)>);

fn has_the_same_id(claim: &Claim, owner: &Claim) -> Refusal {
    let problem =
        format!("the mod in {} has the id `{}` too", shown(&owner.entry.folder.path), claim.build.about.id);
    let manifest = claim.entry.folder.path.join(FILE_NAME);
    Refusal::new(&manifest, problem, "Give one of them another id, or remove its folder.")
}

fn closes_a_cycle(claim: &Claim, cycle: &Cycle) -> Refusal {
    let problem = format!("its systems can't be ordered: {cycle}");
    let remedy = "Remove one of these from the systems' after or before.";
    Refusal::new(&claim.build.wasm_file, problem, remedy)
}

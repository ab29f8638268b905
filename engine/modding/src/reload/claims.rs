//! Which of the mods run: what depends on more than one of them.
//!
//! ```text
//! each folder's newest build ─> one folder for each id, the first by name ─> no systems that wait for each other
//!     ─> runs, or is held until another mod goes or changes
//! ```
//!
//! It is decided for all mods whenever one has come, changed or gone, and from their folders alone: so what runs is what
//! would run if the game were started now, in whatever order the files have changed. Only a folder whose files are refused
//! for themselves keeps its old code, and with it its id.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bevy_ecs::world::World;

use super::handover::{ask, begin, insert, load, refuse_reload, remove, take_order, wait};
use crate::order::Cycle;
use crate::package::Build;
use crate::package::manifest::FILE_NAME;
use crate::refusal::Refusal;
use crate::report::ModReportKind;
use crate::table::{Mod, Table};
use crate::text::shown;
use crate::tick::report;

/// What a folder wants to run.
struct Claim<'t> {
    at: usize,
    of: &'t Mod,
    build: &'t Build,
}

enum Verdict {
    Runs,
    /// It asks for more than it was granted, and nothing of it runs: until the game allows it, it is in nobody's way.
    Asks(Vec<String>),
    /// Others stand in its way. Whether its old code may go on.
    Held {
        refusal: Refusal,
        keeps_old: bool,
    },
}

/// Decides again if something has changed, and loads, holds and takes out accordingly.
pub(super) fn decide(world: &mut World, table: &mut Table) {
    // Once more where a mod was taken out, or did not begin: each of these is decided otherwise the next time.
    while std::mem::take(&mut table.is_undecided) {
        let (mut to_load, mut displaced) = (Vec::new(), Vec::new());
        for (folder, verdict) in verdicts(table) {
            let Some(mut at) = table.find(&folder) else { continue };
            if holds_another(&table.mods[at]) {
                at = stop(world, table, at);
            }
            match verdict {
                Verdict::Held { refusal, keeps_old: false } if table.mods[at].code.is_some() => {
                    displaced.push((folder, refusal));
                }
                Verdict::Asks(lacking) => {
                    if let Some(build) = table.mods[at].about.held.take() {
                        ask(world, table, at, build, &lacking);
                    }
                }
                Verdict::Held { refusal, .. } => hold(world, table, at, &refusal),
                Verdict::Runs => {
                    let it = &mut table.mods[at];
                    it.about.told = None;
                    let build = it.about.held.take().or_else(|| match it.code {
                        None => it.about.next.take_if(|next| next.is_allowed).map(|next| next.build),
                        // It hands over when its time comes.
                        Some(_) => None,
                    });
                    match (build, &it.code) {
                        (Some(build), None) => to_load.push((folder, build)),
                        (Some(build), Some(_)) => wait(world, table, at, build),
                        (None, _) => {}
                    }
                }
            }
        }
        if to_load.is_empty() && displaced.is_empty() {
            continue;
        }
        // What a frame needs of the guests lies close together where they are made one right after the other: with
        // thousands of mods most of a frame is spent on finding it.
        let guests: Vec<_> = to_load.iter().map(|(_, build)| begin(world, table, build)).collect();
        // Whose place is taken stops once the other one has begun. If that one can't, it is decided again without it.
        let begun = to_load.iter().zip(&guests);
        let failed = begun.filter(|(_, guest)| guest.is_err()).map(|((_, build), _)| build.about.id.clone());
        let failed: BTreeSet<String> = failed.collect();
        for (folder, refusal) in displaced {
            if let Some(at) = table.find(&folder).filter(|&at| !failed.contains(&table.mods[at].about.id)) {
                let at = stop(world, table, at);
                hold(world, table, at, &refusal);
            }
        }
        for ((folder, build), guest) in to_load.into_iter().zip(guests) {
            load(world, table, &folder, build, guest);
        }
        if let Ok(order) = table.order_with(None) {
            take_order(world, table, order);
        }
    }
}

/// Whether its files have become another mod's than the one that runs.
fn holds_another(it: &Mod) -> bool {
    let Some(code) = &it.code else { return false };
    it.about.held.as_ref().is_some_and(|build| build.about.id != code.build.about.id)
}

/// Takes out what runs and holds the folder's newest build.
fn stop(world: &mut World, table: &mut Table, at: usize) -> usize {
    let held = &table.mods[at].about.held;
    let why = match held.as_ref().filter(|build| build.about.id != table.mods[at].about.id) {
        Some(build) => format!("its folder holds the mod `{}` now", build.about.id),
        None => "another mod takes its place".to_owned(),
    };
    let Mod { code, mut about, .. } = remove(world, table, at, &why);
    let allowed = about.next.take_if(|next| next.is_allowed).map(|next| next.build);
    let running = code.expect("only mods with code are stopped").build;
    let build = about.held.or(allowed).unwrap_or(running);
    let at = insert(world, table, &about.folder, Some(&build.about));
    let it = &mut table.mods[at].about;
    // What is not allowed yet waits on.
    (it.held, it.next) = (Some(build), about.next);
    at
}

/// Says once why a build does not run.
fn hold(world: &mut World, table: &mut Table, at: usize, refusal: &Refusal) {
    let it = &mut table.mods[at];
    if let Some(next) = it.about.next.take_if(|next| next.is_allowed) {
        it.about.held = Some(next.build);
    }
    let text = refusal.to_string();
    if it.about.told.as_ref() == Some(&text) {
        return;
    }
    it.about.told = Some(text.clone());
    match it.code {
        Some(_) => refuse_reload(world, it, refusal),
        None => report(world, it, ModReportKind::Refused, text),
    }
}

fn verdicts(table: &Table) -> Vec<(PathBuf, Verdict)> {
    let mut owners: BTreeMap<&str, Claim> = BTreeMap::new();
    let mut verdicts = Vec::new();
    for claim in table.by_folder().filter_map(|it| claim(table, it)) {
        // A newer version of what runs waits beside it, as `handover.rs` has it; another mod does not.
        let is_newer = claim.of.code.as_ref().is_some_and(|code| code.build.about.id == claim.build.about.id);
        let lacking = match is_newer {
            true => Vec::new(),
            false => table.grants.lacking(claim.build, &claim.of.about.folder),
        };
        if !lacking.is_empty() {
            verdicts.push((claim.of.about.folder.clone(), Verdict::Asks(lacking)));
            continue;
        }
        match owners.get(claim.build.about.id.as_str()) {
            None => drop(owners.insert(&claim.build.about.id, claim)),
            Some(owner) => {
                let refusal = has_the_same_id(&claim, owner);
                verdicts.push((claim.of.about.folder.clone(), Verdict::Held { refusal, keeps_old: false }));
            }
        }
    }
    let mut owners: Vec<Claim> = owners.into_values().collect();
    owners.sort_by(|a, b| a.of.about.folder.cmp(&b.of.about.folder));
    let circles = circles(table, &owners);
    for (claim, circle) in owners.iter().zip(circles) {
        let verdict = match circle {
            None => Verdict::Runs,
            Some((cycle, keeps_old)) => Verdict::Held { refusal: is_in_a_circle(claim, &cycle), keeps_old },
        };
        verdicts.push((claim.of.about.folder.clone(), verdict));
    }
    verdicts.sort_by(|(a, _), (b, _)| a.cmp(b));
    verdicts
}

/// The newest build of a folder that may run as far as the game is concerned.
fn claim<'t>(table: &'t Table, of: &'t Mod) -> Option<Claim<'t>> {
    let next = of.about.next.as_ref().filter(|next| next.is_allowed).map(|next| &next.build);
    let build = of.about.held.as_ref().or(next).or(of.code.as_ref().map(|code| &code.build))?;
    Some(Claim { at: table.find(&of.about.folder)?, of, build })
}

/// For each claim the circle that it would close, and whether its old code closes none. Mods that wish for no order are
/// asked first, then the others by their folders: who wishes is to blame.
fn circles(table: &Table, claims: &[Claim]) -> Vec<Option<(Cycle, bool)>> {
    let all = claims.iter().map(|claim| (claim.at, claim.build)).collect();
    let mut circles: Vec<Option<(Cycle, bool)>> = claims.iter().map(|_| None).collect();
    if table.order_of(all).is_ok() {
        return circles;
    }
    let is_plain = |build: &Build| build.systems.iter().all(|it| it.after.is_empty() && it.before.is_empty());
    let plain = claims.iter().filter(|claim| is_plain(claim.build));
    let mut accepted: Vec<(usize, &Build)> = plain.map(|claim| (claim.at, claim.build)).collect();
    for (claim, circle) in claims.iter().zip(&mut circles).filter(|(claim, _)| !is_plain(claim.build)) {
        accepted.push((claim.at, claim.build));
        if let Err(cycle) = table.order_of(accepted.clone()) {
            accepted.pop();
            *circle = Some((cycle, false));
        }
    }
    for (claim, circle) in claims.iter().zip(&mut circles) {
        let Some((_, keeps_old)) = circle else { continue };
        let old = claim.of.code.as_ref().map(|code| &*code.build);
        let Some(old) = old.filter(|old| old.hash != claim.build.hash) else { continue };
        accepted.push((claim.at, old));
        *keeps_old = table.order_of(accepted.clone()).is_ok();
        if !*keeps_old {
            accepted.pop();
        }
    }
    circles
}

fn has_the_same_id(claim: &Claim, owner: &Claim) -> Refusal {
    let problem =
        format!("the mod in {} has the id `{}` too", shown(&owner.of.about.folder), claim.build.about.id);
    let manifest = claim.of.about.folder.join(FILE_NAME);
    Refusal::new(&manifest, problem, "Give one of them another id, or remove its folder.")
}

fn is_in_a_circle(claim: &Claim, cycle: &Cycle) -> Refusal {
    let problem = format!("its systems can't be ordered: {cycle}");
    let remedy = "Remove one of these from the systems' after or before.";
    Refusal::new(&claim.build.wasm_file, problem, remedy)
}

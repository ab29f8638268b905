//! New code takes over from old, at a frame's start, or the old goes on.
//!
//! ```text
//! save old -> instantiate new -> load -> tb_init --all well--> new runs, old is dropped
//!                                              \--anything else--> old goes on, and the game is told why
//! ```

use std::path::Path;

use bevy_ecs::world::World;
use tinkerbox_abi::export::InitReason;

use crate::commands::Population;
use crate::fault::FaultRecord;
use crate::guest::{Beginning, Guest};
use crate::mod_entity::{AllowPermissions, FuelBudget, ModInfo, ModStats, ModStatus};
use crate::mods::{Code, Condition, Mod, Mods, Next};
use crate::package::Build;
use crate::package::build::{Built, Outcome};
use crate::package::manifest::{About, FILE_NAME};
use crate::random;
use crate::refusal::Refusal;
use crate::report::ModReportKind;
use crate::state::Kept;
use crate::text::{harmless, list};
use crate::tick::report;
use crate::time::ModTime;

/// Takes what a folder's build has come to.
pub(crate) fn take(world: &mut World, mods: &mut Mods, outcome: Outcome) {
    let folder = &outcome.folder;
    match outcome.result {
        Built::Unchanged => {}
        Built::Gone => remove(world, mods, folder),
        Built::Refused { about, refusal } => refuse(world, mods, folder, about.as_deref(), &refusal),
        Built::Ready(build) => {
            let running = mods.find(folder).filter(|&at| mods.mods[at].code.is_some());
            match (check(mods, folder, &build), running) {
                (Err(refusal), _) => refuse(world, mods, folder, Some(&build.about), &refusal),
                (Ok(_), Some(at)) => wait(world, mods, at, build),
                (Ok(order), None) => load(world, mods, folder, build, order),
            }
        }
    }
}

/// Forgets mods whose entity the game has despawned. From here to the end of the handovers every mod has one.
pub(crate) fn forget_despawned(world: &mut World, mods: &mut Mods) {
    for at in (0..mods.mods.len()).rev() {
        if world.get_entity(mods.mods[at].entity).is_err() {
            let it = mods.remove(at);
            report(world, &it, ModReportKind::Removed, "the game has removed its entity".to_owned());
        }
    }
}

/// Hands over to builds that have waited, as soon as nothing stands in their way.
pub(crate) fn take_waiting(world: &mut World, mods: &mut Mods) {
    for at in 0..mods.mods.len() {
        let it = &mut mods.mods[at];
        let Some(next) = &mut it.next else { continue };
        if !next.is_allowed && world.entity_mut(it.entity).take::<AllowPermissions>().is_some() {
            next.is_allowed = true;
        }
        hand_over(world, mods, at);
    }
}

/// The order of systems with this build.
type Order = Vec<(usize, usize)>;

/// What depends on the other mods and could not be checked with the files alone.
fn check(mods: &Mods, folder: &Path, build: &Build) -> Result<Order, Refusal> {
    let id = &build.about.id;
    let manifest = folder.join(FILE_NAME);
    if let Some(other) = mods.namesake(id, folder) {
        let problem = format!("the mod in {} has the id `{id}` too", other.folder.display());
        return Err(Refusal::new(&manifest, problem, "Give one of them another id, or remove its folder."));
    }
    let running = mods.find(folder).map(|at| &mods.mods[at]).filter(|it| it.code.is_some());
    if let Some(it) = running.filter(|it| it.id != *id) {
        let problem = format!("the id has changed from `{}` to `{id}`", it.id);
        return Err(Refusal::new(&manifest, problem, "Put the new mod into a folder of its own."));
    }
    mods.order_with(Some((folder, build))).map_err(|cycle| {
        let problem = format!("its systems can't be ordered: {cycle}");
        Refusal::new(&build.wasm_file, problem, "Remove one of these from the systems' after or before.")
    })
}

/// A mod that was not running begins.
fn load(world: &mut World, mods: &mut Mods, folder: &Path, build: Box<Build>, order: Order) {
    let kept =
        Kept { random: random::generator(mods.seed, &build.about.id), population: Population::default() };
    let time = *world.resource::<ModTime>();
    let beginning = Beginning { reason: InitReason::New, kept: kept.clone(), time, saved: None };
    let guest = match Guest::new(world, &mods.linker, &build, beginning) {
        Ok(guest) => guest,
        Err(fault) => {
            let problem = format!("it ended in a fault before its first tick: {fault}");
            let refusal = Refusal::new(&build.wasm_file, problem, "Correct the mod's code.");
            refuse(world, mods, folder, Some(&build.about), &refusal);
            return;
        }
    };
    let at = mods.find(folder).unwrap_or_else(|| insert(world, mods, folder, Some(&build.about)));
    let systems = list(build.systems.iter().map(|system| &system.name));
    let text = format!("version {} with {systems}", build.about.version);
    let it = &mut mods.mods[at];
    it.id.clone_from(&build.about.id);
    it.code = Some(Code {
        build,
        generation: 0,
        condition: Condition::Live,
        guest: Some(guest),
        kept,
        saved: None,
        faults: FaultRecord::default(),
        bucket: 0,
        fuel_used: 0,
        has_faulted: false,
    });
    show_build(world, it, true);
    mods.order = order;
    report(world, &mods.mods[at], ModReportKind::Loaded, text);
}

/// A build for a mod that is running: swapped in at once if it may be.
fn wait(world: &mut World, mods: &mut Mods, at: usize, build: Box<Build>) {
    let it = &mut mods.mods[at];
    it.next = None;
    let code = it.code.as_ref().expect("the mod is running");
    if code.build.hash == build.hash {
        // Something else was there in between, and was refused or waited.
        let text = format!("its files are again what is running: version {}", build.about.version);
        report(world, it, ModReportKind::Loaded, text);
        return;
    }
    let wider = build.rights.beyond(&code.build.rights);
    it.next = Some(Next { build, is_allowed: wider.is_empty() });
    if !wider.is_empty() {
        let text = format!(
            "{}: the new version asks for more: {}. The old goes on until the game allows it.",
            it.folder.join(FILE_NAME).display(),
            wider.join(", ")
        );
        report(world, it, ModReportKind::ReloadRefused, text);
    }
}

fn hand_over(world: &mut World, mods: &mut Mods, at: usize) {
    let it = &mut mods.mods[at];
    let Some(code) = &mut it.code else { return };
    // In the middle of a system a mod's memory is no state to be saved. It finishes or faults within 60
    // frames.
    if matches!(code.condition, Condition::Suspended(_))
        || !it.next.as_ref().is_some_and(|next| next.is_allowed)
    {
        return;
    }
    let Some(Next { build, .. }) = it.next.take() else {
        return;
    };
    // Other mods may have come since it was built.
    let order = match check(mods, &mods.mods[at].folder, &build) {
        Ok(order) => order,
        Err(refusal) => return refuse_reload(world, &mods.mods[at], &refusal),
    };
    let it = &mut mods.mods[at];
    let Some(code) = &mut it.code else { return };
    let (saved, lost) = save(code);
    let kept = code.guest.as_mut().map_or_else(|| code.kept.clone(), |guest| guest.state().kept.clone());
    let time = *world.resource::<ModTime>();
    let beginning = Beginning { reason: InitReason::Reload, kept, time, saved: saved.as_deref() };
    match Guest::new(world, &mods.linker, &build, beginning) {
        Ok(guest) => {
            let old = std::mem::replace(&mut code.build, build);
            code.guest = Some(guest);
            code.condition = Condition::Live;
            code.saved = saved;
            code.faults = FaultRecord::default();
            let has_new_budget =
                (old.budget.fuel, old.budget.burst()) != (code.build.budget.fuel, code.build.budget.burst());
            let text = format!("version {} runs from now on{lost}", code.build.about.version);
            show_build(world, it, has_new_budget);
            mods.order = order;
            report(world, &mods.mods[at], ModReportKind::Reloaded, text);
        }
        Err(fault) => {
            let problem = format!("the new code ended in a fault before its first tick: {fault}");
            let refusal = Refusal::new(&build.wasm_file, problem, "Correct the mod's code.");
            refuse_reload(world, it, &refusal);
        }
    }
}

/// The old code's state. Where it can't be saved the new begins without: otherwise an error in `tb_save`
/// could never be corrected in a running game.
fn save(code: &mut Code) -> (Option<Vec<u8>>, String) {
    let Some(guest) = &mut code.guest else {
        return (code.saved.clone(), String::new());
    };
    match guest.save(&code.build) {
        Ok(saved) => (saved, String::new()),
        Err(fault) => (None, format!(", without the old state, since saving it ended in a fault: {fault}")),
    }
}

fn refuse(world: &mut World, mods: &mut Mods, folder: &Path, about: Option<&About>, refusal: &Refusal) {
    let at = mods.find(folder).unwrap_or_else(|| insert(world, mods, folder, about));
    let it = &mut mods.mods[at];
    it.next = None;
    match &it.code {
        Some(_) => refuse_reload(world, it, refusal),
        None => report(world, it, ModReportKind::Refused, refusal.to_string()),
    }
}

fn refuse_reload(world: &mut World, it: &Mod, refusal: &Refusal) {
    report(world, it, ModReportKind::ReloadRefused, format!("{refusal} The old code goes on."));
}

fn remove(world: &mut World, mods: &mut Mods, folder: &Path) {
    let Some(at) = mods.find(folder) else { return };
    let it = mods.remove(at);
    world.despawn(it.entity);
    report(world, &it, ModReportKind::Removed, "its folder is gone".to_owned());
}

/// A mod of which nothing runs yet.
fn insert(world: &mut World, mods: &mut Mods, folder: &Path, about: Option<&About>) -> usize {
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
    let id = about.map_or(name.as_ref(), |about| &about.id).to_owned();
    let info = info(folder, &id, about);
    let entity =
        world.spawn((info, ModStatus::Refused, FuelBudget { grant: 0, burst: 0 }, ModStats::default())).id();
    mods.mods.push(Mod { entity, folder: folder.to_owned(), id, code: None, next: None });
    mods.mods.len() - 1
}

fn info(folder: &Path, id: &str, about: Option<&About>) -> ModInfo {
    ModInfo {
        id: id.to_owned(),
        version: about.map(|about| about.version.to_string()).unwrap_or_default(),
        title: about.and_then(|about| about.title.as_deref()).map_or_else(|| id.to_owned(), harmless),
        authors: about
            .map(|about| about.authors.iter().map(|author| harmless(author)).collect())
            .unwrap_or_default(),
        folder: folder.to_owned(),
    }
}

/// Shows the game the code that runs from now on.
fn show_build(world: &mut World, it: &mut Mod, has_new_budget: bool) {
    let Some(code) = &mut it.code else { return };
    code.generation += 1;
    let budget = &code.build.budget;
    let mut entity = world.entity_mut(it.entity);
    entity.insert((info(&it.folder, &it.id, Some(&code.build.about)), ModStatus::Live));
    if has_new_budget {
        entity.insert(FuelBudget { grant: budget.fuel, burst: budget.burst() });
    }
    if let Some(mut stats) = entity.get_mut::<ModStats>() {
        stats.generation = code.generation;
    }
}

//! New code takes over from old, at a frame's start, or the old goes on.
//!
//! ```text
//! save old -> instantiate new -> load -> tb_init --all well--> new runs, old is dropped
//!                                              \--anything else--> old goes on, and the game is told why
//! ```

use std::path::Path;

use bevy_ecs::entity::Entity;
use bevy_ecs::entity_disabling::Disabled;
use bevy_ecs::query::{Allow, QueryState, With};
use bevy_ecs::world::World;
use tinkerbox_abi::LogLevel;
use tinkerbox_abi::export::InitReason;

use crate::commands::Population;
use crate::diagnosis::Fault;
use crate::game_code::{change, contain};
use crate::guest::{Beginning, Guest};
use crate::mod_entity::{AllowPermissions, FuelBudget, ModInfo, ModStats, ModStatus};
use crate::mods::Mods;
use crate::package::Build;
use crate::package::build::{Built, Outcome};
use crate::package::manifest::{About, FILE_NAME};
use crate::random::Streams;
use crate::refusal::Refusal;
use crate::report::ModReportKind;
use crate::state::{Kept, Moment};
use crate::table::{Code, Condition, Mod, Next, Order, Table};
use crate::text::{harmless, harmless_name, list, shown};
use crate::tick::outcome::{tell, tell_failures};
use crate::tick::report;
use crate::time::ModTime;

/// Takes what folders' builds have come to, all at once: a folder that was renamed is one that has gone and one that has
/// come. Which of them run is decided then, in `claims.rs`.
pub(crate) fn take(world: &mut World, table: &mut Table, outcomes: Vec<Outcome>) {
    for outcome in outcomes {
        let folder = &outcome.folder;
        match outcome.result {
            Built::Unchanged => {}
            Built::Gone => remove_folder(world, table, folder),
            Built::Refused { about, refusal } => refuse(world, table, folder, about.as_deref(), &refusal),
            Built::Ready(build) => offer(world, table, folder, build),
        }
    }
}

/// A build that can run as far as its files alone can tell.
fn offer(world: &mut World, table: &mut Table, folder: &Path, build: Box<Build>) {
    let at = table.find(folder).unwrap_or_else(|| insert(world, table, folder, Some(&build.about)));
    let it = &mut table.mods[at].about;
    (it.next, it.held, it.told) = (None, None, None);
    table.is_undecided = true;
    match &table.mods[at].code {
        // Something else was there in between.
        Some(code) if code.build.hash == build.hash => wait(world, table, at, build),
        _ => table.mods[at].about.held = Some(build),
    }
}

/// Code of a mod of which nothing runs, and which asks for more than its id was granted before, or the mod before it.
pub(super) fn ask(world: &mut World, table: &mut Table, at: usize, build: Box<Build>, lacking: &[String]) {
    let it = &mut table.mods[at];
    let before = match table.grants.predecessor(&build, &it.about.folder) {
        Some(id) => format!("the mod `{id}` had, which ran in its folder before"),
        None => "it was granted before".to_owned(),
    };
    let text = format!(
        "{}: it asks for more than {before}: {}. It does not run until the game allows it.",
        shown(&it.about.folder.join(FILE_NAME)),
        lacking.join(", ")
    );
    it.about.next = Some(Next { build, is_allowed: false });
    table.has_waiting = true;
    report(world, &table.mods[at], ModReportKind::Refused, text);
}

/// Forgets mods whose entity the game has despawned. Any may go again as soon as code of the game runs: in an observer or
/// a hook of whatever happens to a mod's entity.
pub(crate) fn forget_despawned(world: &mut World, table: &mut Table) {
    if table.shown.are_all_there(world) {
        return;
    }
    table.shown.forget();
    for at in (0..table.mods.len()).rev() {
        if !world.entities().contains_spawned(table.mods[at].entity) {
            remove(world, table, at, "the game has removed its entity");
        }
    }
}

/// Takes what the game allows: the contents that have waited since the last frame, each by its hash.
pub(crate) fn take_allowances(world: &mut World, table: &mut Table) {
    let allowances = &mut table.allowances;
    let allowances = allowances.get_or_insert_with(|| world.query_filtered());
    let allowed: Vec<Entity> = allowances.iter(world).collect();
    for entity in allowed {
        change(world, entity, |entity| {
            entity.remove::<AllowPermissions>();
        });
        let Some(at) = table.find_entity(entity) else {
            tracing::warn!("`AllowPermissions` on entity {entity} does nothing: it is not a mod's");
            continue;
        };
        tell_failures(world, &mut table.mods[at], table.frame);
        let folder = table.mods[at].about.folder.clone();
        match table.mods[at].about.next.as_mut().filter(|next| !next.is_allowed) {
            Some(next) => {
                next.is_allowed = true;
                table.grants.allow(&next.build, &folder);
                table.is_undecided = true;
            }
            None => {
                let text = "`AllowPermissions` does nothing: no code of this mod waits to be allowed";
                report(world, &table.mods[at], ModReportKind::Log(LogLevel::Warn), text.to_owned());
            }
        }
    }
}

/// The entities on which the game has put that.
pub(crate) type Allowances = QueryState<Entity, (With<AllowPermissions>, Allow<Disabled>)>;

/// Hands over to builds that have waited, as soon as nothing stands in their way.
pub(crate) fn take_waiting(world: &mut World, table: &mut Table) {
    if !table.has_waiting {
        return;
    }
    for at in 0..table.mods.len() {
        if table.mods[at].about.next.is_none() {
            continue;
        }
        hand_over(world, table, at);
    }
    table.has_waiting = table.mods.iter().any(|it| it.about.next.is_some());
}

/// Takes a mod out of the table and the world.
pub(crate) fn remove(world: &mut World, table: &mut Table, at: usize, why: &str) -> Mod {
    let mut it = table.remove(at);
    if let Some(guest) = &mut it.guest {
        // It may be suspended, and hold ids of entities.
        guest.state().effects.abandon(world);
    }
    table.channels.update(world, &table.mods);
    world.get_resource_or_init::<Mods>().by_id.retain(|_, entity| *entity != it.entity);
    contain(world, "an observer or a hook panicked at the despawn of the mod's own entity", |world| {
        world.try_despawn(it.entity).is_ok()
    });
    tell_failures(world, &mut it, table.frame);
    report(world, &it, ModReportKind::Removed, why.to_owned());
    it
}

/// From now on systems run in this order.
pub(super) fn take_order(world: &World, table: &mut Table, order: Order) {
    table.order = order;
    table.channels.update(world, &table.mods);
}

/// The moment at which mods begin outside of a tick.
pub(crate) fn moment(world: &World, table: &Table) -> Moment {
    Moment { time: ModTime::of(world), frame: table.frame, age: table.age.ticks() }
}

/// What a mod begins with that was never there.
pub(crate) fn nothing_kept(table: &Table, id: &str) -> Kept {
    Kept { random: Streams::new(table.seed, id), population: Population::default() }
}

/// Lets code begin that was not running.
pub(super) fn begin(world: &World, table: &Table, build: &Build) -> Result<Guest, Fault> {
    let (kept, moment) = (nothing_kept(table, &build.about.id), moment(world, table));
    let beginning = Beginning { reason: InitReason::New, kept, moment, saved: None };
    Guest::new(world, table.common(), build, beginning)
}

/// A mod that was not running has begun, or not; its systems are not in the order yet.
pub(super) fn load(
    world: &mut World,
    table: &mut Table,
    folder: &Path,
    build: Box<Build>,
    guest: Result<Guest, Fault>,
) {
    let guest = match guest {
        Ok(guest) => guest,
        Err(fault) => {
            let refusal = of_beginning(&build, "it", &fault);
            return refuse(world, table, folder, Some(&build.about), &refusal);
        }
    };
    let at = table.find(folder).unwrap_or_else(|| insert(world, table, folder, Some(&build.about)));
    let systems = list(build.systems.iter().map(|system| &system.name));
    let text = format!("version {} with {systems}", build.about.version);
    table.grants.run(&build, folder);
    let (frame, it) = (table.frame, &mut table.mods[at]);
    let by_id = &mut world.get_resource_or_init::<Mods>().by_id;
    by_id.retain(|_, entity| *entity != it.entity);
    by_id.insert(build.about.id.clone(), it.entity);
    it.about.id.clone_from(&build.about.id);
    it.about.next = None;
    it.condition = Condition::Live;
    it.guest = Some(guest);
    let (faults, waits, rows) = Default::default();
    it.code = Some(Box::new(Code { build, generation: 0, kept: None, rows, saved: None, faults, waits }));
    show_build(world, it, true);
    tell_failures(world, it, frame);
    report(world, &table.mods[at], ModReportKind::Loaded, text);
    tell(world, &mut table.mods[at]);
}

/// A build for a mod that is running: swapped in at once if it may be.
pub(super) fn wait(world: &mut World, table: &mut Table, at: usize, build: Box<Build>) {
    let it = &mut table.mods[at];
    it.about.next = None;
    let code = it.code.as_ref().expect("the mod is running");
    if code.build.hash == build.hash {
        // Something else was there in between, and was refused or waited.
        let text = format!("its files are again what is running: version {}", build.about.version);
        report(world, it, ModReportKind::Loaded, text);
        return;
    }
    let wider = table.grants.lacking(&build, &it.about.folder);
    it.about.next = Some(Next { build, is_allowed: wider.is_empty() });
    table.has_waiting = true;
    let it = &table.mods[at];
    if !wider.is_empty() {
        let text = format!(
            "{}: the new version asks for more: {}. The old goes on until the game allows it.",
            shown(&it.about.folder.join(FILE_NAME)),
            wider.join(", ")
        );
        report(world, it, ModReportKind::ReloadRefused, text);
    }
}

fn hand_over(world: &mut World, table: &mut Table, at: usize) {
    let it = &mut table.mods[at];
    // In the middle of a system a mod's memory is no state to be saved. It finishes or faults within 60
    // frames.
    if matches!(it.condition, Condition::Suspended(_))
        || it.code.is_none()
        || !it.about.next.as_ref().is_some_and(|next| next.is_allowed)
    {
        return;
    }
    let Some(next) = it.about.next.take() else { return };
    let build = next.build;
    // What was decided may be held up by a mod whose system is still suspended.
    let Ok(order) = table.order_with(Some((&table.mods[at].about.folder, &build))) else {
        table.mods[at].about.held = Some(build);
        table.is_undecided = true;
        return;
    };
    let (saved, lost) = save(&mut table.mods[at]);
    let it = &mut table.mods[at];
    let kept = match (&mut it.guest, &it.code) {
        (Some(guest), _) => guest.state().kept.clone(),
        (None, Some(code)) => code.kept.clone().expect("kept when its guest was dropped"),
        (None, None) => return,
    };
    let moment = moment(world, table);
    let beginning = Beginning { reason: InitReason::Reload, kept, moment, saved: saved.as_deref() };
    match Guest::new(world, table.common(), &build, beginning) {
        Ok(mut guest) => {
            table.grants.run(&build, &table.mods[at].about.folder);
            let (frame, it) = (table.frame, &mut table.mods[at]);
            let Some(code) = &mut it.code else { return };
            let old = std::mem::replace(&mut code.build, build);
            if let Some(before) = &mut it.guest {
                pass_events_on((before, &old), (&mut guest, &code.build));
            }
            (code.saved, code.kept, code.rows) = (saved, None, Vec::new());
            (code.faults, code.waits) = Default::default();
            it.guest = Some(guest);
            it.condition = Condition::Live;
            let has_new_budget =
                (old.budget.fuel, old.budget.burst()) != (code.build.budget.fuel, code.build.budget.burst());
            let text = format!("version {} runs from now on{lost}", code.build.about.version);
            show_build(world, it, has_new_budget);
            tell_failures(world, it, frame);
            take_order(world, table, order);
            table.is_undecided = true;
            report(world, &table.mods[at], ModReportKind::Reloaded, text);
            tell(world, &mut table.mods[at]);
        }
        Err(fault) => {
            let refusal = of_beginning(&build, "the new code", &fault);
            refuse_reload(world, &table.mods[at], &refusal);
        }
    }
}

/// The old code's state. Where it can't be saved the new begins without: otherwise an error in `tb_save`
/// could never be corrected in a running game.
fn save(it: &mut Mod) -> (Option<Vec<u8>>, String) {
    let Some(code) = &it.code else { return (None, String::new()) };
    let Some(guest) = &mut it.guest else {
        return (code.saved.clone(), String::new());
    };
    match guest.save(&code.build) {
        Ok(saved) => (saved, String::new()),
        Err(fault) => (None, format!(", without the old state, since saving it ended in a fault: {fault}")),
    }
}

/// Events that have waited for a handler of the old code wait for the new one of the same name.
fn pass_events_on((old, old_build): (&mut Guest, &Build), (new, new_build): (&mut Guest, &Build)) {
    for (system, state) in new_build.systems.iter().zip(&mut new.state().systems) {
        let same = old_build.systems.iter().position(|it| it.name == system.name);
        let before = same.and_then(|number| old.state().systems[number].handles.as_deref_mut());
        if let (Some((event, queue)), Some((event_before, waiting))) = (state.handles.as_deref_mut(), before)
            && event.is_of_the_type_of(event_before)
        {
            std::mem::swap(queue, waiting);
        }
    }
}

fn refuse(world: &mut World, table: &mut Table, folder: &Path, about: Option<&About>, refusal: &Refusal) {
    let at = table.find(folder).unwrap_or_else(|| insert(world, table, folder, about));
    table.is_undecided = true;
    let it = &mut table.mods[at];
    (it.about.next, it.about.held, it.about.told) = (None, None, None);
    match &it.code {
        Some(_) => refuse_reload(world, it, refusal),
        None => report(world, it, ModReportKind::Refused, refusal.to_string()),
    }
}

/// Why code that was fine as a file can't run.
fn of_beginning(build: &Build, what: &str, fault: &Fault) -> Refusal {
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

pub(super) fn refuse_reload(world: &mut World, it: &Mod, refusal: &Refusal) {
    report(world, it, ModReportKind::ReloadRefused, format!("{refusal} The old code goes on."));
}

fn remove_folder(world: &mut World, table: &mut Table, folder: &Path) {
    if let Some(at) = table.find(folder) {
        remove(world, table, at, "its folder is gone");
    }
}

/// A mod of which nothing runs yet.
pub(super) fn insert(world: &mut World, table: &mut Table, folder: &Path, about: Option<&About>) -> usize {
    let name = harmless_name(&folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy());
    let id = about.map_or(&name, |about| &about.id).to_owned();
    let info = info(folder, &id, about);
    let entity = world.spawn_empty().id();
    change(world, entity, |entity| {
        entity.insert((info, ModStatus::Refused, FuelBudget { grant: 0, burst: 0 }, ModStats::default()));
    });
    // One that runs under this id goes first.
    world.get_resource_or_init::<Mods>().by_id.entry(id.clone()).or_insert(entity);
    table.shown.forget();
    let at = table.add(entity, folder, id);
    tell_failures(world, &mut table.mods[at], table.frame);
    at
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
    let info = info(&it.about.folder, &it.about.id, Some(&code.build.about));
    let status = if it.is_disabled { ModStatus::Disabled } else { ModStatus::Live };
    let budget = FuelBudget { grant: budget.fuel, burst: budget.burst() };
    change(world, it.entity, |entity| {
        entity.insert((info, status));
    });
    if has_new_budget {
        change(world, it.entity, |entity| {
            entity.insert(budget);
        });
    }
    if let Some(mut stats) = world.get_mut::<ModStats>(it.entity) {
        stats.generation = code.generation;
    }
}

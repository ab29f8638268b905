//! One frame of all mods.
//!
//! ```text
//! reloads swapped in -> budgets granted, rests ended
//!   -> each system in order: run on &World, then apply on &mut World
//!   -> states saved now and then -> what the game sees of its mods
//! ```
//!
//! Whatever a mod does ends here: as a change of the world, as a wait, or as a fault.

use bevy_ecs::world::{Mut, World};
use tinkerbox_abi::LogLevel;
use tinkerbox_abi::export::InitReason;

use crate::fault::Consequence;
use crate::guest::{Beginning, Fault, Guest, Outcome};
use crate::mod_entity::{FuelBudget, ModStats, ModStatus};
use crate::mods::{Code, Condition, Mod, Mods};
use crate::reload;
use crate::report::{ModReport, ModReportKind, send};
use crate::state::SystemRun;
use crate::time::ModTime;

/// A system that is suspended for longer than this ends in a fault.
const SUSPENDED_FRAMES_MAX: u32 = 60;
/// The state of a mod is saved so often, for the case of a fault.
const SAVE_TICKS: u64 = 300;

/// Runs all mods for one frame. [`ModdingPlugin`](crate::ModdingPlugin) adds it to a schedule, in
/// [`TickMods`](crate::TickMods).
pub fn tick_mods(world: &mut World) {
    world.resource_scope(|world, mut mods: Mut<Mods>| {
        reload::swap_in(world, &mut mods);
        let time = *world.resource::<ModTime>();
        for at in 0..mods.mods.len() {
            begin_frame(world, &mut mods, at, time);
        }
        for turn in 0..mods.order.len() {
            let (at, system) = mods.order[turn];
            run_system(world, &mut mods.mods[at], system, time);
        }
        for it in &mut mods.mods {
            end_frame(world, it, time);
        }
    });
}

/// Grants the budget, and wakes a mod whose rest is over.
fn begin_frame(world: &mut World, mods: &mut Mods, at: usize, time: ModTime) {
    let it = &mut mods.mods[at];
    let Some(code) = &mut it.code else { return };
    let budget = world.get::<FuelBudget>(it.entity).copied().unwrap_or(FuelBudget { grant: 0, burst: 0 });
    code.bucket = code.bucket.saturating_add(budget.grant).min(budget.burst);
    if let Some(guest) = &mut code.guest {
        code.bucket -= guest.pay_debt(code.bucket);
    }
    code.fuel_used = 0;
    code.has_faulted = false;
    let dropped = code.guest.as_mut().map_or(0, |guest| guest.state().next_tick());
    if let Some(guest) = &mut code.guest {
        guest.state().kept.population.count_again(world);
    }
    let is_rested = matches!(code.condition, Condition::RestsUntil(tick) if tick <= time.tick);
    if dropped > 0 {
        let text = format!("{dropped} more messages of the last tick were dropped");
        report(world, it, ModReportKind::Log(LogLevel::Warn), text);
    }
    if is_rested {
        wake(world, mods, at, time);
    }
}

/// Begins anew after a fault: with the last saved state at first, without any if that ends in a fault again.
fn wake(world: &mut World, mods: &mut Mods, at: usize, time: ModTime) {
    let it = &mut mods.mods[at];
    let code = it.code.as_mut().expect("only a mod with code rests");
    let saved = code.saved.take();
    let beginning =
        Beginning { reason: InitReason::Fault, kept: code.kept.clone(), time, saved: saved.as_deref() };
    match Guest::new(world, &mods.linker, &code.build, beginning) {
        Ok(guest) => {
            code.guest = Some(guest);
            code.condition = Condition::Live;
        }
        Err(fault) => contain(world, it, "its new beginning", &fault, time),
    }
}

/// Runs a system if it is its turn, and does to the world what it asks for.
fn run_system(world: &mut World, it: &mut Mod, system: usize, time: ModTime) {
    let Some(code) = &mut it.code else { return };
    let Some(guest) = &mut code.guest else { return };
    // A suspended mod runs nothing else until that system has finished.
    let outcome = match guest.is_suspended() {
        true if guest.running_system() != Some(system) => return,
        true => guest.go_on(world, code.bucket),
        false => guest.start(world, system, time, code.bucket),
    };
    let left = guest.fuel_left();
    code.fuel_used += code.bucket - left;
    code.bucket = left;
    let logs = guest.take_logs();
    for (level, text) in logs {
        report(world, it, ModReportKind::Log(level), text);
    }
    match outcome {
        Outcome::Finished(run) => apply(world, it, run),
        Outcome::Suspended => suspend(world, it, system, time),
        Outcome::Faulted(fault) => {
            let what = system_name(it, system);
            contain(world, it, &what, &fault, time);
        }
    }
}

/// All of a system's writes and commands, together.
fn apply(world: &mut World, it: &mut Mod, mut run: SystemRun) {
    let Some(Code { guest: Some(guest), condition, .. }) = &mut it.code else {
        return;
    };
    *condition = Condition::Live;
    let state = guest.state();
    let mut skipped = run.journal.apply(world).skipped;
    skipped += run.commands.apply(world, &state.rights, &mut state.kept.population);
    state.journal = run.journal;
    if skipped > 0
        && let Some(mut stats) = world.get_mut::<ModStats>(it.entity)
    {
        stats.writes_skipped += skipped;
    }
}

fn suspend(world: &mut World, it: &mut Mod, system: usize, time: ModTime) {
    let what = system_name(it, system);
    let Some(code) = &mut it.code else { return };
    let frames = match code.condition {
        Condition::Suspended(frames) => frames + 1,
        _ => 1,
    };
    code.condition = Condition::Suspended(frames);
    if let Some(mut stats) = world.get_mut::<ModStats>(it.entity) {
        stats.suspensions += 1;
    }
    if frames > SUSPENDED_FRAMES_MAX {
        let fault = Fault::new(format!("it did not finish within {SUSPENDED_FRAMES_MAX} frames"));
        contain(world, it, &what, &fault, time);
    } else if frames == 1 {
        let text = format!("{what} has used up the budget and goes on in the next frame");
        report(world, it, ModReportKind::Suspended, text);
    }
}

/// Drops what has faulted, and decides what follows for the mod. The world has seen nothing of that run.
fn contain(world: &mut World, it: &mut Mod, what: &str, fault: &Fault, time: ModTime) {
    let Some(code) = &mut it.code else { return };
    if let Some(mut guest) = code.guest.take() {
        code.kept = guest.state().kept.clone();
    }
    code.has_faulted = true;
    if let Some(mut stats) = world.get_mut::<ModStats>(it.entity) {
        stats.faults += 1;
    }
    let text = format!("{what} ended in a fault at tick {}: {fault}", time.tick);
    match code.faults.fault(time.tick) {
        Consequence::RestUntil(tick) => {
            code.condition = Condition::RestsUntil(tick);
            report(world, it, ModReportKind::Faulted, text);
        }
        Consequence::Quarantine => {
            code.condition = Condition::Quarantined;
            report(world, it, ModReportKind::Faulted, text);
            let text = "it faulted too often: it runs no more until its files change".to_owned();
            report(world, it, ModReportKind::Quarantined, text);
        }
    }
}

/// Saves the mod's state if it is time, and shows the game how the mod is doing.
fn end_frame(world: &mut World, it: &mut Mod, time: ModTime) {
    let Some(code) = &mut it.code else { return };
    let has_finished = code.condition == Condition::Live && !code.has_faulted;
    if has_finished {
        code.faults.finished_tick();
    }
    let ticks = world.get::<ModStats>(it.entity).map_or(0, |stats| stats.ticks);
    if has_finished && ticks % SAVE_TICKS == SAVE_TICKS - 1 {
        save(world, it, time);
    }
    show(world, it);
}

fn save(world: &mut World, it: &mut Mod, time: ModTime) {
    let Some(code) = &mut it.code else { return };
    let Some(guest) = &mut code.guest else { return };
    match guest.save(&code.build) {
        Ok(Some(saved)) => code.saved = Some(saved),
        Ok(None) => {}
        Err(fault) => contain(world, it, "saving its state", &fault, time),
    }
}

fn show(world: &mut World, it: &Mod) {
    let Some(code) = &it.code else { return };
    let shown = match code.condition {
        Condition::Live => ModStatus::Live,
        Condition::Suspended(frames) => ModStatus::Suspended { frames },
        Condition::RestsUntil(until_tick) => ModStatus::Faulted { until_tick },
        Condition::Quarantined => ModStatus::Quarantined,
    };
    let Ok(mut entity) = world.get_entity_mut(it.entity) else {
        return;
    };
    if let Some(mut status) = entity.get_mut::<ModStatus>() {
        bevy_ecs::change_detection::DetectChangesMut::set_if_neq(&mut status, shown);
    }
    if let Some(mut stats) = entity.get_mut::<ModStats>() {
        stats.fuel_used = code.fuel_used;
        stats.fuel_total += code.fuel_used;
        stats.ticks += u64::from(code.guest.is_some());
    }
}

fn system_name(it: &Mod, system: usize) -> String {
    let name = it.code.as_ref().map_or("", |code| &code.build.systems[system].name);
    format!("system `{name}`")
}

/// Tells the game, and keeps the text as the mod's last message.
pub(crate) fn report(world: &mut World, it: &Mod, kind: ModReportKind, text: String) {
    if let Some(mut stats) = world.get_mut::<ModStats>(it.entity) {
        stats.last_message.clone_from(&text);
    }
    send(world, ModReport { mod_entity: it.entity, mod_id: it.id.clone(), kind, text });
}

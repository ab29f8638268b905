//! What follows from what became of a system: its effects land, or it waits, or its fault is contained.

use bevy_ecs::world::World;

use super::report;
use crate::diagnosis::Fault;
use crate::fault::{Consequence, REST_TICKS_MAX};
use crate::guest::{Guest, Outcome, Ran};
use crate::mod_entity::ModStats;
use crate::report::ModReportKind;
use crate::state::Moment;
use crate::table::{Condition, Mod};
use crate::waits::Waits;

/// A system that is suspended for longer than this ends in a fault.
const SUSPENDED_FRAMES_MAX: u32 = 60;

/// Takes down what a system has used and said, and does what follows.
// Inlined, so that what the run has come to stays in registers.
#[inline(always)]
pub(super) fn settle(world: &mut World, it: &mut Mod, system: usize, ran: Ran, moment: &Moment) {
    // A function of the game may have given some.
    let used = it.bucket.saturating_sub(ran.fuel_left).saturating_add(ran.debt);
    it.fuel_used = it.fuel_used.saturating_add(used);
    it.bucket = ran.fuel_left;
    it.debt = it.debt.saturating_add(ran.debt);
    it.pay_debt();
    if ran.has_said {
        tell(world, it);
    }
    match ran.outcome {
        Outcome::Finished => {
            it.condition = Condition::Live;
            if ran.has_effects {
                apply(world, it);
            }
        }
        Outcome::Suspended => suspend(world, it, system, *moment),
        Outcome::Faulted(fault) => {
            let what = system_name(it, system);
            contain(world, it, &what, &fault, *moment);
        }
    }
}

/// Tells the game what a mod has said.
pub(crate) fn tell(world: &mut World, it: &mut Mod) {
    let Some(guest) = &mut it.guest else { return };
    for (level, text) in guest.state().logs.take() {
        report(world, it, ModReportKind::Log(level), text);
    }
}

/// All of a system's writes and commands, together.
fn apply(world: &mut World, it: &mut Mod) {
    let Some(guest) = &mut it.guest else { return };
    let state = guest.state();
    let skipped = state.effects.apply(world, &state.rights, &mut state.kept.population);
    if skipped > 0
        && let Some(mut stats) = world.get_mut::<ModStats>(it.entity)
    {
        stats.writes_skipped += skipped;
    }
}

#[cold]
fn suspend(world: &mut World, it: &mut Mod, system: usize, moment: Moment) {
    let what = system_name(it, system);
    let frames = match it.condition {
        Condition::Suspended(frames) => frames + 1,
        _ => 1,
    };
    it.condition = Condition::Suspended(frames);
    if let Some(mut stats) = world.get_mut::<ModStats>(it.entity) {
        stats.suspensions += 1;
    }
    if frames > SUSPENDED_FRAMES_MAX {
        let fault = Fault::new(format!(
            "it did not finish within {SUSPENDED_FRAMES_MAX} frames: it is{}. Raise [budget] fuel in mod.toml, or do less in one tick",
            place(it)
        ));
        contain(world, it, &what, &fault, moment);
    } else if frames == 1
        && let Some(untold) = it.code.as_mut().and_then(|code| code.waits.begin(moment.frame))
    {
        let before = match untold {
            0 => String::new(),
            _ => format!(", as {untold} times since this was said last"),
        };
        let text =
            format!("{what} has used up the budget{} and goes on in the next frame{before}", place(it));
        report(world, it, ModReportKind::Suspended, text);
    }
}

/// Where a suspended system waits, to be put behind a verb.
fn place(it: &Mod) -> String {
    let place = it.guest.as_ref().and_then(Guest::place);
    place.map(|place| format!(" in {place}")).unwrap_or_default()
}

/// Drops what has faulted, and decides what follows for the mod. The world has seen nothing of that run.
#[cold]
pub(super) fn contain(world: &mut World, it: &mut Mod, what: &str, fault: &Fault, moment: Moment) {
    if let Some(mut guest) = it.guest.take() {
        let state = guest.state();
        state.effects.abandon(world);
        state.kept.random.roll_back();
        if let Some(code) = &mut it.code {
            code.kept = Some(state.kept.clone());
        }
    }
    let Some(code) = &mut it.code else { return };
    code.waits = Waits::default();
    (it.has_faulted, it.is_recovering) = (true, true);
    if let Some(mut stats) = world.get_mut::<ModStats>(it.entity) {
        stats.faults += 1;
    }
    let tick = moment.time.tick;
    let text = format!("{what} ended in a fault at tick {tick}: {fault}");
    let consequence = match fault.is_the_machines {
        true => Consequence::RestUntil(moment.age.saturating_add(REST_TICKS_MAX)),
        false => code.faults.fault(moment.age),
    };
    match consequence {
        Consequence::RestUntil(age) => {
            it.condition = Condition::RestsUntil(age);
            report(world, it, ModReportKind::Faulted, text);
        }
        Consequence::Quarantine => {
            it.condition = Condition::Quarantined;
            report(world, it, ModReportKind::Faulted, text);
            let text = "it faulted too often: it runs no more until its files change, or the game resets it";
            report(world, it, ModReportKind::Quarantined, text.to_owned());
        }
    }
}

fn system_name(it: &Mod, system: usize) -> String {
    let name = it.code.as_ref().map_or("", |code| &code.build.systems[system].name);
    format!("system `{name}`")
}

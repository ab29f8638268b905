//! What follows from what became of a system: its effects land, or it waits, or its fault is contained.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use bevy_ecs::world::World;
use tinkerbox_columns::ConversionPanicked;

use super::report;
use crate::diagnosis::Fault;
use crate::fault::{Consequence, REST_TICKS_MAX};
use crate::game_code::{Failures, Payload, discard, take_failures, words};
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
                apply(world, it, moment.frame);
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
fn apply(world: &mut World, it: &mut Mod, frame: u64) {
    let Some(guest) = &mut it.guest else { return };
    let state = guest.state();
    // What is left over from somebody else is not this mod's.
    take_failures();
    let applying = AssertUnwindSafe(|| state.effects.apply(world, &state.rights, &mut state.kept.population));
    let applied = catch_unwind(applying).unwrap_or_else(|payload| {
        // It may have left an entity half made, and is let pass: but in whose name it was is said.
        let id = it.about.id.as_str();
        tracing::error!(
            id,
            "the game's own code panicked in what was done for the mod, and can't be contained"
        );
        resume_unwind(payload)
    });
    it.debt = it.debt.saturating_add(applied.fuel);
    if applied.skipped > 0
        && let Some(mut stats) = world.get_mut::<ModStats>(it.entity)
    {
        stats.writes_skipped += applied.skipped;
    }
    tell_failures(world, it, frame);
    if let Some(refused) = applied.refused
        && may_tell(it, frame)
    {
        report(world, it, ModReportKind::GameError, format!("it was not done: {refused}"));
    }
}

/// Tells the game what has failed in its own code while something was done for a mod.
pub(crate) fn tell_failures(world: &mut World, it: &mut Mod, frame: u64) {
    let Failures { count, first: Some(first) } = take_failures() else { return };
    if let Some(mut stats) = world.get_mut::<ModStats>(it.entity) {
        stats.game_errors += count;
    }
    if may_tell(it, frame) {
        let more = if count > 1 { format!("; {} more failed after it", count - 1) } else { String::new() };
        let text = format!("the game's own code failed in what was done for the mod: {first}{more}");
        report(world, it, ModReportKind::GameError, text);
    }
}

/// Whether nothing of the kind was told in this frame.
fn may_tell(it: &mut Mod, frame: u64) -> bool {
    it.about.told_in.replace(frame) != Some(frame)
}

/// The game's code has panicked in a call of the mod's. Returns the panic if it passes on when the frame is over.
#[cold]
pub(super) fn panicked(
    world: &mut World,
    it: &mut Mod,
    system: usize,
    payload: Payload,
    moment: &Moment,
) -> Option<Payload> {
    match payload.downcast::<ConversionPanicked>() {
        // A mod may have written what it panics at, and would do so again.
        Ok(conversion) => {
            let what = system_name(it, system);
            let words = words(&*conversion.0);
            let fault = Fault::new(format!("the game's conversion of a value for mods panicked: {words}"));
            // What is left over from somebody else is not this mod's.
            take_failures();
            discard(conversion);
            tell_failures(world, it, moment.frame);
            contain(world, it, &what, &fault, *moment);
            None
        }
        Err(payload) => {
            begin_again(world, it, system, &words(&*payload), moment);
            Some(payload)
        }
    }
}

/// A panic of a function of the game has gone through a mod's code, of which nothing is of use any more. It is the game's,
/// and no fault of the mod, which begins again with what it has saved.
#[cold]
fn begin_again(world: &mut World, it: &mut Mod, system: usize, panic: &str, moment: &Moment) {
    let what = system_name(it, system);
    drop_guest(world, it, moment.frame);
    it.condition = Condition::RestsUntil(moment.age);
    let text = format!(
        "the game's own code panicked while {what} ran: {panic}; it begins again from its last saved state"
    );
    report(world, it, ModReportKind::GameError, text);
}

/// Takes out what has come to a bad end, and keeps what the next guest begins with.
fn drop_guest(world: &mut World, it: &mut Mod, frame: u64) {
    if let Some(mut guest) = it.guest.take() {
        let state = guest.state();
        let has_deferred = state.effects.deferred() > 0;
        if has_deferred {
            // What is left over from somebody else is not this mod's.
            take_failures();
        }
        state.effects.abandon(world);
        if has_deferred {
            tell_failures(world, it, frame);
        }
        state.kept.random.roll_back();
        if let Some(code) = &mut it.code {
            code.kept = Some(state.kept.clone());
            code.rows = state.take_rows();
        }
    }
    if let Some(code) = &mut it.code {
        code.waits = Waits::default();
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
            "it did not finish within {SUSPENDED_FRAMES_MAX} frames: it is{}. It needs more [budget] fuel in mod.toml, or less to do in one tick, or a loop there never ends",
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
    drop_guest(world, it, moment.frame);
    let Some(code) = &mut it.code else { return };
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

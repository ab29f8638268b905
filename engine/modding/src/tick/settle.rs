//! What follows from the end of a run: its effects are applied, or the system waits, or its fault is contained.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tinkerbox_columns::ConversionPanicked;

use crate::game::ownership::mark;
use crate::game::report::ModReportKind;
use crate::game_code::{Payload, discard, take_failures, words};
use crate::guest::diagnosis::Fault;
use crate::guest::instance::{Guest, RunOutcome, RunReport};
use crate::limits::SUSPENDED_FRAMES_MAX;
use crate::mods::context::ModContext;
use crate::mods::entry::{Condition, ModEntry};
use crate::schedule::index::SystemIndex;

/// Records what a run has used and said, and does what follows from its outcome.
// Inlined, so that the report stays in registers. For the same reason contexts are reborrowed where they are needed.
#[inline(always)]
pub(super) fn settle(mut ctx: ModContext<'_>, system: SystemIndex, report: RunReport) {
    let entry = &mut *ctx.entry;
    // A function of the game may have given fuel to the mod.
    let used = entry.bucket.saturating_sub(report.fuel_left).saturating_add(report.debt);
    entry.fuel_used = entry.fuel_used.saturating_add(used);
    entry.bucket = report.fuel_left;
    entry.debt = entry.debt.saturating_add(report.debt);
    entry.pay_debt();
    if report.has_logs {
        ctx.reborrow().report_logs();
    }
    match report.outcome {
        RunOutcome::Finished => {
            ctx.entry.condition = Condition::Live;
            if report.has_effects {
                apply(ctx.reborrow());
            }
        }
        RunOutcome::Suspended => suspend(ctx.reborrow(), system),
        RunOutcome::Faulted(fault) => {
            let what = ctx.entry.system_name(system);
            ctx.reborrow().contain(&what, &fault);
        }
    }
}

/// Applies all effects of a run together.
fn apply(mut ctx: ModContext<'_>) {
    let Some(guest) = &mut ctx.entry.guest else { return };
    let state = guest.state();
    // Failures that are left over from other code are not this mod's.
    take_failures();
    let world = &mut *ctx.world;
    let mark = state.effects.has_commands().then(|| mark(world, ctx.entry.entity));
    let applying =
        AssertUnwindSafe(|| state.effects.apply(world, mark, &state.rights, &mut state.carried.quota));
    let applied = catch_unwind(applying).unwrap_or_else(|payload| {
        // It may have left an entity half made, so the panic continues; but the log names the mod.
        let id = ctx.entry.folder.id.as_str();
        tracing::error!(
            id,
            "the game's own code panicked in what was done for the mod, and can't be contained"
        );
        resume_unwind(payload)
    });
    ctx.entry.debt = ctx.entry.debt.saturating_add(applied.fuel);
    if applied.skipped > 0 {
        ctx.change_stats(|stats| stats.writes_skipped += applied.skipped);
    }
    ctx.report_failures();
    if let Some(refused) = applied.refused {
        ctx.report_game_error(format!("a command was refused: {refused}"));
    }
}

/// Handles a panic of the game's code in a call of the mod's. Returns the panic if it is to be resumed after the frame.
#[cold]
pub(super) fn panicked(mut ctx: ModContext<'_>, system: SystemIndex, payload: Payload) -> Option<Payload> {
    match payload.downcast::<ConversionPanicked>() {
        // The mod may have written the value at which it panics, and would do so again.
        Ok(conversion) => {
            let what = ctx.entry.system_name(system);
            let words = words(&*conversion.0);
            let fault = Fault::new(format!("the game's conversion of a value for mods panicked: {words}"));
            // Failures that are left over from other code are not this mod's.
            take_failures();
            discard(conversion);
            ctx.report_failures();
            ctx.contain(&what, &fault);
            None
        }
        Err(payload) => {
            restart_after(ctx, system, &words(&*payload));
            Some(payload)
        }
    }
}

/// A panic of a function of the game has unwound the mod's code, and its guest can't be used any more. The fault is the
/// game's, so the mod restarts from its last saved state without a rest.
#[cold]
fn restart_after(mut ctx: ModContext<'_>, system: SystemIndex, panic: &str) {
    let what = ctx.entry.system_name(system);
    ctx.drop_guest();
    ctx.entry.condition = Condition::RestsUntil(ctx.moment.age);
    let text = format!(
        "the game's own code panicked while {what} ran: {panic}; the mod restarts from its last saved state"
    );
    ctx.report(ModReportKind::GameError, text);
}

#[cold]
fn suspend(mut ctx: ModContext<'_>, system: SystemIndex) {
    let what = ctx.entry.system_name(system);
    let frames = match ctx.entry.condition {
        Condition::Suspended(frames) => frames + 1,
        _ => 1,
    };
    ctx.entry.condition = Condition::Suspended(frames);
    ctx.change_stats(|stats| stats.suspensions += 1);
    if frames > SUSPENDED_FRAMES_MAX {
        let fault = Fault::new(format!(
            "it did not finish within {SUSPENDED_FRAMES_MAX} frames: it is{}. Raise [budget] fuel in mod.toml, let it do less in one tick, or look for a loop that never ends",
            in_location(ctx.entry)
        ));
        return ctx.contain(&what, &fault);
    }
    let frame = ctx.moment.frame;
    if frames == 1
        && let Some(suppressed) = ctx.entry.code.as_mut().and_then(|code| code.overruns.begin(frame))
    {
        let before = match suppressed {
            0 => String::new(),
            _ => format!("; it did so {suppressed} more times since the last report"),
        };
        let text = format!(
            "{what} has used up the budget{} and is resumed in the next frame{before}",
            in_location(ctx.entry)
        );
        ctx.report(ModReportKind::Suspended, text);
    }
}

/// ` in` the function where a suspended system waits, to follow a verb; empty if that is not known.
fn in_location(entry: &ModEntry) -> String {
    let location = entry.guest.as_ref().and_then(Guest::location);
    location.map(|location| format!(" in {location}")).unwrap_or_default()
}

//! One frame of all mods.
//!
//! ```text
//! requests of the game, reloads swapped in -> budgets granted, rests ended -> events delivered
//!   -> systems in order, batch by batch: run on &World, then apply on &mut World
//!   -> states saved now and then -> what the game sees of its mods
//! ```
//!
//! Whatever a mod does ends here: as a change of the world, as a wait, or as a fault.

pub(crate) mod events;
pub(crate) mod outcome;
mod run;
pub(crate) mod show;

use std::panic::resume_unwind;

use bevy_ecs::world::World;
use tinkerbox_abi::export::InitReason;

use crate::budget;
use crate::guest::{Beginning, Guest};
use crate::reload;
use crate::report::{ModReport, ModReportKind, send};
use crate::state::Moment;
use crate::table::{Condition, Mod, Table, with_table};
use crate::text::harmless;
use crate::time::ModTime;

use crate::mod_entity::ModStats;

/// The state of a mod is saved so often, for the case of a fault.
const SAVE_TICKS: u64 = 300;

/// Runs all mods for one frame. [`ModdingPlugin`](crate::ModdingPlugin) adds it to a schedule, in
/// [`TickMods`](crate::TickMods).
///
/// # Panics
/// With what a function of the game panicked that a mod has called, when the frame is over.
pub fn tick_mods(world: &mut World) {
    if world.get_resource::<Table>().is_some_and(|table| !table.is_loaded) {
        // `Startup` was over when the plugin was added, or the game has none.
        reload::load_all(world);
    }
    let panicked = with_table(world, |world, table| {
        table.check_ticks_if_due(world.change_tick());
        observe_time(world, table);
        reload::begin_frame(world, table);
        table.frame += 1;
        let moment = Moment { time: ModTime::of(world), frame: table.frame, age: table.age.ticks() };
        show::read_budgets(world, table);
        let Begun { rested, to_save } = begin_frame(table, moment);
        rested.into_iter().for_each(|at| wake(world, table, at, moment));
        events::deliver(world, table);
        let panicked = run::run_all(world, table, &moment);
        to_save.into_iter().for_each(|at| save(world, &mut table.mods[at], moment));
        show::end_frame(world, table, &moment);
        panicked
    });
    if let Some(payload) = panicked.flatten() {
        resume_unwind(payload);
    }
}

/// Counts what the simulation's time has gained.
fn observe_time(world: &World, table: &mut Table) {
    let tick = ModTime::of(world).tick;
    table.age.observe(tick);
    if table.age.is_forgotten() && table.mods.iter().any(|it| it.code.is_some()) {
        tracing::warn!(
            "ModTime has stood at tick {tick} since mods were loaded: nothing advances it, so for mods no time passes, and \
             one that rests after a fault does not run again. Unless the game is paused, add a system that advances it: \
             `app.add_systems({}, (|mut time: ResMut<ModTime>| time.advance(1.0 / 60.0)).before(TickMods));`",
            table.schedule
        );
    }
}

/// What a frame has to do beside running systems: mostly nothing.
#[derive(Default)]
struct Begun {
    /// Mods whose rest is over.
    rested: Vec<usize>,
    to_save: Vec<usize>,
}

/// Fills the buckets, as far as there is fuel for all, and counts who is ticked.
fn begin_frame(table: &mut Table, moment: Moment) -> Begun {
    let mut begun = Begun::default();
    let demand = |it: &Mod| it.grant.min(it.burst.saturating_sub(it.bucket).saturating_add(it.debt));
    let mut shares = None;
    if table.frame_fuel < u64::MAX {
        let mut demands: Vec<u64> = table.mods.iter().map(demand).collect();
        budget::share(table.frame_fuel, &mut demands);
        shares = Some(demands);
    }
    for (at, it) in table.mods.iter_mut().enumerate() {
        let granted = shares.as_ref().map_or(it.grant, |shares| shares[at].min(it.grant));
        it.bucket = it.bucket.saturating_add(granted);
        it.pay_debt();
        it.bucket = it.bucket.min(it.burst);
        it.is_in_debt = it.debt > 0;
        it.fuel_before = std::mem::take(&mut it.fuel_used);
        it.has_faulted = false;
        if it.is_disabled {
            continue;
        }
        if it.guest.is_some() {
            it.ticks += 1;
            if it.ticks.is_multiple_of(SAVE_TICKS) {
                begun.to_save.push(at);
            }
        } else if matches!(it.condition, Condition::RestsUntil(age) if age <= moment.age) {
            begun.rested.push(at);
        }
    }
    begun
}

/// Begins anew after a fault: with the last saved state at first, without any if that ends in a fault again.
fn wake(world: &mut World, table: &mut Table, at: usize, moment: Moment) {
    let Some(code) = &mut table.mods[at].code else { return };
    let saved = code.saved.take();
    table.mods[at].ticks += 1;
    begin_anew(world, table, at, InitReason::Fault, saved.as_deref(), moment);
}

/// Puts a new guest where there is none, with what the one before it has left; a fault of its beginning is contained.
pub(crate) fn begin_anew(
    world: &mut World,
    table: &mut Table,
    at: usize,
    reason: InitReason,
    saved: Option<&[u8]>,
    moment: Moment,
) {
    let Some(code) = &table.mods[at].code else { return };
    let kept = code.kept.clone().expect("kept when the guest before it was dropped");
    let beginning = Beginning { reason, kept, moment, saved };
    let mut spent = 0;
    let guest = Guest::new_for(&mut spent, world, table.common(), &code.build, beginning);
    let it = &mut table.mods[at];
    if reason == InitReason::Fault {
        // It has brought this about itself, and could again and again.
        it.charge(spent);
    }
    match guest {
        Ok(mut guest) => {
            if let Some(code) = &mut it.code {
                code.kept = None;
                guest.state().know(std::mem::take(&mut code.rows));
            }
            it.guest = Some(guest);
            it.condition = Condition::Live;
            outcome::tell(world, it);
        }
        Err(fault) => outcome::contain(world, it, "its new beginning", &fault, moment),
    }
}

/// Takes a mod's state down, unless it is in the middle of something or has faulted since.
fn save(world: &mut World, it: &mut Mod, moment: Moment) {
    if it.condition != Condition::Live || it.has_faulted {
        return;
    }
    let (Some(code), Some(guest)) = (&mut it.code, &mut it.guest) else { return };
    let saved = guest.save(&code.build);
    let spent = guest.take_spent();
    it.charge(spent);
    match saved {
        Ok(None) => {}
        Ok(saved) => it.code.iter_mut().for_each(|code| code.saved.clone_from(&saved)),
        Err(fault) => outcome::contain(world, it, "saving its state", &fault, moment),
    }
}

/// Tells the game, and keeps the text as the mod's last message. Whatever it was made of, it goes out harmless.
pub(crate) fn report(world: &mut World, it: &Mod, kind: ModReportKind, text: String) {
    let text = harmless(&text);
    if let Some(mut stats) = world.get_mut::<ModStats>(it.entity) {
        stats.last_message.clone_from(&text);
    }
    send(world, ModReport { mod_entity: it.entity, mod_id: it.about.id.clone(), kind, text });
}

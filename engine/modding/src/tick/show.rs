//! What the game sees of its mods, and what it sets: the components of their entities, once a frame, all in one go.

use std::ops::Range;

use bevy_ecs::change_detection::{ContiguousMut, DetectChanges, Ref, Tick};
use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::HookContext;
use bevy_ecs::query::QueryState;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{DeferredWorld, World};

use crate::game_code::change;
use crate::mod_entity::{FuelBudget, ModStats, ModStatus};
use crate::state::{Moment, clamp};
use crate::table::{Condition, Mod, Table};

/// Where a mod is in the table: its entity's way back to it. A game can clone entities with all that they carry, so that
/// a slot counts only on the entity that the table names, too.
#[derive(Component, Debug)]
#[component(clone_behavior = Ignore, on_remove = note_lost)]
pub(crate) struct ModSlot(usize);

/// A slot has gone since the mods' entities were looked for last: with its entity, or without.
#[derive(Resource, Default)]
pub(crate) struct SlotsLost(bool);

fn note_lost(mut world: DeferredWorld<'_>, _: HookContext) {
    if let Some(mut lost) = world.get_resource_mut::<SlotsLost>() {
        lost.0 = true;
    }
}

type Budgets = (Entity, &'static ModSlot, Ref<'static, FuelBudget>);
type Stats = (Entity, &'static ModSlot, Option<&'static mut ModStats>, Option<&'static mut ModStatus>);

/// The queries, kept from frame to frame.
#[derive(Default)]
pub(crate) struct Shown {
    budgets: Option<QueryState<Budgets>>,
    stats: Option<QueryState<Stats>>,
    /// Every entity has the slot that is its mod's.
    has_slots: bool,
    /// When budgets were read last; `None` where all have to be.
    budgets_read: Option<Tick>,
}

impl Shown {
    /// Whether no mod has lost its entity, or its slot there, since they were given out.
    pub fn are_all_there(&mut self, world: &mut World) -> bool {
        self.has_slots &= world.get_resource::<SlotsLost>().is_some_and(|lost| !lost.0);
        self.has_slots
    }

    /// Clamps the change tick that is kept here.
    pub fn check_ticks(&mut self, now: Tick) {
        self.budgets_read.iter_mut().for_each(|tick| clamp(tick, now));
    }

    /// Places in the table have changed.
    pub fn forget(&mut self) {
        (self.has_slots, self.budgets_read) = (false, None);
    }
}

/// Takes the budgets over that the game has set.
pub(super) fn read_budgets(world: &mut World, table: &mut Table) {
    let shown = &mut table.shown;
    if !shown.has_slots {
        (shown.has_slots, shown.budgets_read) = (true, None);
        world.insert_resource(SlotsLost(false));
        for (slot, it) in table.mods.iter().enumerate() {
            // One that has gone in this frame is missed in the next one.
            shown.has_slots &= change(world, it.entity, |entity| {
                entity.insert(ModSlot(slot));
            });
        }
    }
    let budgets = shown.budgets.get_or_insert_with(|| world.query());
    let now = world.read_change_tick();
    let before = shown.budgets_read.replace(now);
    for (entity, slot, budget) in budgets.iter(world) {
        if before.is_none_or(|before| budget.last_changed().is_newer_than(before, now))
            && let Some(it) = table.mods.get_mut(slot.0).filter(|it| it.entity == entity)
        {
            (it.grant, it.burst) = (budget.grant, budget.burst);
        }
    }
}

/// Takes down who has finished a tick, and shows how all mods are doing.
pub(super) fn end_frame(world: &mut World, table: &mut Table, moment: &Moment) {
    let all = table.shown.stats.get_or_insert_with(|| world.query());
    let all = all.contiguous_iter_mut(world).expect("these components lie in tables");
    for (entities, slots, mut stats, mut status) in all {
        // Rows of mods of which nothing runs: nothing changes there.
        let mut idle = Vec::new();
        for (row, slot) in slots.iter().enumerate() {
            let it = table.mods.get_mut(slot.0).filter(|it| it.entity == entities[row]);
            let Some(it) = it.filter(|it| it.code.is_some()) else {
                idle.push(row);
                continue;
            };
            if it.is_recovering {
                finish_recovery(it);
            }
            if let Some(status) = &mut status
                && status[row] != status_of(it, moment)
            {
                rows_mut(status, row..row + 1)[0] = status_of(it, moment);
            }
            if let Some(stats) = &mut stats {
                let stats = &mut stats.bypass_change_detection()[row];
                stats.fuel_used = it.fuel_used;
                stats.fuel_total = stats.fuel_total.saturating_add(it.fuel_used);
                stats.ticks = it.ticks;
            }
        }
        if let Some(stats) = &mut stats {
            let mut start = 0;
            for end in idle.into_iter().chain([slots.len()]) {
                rows_mut(stats, start..end).mark_all_as_changed();
                start = end + 1;
            }
        }
    }
}

/// A tick that came to its end after a fault.
#[cold]
fn finish_recovery(it: &mut Mod) {
    let has_finished = it.condition == Condition::Live && !it.has_faulted && !it.is_disabled;
    if has_finished && let Some(code) = &mut it.code {
        it.is_recovering = false;
        code.faults.finished_tick();
    }
}

/// Some rows of a component.
fn rows_mut<'a, C>(components: &'a mut ContiguousMut<'_, C>, rows: Range<usize>) -> ContiguousMut<'a, C> {
    components.reborrow().slice(rows.start as u32..rows.end as u32)
}

fn status_of(it: &Mod, moment: &Moment) -> ModStatus {
    match it.condition {
        _ if it.is_disabled => ModStatus::Disabled,
        Condition::Live => ModStatus::Live,
        Condition::Suspended(frames) => ModStatus::Suspended { frames },
        Condition::RestsUntil(age) => ModStatus::Faulted { until_tick: moment.tick_at(age) },
        Condition::Quarantined => ModStatus::Quarantined,
    }
}

//! What the game sees of its mods, and what it sets: the components of their entities, once a frame, all in one go.

use bevy_ecs::change_detection::DetectChangesMut;
use bevy_ecs::component::Component;
use bevy_ecs::query::QueryState;
use bevy_ecs::world::World;

use crate::mod_entity::{FuelBudget, ModStats, ModStatus};
use crate::table::{Condition, Mod, Table};

/// Where a mod is in the table: its entity's way back to it.
#[derive(Component, Clone, Copy, Debug)]
pub(crate) struct ModSlot(usize);

/// The queries, kept from frame to frame.
#[derive(Default)]
pub(crate) struct Shown {
    budgets: Option<QueryState<(&'static ModSlot, &'static FuelBudget)>>,
    states: Option<QueryState<(&'static ModSlot, &'static mut ModStats, &'static mut ModStatus)>>,
    /// Every entity has the slot that is its mod's.
    has_slots: bool,
}

impl Shown {
    /// Whether none of so many mods has lost its entity, as far as their number tells.
    pub fn are_all_there(&mut self, world: &mut World, mods: usize) -> bool {
        let budgets = self.budgets.get_or_insert_with(|| world.query());
        self.has_slots && budgets.iter(world).len() == mods
    }

    /// Places in the table have changed.
    pub fn forget(&mut self) {
        self.has_slots = false;
    }
}

/// Takes the budgets over that the game has set.
pub(super) fn read_budgets(world: &mut World, table: &mut Table) {
    if !table.shown.has_slots {
        table.shown.has_slots = true;
        for (slot, it) in table.mods.iter().enumerate() {
            world.entity_mut(it.entity).insert(ModSlot(slot));
        }
    }
    let budgets = table.shown.budgets.get_or_insert_with(|| world.query());
    for (slot, budget) in budgets.iter(world) {
        if let Some(it) = table.mods.get_mut(slot.0) {
            (it.grant, it.burst) = (budget.grant, budget.burst);
        }
    }
}

/// Shows how all mods are doing after a frame.
pub(super) fn show(world: &mut World, table: &mut Table) {
    let states = table.shown.states.get_or_insert_with(|| world.query());
    for (slot, mut stats, mut status) in states.iter_mut(world) {
        let Some(it) = table.mods.get(slot.0).filter(|it| it.code.is_some()) else { continue };
        status.set_if_neq(status_of(it));
        stats.fuel_used = it.fuel_used;
        stats.fuel_total += it.fuel_used;
        stats.ticks = it.ticks;
    }
}

fn status_of(it: &Mod) -> ModStatus {
    match it.condition {
        _ if it.is_disabled => ModStatus::Disabled,
        Condition::Live => ModStatus::Live,
        Condition::Suspended(frames) => ModStatus::Suspended { frames },
        Condition::RestsUntil(until_tick) => ModStatus::Faulted { until_tick },
        Condition::Quarantined => ModStatus::Quarantined,
    }
}

//! What the game sees of its mods, and what it sets: the components of all their entities, once in a frame.

use std::ops::Range;

use bevy_ecs::change_detection::{ContiguousMut, DetectChanges, Ref, Tick};
use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::HookContext;
use bevy_ecs::query::QueryState;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{DeferredWorld, World};

use crate::exposed::time::Moment;
use crate::game::entity::{FuelBudget, ModStats, ModStatus, change, query_all};
use crate::guest::state::clamp;
use crate::mods::entry::{Condition, ModEntry};
use crate::mods::reporting::status_of;
use crate::mods::table::Entries;
use crate::schedule::index::ModIndex;

/// Where the mod of an entity is in the table. A game can clone entities with all of their components, so a slot counts
/// only on the entity that the table names for it.
#[derive(Component, Debug)]
#[component(clone_behavior = Ignore, on_remove = note_lost)]
pub(crate) struct ModSlot(ModIndex);

/// Whether a slot was removed since the mods' entities were last checked, with its entity or without.
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
pub(crate) struct ShownMods {
    budgets: Option<QueryState<Budgets>>,
    stats: Option<QueryState<Stats>>,
    /// Every mod's entity has the mod's slot.
    has_slots: bool,
    /// When budgets were last read; `None` if all have to be read.
    budgets_read: Option<Tick>,
}

impl Default for ShownMods {
    fn default() -> ShownMods {
        // There are no mods yet, and each comes with its slot.
        ShownMods { budgets: None, stats: None, has_slots: true, budgets_read: None }
    }
}

impl ShownMods {
    /// Whether no mod has lost its entity, or the slot on it, since slots were assigned.
    pub fn are_complete(&mut self, world: &mut World) -> bool {
        self.has_slots &= world.get_resource::<SlotsLost>().is_some_and(|lost| !lost.0);
        self.has_slots
    }

    /// Clamps the change tick that is kept here.
    pub fn check_ticks(&mut self, now: Tick) {
        self.budgets_read.iter_mut().for_each(|tick| clamp(tick, now));
    }

    /// What a new mod's entity gets, so that slots need not be assigned again.
    pub fn slot(&self, index: ModIndex) -> ModSlot {
        ModSlot(index)
    }

    /// Positions in the table have changed: slots are assigned again in the next frame.
    pub fn forget(&mut self) {
        (self.has_slots, self.budgets_read) = (false, None);
    }
}

/// Says on the mods' entities where each mod is in the table, if that has changed.
pub(crate) fn assign_slots(world: &mut World, shown: &mut ShownMods, mods: &Entries) {
    if shown.has_slots {
        return;
    }
    (shown.has_slots, shown.budgets_read) = (true, None);
    world.insert_resource(SlotsLost(false));
    for (index, entry) in mods.iter() {
        // An entity that is despawned in this frame is noticed in the next one.
        shown.has_slots &= change(world, entry.entity, |entity| {
            entity.insert(ModSlot(index));
        });
    }
}

/// Adopts the budgets that the game has set.
pub(crate) fn read_budgets(world: &mut World, shown: &mut ShownMods, mods: &mut Entries) {
    assign_slots(world, shown, mods);
    let budgets = shown.budgets.get_or_insert_with(|| query_all(world));
    let now = world.read_change_tick();
    let before = shown.budgets_read.replace(now);
    for (entity, slot, budget) in budgets.iter(world) {
        if before.is_none_or(|before| budget.last_changed().is_newer_than(before, now))
            && let Some(entry) = mods.get_for_entity(slot.0, entity)
        {
            (entry.grant, entry.burst) = (budget.grant, budget.burst);
        }
    }
}

/// Records which mods have finished a tick, and shows the state of all mods.
pub(crate) fn end_frame(world: &mut World, shown: &mut ShownMods, mods: &mut Entries, moment: &Moment) {
    let all = shown.stats.get_or_insert_with(|| query_all(world));
    let all = all.contiguous_iter_mut(world).expect("these components are in table storage");
    for (entities, slots, mut stats, mut status) in all {
        // Rows of mods of which nothing runs, which do not change.
        let mut idle = Vec::new();
        for (row, slot) in slots.iter().enumerate() {
            let entry = mods.get_for_entity(slot.0, entities[row]);
            let Some(entry) = entry.filter(|entry| entry.code.is_some()) else {
                idle.push(row);
                continue;
            };
            if entry.is_recovering {
                finish_recovery(entry);
            }
            if let Some(status) = &mut status
                && status[row] != status_of(entry, moment)
            {
                rows_mut(status, row..row + 1)[0] = status_of(entry, moment);
            }
            if let Some(stats) = &mut stats {
                let stats = &mut stats.bypass_change_detection()[row];
                stats.fuel_used = entry.fuel_used;
                stats.fuel_total = stats.fuel_total.saturating_add(entry.fuel_used);
                (stats.ticks, stats.generation) = (entry.ticks, entry.generation);
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

/// Ends the recovery of a mod that has finished a tick after a fault.
#[cold]
fn finish_recovery(entry: &mut ModEntry) {
    let has_finished = entry.condition == Condition::Live && !entry.has_faulted && !entry.is_disabled;
    if has_finished && let Some(code) = &mut entry.code {
        entry.is_recovering = false;
        code.faults.finished_tick();
    }
    entry.has_faulted = false;
}

/// Some rows of a component.
fn rows_mut<'a, C>(components: &'a mut ContiguousMut<'_, C>, rows: Range<usize>) -> ContiguousMut<'a, C> {
    components.reborrow().slice(rows.start as u32..rows.end as u32)
}

//! Bytes into the world: values and their change ticks, many rows at a time.
//!
//! The last step on the way back. The journal decides what is written. It must not know why.

use std::panic::Location;

use bevy_ecs::change_detection::{DetectChangesMut, Tick};
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use crate::component::FlatComponent;
use crate::run::{self, Run};

/// Overwrites the values of one component in a run and marks them as changed now. Returns how many of the bytes were
/// values.
///
/// # Panics
/// As `read::copy_column` does, and if the component is immutable.
pub(crate) fn write_column(world: &mut World, run: &Run, component: &FlatComponent, values: &[u8]) -> usize {
    assert_eq!(values.len(), run.rows() * component.size(), "there is a value for each row");
    if component.is_in_table() {
        return write_to_table(world, run, component, values);
    }
    let entities = run::entities(world, run).to_vec();
    let values = values.chunks_exact(component.size().max(1));
    entities
        .iter()
        .zip(values)
        .filter(|(entity, value)| write_value(world, **entity, component, value))
        .count()
}

/// Overwrites one entity's value and marks it as changed now; `false` if the entity or its component is gone, or if there is
/// no value with these bytes.
///
/// # Panics
/// If the component is of another world.
pub(crate) fn write_value(
    world: &mut World,
    entity: Entity,
    component: &FlatComponent,
    bytes: &[u8],
) -> bool {
    component.check_world(world);
    assert_eq!(bytes.len(), component.size(), "the bytes have the component's size");
    let Some(mut value) = world.get_mut_by_id(entity, component.id()) else {
        return false;
    };
    let pointer = value.as_mut().as_ptr();
    // SAFETY: by invariants 1 and 2 it is a value of the component. The world is borrowed exclusively, and `value`, which is not
    // used any more, was the only reference into it (invariant 4).
    let is_written =
        unsafe { component.crossing().assign(world.as_unsafe_world_cell(), pointer, bytes) }.is_ok();
    if is_written && let Some(mut value) = world.get_mut_by_id(entity, component.id()) {
        value.set_changed();
    }
    is_written
}

/// The same for a component that lies in tables.
fn write_to_table(world: &mut World, run: &Run, component: &FlatComponent, values: &[u8]) -> usize {
    let (mut at, mut written) = (0, 0);
    while at < run.rows() {
        let part = run.part(at, run.rows() - at);
        let assigned = assign_in_table(world, &part, component, &values[at * component.size()..]);
        let rows = assigned.map_or_else(|rows| rows, |()| part.rows());
        if rows > 0 {
            mark_changed(world, &run.part(at, rows), component);
        }
        written += rows;
        // The one after them, if any, keeps its value.
        at += rows + 1;
    }
    written
}

/// Gives values to a run of one row at least, up to the first bytes that are none after all: an error says how many.
fn assign_in_table(
    world: &mut World,
    run: &Run,
    component: &FlatComponent,
    values: &[u8],
) -> Result<(), usize> {
    component.check_world(world);
    assert!(component.is_mutable(), "component {:?} is immutable", component.id());
    let first = run::entities(world, run)[0];
    let row = world.entities().get_spawned(first).expect("entities in a table are spawned").table_row;
    let world = world.as_unsafe_world_cell();
    // SAFETY: the exclusive borrow is held to the end of this function (invariant 4).
    let table = &unsafe { world.storages() }.tables[run.table];
    let column = table.get_column(component.id()).expect("the run's table has the component");
    // SAFETY: `entities` found the whole run inside the table (invariant 3) and the entity's row is the
    // run's first.
    let value = unsafe { column.get_data_unchecked(row) };
    // SAFETY: no other reference to the column's values exists, the world being borrowed exclusively
    // (invariant 4).
    let first = unsafe { value.assert_unique() }.as_ptr();
    // SAFETY: there is a value at each row of the run (invariants 1, 2 and 3), the world is borrowed exclusively and nothing
    // in it is referred to any more (invariant 4), and the bytes were checked (invariant 7).
    unsafe { component.crossing().assign(world, first, values) }
}

/// Sets the change ticks of a run to now, as Bevy's own `Mut` does.
fn mark_changed(world: &mut World, run: &Run, component: &FlatComponent) {
    let now: Tick = world.change_tick();
    let rows = run.row as usize..run.row as usize + run.rows();
    let world = world.as_unsafe_world_cell();
    // SAFETY: the exclusive borrow is held to the end of this function (invariant 4).
    let table = &unsafe { world.storages() }.tables[run.table];
    let ticks = table.get_changed_ticks_slice_for(component.id()).expect("the run's table has the component");
    for tick in &ticks[rows.clone()] {
        // SAFETY: no other reference to the tick exists, the world being borrowed exclusively (invariant 4).
        unsafe { *tick.get() = now };
    }
    if let Some(summary) = table.get_summary_tick(component.id()) {
        summary.set(now);
    }
    if let Some(callers) = table.get_changed_by_slice_for(component.id()).into_option().flatten() {
        for caller in &callers[rows] {
            // SAFETY: as for the ticks (invariant 4).
            unsafe { *caller.get() = Location::caller() };
        }
    }
}

//! Bytes out of the world, many rows at a time.
//!
//! The second step on the way out: runs go in, bytes come out. Functions with unsafe code lend bytes for as long as the
//! world is borrowed, or flatten one value; all copying is done on slices.

use std::cell::UnsafeCell;

use bevy_ecs::change_detection::{ComponentTicks, Tick};
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use crate::component::FlatComponent;
use crate::run::{Run, entities};

/// Copies the values of one component in a run into `out`, one after the other.
///
/// # Panics
/// If the component is of another world or the run's entities don't have it, if the world has changed since
/// the run was made, or if `out` has another length than `run.rows() * component.size()`.
pub fn copy_column(world: &World, run: &Run, component: &FlatComponent, out: &mut [u8]) {
    assert_eq!(out.len(), run.rows() * component.size(), "the buffer has exactly the size of the rows");
    if component.size() == 0 {
        return;
    }
    if component.is_in_table() {
        return copy_from_table(world, run, component, out);
    }
    for (&entity, out) in entities(world, run).iter().zip(out.chunks_exact_mut(component.size())) {
        assert!(copy_value(world, entity, component, out), "the run's entities have the component");
    }
}

fn copy_from_table(world: &World, run: &Run, component: &FlatComponent, out: &mut [u8]) {
    if run.rows() > 0 {
        let first = table_value(world, run, component);
        // SAFETY: the run has a value at each of its rows (invariant 3), which stay as they are while the world is borrowed
        // (invariant 4).
        unsafe { component.crossing().flatten(first, out) };
    }
}

/// Copies the value of one component of one entity into `out`; `false` where the entity or its component is gone.
///
/// # Panics
/// If the component is of another world, or `out` has another length than `component.size()`.
pub fn copy_value(world: &World, entity: Entity, component: &FlatComponent, out: &mut [u8]) -> bool {
    component.check_world(world);
    assert_eq!(out.len(), component.size(), "the buffer has exactly the size of the value");
    let Some(value) = world.get_by_id(entity, component.id()) else { return false };
    // SAFETY: by invariants 1 and 2 it is a value of the component, and stays as it is while the world is borrowed
    // (invariant 4).
    unsafe { component.crossing().flatten(value.as_ptr(), out) };
    true
}

/// Copies the value of a resource into `out`; `false` where there is none.
///
/// # Panics
/// As [`copy_value`] does.
pub fn copy_resource(world: &World, resource: &FlatComponent, out: &mut [u8]) -> bool {
    resource_entity(world, resource).is_some_and(|entity| copy_value(world, entity, resource, out))
}

/// The entity on which bevy_ecs keeps a resource; `None` where there is none.
pub fn resource_entity(world: &World, resource: &FlatComponent) -> Option<Entity> {
    let entity = world.resource_entities().get(resource.id())?;
    // bevy_ecs keeps the entity when the resource is removed, for the next one.
    world.get_entity(entity).is_ok_and(|it| it.contains_id(resource.id())).then_some(entity)
}

/// Whether the bytes are the value of one component of one entity. `held` is scratch space.
///
/// # Panics
/// As [`copy_value`] does.
pub(crate) fn is_value(
    world: &World,
    entity: Entity,
    component: &FlatComponent,
    bytes: &[u8],
    held: &mut Vec<u8>,
) -> bool {
    held.resize(component.size(), 0);
    copy_value(world, entity, component, held) && held == bytes
}

/// Clears the entries of `kept` for rows whose value has not changed since `since`.
pub(crate) fn keep_changed(
    world: &World,
    run: &Run,
    component: &FlatComponent,
    since: Tick,
    kept: &mut [bool],
) {
    let ticks = world.storages().tables[run.table].get_changed_ticks_slice_for(component.id());
    keep_newer(world, run, component, since, ticks, |ticks| ticks.changed, kept);
}

/// Clears the entries of `kept` for rows whose value was not added since `since`.
pub(crate) fn keep_added(
    world: &World,
    run: &Run,
    component: &FlatComponent,
    since: Tick,
    kept: &mut [bool],
) {
    let ticks = world.storages().tables[run.table].get_added_ticks_slice_for(component.id());
    keep_newer(world, run, component, since, ticks, |ticks| ticks.added, kept);
}

/// Clears the entries of `kept` for rows whose tick is not newer than `since`. `in_table` are the ticks of all rows of the
/// run's table, if the component lies there; otherwise `of` chooses the tick.
fn keep_newer(
    world: &World,
    run: &Run,
    component: &FlatComponent,
    since: Tick,
    in_table: Option<&[UnsafeCell<Tick>]>,
    of: fn(ComponentTicks) -> Tick,
    kept: &mut [bool],
) {
    component.check_world(world);
    let now = world.read_change_tick();
    let Some(ticks) = in_table else {
        for (&entity, kept) in entities(world, run).iter().zip(kept) {
            let ticks =
                world.get_entity(entity).ok().and_then(|it| it.get_change_ticks_by_id(component.id()));
            *kept &= ticks.is_some_and(|ticks| of(ticks).is_newer_than(since, now));
        }
        return;
    };
    for (tick, kept) in ticks[run.row as usize..][..run.rows()].iter().zip(kept) {
        // SAFETY: no other code writes while the world is borrowed (invariant 4).
        *kept &= unsafe { *tick.get() }.is_newer_than(since, now);
    }
}

/// The values of a component that lies in tables, in a run, if they are the bytes that cross.
///
/// # Panics
/// If they are not, or as [`copy_column`] does.
pub(crate) fn table_bytes<'w>(world: &'w World, run: &Run, component: &FlatComponent) -> &'w [u8] {
    assert!(
        component.crossing().is_bytes(),
        "the values of component {:?} are not the bytes that cross",
        component.id()
    );
    if run.rows == 0 {
        return &[];
    }
    // SAFETY: the column covers the whole run (invariant 3), its values are `size` initialised bytes each
    // (invariants 1 and 2), and no other code writes while the world is borrowed (invariant 4).
    unsafe { std::slice::from_raw_parts(table_value(world, run, component), run.rows() * component.size()) }
}

/// Where the first value of a run lies, in tables. There must be one.
fn table_value(world: &World, run: &Run, component: &FlatComponent) -> *const u8 {
    component.check_world(world);
    let table = &world.storages().tables[run.table];
    let column = table.get_column(component.id()).expect("the run's table has the component");
    let first = world
        .entities()
        .get_spawned(entities(world, run)[0])
        .expect("entities in a table are spawned")
        .table_row;
    // SAFETY: `entities` found the whole run inside the table (invariant 3) and the entity's row is the
    // run's first.
    unsafe { column.get_data_unchecked(first) }.as_ptr()
}

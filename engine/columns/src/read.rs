//! Bytes out of the world, many rows at a time.
//!
//! Second step on the way out: runs in, bytes out. The two functions with unsafe code lend bytes for as
//! long as the world is lent; all copying is done on the slices they return.

use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use crate::component::PlainComponent;
use crate::matching::Run;

/// The entities of a run, in the order of its rows.
///
/// # Panics
/// If the world has changed since the run was made, so that the table is shorter now.
pub fn entities<'w>(world: &'w World, run: &Run) -> &'w [Entity] {
    let row = run.row as usize;
    &world.storages().tables[run.table].entities()[row..row + run.rows()]
}

/// Copies a run's values of one component into `out`, one after the other.
///
/// # Panics
/// If the component is of another world or the run's entities don't have it, if the world has changed since
/// the run was made, or if `out` has another length than `run.rows() * component.size()`.
pub fn copy_column(world: &World, run: &Run, component: &PlainComponent, out: &mut [u8]) {
    assert_eq!(
        out.len(),
        run.rows() * component.size(),
        "the buffer has room for the rows, no more and no less"
    );
    if component.is_in_table() {
        out.copy_from_slice(table_bytes(world, run, component));
        return;
    }
    if component.size() == 0 {
        return;
    }
    for (&entity, value) in entities(world, run).iter().zip(out.chunks_exact_mut(component.size())) {
        value.copy_from_slice(
            component_bytes(world, entity, component).expect("the run's entities have the component"),
        );
    }
}

/// The value of one component of one entity, or `None` where the entity or its component is gone.
///
/// # Panics
/// If the component is of another world.
pub fn component_bytes<'w>(world: &'w World, entity: Entity, component: &PlainComponent) -> Option<&'w [u8]> {
    component.check_world(world);
    let value = world.get_by_id(entity, component.id())?;
    // SAFETY: by invariants 1 and 2 the value is `size` initialised bytes that stay as they are while the
    // world is borrowed (invariant 4).
    Some(unsafe { std::slice::from_raw_parts(value.as_ptr(), component.size()) })
}

/// A run's values of a component that lies in tables.
pub(crate) fn table_bytes<'w>(world: &'w World, run: &Run, component: &PlainComponent) -> &'w [u8] {
    component.check_world(world);
    if run.rows == 0 {
        return &[];
    }
    let table = &world.storages().tables[run.table];
    let column = table.get_column(component.id()).expect("the run's table has the component");
    let first = world
        .entities()
        .get_spawned(entities(world, run)[0])
        .expect("entities in a table are spawned")
        .table_row;
    // SAFETY: `entities` found the whole run inside the table (invariant 3) and the entity's row is the
    // run's first.
    let value = unsafe { column.get_data_unchecked(first) };
    // SAFETY: the column goes on for the whole run (invariant 3), its values are `size` initialised bytes
    // each (invariants 1 and 2), and nobody writes while the world is borrowed (invariant 4).
    unsafe { std::slice::from_raw_parts(value.as_ptr(), run.rows() * component.size()) }
}

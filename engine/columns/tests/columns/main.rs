//! The crate's behaviour, on real worlds: what a query sees, what comes back, and what Bevy is told of it.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod conversions;
mod exchange;
mod panics;

use bevy_ecs::entity_disabling::Disabled;
use bevy_ecs::prelude::*;
use bytemuck::{Pod, Zeroable};
use tinkerbox_columns::{
    Applied, FlatComponent, InsertError, Journal, NoValue, RowQuery, Run, Terms, copy_column, copy_resource,
    copy_value, entities, insert, pin, remove, resource_entity, spawn,
};

#[derive(Component, Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Position {
    x: f32,
    y: f32,
}

/// Twelve bytes, and kept in a sparse set.
#[derive(Component, Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[component(storage = "SparseSet")]
#[repr(C)]
struct Wind([f32; 3]);

/// Five bytes: no size that the comparison has a shortcut for.
#[derive(Component, Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Odd([u8; 5]);

#[derive(Component, Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[component(immutable)]
#[repr(C)]
struct Species(u32);

#[derive(Component, Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Sheep;

#[derive(Component, Clone, Copy, Pod, Zeroable)]
#[repr(C, align(16))]
struct Wide([u64; 2]);

fn at(x: u32) -> Position {
    Position { x: x as f32, y: -1.0 }
}

fn bytes_of(world: &World, query: &RowQuery, component: &FlatComponent) -> Vec<u8> {
    let mut out = Vec::new();
    for run in query.runs(world, None) {
        let start = out.len();
        out.resize(start + run.rows() * component.size(), 0);
        copy_column(world, &run, component, &mut out[start..]);
    }
    out
}

fn values<T: Pod>(world: &World, query: &RowQuery, component: &FlatComponent) -> Vec<T> {
    let bytes = bytes_of(world, query, component);
    bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect()
}

fn rows(world: &World, query: &RowQuery) -> Vec<Entity> {
    pin(world, &query.runs(world, None))
}

fn query(world: &World, all: &[FlatComponent], none: &[FlatComponent]) -> RowQuery {
    with_terms(world, Terms { all: all.to_vec(), none: none.to_vec(), ..Terms::default() })
}

fn with_terms(world: &World, terms: Terms) -> RowQuery {
    let mut query = RowQuery::new(world, &terms);
    query.update(world);
    query
}

fn changed<T: Component>(world: &mut World) -> Vec<Entity> {
    world.query_filtered::<Entity, Changed<T>>().iter(world).collect()
}

#[test]
fn a_query_sees_all_tables_that_match_and_no_others() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let sheep = FlatComponent::register::<Sheep>(&mut world);
    world.spawn(at(0));
    world.spawn((at(1), Sheep));
    world.spawn(Sheep);
    let all = query(&world, &[position], &[]);
    assert_eq!(values::<Position>(&world, &all, &position), [at(0), at(1)]);
    let with = query(&world, &[position, sheep], &[]);
    assert_eq!(values::<Position>(&world, &with, &position), [at(1)]);
    let without = query(&world, &[position], &[sheep]);
    assert_eq!(values::<Position>(&world, &without, &position), [at(0)]);
}

#[test]
fn an_update_learns_of_new_tables() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let mut query = query(&world, &[position], &[]);
    world.spawn((at(7), Odd([1; 5])));
    assert!(query.runs(&world, None).is_empty());
    query.update(&world);
    assert_eq!(values::<Position>(&world, &query, &position), [at(7)]);
    query.update(&world);
    assert_eq!(query.runs(&world, None).len(), 1, "a table is taken once");
}

#[test]
fn rows_of_one_table_are_one_run() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let spawned: Vec<_> = (0..100).map(|x| world.spawn(at(x)).id()).collect();
    let query = query(&world, &[position], &[]);
    let runs = query.runs(&world, None);
    assert_eq!(runs.len(), 1);
    assert_eq!(entities(&world, &runs[0]), spawned);
    let (front, back) = runs[0].split_at(30);
    assert_eq!(entities(&world, &front), &spawned[..30]);
    assert_eq!(entities(&world, &back), &spawned[30..]);
}

#[test]
fn sparse_sets_are_seen_through_the_same_runs() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let wind = FlatComponent::register::<Wind>(&mut world);
    for x in 0..6 {
        let mut entity = world.spawn(at(x));
        if x != 3 {
            entity.insert(Wind([x as f32; 3]));
        }
    }
    let windy = query(&world, &[position, wind], &[]);
    let expected: Vec<_> = [0, 1, 2, 4, 5].map(at).to_vec();
    assert_eq!(values::<Position>(&world, &windy, &position), expected);
    assert_eq!(windy.runs(&world, None).len(), 2, "neighbours are joined");
    let winds: Vec<Wind> = values(&world, &windy, &wind);
    assert_eq!(winds.iter().map(|wind| wind.0[0]).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 4.0, 5.0]);
    let calm = query(&world, &[position], &[wind]);
    assert_eq!(values::<Position>(&world, &calm, &position), [at(3)]);
}

#[test]
fn disabled_entities_are_left_out() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    world.spawn((at(1), Disabled));
    let query = query(&world, &[position], &[]);
    assert!(query.runs(&world, None).is_empty());
}

#[test]
fn two_worlds_with_one_history_give_one_order() {
    let build = || {
        let mut world = World::new();
        let position = FlatComponent::register::<Position>(&mut world);
        let spawned: Vec<_> = (0..50).map(|x| world.spawn(at(x)).id()).collect();
        for entity in spawned.iter().step_by(3) {
            world.entity_mut(*entity).insert(Odd([0; 5]));
        }
        for entity in spawned.iter().step_by(7) {
            world.despawn(*entity);
        }
        let query = query(&world, &[position], &[]);
        bytes_of(&world, &query, &position)
    };
    assert_eq!(build(), build());
}

#[test]
fn only_changed_rows_are_written_and_marked() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let spawned: Vec<_> = (0..10).map(|x| world.spawn(at(x)).id()).collect();
    world.clear_trackers();
    let query = query(&world, &[position], &[]);
    let run = query.runs(&world, None)[0];
    let mut returned = bytes_of(&world, &query, &position);
    let rows: &mut [Position] = bytemuck::cast_slice_mut(&mut returned);
    for changed in [0, 4, 5, 9] {
        rows[changed].y = 2.0;
    }
    let mut journal = Journal::default();
    journal.compare(&world, &run, &position, &returned).unwrap();
    assert!(changed::<Position>(&mut world).is_empty(), "nothing lands before apply");
    assert_eq!(journal.apply(&mut world), Applied { written: 4, skipped: 0 });
    assert_eq!(changed::<Position>(&mut world), [0, 4, 5, 9].map(|row| spawned[row]));
    assert_eq!(bytes_of(&world, &query, &position), returned);
    assert!(journal.is_empty());
}

#[test]
fn every_pattern_of_changes_in_every_size_lands() {
    fn sweep<T: Component + Pod>() {
        let mut world = World::new();
        let component = FlatComponent::register::<T>(&mut world);
        for _ in 0..6 {
            world.spawn(T::zeroed());
        }
        let query = query(&world, &[component], &[]);
        for pattern in 0..64u8 {
            world.clear_trackers();
            let mut returned = bytes_of(&world, &query, &component);
            for row in (0..6).filter(|row| pattern & (1 << row) != 0) {
                returned[(row + 1) * component.size() - 1] ^= 0x3f;
            }
            let mut journal = Journal::default();
            let mut start = 0;
            for run in query.runs(&world, None) {
                let end = start + run.rows() * component.size();
                journal.compare(&world, &run, &component, &returned[start..end]).unwrap();
                start = end;
            }
            let written = u64::from(pattern.count_ones());
            assert_eq!(journal.apply(&mut world), Applied { written, skipped: 0 });
            assert_eq!(bytes_of(&world, &query, &component), returned);
            assert_eq!(changed::<T>(&mut world).len() as u64, written);
        }
    }
    #[derive(Component, Clone, Copy, Pod, Zeroable)]
    #[repr(C)]
    struct Four(f32);
    sweep::<Four>();
    sweep::<Odd>();
    sweep::<Position>();
    sweep::<Wind>();
    sweep::<Wide>();
}

#[test]
fn stretches_of_changes_go_across_blocks() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    world.spawn_batch((0..200).map(at));
    let query = query(&world, &[position], &[]);
    for (start, end) in [(0, 200), (0, 64), (63, 65), (64, 128), (127, 200), (10, 190), (199, 200), (5, 5)] {
        world.clear_trackers();
        let mut returned = bytes_of(&world, &query, &position);
        let rows: &mut [Position] = bytemuck::cast_slice_mut(&mut returned);
        rows[start..end].iter_mut().for_each(|row| row.y += 1.0);
        let mut journal = Journal::default();
        journal.compare(&world, &query.runs(&world, None)[0], &position, &returned).unwrap();
        let written = (end - start) as u64;
        assert_eq!(journal.apply(&mut world), Applied { written, skipped: 0 }, "{start}..{end}");
        assert_eq!(bytes_of(&world, &query, &position), returned);
        assert_eq!(changed::<Position>(&mut world).len(), end - start);
    }
}

#[test]
fn every_sequence_of_blocks_lands() {
    /// What has changed in a block of 64 rows.
    const KINDS: [fn(usize) -> bool; 4] = [|_| false, |_| true, |row| row % 64 != 63, |row| row % 64 == 0];
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    world.spawn_batch((0..230).map(at));
    let query = query(&world, &[position], &[]);
    for sequence in 0..256 {
        world.clear_trackers();
        let has_changed = |row: &usize| KINDS[sequence >> (row / 64 * 2) & 3](*row);
        let mut returned = bytes_of(&world, &query, &position);
        let rows: &mut [Position] = bytemuck::cast_slice_mut(&mut returned);
        (0..230).filter(has_changed).for_each(|row| rows[row].x += 1.0);
        let mut journal = Journal::default();
        journal.compare(&world, &query.runs(&world, None)[0], &position, &returned).unwrap();
        let written = (0..230).filter(has_changed).count();
        assert_eq!(journal.apply(&mut world), Applied { written: written as u64, skipped: 0 });
        assert_eq!(bytes_of(&world, &query, &position), returned, "{sequence:#b}");
        assert_eq!(changed::<Position>(&mut world).len(), written, "{sequence:#b}");
    }
}

#[test]
fn a_journal_that_is_dropped_leaves_no_trace() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    world.spawn(at(1));
    world.clear_trackers();
    let query = query(&world, &[position], &[]);
    let mut journal = Journal::default();
    journal.compare(&world, &query.runs(&world, None)[0], &position, &[0; 8]).unwrap();
    journal.clear();
    assert_eq!(journal.apply(&mut world), Applied::default());
    assert!(changed::<Position>(&mut world).is_empty());
}

#[test]
fn pinned_rows_follow_their_entities_and_skip_the_gone() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let wind = FlatComponent::register::<Wind>(&mut world);
    let spawned: Vec<_> = (0..5).map(|x| world.spawn((at(x), Wind([0.0; 3]))).id()).collect();
    let query = query(&world, &[position, wind], &[]);
    let run = query.runs(&world, None)[0];
    let lent = bytes_of(&world, &query, &wind);
    let mut journal = Journal::default();
    journal.compare(&world, &run, &position, bytemuck::cast_slice(&[at(9); 5])).unwrap();
    journal.pin(&world);
    let winds = [Wind([1.0; 3]); 5];
    journal.compare_with(&world, &spawned, &wind, &lent, bytemuck::cast_slice(&winds)).unwrap();

    world.despawn(spawned[0]);
    world.entity_mut(spawned[1]).remove::<Position>();
    world.entity_mut(spawned[4]).insert(Odd([0; 5]));
    world.increment_change_tick();

    assert_eq!(journal.apply(&mut world), Applied { written: 3 + 4, skipped: 2 + 1 });
    for &entity in &spawned[2..] {
        assert_eq!(world.get::<Position>(entity), Some(&at(9)));
    }
    assert_eq!(world.get::<Wind>(spawned[1]), Some(&Wind([1.0; 3])));
}

#[test]
fn located_rows_are_those_that_still_match() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let spawned: Vec<_> = (0..6).map(|x| world.spawn(at(x)).id()).collect();
    let mut query = query(&world, &[position], &[]);
    let pinned = rows(&world, &query);
    world.despawn(spawned[1]);
    world.entity_mut(spawned[2]).remove::<Position>();
    world.entity_mut(spawned[3]).insert(Sheep);
    query.update(&world);
    let found = pin(&world, &query.locate(&world, &pinned));
    assert_eq!(found, [spawned[0], spawned[3], spawned[4], spawned[5]]);
}

#[test]
fn values_without_bytes_are_no_trouble() {
    let mut world = World::new();
    let sheep = FlatComponent::register::<Sheep>(&mut world);
    world.spawn(Sheep);
    let query = query(&world, &[sheep], &[]);
    assert_eq!(bytes_of(&world, &query, &sheep), [0; 0]);
    let mut journal = Journal::default();
    journal.compare(&world, &query.runs(&world, None)[0], &sheep, &[]).unwrap();
    assert!(journal.is_empty());
}

#[test]
fn an_entity_is_spawned_from_bytes_in_any_order() {
    let mut world = World::new();
    let parts = [
        (FlatComponent::register::<Odd>(&mut world), bytemuck::bytes_of(&Odd([1, 2, 3, 4, 5])).to_vec()),
        (FlatComponent::register::<Wide>(&mut world), bytemuck::bytes_of(&Wide([6, 7])).to_vec()),
        (FlatComponent::register::<Wind>(&mut world), bytemuck::bytes_of(&Wind([8.0; 3])).to_vec()),
        (FlatComponent::register::<Species>(&mut world), bytemuck::bytes_of(&Species(9)).to_vec()),
        (FlatComponent::register::<Sheep>(&mut world), Vec::new()),
    ];
    for turn in 0..parts.len() {
        let mut parts: Vec<_> = parts.iter().map(|(component, bytes)| (*component, &bytes[..])).collect();
        parts.rotate_left(turn);
        let entity = spawn(&mut world, None, &parts).unwrap();
        let entity = world.entity(entity);
        assert_eq!(entity.get::<Odd>(), Some(&Odd([1, 2, 3, 4, 5])));
        assert_eq!(entity.get::<Wide>().unwrap().0, [6, 7]);
        assert_eq!(entity.get::<Wind>(), Some(&Wind([8.0; 3])));
        assert_eq!(entity.get::<Species>(), Some(&Species(9)));
        assert!(entity.contains::<Sheep>());
    }
    assert!(spawn(&mut world, None, &[]).is_ok());
}

#[test]
fn what_can_not_be_spawned_leaves_the_world_alone() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let before = world.entities().count_spawned();
    let short = spawn(&mut world, None, &[(position, &[0; 7])]);
    assert_eq!(short, Err(InsertError::Size { component: position, given: 7 }));
    let twice = spawn(&mut world, None, &[(position, &[0; 8]), (position, &[0; 8])]);
    assert_eq!(twice, Err(InsertError::Twice(position)));
    assert_eq!(world.entities().count_spawned(), before);
}

#[test]
fn one_value_can_be_read() {
    let mut world = World::new();
    let species = FlatComponent::register::<Species>(&mut world);
    assert!(!species.is_mutable());
    let entity = world.spawn(Species(5)).id();
    let mut value = [0; 4];
    assert!(copy_value(&world, entity, &species, &mut value));
    assert_eq!(value, 5u32.to_ne_bytes());
    world.despawn(entity);
    assert!(!copy_value(&world, entity, &species, &mut value));
}

#[test]
#[should_panic(expected = "registered in another world")]
fn components_of_another_world_are_refused() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    query(&World::new(), &[position], &[]);
}

#[test]
#[should_panic(expected = "the world changed while")]
fn positions_do_not_outlive_a_change_of_the_world() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    world.spawn(at(1));
    let query = query(&world, &[position], &[]);
    let mut journal = Journal::default();
    journal.compare(&world, &query.runs(&world, None)[0], &position, &[0; 8]).unwrap();
    world.increment_change_tick();
    journal.apply(&mut world);
}

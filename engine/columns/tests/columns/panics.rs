//! Hooks and observers that panic while values are inserted: the panic passes on, and nothing in the world is left without
//! a value.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bevy_ecs::hierarchy::ChildOf;
use bevy_ecs::prelude::*;
use bytemuck::{Pod, Zeroable};
use tinkerbox_columns::{
    FlatComponent, HalfMade, InsertError, Link, insert, insert_linked, spawn, spawn_linked,
};

use super::{Odd, Position, Sheep, Wind, at};

/// Panics on the first so many times.
#[derive(Resource)]
struct Panics(u32);

fn world_that_panics<T: Component>(times: u32) -> World {
    let mut world = World::new();
    world.insert_resource(Panics(times));
    world.add_observer(|_: On<bevy_ecs::lifecycle::Insert<T>>, mut panics: ResMut<Panics>| {
        if panics.0 > 0 {
            panics.0 -= 1;
            panic!("the observer panics");
        }
    });
    world
}

#[test]
fn values_are_whole_after_a_panic_in_any_set_of_components() {
    for set in 1..16_usize {
        for times in 0..4 {
            let mut world = world_that_panics::<Position>(times);
            let all = [
                (FlatComponent::register::<Position>(&mut world), bytemuck::bytes_of(&at(7)).to_vec()),
                (
                    FlatComponent::register::<Wind>(&mut world),
                    bytemuck::bytes_of(&Wind([1.0, 2.0, 3.0])).to_vec(),
                ),
                (FlatComponent::register::<Odd>(&mut world), vec![5; 5]),
                (FlatComponent::register::<Sheep>(&mut world), Vec::new()),
            ];
            let chosen = all.iter().enumerate().filter(|(number, _)| set >> number & 1 == 1);
            let parts: Vec<(FlatComponent, &[u8])> =
                chosen.map(|(_, (it, bytes))| (*it, &bytes[..])).collect();
            let mut panicked = 0;
            for round in 0..6 {
                let made = catch_unwind(AssertUnwindSafe(|| match round % 2 {
                    0 => drop(spawn(&mut world, None, &parts).unwrap()),
                    _ => {
                        let entity = world.spawn(Odd([9; 5])).id();
                        insert(&mut world, entity, &parts).unwrap();
                    }
                }));
                panicked += u32::from(made.is_err());
                world.flush();
            }
            assert_eq!(panicked, if set & 1 == 1 { times } else { 0 });
            let mut rows = world.query::<(Option<&Position>, Option<&Wind>, Option<&Odd>)>();
            for (position, wind, odd) in rows.iter(&world) {
                assert!(position.is_none_or(|position| *position == at(7)), "set {set}");
                assert!(wind.is_none_or(|wind| *wind == Wind([1.0, 2.0, 3.0])), "set {set}");
                assert!(odd.is_none_or(|odd| odd.0 == [5; 5] || odd.0 == [9; 5]), "set {set}");
            }
        }
    }
}

/// Requires a component whose constructor panics.
#[derive(Component, Clone, Copy, Pod, Zeroable)]
#[require(Unready)]
#[repr(C)]
struct Eager(u32);

#[derive(Component)]
struct Unready;

impl Default for Unready {
    fn default() -> Unready {
        panic!("it is not ready")
    }
}

#[test]
fn an_entity_that_may_be_half_made_is_told_apart() {
    let mut world = World::new();
    let eager = FlatComponent::register::<Eager>(&mut world);
    let caught = catch_unwind(AssertUnwindSafe(|| spawn(&mut world, None, &[(eager, &[1, 0, 0, 0])])));
    assert!(caught.unwrap_err().is::<HalfMade>());
    // The world is of no use any more, and not to be dropped either.
    std::mem::forget(world);
    let mut world = world_that_panics::<Position>(1);
    let position = FlatComponent::register::<Position>(&mut world);
    let caught = catch_unwind(AssertUnwindSafe(|| spawn(&mut world, None, &[(position, &[0; 8])])));
    assert!(!caught.unwrap_err().is::<HalfMade>(), "nothing is required");
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct FlatChildOf(u64);

impl From<&ChildOf> for FlatChildOf {
    fn from(child_of: &ChildOf) -> FlatChildOf {
        FlatChildOf(child_of.parent().to_bits())
    }
}

impl TryFrom<FlatChildOf> for ChildOf {
    type Error = ();

    fn try_from(flat: FlatChildOf) -> Result<ChildOf, ()> {
        Entity::try_from_bits(flat.0).map(ChildOf).ok_or(())
    }
}

#[test]
fn a_link_is_asked_about_before_anything_is_made() {
    let mut world = World::new();
    let child_of = FlatComponent::register_mirrored::<ChildOf, FlatChildOf>(&mut world);
    let parent = world.spawn_empty().id();
    let bytes = parent.to_bits().to_le_bytes();
    for _ in 0..2 {
        let id = world.entity_allocator().alloc();
        let mut asked: Vec<Link> = Vec::new();
        let mut refuse = |_: &World, links: &[Link]| {
            asked.extend(links);
            false
        };
        assert_eq!(
            spawn_linked(&mut world, id, &[(child_of, &bytes)], &mut refuse),
            Err(InsertError::Link(id))
        );
        assert!(!world.entities().contains_spawned(id));
        let child = world.spawn_empty().id();
        let inserted = insert_linked(&mut world, child, &[(child_of, &bytes)], &mut refuse);
        assert_eq!(inserted, Err(InsertError::Link(child)));
        assert!(world.get::<ChildOf>(child).is_none());
        assert!(
            asked.len() == 2 && asked.iter().all(|link| link.target == parent && link.is_linked),
            "{asked:?}"
        );
        spawn_linked(&mut world, id, &[(child_of, &bytes)], |_, _| true).unwrap();
        assert_eq!(world.get::<ChildOf>(id).map(ChildOf::parent), Some(parent));
    }
}

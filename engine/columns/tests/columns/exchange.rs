//! What crosses other than by whole columns: mirrored values, entities put together and taken apart, values one by
//! one, resources; and which rows count as changed.

use super::*;

/// What no bytes could be: a text among two, and a number that must not be zero.
#[derive(Component, Clone, Debug, PartialEq)]
struct Mood {
    name: &'static str,
    strength: std::num::NonZeroU8,
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct FlatMood {
    is_glad: u8,
    strength: u8,
}

impl From<&Mood> for FlatMood {
    fn from(mood: &Mood) -> FlatMood {
        FlatMood { is_glad: u8::from(mood.name == "glad"), strength: mood.strength.get() }
    }
}

impl TryFrom<FlatMood> for Mood {
    type Error = ();
    fn try_from(flat: FlatMood) -> Result<Mood, ()> {
        let name = *["sad", "glad"].get(usize::from(flat.is_glad)).ok_or(())?;
        Ok(Mood { name, strength: flat.strength.try_into().map_err(|_| ())? })
    }
}

fn mood(name: &'static str, strength: u8) -> Mood {
    Mood { name, strength: strength.try_into().unwrap() }
}

#[test]
fn mirrored_values_cross_as_what_they_are_made_into() {
    let mut world = World::new();
    let component = FlatComponent::register_mirrored::<Mood, FlatMood>(&mut world);
    let spawned: Vec<_> = (1..5).map(|strength| world.spawn(mood("sad", strength)).id()).collect();
    world.clear_trackers();
    let query = query(&world, &[component], &[]);
    assert_eq!(bytes_of(&world, &query, &component), [0, 1, 0, 2, 0, 3, 0, 4]);

    let run = query.runs(&world, None)[0];
    let mut journal = Journal::default();
    journal.compare(&world, &run, &component, &[0, 1, 1, 2, 0, 3, 0, 9]).unwrap();
    assert_eq!(journal.apply(&mut world), Applied { written: 2, skipped: 0 });
    assert_eq!(changed::<Mood>(&mut world), [spawned[1], spawned[3]]);
    assert_eq!(world.get::<Mood>(spawned[1]), Some(&mood("glad", 2)));

    for returned in [[0, 1, 1, 2, 2, 3, 0, 9], [0, 1, 1, 2, 1, 0, 0, 9]] {
        let refused = journal.compare(&world, &run, &component, &returned);
        let bytes = returned[4..6].to_vec();
        assert_eq!(refused, Err(Box::new(NoValue { component, entity: spawned[2], bytes })));
        journal.clear();
    }
    let refused = journal.set(&world, spawned[0], &component, &[7, 7]);
    assert_eq!(refused, Err(Box::new(NoValue { component, entity: spawned[0], bytes: vec![7, 7] })));
    assert!(journal.is_empty());
}

#[test]
fn mirrored_values_are_spawned_and_inserted_if_they_are_some() {
    let mut world = World::new();
    let component = FlatComponent::register_mirrored::<Mood, FlatMood>(&mut world);
    let entity = spawn(&mut world, None, &[(component, &[1, 5])]).unwrap();
    assert_eq!(world.get::<Mood>(entity), Some(&mood("glad", 5)));
    insert(&mut world, entity, &[(component, &[0, 6])]).unwrap();
    assert_eq!(world.get::<Mood>(entity), Some(&mood("sad", 6)));
    assert_eq!(insert(&mut world, entity, &[(component, &[0, 0])]), Err(InsertError::NoValue(component)));
    assert_eq!(spawn(&mut world, None, &[(component, &[2, 1])]), Err(InsertError::NoValue(component)));
}

#[test]
fn entities_are_made_under_a_reserved_id_put_together_and_taken_apart() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let wind = FlatComponent::register::<Wind>(&mut world);
    let id = world.entity_allocator().alloc();
    assert_eq!(spawn(&mut world, Some(id), &[(position, bytemuck::bytes_of(&at(3)))]), Ok(id));
    assert_eq!(spawn(&mut world, Some(id), &[]), Err(InsertError::Entity(id)));
    insert(&mut world, id, &[(wind, &[0; 12]), (position, bytemuck::bytes_of(&at(4)))]).unwrap();
    assert_eq!((world.get(id), world.get(id)), (Some(&at(4)), Some(&Wind([0.0; 3]))));
    assert!(remove(&mut world, id, &[wind, position]));
    assert!(remove(&mut world, id, &[wind]), "what is not there need not be taken");
    assert_eq!(world.entity(id).archetype().component_count(), 0);
    world.despawn(id);
    assert!(!remove(&mut world, id, &[wind]));
    assert_eq!(insert(&mut world, id, &[(wind, &[0; 12])]), Err(InsertError::Entity(id)));
}

#[test]
fn rows_that_changed_since_a_moment() {
    fn sweep<T: Component<Mutability = bevy_ecs::component::Mutable> + Pod>(first: T, second: T) {
        let mut world = World::new();
        let component = FlatComponent::register::<T>(&mut world);
        let spawned: Vec<_> = (0..6).map(|_| world.spawn(first).id()).collect();
        let query = with_terms(&world, Terms { changed: vec![component], ..Terms::default() });
        assert_eq!(pin(&world, &query.runs(&world, None)), spawned, "without a moment all have changed");
        let since = world.change_tick();
        world.increment_change_tick();
        for at in [0, 1, 4] {
            *world.get_mut::<T>(spawned[at]).unwrap() = second;
        }
        assert_eq!(pin(&world, &query.runs(&world, Some(since))), [0, 1, 4].map(|at| spawned[at]));
        let since = world.change_tick();
        assert!(query.runs(&world, Some(since)).is_empty());
        assert!(query.find(&world, spawned[2]).is_some(), "one that has not changed is found too");
    }
    sweep(at(0), at(1));
    sweep(Wind([0.0; 3]), Wind([1.0; 3]));
}

#[test]
fn runs_have_an_optional_component_as_a_whole() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let (odd, wind) =
        (FlatComponent::register::<Odd>(&mut world), FlatComponent::register::<Wind>(&mut world));
    for x in 0..12 {
        let mut entity = world.spawn(at(x));
        if x % 2 == 0 {
            entity.insert(Odd([x as u8; 5]));
        }
        if x % 3 == 0 {
            entity.insert(Wind([x as f32; 3]));
        }
    }
    for optional in [vec![odd], vec![wind], vec![wind, odd]] {
        let terms = Terms { all: vec![position], optional: optional.clone(), ..Terms::default() };
        let query = with_terms(&world, terms);
        let mut rows = 0;
        for run in query.runs(&world, None) {
            for entity in entities(&world, &run) {
                rows += 1;
                for (number, component) in optional.iter().enumerate() {
                    let has = world.entity(*entity).contains_id(component.id());
                    assert_eq!(run.has_optional(number), has);
                }
                assert!(query.find(&world, *entity).unwrap().is_like(&run));
            }
        }
        assert_eq!(rows, 12);
    }
}

#[test]
fn the_value_set_last_is_known_before_it_lands() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let wind = FlatComponent::register::<Wind>(&mut world);
    let [first, second] = [world.spawn(at(1)).id(), world.spawn(at(2)).id()];
    let mut journal = Journal::default();
    for x in [5, 6] {
        journal.set(&world, first, &position, bytemuck::bytes_of(&at(x))).unwrap();
    }
    assert_eq!(journal.get(first, &position), Some(bytemuck::bytes_of(&at(6))));
    assert_eq!((journal.get(second, &position), journal.get(first, &wind)), (None, None));
    assert_eq!(world.get(first), Some(&at(1)));
    journal.apply(&mut world);
    assert_eq!(world.get(first), Some(&at(6)));
    assert_eq!(journal.get(first, &position), None);
}

#[derive(Resource, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Season(u32);

#[test]
fn resources_are_read_and_written_like_components() {
    let mut world = World::new();
    let season = FlatComponent::register_resource::<Season>(&mut world);
    let mut value = [0; 4];
    assert!(!copy_resource(&world, &season, &mut value));
    world.insert_resource(Season(3));
    assert!(copy_resource(&world, &season, &mut value));
    assert_eq!(value, 3u32.to_ne_bytes());
    world.clear_trackers();
    let mut journal = Journal::default();
    journal.set(&world, resource_entity(&world, &season).unwrap(), &season, &4u32.to_ne_bytes()).unwrap();
    assert_eq!(journal.apply(&mut world), Applied { written: 1, skipped: 0 });
    assert_eq!(world.resource::<Season>().0, 4);
    assert!(world.is_resource_changed::<Season>());
    // bevy_ecs keeps the entity of a resource that has gone.
    world.remove_resource::<Season>();
    assert!(!copy_resource(&world, &season, &mut value));
    assert_eq!(resource_entity(&world, &season), None);
    world.insert_resource(Season(5));
    assert!(resource_entity(&world, &season).is_some());
}

#[test]
fn what_is_set_and_was_so_before_is_no_change() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let entity = world.spawn(at(1)).id();
    let mut journal = Journal::default();
    let mut set = |world: &mut World, x| {
        world.clear_trackers();
        journal.set(world, entity, &position, bytemuck::bytes_of(&at(x))).unwrap();
        (journal.apply(world).written, changed::<Position>(world).len())
    };
    assert_eq!([set(&mut world, 1), set(&mut world, 2), set(&mut world, 2)], [(0, 0), (1, 1), (0, 0)]);
}

#[test]
fn of_several_values_that_are_set_the_last_counts() {
    let mut world = World::new();
    let position = FlatComponent::register::<Position>(&mut world);
    let entities = [1, 1].map(|x| world.spawn(at(x)).id());
    // Every sequence of three values for one entity, with others for its neighbour in between.
    for sequence in 0..27_u32 {
        world.clear_trackers();
        let values = [sequence % 3, sequence / 3 % 3, sequence / 9].map(at);
        let before = entities.map(|it| *world.get::<Position>(it).unwrap());
        let mut journal = Journal::default();
        for value in values {
            journal.set(&world, entities[0], &position, bytemuck::bytes_of(&value)).unwrap();
            journal.set(&world, entities[1], &position, bytemuck::bytes_of(&before[1])).unwrap();
        }
        let is_changed = u64::from(values[2] != before[0]);
        assert_eq!(journal.apply(&mut world), Applied { written: is_changed, skipped: 0 });
        assert_eq!(changed::<Position>(&mut world).len() as u64, is_changed, "{sequence}");
        assert_eq!(*world.get::<Position>(entities[0]).unwrap(), values[2]);
    }
}

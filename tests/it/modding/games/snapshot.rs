//! Everything that mods may change in a world, as text that can be compared.
//!
//! Two worlds with the same history have the same snapshot, to the last bit: the entities and their components, the
//! changes, the queued messages, the number of archetypes, and the ids that come next.

use std::fmt::Write as _;

use bevy_ecs::change_detection::Tick;
use bevy_ecs::message::Messages;
use bevy_ecs::prelude::*;
use bytemuck::Pod;
use tinkerbox_abi::ModType;

use super::game::*;
use super::wider_game::*;

/// More than the 128 that bevy_ecs sets aside before it reuses any, so that they can be inspected and given back at
/// once.
const NEXT_IDS: usize = 300;

/// Begins a tick; [`snapshot`] then shows the changes made since.
pub fn before(world: &mut World) -> Tick {
    world.increment_change_tick()
}

/// Lists the state of the world, line by line.
pub fn snapshot(world: &mut World, before: Tick) -> String {
    let mut text = values(world, before);
    writeln!(text, "{} archetypes", world.archetypes().len()).unwrap();
    writeln!(text, "{} bundles", world.bundles().len()).unwrap();
    for id in next_ids(world) {
        writeln!(text, "next is {:x}", id.to_bits()).unwrap();
    }
    text
}

/// Compares two snapshots; the first line that differs is shown.
#[track_caller]
pub fn assert_same(snapshot: &str, expected: &str, when: &str) {
    if snapshot != expected {
        let mut lines = snapshot.lines().zip(expected.lines());
        let differing = lines.find(|(line, expected)| line != expected);
        panic!("{when}: (what is there, what should be) {differing:#?}");
    }
}

/// The ids that new entities will get.
pub fn next_ids(world: &mut World) -> Vec<Entity> {
    let ids: Vec<_> = (0..NEXT_IDS).map(|_| world.entity_allocator().alloc()).collect();
    let mut given_back = ids.clone();
    given_back.reverse();
    world.entity_allocator_mut().free_many(&given_back);
    ids
}

fn values(world: &World, before: Tick) -> String {
    let archetypes = world.archetypes().iter();
    let mut entities: Vec<Entity> =
        archetypes.flat_map(|archetype| archetype.entities()).map(|entity| entity.id()).collect();
    entities.sort_unstable();
    let mut text = String::new();
    for entity in entities {
        let entity = world.entity(entity);
        let carried: Vec<_> = entity.archetype().components().iter().map(|id| id.index()).collect();
        write!(text, "entity {:x} {carried:?}", entity.id().to_bits()).unwrap();
        let now = world.read_change_tick();
        let mut shown = Shown { text: &mut text, entity, before, now };
        shown.value::<Position>().value::<Velocity>().value::<Mood>().value::<Species>().value::<Sheep>();
        shown.value::<Weather>();
        text.push('\n');
    }
    let bells = world.resource::<Messages<Gong>>();
    writeln!(text, "bells {:?}", bells.get_cursor().read(bells).collect::<Vec<_>>()).unwrap();
    text
}

struct Shown<'a> {
    text: &'a mut String,
    entity: EntityRef<'a>,
    before: Tick,
    now: Tick,
}

impl Shown<'_> {
    /// Adds one component, if present: its bytes, `!` if it was changed, `+` if it was added.
    fn value<T: Component + ModType + Pod>(&mut self) -> &mut Self {
        if let (Some(value), Some(ticks)) = (self.entity.get::<T>(), self.entity.get_change_ticks::<T>()) {
            let is_changed = if ticks.is_changed(self.before, self.now) { "!" } else { "" };
            let is_added = if ticks.is_added(self.before, self.now) { "+" } else { "" };
            let bytes = bytemuck::bytes_of(value);
            write!(self.text, " {}{is_changed}{is_added} {bytes:x?}", T::ID).unwrap();
        }
        self
    }
}

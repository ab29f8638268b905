//! Fuel over time, and its numbers in little space.

use std::collections::{BTreeMap, VecDeque};

use bevy_ecs::entity::Entity;

use crate::limits::PANEL_FUEL_SAMPLES_MAX;

/// The fuel that each mod has used in its last ticks.
#[derive(Clone, Debug, Default)]
pub struct FuelHistory {
    by_mod: BTreeMap<Entity, VecDeque<u64>>,
}

impl FuelHistory {
    /// Adds a tick of all mods that there are. Those that are not among them any more are forgotten.
    pub fn record(&mut self, used: impl IntoIterator<Item = (Entity, u64)>) {
        let mut before = std::mem::take(&mut self.by_mod);
        for (entity, units) in used {
            let mut samples = before.remove(&entity).unwrap_or_default();
            if samples.len() == PANEL_FUEL_SAMPLES_MAX {
                samples.pop_front();
            }
            samples.push_back(units);
            self.by_mod.insert(entity, samples);
        }
    }

    /// What a mod has used in each of its last ticks, from old to new.
    pub fn samples(&self, mod_entity: Entity) -> impl DoubleEndedIterator<Item = u64> + ExactSizeIterator {
        self.by_mod.get(&mod_entity).map(|samples| samples.iter().copied()).unwrap_or_default()
    }

    /// The last `count` ticks of a mod as the heights of a graph's bars, from 0 to 1, and the fuel that a height of 1 stands
    /// for: the grant, or the most that was used if that is more. Before the first tick there are bars of height 0.
    pub fn bars(&self, mod_entity: Entity, grant: u64, count: usize) -> (Vec<f32>, u64) {
        let samples: Vec<u64> = self.samples(mod_entity).rev().take(count).collect();
        let top = samples.iter().copied().max().unwrap_or(0).max(grant).max(1);
        let mut bars = vec![0.0; count - samples.len()];
        bars.extend(samples.iter().rev().map(|units| (*units as f64 / top as f64) as f32));
        (bars, top)
    }
}

/// How much of the grant was used, in percent; 100 if nothing was granted and something used.
pub fn percent(used: u64, grant: u64) -> u64 {
    match (used, grant) {
        (0, _) => 0,
        (_, 0) => 100,
        _ => (u128::from(used) * 100 / u128::from(grant)).try_into().unwrap_or(u64::MAX),
    }
}

/// A number in at most five characters: `950`, `12.3k`, `300k`, `1.5M`. Beyond 99,999 billion it is longer.
pub fn short(units: u64) -> String {
    match units {
        0..1_000 => units.to_string(),
        1_000..100_000 => format!("{}.{}k", units / 1_000, units % 1_000 / 100),
        100_000..1_000_000 => format!("{}k", units / 1_000),
        1_000_000..100_000_000 => format!("{}.{}M", units / 1_000_000, units % 1_000_000 / 100_000),
        100_000_000..1_000_000_000 => format!("{}M", units / 1_000_000),
        _ => format!("{}G", units / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use bevy_ecs::world::World;

    use super::*;

    #[test]
    fn numbers_are_short() {
        let numbers = [0, 999, 1_000, 12_345, 99_999, 300_000, 999_999, 1_500_000, 123_456_789, u64::MAX];
        let texts = numbers.map(short);
        assert_eq!(
            texts,
            ["0", "999", "1.0k", "12.3k", "99.9k", "300k", "999k", "1.5M", "123M", "18446744073G"]
        );
    }

    #[test]
    fn percentages_handle_all_numbers() {
        assert_eq!([percent(0, 0), percent(1, 0), percent(1, 3), percent(600, 300)], [0, 100, 33, 200]);
    }

    #[test]
    fn the_history_is_bounded_and_forgets_mods_that_are_gone() {
        let mut world = World::new();
        let (ant, bee) = (world.spawn_empty().id(), world.spawn_empty().id());
        let mut history = FuelHistory::default();
        for tick in 0..3 * PANEL_FUEL_SAMPLES_MAX as u64 {
            history.record([(ant, tick), (bee, 1)]);
        }
        let samples: Vec<u64> = history.samples(ant).collect();
        assert_eq!(samples.len(), PANEL_FUEL_SAMPLES_MAX);
        assert_eq!(samples.last(), Some(&(3 * PANEL_FUEL_SAMPLES_MAX as u64 - 1)));
        assert!(samples.is_sorted());
        history.record([(ant, 1)]);
        assert_eq!((history.samples(bee).len(), history.by_mod.len()), (0, 1));
    }

    #[test]
    fn bars_are_between_0_and_1_for_all_numbers() {
        let entity = World::new().spawn_empty().id();
        for grant in [0, 1, 100, u64::MAX] {
            let mut history = FuelHistory::default();
            assert_eq!(history.bars(entity, grant, 3).0, [0.0; 3]);
            for used in [0, 50, u64::MAX, 200] {
                history.record([(entity, used)]);
                for count in [0, 1, 2, 9] {
                    let (bars, top) = history.bars(entity, grant, count);
                    assert_eq!(bars.len(), count);
                    assert!(top >= grant && bars.iter().all(|bar| (0.0..=1.0).contains(bar)), "{bars:?}");
                }
            }
        }
        let mut history = FuelHistory::default();
        [25, 50, 100].into_iter().for_each(|used| history.record([(entity, used)]));
        assert_eq!(history.bars(entity, 200, 4), (vec![0.0, 0.125, 0.25, 0.5], 200));
        assert_eq!(history.bars(entity, 50, 2), (vec![0.5, 1.0], 100));
    }
}

//! The consequences of a mod's faults: rests of growing length, then quarantine.
//!
//! They are counted in ticks of the simulation, so that all peers of a game agree: in the ticks that the time has gained
//! (`exposed/time.rs`), which never go back. Pure: ticks in, consequence out.

use crate::limits::{FAULT_WINDOW_TICKS, FAULTS_MAX, REST_TICKS_MAX};
use std::collections::VecDeque;

/// What follows from a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// The mod runs again when the simulation's time has gained this many ticks.
    RestUntil(u64),
    /// The mod does not run until it is reloaded.
    Quarantine,
}

/// The faults of one generation of a mod.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultRecord {
    /// Ticks of the last faults, oldest first; at most `FAULTS_MAX`.
    recent: VecDeque<u64>,
    in_a_row: u32,
}

impl FaultRecord {
    /// Records a fault, and returns its consequence.
    pub fn fault(&mut self, tick: u64) -> Consequence {
        self.recent.push_back(tick);
        self.recent.retain(|&then| tick.saturating_sub(then) < FAULT_WINDOW_TICKS);
        if self.recent.len() >= FAULTS_MAX {
            return Consequence::Quarantine;
        }
        let rest = 1u64.checked_shl(self.in_a_row).unwrap_or(REST_TICKS_MAX).min(REST_TICKS_MAX);
        self.in_a_row += 1;
        Consequence::RestUntil(tick.saturating_add(rest))
    }

    /// A tick was finished without a fault: the next rest is short again.
    pub fn finished_tick(&mut self) {
        self.in_a_row = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_64_ticks() {
        let mut record = FaultRecord::default();
        let rests: Vec<_> = (0..9)
            .map(|number| {
                let tick = number * 1_000;
                match record.fault(tick) {
                    Consequence::RestUntil(until) => until - tick,
                    Consequence::Quarantine => panic!("faults so far apart are no reason"),
                }
            })
            .collect();
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
    }

    #[test]
    fn a_finished_tick_makes_the_next_rest_short() {
        let mut record = FaultRecord::default();
        record.fault(0);
        record.fault(10);
        record.finished_tick();
        assert_eq!(record.fault(20), Consequence::RestUntil(21));
    }

    #[test]
    fn the_sixth_fault_in_600_ticks_is_one_too_many() {
        let mut record = FaultRecord::default();
        for tick in [0, 100, 200, 300, 400] {
            assert!(matches!(record.fault(tick), Consequence::RestUntil(_)));
            record.finished_tick();
        }
        assert_eq!(record.clone().fault(600), Consequence::RestUntil(601), "the first is 600 ticks ago");
        assert_eq!(record.fault(599), Consequence::Quarantine);
    }
}

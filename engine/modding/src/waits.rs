//! How often a game is told that a mod needs more than its budget.
//!
//! A mod that always does waits every few frames. Told each time, nobody would find anything else.

/// After so many frames it is told again.
const TOLD_AGAIN_FRAMES: u64 = 600;

/// What was told of a mod's waits, and what was not.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    /// The frame.
    told_in: Option<u64>,
    untold: u32,
}

impl Waits {
    /// A wait begins. `None` if it is not to be told; else how many were not since it was told last.
    pub fn begin(&mut self, frame: u64) -> Option<u32> {
        if self.told_in.is_some_and(|then| frame < then.saturating_add(TOLD_AGAIN_FRAMES)) {
            self.untold = self.untold.saturating_add(1);
            return None;
        }
        self.told_in = Some(frame);
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_then_how_many_were_not() {
        for every in [1, 2, 7, 599, 600, 601] {
            let mut waits = Waits::default();
            let (mut told, mut counted) = (0, 0);
            for frame in (5..6_000).step_by(every) {
                if let Some(untold) = waits.begin(frame) {
                    (told, counted) = (told + 1, counted + untold + 1);
                }
            }
            assert_eq!(told, 5_995 / 600_usize.next_multiple_of(every) + 1, "every {every}");
            let all = (5..6_000).step_by(every).count();
            assert_eq!(counted + waits.untold, all as u32, "none is forgotten");
        }
    }
}

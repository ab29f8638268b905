//! How often the game is told that a mod needs more than its budget.
//!
//! A mod that always does is suspended every few frames. If each time were reported, other reports would be lost among them.

use crate::limits::OVERRUN_REPORT_FRAMES;

/// Which overruns of a mod were reported, and which were suppressed.
#[derive(Debug, Default)]
pub(crate) struct OverrunReports {
    /// The frame of the last report.
    reported_in: Option<u64>,
    suppressed: u32,
}

impl OverrunReports {
    /// An overrun begins. `None` if it is not to be reported; otherwise the number of those that were suppressed since the
    /// last report.
    pub fn begin(&mut self, frame: u64) -> Option<u32> {
        if self.reported_in.is_some_and(|then| frame < then.saturating_add(OVERRUN_REPORT_FRAMES)) {
            self.suppressed = self.suppressed.saturating_add(1);
            return None;
        }
        self.reported_in = Some(frame);
        Some(std::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_then_how_many_were_not() {
        for every in [1, 2, 7, 599, 600, 601] {
            let mut reports = OverrunReports::default();
            let (mut told, mut counted) = (0, 0);
            for frame in (5..6_000).step_by(every) {
                if let Some(suppressed) = reports.begin(frame) {
                    (told, counted) = (told + 1, counted + suppressed + 1);
                }
            }
            assert_eq!(told, 5_995 / 600_usize.next_multiple_of(every) + 1, "every {every}");
            let all = (5..6_000).step_by(every).count();
            assert_eq!(counted + reports.suppressed, all as u32, "none is forgotten");
        }
    }
}

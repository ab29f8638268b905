//! Statistics of frame times. Pure: the shells measure.

use std::collections::VecDeque;
use std::time::Duration;

/// How long the last frames took. The first frame, which loads the mods, is kept apart.
#[derive(Clone, Debug)]
pub struct FrameTimes {
    first: Option<Duration>,
    times: VecDeque<Duration>,
    keep: usize,
}

impl FrameTimes {
    /// Statistics of the last `keep` frames after the first.
    pub fn of_last(keep: usize) -> Self {
        Self { first: None, times: VecDeque::new(), keep }
    }

    /// Records a frame.
    pub fn record(&mut self, time: Duration) {
        if self.first.is_none() {
            self.first = Some(time);
            return;
        }
        if self.times.len() == self.keep {
            self.times.pop_front();
        }
        self.times.push_back(time);
    }

    /// The time of the first frame.
    pub fn first(&self) -> Duration {
        self.first.unwrap_or_default()
    }

    /// The number of recorded frames. The first is left out here and in all of the following.
    pub fn count(&self) -> usize {
        self.times.len()
    }

    /// The sum of their times.
    pub fn total(&self) -> Duration {
        self.times.iter().sum()
    }

    /// The time of the last frame; zero if there is none.
    pub fn last(&self) -> Duration {
        self.times.back().copied().unwrap_or_default()
    }

    /// The average; zero if there is no frame.
    pub fn mean(&self) -> Duration {
        self.total().checked_div(self.times.len() as u32).unwrap_or_default()
    }

    /// The time that 99 of 100 frames took at most; zero if there is no frame.
    pub fn p99(&self) -> Duration {
        let mut sorted: Vec<Duration> = self.times.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * 99).div_ceil(100).saturating_sub(1);
        sorted.get(rank).copied().unwrap_or_default()
    }

    /// The longest; zero if there is no frame.
    pub fn max(&self) -> Duration {
        self.times.iter().max().copied().unwrap_or_default()
    }
}

/// A time in milliseconds.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn statistics_are_those_of_the_last_frames() {
        let mut times = FrameTimes::of_last(200);
        times.record(7 * MS);
        (0..50).for_each(|_| times.record(1000 * MS));
        (1..=200).for_each(|ms| times.record(ms * MS));
        assert_eq!((times.count(), times.first()), (200, 7 * MS));
        assert_eq!((times.last(), times.max(), times.p99()), (200 * MS, 200 * MS, 198 * MS));
        assert_eq!(times.mean(), Duration::from_micros(100_500));
    }

    #[test]
    fn without_frames_all_statistics_are_zero() {
        let times = FrameTimes::of_last(10);
        assert_eq!((times.last(), times.max(), times.p99(), times.mean()), Default::default());
    }
}

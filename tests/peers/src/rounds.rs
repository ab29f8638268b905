//! Measures several things in turn, so that other load on the machine affects all of them equally.

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};

/// An operation that takes time.
pub type Work = Box<dyn FnMut() -> Result<()>>;

/// Seconds: one row for each round, one column for each operation.
pub type Times<const N: usize> = Vec<[f64; N]>;

/// Runs each operation once in each round, after a round that is not counted; the starting operation rotates.
pub fn interleaved<const N: usize>(
    rounds: usize,
    mut work: impl FnMut(usize) -> Result<()>,
) -> Result<Times<N>> {
    let mut times = Vec::new();
    for round in 0..=rounds {
        let mut row = [0.0; N];
        for turn in 0..N {
            let which = (round + turn) % N;
            row[which] = seconds(|| work(which))?;
        }
        times.push(row);
    }
    times.remove(0);
    Ok(times)
}

/// The duration of an operation. It is this thread's CPU time, which excludes other threads; the operations measured
/// here start no threads and wait for nothing.
pub fn seconds(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let now = || clock_gettime(ClockId::ThreadCPUTime);
    let start = now();
    work()?;
    let end = now();
    Ok((end.tv_sec - start.tv_sec) as f64 + (end.tv_nsec - start.tv_nsec) as f64 * 1e-9)
}

/// The median of a column.
pub fn median_of<const N: usize>(times: &Times<N>, column: usize) -> f64 {
    median(times.iter().map(|row| row[column]).collect())
}

/// The median of the ratios in each round: the machine's speed varies, also from round to round.
pub fn ratio<const N: usize>(times: &Times<N>, of: usize, to: usize) -> f64 {
    median(times.iter().map(|row| row[of] / row[to]).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// The geometric mean.
pub fn mean(ratios: impl Iterator<Item = f64>) -> f64 {
    let logarithms: Vec<f64> = ratios.map(f64::ln).collect();
    (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp()
}

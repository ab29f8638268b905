//! How much is charged ahead at each point of a function, decided on its blocks.
//!
//! At the start of a block this is what is certain to be consumed from there on until somebody may look at the
//! counter, or until a loop that is repeated by a branch: the least over all ways. So whoever leaves by the
//! cheapest way pays nothing on it, the others pay the difference, and nobody pays for what does not run.
//!
//! ```text
//!      ┌ cost 3 ┐ ahead 3 + 4 = 7, charged here                  loop, repeated by a jump:
//!      └┬──────┬┘ ahead 4 when it is left                        ┌ cost 2 ┐ <- charged before the loop, and
//!  pays │ 6    │ pays nothing                                    └┬──────┬┘    by the body for the next time
//!   ┌ cost 6 ┐ │                                                  │      ▼ out
//!   └┬───────┘ │                                                ┌ cost 9 ┐ charges 9 + 2
//!    └──> ┌ cost 4 ┐ ahead 4                                    └────────┘
//!         └────────┘ returns: ahead 0
//! ```
//!
//! Only ways that end in `unreachable` do not count: they are not expected to be taken, so what was charged ahead
//! for the others is given back on them.

use super::LONGEST_SEGMENT;
use super::graph::{Back, Block, Exit};

/// What is charged ahead around a block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ahead {
    /// When it is entered by one of several edges.
    pub entered: u32,
    /// At its start, after what is charged there.
    pub start: u32,
    /// When it is left.
    pub left: u32,
}

/// Decides for each block.
pub fn decide(blocks: &[Block]) -> Vec<Ahead> {
    let doomed = doomed(blocks);
    // Loops count as ends at first, which tells what is certain in one round.
    let first = solve(blocks, &doomed, &|_| 0);
    let by_jumps = |block: usize| match blocks[block].header {
        Some(Back::Jump) if first[block].start <= LONGEST_SEGMENT => first[block].start,
        _ => 0,
    };
    let second = solve(blocks, &doomed, &by_jumps);
    // Where a way got so long that it was cut elsewhere, less may be certain than before.
    let covered = second.iter().all(|ahead| ahead.entered <= ahead.start);
    if covered { second } else { first }
}

/// Which blocks can only lead to `unreachable`.
fn doomed(blocks: &[Block]) -> Vec<bool> {
    let mut doomed = vec![false; blocks.len()];
    for (at, block) in blocks.iter().enumerate().rev() {
        let mut edges = block.edges.iter().map(|edge| edge.to as usize);
        doomed[at] = match block.exit {
            Exit::Trap => true,
            _ => !block.edges.is_empty() && edges.all(|to| to > at && doomed[to]),
        };
    }
    doomed
}

/// All edges but those back in a loop lead to later blocks, so one pass from the end is enough once it is decided
/// how loops are entered.
fn solve(blocks: &[Block], doomed: &[bool], header: &dyn Fn(usize) -> u32) -> Vec<Ahead> {
    let mut all = vec![Ahead::default(); blocks.len()];
    for (at, block) in blocks.iter().enumerate().rev() {
        let entered = |to: usize| if to <= at { header(to) } else { all[to].entered };
        let ways = || block.edges.iter().map(|edge| edge.to as usize);
        let left = match block.exit {
            Exit::Edges => {
                let expected = ways().filter(|to| !doomed[*to]).map(entered).min();
                expected.or_else(|| ways().map(entered).min()).unwrap_or(0)
            }
            Exit::Watched | Exit::Trap => 0,
        };
        let start = block.cost + left;
        let entered = match block.header {
            Some(_) => header(at),
            None if start > LONGEST_SEGMENT => 0,
            None => start,
        };
        all[at] = Ahead { entered, start, left };
    }
    all
}

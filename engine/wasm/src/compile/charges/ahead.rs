//! How much is charged ahead at each point of a function, decided on its blocks.
//!
//! At the start of a block this is what is certain to be consumed from there on until the host may look at the counter,
//! or until a loop that is repeated by a branch: the least over all paths. So the cheapest path pays nothing more, the
//! others pay the difference, and no path pays for what does not run.
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
//! Paths that end in `unreachable` do not count: they are not expected to be taken, so what was charged ahead for the
//! other paths is given back on them.

use super::graph::{Back, Block, EdgeKind, Exit};
use crate::base::limits::fuel::LONGEST_BLOCK;

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
    // Loops count as ends at first, which says what is certain in one round.
    let is_header = |block: &Block| block.header.is_some();
    let no_loops: Vec<u32> =
        blocks.iter().map(|block| if is_header(block) { 0 } else { LONGEST_BLOCK }).collect();
    let first = solve(blocks, &doomed, &no_loops);
    let mut most = no_loops;
    for (most, (block, ahead)) in most.iter_mut().zip(blocks.iter().zip(&first)) {
        if block.header == Some(Back::Jump) && ahead.start <= LONGEST_BLOCK {
            *most = ahead.start;
        }
    }
    let second = solve(blocks, &doomed, &most);
    // A charge on a branch needs a block of its own, so a block that several branches lead to pays for itself.
    for (block, ahead) in blocks.iter().zip(&second) {
        for edge in block.edges.iter().filter(|edge| edge.kind != EdgeKind::Next) {
            let to = edge.to as usize;
            if !blocks[to].has_one_entry() && !doomed[to] {
                most[to] = most[to].min(ahead.left);
            }
        }
    }
    let third = solve(blocks, &doomed, &most);
    // Where a path became so long that it was cut elsewhere, less may be certain than before. That would be exact as
    // well, but a run might need more than it consumes.
    let covered = third.iter().all(|ahead| ahead.entered <= ahead.start);
    if covered { third } else { first }
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

/// Charges as much ahead as is certain, but no more than `most` where a block is entered. All edges except those back to
/// the header of a loop lead to later blocks, so one pass from the end is enough.
fn solve(blocks: &[Block], doomed: &[bool], most: &[u32]) -> Vec<Ahead> {
    let mut all = vec![Ahead::default(); blocks.len()];
    for (at, block) in blocks.iter().enumerate().rev() {
        let entered = |to: usize| if to <= at { most[to] } else { all[to].entered };
        let targets = || block.edges.iter().map(|edge| edge.to as usize);
        let left = match block.exit {
            Exit::Edges => {
                let expected = targets().filter(|to| !doomed[*to]).map(entered).min();
                expected.or_else(|| targets().map(entered).min()).unwrap_or(0)
            }
            Exit::Watched | Exit::Trap => 0,
        };
        let start = block.cost + left;
        let entered = match block.header {
            Some(_) => most[at],
            None if start > LONGEST_BLOCK => 0,
            None => start.min(most[at]),
        };
        all[at] = Ahead { entered, start, left };
    }
    all
}

//! Finds paths over a map of hills for many animals: A* with a binary heap and a tree map, as games do it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use programs::Numbers;

programs::program!(work);

const SIDE: u32 = 96;

fn work(seed: u32) -> u64 {
    let mut numbers = Numbers::new(seed);
    let costs: Vec<u32> = (0..SIDE * SIDE).map(|_| [1, 1, 1, 2, 5, 100][numbers.below(6) as usize]).collect();
    let mut lengths = BTreeMap::new();
    for _ in 0..6 {
        let (from, to) = (numbers.below(SIDE * SIDE), numbers.below(SIDE * SIDE));
        lengths.insert((from, to), cost_of_way(&costs, from, to));
    }
    lengths.iter().fold(0, |sum, ((from, _), cost)| sum * 17 + u64::from(*from) + u64::from(*cost))
}

fn cost_of_way(costs: &[u32], from: u32, to: u32) -> u32 {
    let apart = |a: u32, b: u32| (a % SIDE).abs_diff(b % SIDE) + (a / SIDE).abs_diff(b / SIDE);
    let mut best = vec![u32::MAX; costs.len()];
    let mut open = BinaryHeap::from([Reverse((apart(from, to), 0, from))]);
    best[from as usize] = 0;
    while let Some(Reverse((_, cost, place))) = open.pop() {
        if place == to {
            return cost;
        }
        if cost > best[place as usize] {
            continue;
        }
        for next in neighbours(place) {
            let cost = cost + costs[next as usize];
            if cost < best[next as usize] {
                best[next as usize] = cost;
                open.push(Reverse((cost + apart(next, to), cost, next)));
            }
        }
    }
    u32::MAX
}

fn neighbours(place: u32) -> impl Iterator<Item = u32> {
    let (x, y) = (place % SIDE, place / SIDE);
    let west = (x > 0).then(|| place - 1);
    let east = (x + 1 < SIDE).then_some(place + 1);
    let north = (y > 0).then(|| place - SIDE);
    let south = (y + 1 < SIDE).then_some(place + SIDE);
    [west, east, north, south].into_iter().flatten()
}

//! A program like those in mods: `built` compiles it to wasm32 and natively, and both must compute the same.

use std::collections::BTreeMap;

fn next(state: &mut u32) -> u32 {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    *state
}

/// Allocates, sorts, and hashes the results.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn sort(seed: u32, len: u32) -> u64 {
    let mut state = seed | 1;
    let mut numbers: Vec<u32> = (0..len % 5_000).map(|_| next(&mut state)).collect();
    numbers.sort_unstable();
    numbers.iter().fold(0, |hash, number| hash.wrapping_mul(31).wrapping_add(u64::from(*number)))
}

/// Moves particles, with the arithmetic that is typical of games.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn swarm(seed: u32, steps: u32) -> f64 {
    let mut state = seed | 1;
    let mut coordinate = || next(&mut state) as f32 / u32::MAX as f32;
    let mut birds: Vec<([f32; 2], [f32; 2])> =
        (0..50).map(|_| ([coordinate(), coordinate()], [coordinate() - 0.5, coordinate() - 0.5])).collect();
    for _ in 0..steps % 100 {
        for (place, speed) in &mut birds {
            for axis in 0..2 {
                place[axis] += speed[axis] * 0.016;
                if !(0.0..=1.0).contains(&place[axis]) {
                    speed[axis] = -speed[axis];
                }
            }
            let length = (speed[0] * speed[0] + speed[1] * speed[1]).sqrt().max(1e-3);
            *speed = speed.map(|axis| axis / length.ceil());
        }
    }
    birds.iter().map(|(place, speed)| f64::from(place[0] * speed[1])).sum()
}

/// Counts words in a tree; text, allocation and calls through tables.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn words(seed: u32, count: u32) -> u64 {
    let mut state = seed | 1;
    let endings: [fn(u32) -> char; 3] =
        [|n| (b'a' + (n % 26) as u8) as char, |_| 'e', |n| if n > 9 { 'x' } else { 'y' }];
    let mut tree: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..count % 500 {
        let number = next(&mut state);
        let mut word = (number % 97).to_string();
        word.push(endings[(number % 3) as usize](number));
        *tree.entry(word).or_default() += 1;
    }
    tree.iter().fold(0, |hash, (word, count)| {
        word.bytes().fold(hash * 7 + u64::from(*count), |hash, byte| hash.wrapping_mul(31) + u64::from(byte))
            >> 3
    })
}

/// Panics if the index is beyond the end.
#[cfg_attr(target_arch = "wasm32", no_mangle)]
pub extern "C" fn pick(index: u32, len: u32) -> u32 {
    let numbers: Vec<u32> = (0..len % 100).map(|n| n * n).collect();
    numbers[index as usize]
}

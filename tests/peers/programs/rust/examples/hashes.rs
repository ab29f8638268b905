//! Counts words and keeps numbers in hash maps: the standard library's, with its default hash and with a fast one.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

use programs::{Numbers, text};

programs::program!(work);

/// A hash that compilers use for small keys.
#[derive(Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0xf135_7aea_2e62_a9c5);
    }
}

fn work(seed: u32) -> u64 {
    words(seed).wrapping_add(numbers(seed))
}

fn words(seed: u32) -> u64 {
    let text = text(3_000, seed % 4);
    let mut counts: HashMap<&str, u32, BuildHasherDefault<DefaultHasher>> = HashMap::default();
    for word in text.split([' ', '.', '\n']) {
        *counts.entry(word).or_default() += 1;
    }
    let mut counts: Vec<(&str, u32)> = counts.into_iter().collect();
    counts.sort_unstable_by_key(|&(word, count)| (u32::MAX - count, word));
    counts.iter().take(50).fold(0, |sum, (word, count)| sum * 3 + word.len() as u64 * u64::from(*count))
}

fn numbers(seed: u32) -> u64 {
    let mut numbers = Numbers::new(seed);
    let mut kept: HashSet<u32, BuildHasherDefault<Quick>> = HashSet::default();
    let mut found = 0;
    for _ in 0..20_000 {
        let number = numbers.below(8_000);
        match number % 3 {
            0 => found += u64::from(kept.remove(&(number / 2))),
            1 => found += u64::from(kept.contains(&number)),
            _ => drop(kept.insert(number / 2)),
        }
    }
    found + kept.len() as u64
}

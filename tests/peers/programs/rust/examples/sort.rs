//! Sorts numbers, floats, strings and records, stably and not: the standard library's sorts.

use programs::{Numbers, checksum, word};

programs::program!(work);

#[derive(Clone)]
struct Record {
    distance: f64,
    rank: u16,
    name: String,
}

fn work(seed: u32) -> u64 {
    let mut numbers = Numbers::new(seed);
    let mut plain: Vec<u32> = (0..12_000).map(|_| numbers.below(1 << 24)).collect();
    plain.sort_unstable();
    let record = |_| Record {
        distance: numbers.fraction() * 100.0,
        rank: numbers.below(16) as u16,
        name: word(numbers.below(3_000)),
    };
    let mut records: Vec<Record> = (0..3_000).map(record).collect();
    records.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    records.sort_by_key(|record| record.rank);
    let nearest = records[7].distance.to_bits();
    records.sort_by(|a, b| a.name.cmp(&b.name));
    let found = (0..4_000).filter(|number| plain.binary_search(&(number * 1_111)).is_ok()).count();
    plain.iter().step_by(97).fold(nearest, |sum, number| sum.wrapping_mul(31) ^ u64::from(*number))
        ^ checksum(&records[1_000].name)
        ^ found as u64
}

//! Splits, joins, formats and parses strings.

use std::fmt::Write;
use std::sync::LazyLock;

use programs::{Numbers, checksum, text};

programs::program!(work);

static TEXT: LazyLock<String> = LazyLock::new(|| text(2_500, 4));

fn work(seed: u32) -> u64 {
    let mut lines: Vec<String> =
        TEXT.lines().map(|line| line.trim_end_matches('.').replace("ss", "ß")).collect();
    lines.dedup();
    let capitals: Vec<String> = lines.iter().map(|line| capitals(line)).collect();
    let found = capitals.iter().filter(|line| line.contains("Meadow") || line.ends_with("Wind")).count();
    checksum(capitals.join("; ")) ^ numbers(seed) ^ found as u64
}

fn capitals(line: &str) -> String {
    let mut capitals = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        let mut chars = word.chars();
        capitals.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        capitals.push_str(chars.as_str());
        capitals.push(' ');
    }
    capitals
}

fn numbers(seed: u32) -> u64 {
    let mut numbers = Numbers::new(seed);
    let mut table = String::new();
    for row in 0..300 {
        let value = numbers.fraction() * 1e4;
        writeln!(table, "{row:>5}|{value:.3}|{:#x}|{value}", numbers.below(1 << 20)).unwrap();
    }
    let cells = table.split(['|', '\n']).map(str::trim);
    let sum: f64 = cells.filter_map(|cell| cell.parse::<f64>().ok()).sum();
    sum.to_bits()
}

//! Reads a document into typed records, changes them, writes them again: serde_json.

use programs::{Numbers, checksum, word};
use serde::{Deserialize, Serialize};

programs::program!(work);

#[derive(Serialize, Deserialize)]
struct Animal {
    name: String,
    kind: Kind,
    position: [f64; 3],
    health: u32,
    parents: Vec<u64>,
    home: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Wolf,
    Sheep { wool: f32 },
}

fn work(seed: u32) -> u64 {
    let document = serde_json::to_string(&herd(seed)).unwrap();
    let mut animals: Vec<Animal> = serde_json::from_str(&document).unwrap();
    animals.retain(|animal| animal.health > 10);
    let untyped: serde_json::Value = serde_json::from_str(&document).unwrap();
    let names = untyped.as_array().unwrap().iter().filter_map(|animal| animal["home"].as_str());
    let written = serde_json::to_string_pretty(&animals).unwrap();
    checksum(written) ^ names.map(checksum).fold(0_u64, u64::wrapping_add)
}

fn herd(seed: u32) -> Vec<Animal> {
    let mut numbers = Numbers::new(seed);
    let mut animal = |at: u32| Animal {
        name: format!("{} \"{}\"\n", word(at), word(at * 7)),
        kind: if at.is_multiple_of(5) { Kind::Wolf } else { Kind::Sheep { wool: at as f32 / 7.0 } },
        position: [numbers.fraction() * 1e3, numbers.fraction(), -numbers.fraction() * 1e-3],
        health: numbers.below(100),
        parents: (0..at % 4).map(|_| u64::from(numbers.below(1 << 30)) << 20).collect(),
        home: at.is_multiple_of(3).then(|| word(at * 31)),
    };
    (0..200).map(&mut animal).collect()
}

//! Iterates over a text in many scripts by code points, grapheme clusters, and words: unicode-segmentation.

use std::sync::LazyLock;

use programs::{checksum, text};
use unicode_segmentation::UnicodeSegmentation;

programs::program!(work);

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let foreign = ["Ωμέγα ", "森の狼。", "👩‍🌾🐑 ", "e\u{301}te\u{301} ", "не́бо ", "한국어 "];
    let mut words = String::new();
    for (at, line) in text(1_500, 8).lines().enumerate() {
        words += line;
        words += foreign[at % foreign.len()];
    }
    words
});

fn work(number: u32) -> u64 {
    let text = &TEXT[..];
    let letters = text.graphemes(true).filter(|letter| letter.len() > 2).count();
    let longest = text.unicode_words().max_by_key(|word| (word.chars().count(), *word)).unwrap();
    let upper = text.to_uppercase();
    let reversed: String = text.chars().rev().filter(|c| c.is_alphabetic()).collect();
    let valid = std::str::from_utf8(upper.as_bytes()).is_ok();
    checksum(reversed) ^ checksum(longest) ^ letters as u64 ^ u64::from(valid) ^ u64::from(number)
}

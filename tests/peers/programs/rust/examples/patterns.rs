//! Finds and replaces with regular expressions: the crate regex.

use std::sync::LazyLock;

use programs::{checksum, text};
use regex::{Regex, RegexSet};

programs::program!(work);

static TEXT: LazyLock<String> = LazyLock::new(|| text(4_000, 3));
static WORDS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)\b(\w*?)(dow|kro)(\w+)\b").unwrap());
static SENTENCES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^(?<first>[^ ]+) .*ü.* (\S+)\.$").unwrap());
static SETS: LazyLock<RegexSet> =
    LazyLock::new(|| RegexSet::new(["^wo", "ling.?$", "(ss|ne){2}", "w.nd", "[aeiou]{2}"]).unwrap());

fn work(number: u32) -> u64 {
    let text = &TEXT[..];
    let replaced = WORDS.replace_all(text, "$3-$1");
    let firsts: u64 = SENTENCES.captures_iter(text).map(|found| checksum(&found["first"])).sum();
    let sets: usize = text.split(' ').map(|word| SETS.matches(word).iter().sum::<usize>()).sum();
    checksum(&*replaced).wrapping_add(firsts).wrapping_add(sets as u64 + u64::from(number))
}

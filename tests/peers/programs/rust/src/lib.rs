//! What the programs in Rust share: the function that each exports, and input made from a seed. Knows nothing of who
//! runs them.

#![deny(unsafe_code)]

/// Exports `run(n: i32) -> i64`: works `n` times, with the numbers from 0 up, and mixes the results into a checksum.
///
/// It is the only place that needs a name without mangling.
#[macro_export]
macro_rules! program {
    ($work:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn run(n: i32) -> i64 {
            (0..n as u32).fold(0_u64, |sum, number| sum.wrapping_mul(31).wrapping_add($work(number))) as i64
        }
    };
}

/// Pseudo-random numbers: Marsaglia's xorshift.
pub struct Numbers(u64);

impl Numbers {
    /// The numbers of a seed.
    pub fn new(seed: u32) -> Numbers {
        Numbers(0x9e37_79b9_7f4a_7c15 ^ (u64::from(seed) << 17))
    }

    /// The next one, below a bound.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) % u64::from(bound)) as u32
    }

    /// The next one, at least 0 and less than 1.
    pub fn fraction(&mut self) -> f64 {
        f64::from(self.below(1 << 30)) / f64::from(1 << 30)
    }
}

/// Words of some length that make up sentences; common words are frequent, as in real texts.
pub fn text(words: u32, seed: u32) -> String {
    let mut numbers = Numbers::new(seed);
    let mut text = String::new();
    for at in 0..words {
        let rank = numbers.below(40) * numbers.below(40);
        text.push_str(&word(rank));
        text.push_str(if at % 13 == 12 { ".\n" } else { " " });
    }
    text
}

/// The word of a rank: common ones are short.
pub fn word(rank: u32) -> String {
    const SYLLABLES: [&str; 12] =
        ["wo", "ling", "mea", "dow", "gra", "ss", "hür", "de", "kro", "ne", "wind", "a"];
    let mut word = String::new();
    let mut rest = rank + 1;
    while rest > 0 {
        word.push_str(SYLLABLES[(rest % 12) as usize]);
        rest /= 12;
    }
    word
}

/// A checksum of bytes: FNV-1a.
pub fn checksum(bytes: impl AsRef<[u8]>) -> u64 {
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    bytes.as_ref().iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

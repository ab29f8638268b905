//! Bodies of valid functions from a seed, with control of every shape.

/// The same numbers from the same seed (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// The body of a function that takes an integer and returns nothing, in a module with a memory and a function `0`.
pub fn body(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..4 {
        statements(random, 0, &mut text);
    }
    text
}

/// Some statements inside `depth` blocks.
fn statements(random: &mut Random, depth: u64, text: &mut String) {
    for _ in 0..random.below(5) {
        let target = random.below(depth + 1);
        let inner = if depth < 6 { random.below(17) } else { random.below(11) };
        match inner {
            0 | 1 => *text += &"i32.const 1 drop ".repeat(random.below(6) as usize),
            2 => *text += &"i32.const 1 drop ".repeat(random.below(130) as usize),
            3 => *text += "nop ",
            4 => {
                *text += [
                    "call 0 ",
                    "local.get 0 i32.const 5 i32.const 9 memory.fill ",
                    "local.get 0 i32.load local.set 0 ",
                    "local.get 0 i32.const 7 i32.mul local.set 0 ",
                ][random.below(4) as usize]
            }
            5..=7 => *text += &format!("local.get 0 br_if {target} "),
            8 => *text += &format!("br {target} "),
            9 => *text += ["return ", "unreachable ", "unreachable "][random.below(3) as usize],
            10 => {
                let others: Vec<String> =
                    (0..random.below(4)).map(|_| random.below(depth + 1).to_string()).collect();
                *text += &format!("local.get 0 br_table {} {target} ", others.join(" "));
            }
            11 | 12 => within("block", random, depth, text),
            13 | 14 => within("loop", random, depth, text),
            _ => {
                *text += "local.get 0 if ";
                statements(random, depth + 1, text);
                if random.below(2) == 0 {
                    *text += "else ";
                    statements(random, depth + 1, text);
                }
                *text += "end ";
            }
        }
    }
}

fn within(construct: &str, random: &mut Random, depth: u64, text: &mut String) {
    *text += construct;
    *text += " ";
    statements(random, depth + 1, text);
    *text += "end ";
}

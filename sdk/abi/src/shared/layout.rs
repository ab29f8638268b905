//! Whether two layout texts mean the same.
//!
//! The grammar stands in `shape.rs`. Mods in other languages spell it as they like: spaces, a comma after the last field
//! and the names of types make no difference.

/// Whether both layouts mean the same: the same fields of the same types in the same order.
///
/// ```
/// use tinkerbox_abi::is_same_layout;
/// assert!(is_same_layout("{ at: Vec2 { x: f32 } }", "{at:{x:f32,},}"));
/// assert!(!is_same_layout("{ at: { x: f32 } }", "{ at: { y: f32 } }"));
/// ```
pub fn is_same_layout(one: &str, other: &str) -> bool {
    one == other || meaning(one).eq(meaning(other))
}

/// The words that make a difference.
fn meaning(layout: &str) -> impl Iterator<Item = &str> {
    let mut words = words(layout).peekable();
    let mut last = "";
    core::iter::from_fn(move || {
        loop {
            let word = words.next()?;
            let next = words.peek().copied().unwrap_or_default();
            // `Name enum u8 {` and `Name {`, but not the `u8` before a brace.
            let is_type_name = is_name(word) && (next == "enum" || (next == "{" && last != "enum"));
            let is_last_comma = word == "," && next == "}";
            if !is_type_name && !is_last_comma {
                last = word;
                return Some(word);
            }
        }
    })
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, numbers with their signs, and single characters.
fn words(layout: &str) -> impl Iterator<Item = &str> {
    let mut rest = layout;
    core::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let is_inside = |c: char| c.is_alphanumeric() || c == '_';
        let len = match is_inside(first) || first == '-' {
            true => rest[first.len_utf8()..]
                .find(|c| !is_inside(c))
                .map_or(rest.len(), |at| at + first.len_utf8()),
            false => first.len_utf8(),
        };
        let (word, after) = rest.split_at(len);
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: &str = "{ mood: Mood enum i8 { Calm = -1, Angry = 1 }, pad: [u8; 3], at: Vec2 { x: f32, y: f32 }, \
                          leader: entity?, name: text[32], points: [Vec2 { x: f32, y: f32 }; 2] }";

    #[test]
    fn spelling_makes_no_difference() {
        for same in [
            LAYOUT.replace(' ', "").replace("Moodenumi8", "enum i8"),
            LAYOUT.replace(' ', "\n  ").replace(" }", ", }"),
            LAYOUT.replace("Mood ", "").replace("Vec2 ", "Point "),
        ] {
            assert!(is_same_layout(LAYOUT, &same), "{same}");
        }
    }

    #[test]
    fn every_other_word_makes_one() {
        let all: alloc::vec::Vec<&str> = words(LAYOUT).collect();
        for at in 0..all.len() {
            let mut changed = all.clone();
            changed[at] = if all[at] == "i8" { "u8" } else { "zz" };
            let changed = changed.join(" ");
            let is_type_name = ["Mood", "Vec2"].contains(&all[at]);
            assert_eq!(is_same_layout(LAYOUT, &changed), is_type_name, "{changed}");
            let mut shorter = all.clone();
            shorter.remove(at);
            assert_eq!(is_same_layout(LAYOUT, &shorter.join(" ")), is_type_name, "without {}", all[at]);
        }
    }

    #[test]
    fn any_text_can_be_compared() {
        for end in 0..LAYOUT.len() {
            assert!(!is_same_layout(LAYOUT, &LAYOUT[..end]), "{end}");
        }
        for odd in ["", "-", "é-", "enum", "{", "},", "\u{0}"] {
            assert!(!is_same_layout(LAYOUT, odd) && is_same_layout(odd, odd));
        }
    }
}

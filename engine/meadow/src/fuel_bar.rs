//! Fuel in the cells of a terminal: bars, graphs, and numbers that are easy to read.

/// Partly filled cells, in eighths.
const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Partly filled cells, from below.
const COLUMNS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar for `used` of `grant`, at most `width` characters long, without trailing blanks.
///
/// A mod that has saved fuel may use more than its grant: the bar is full then. Any use shows as an eighth of a cell at
/// least.
pub fn bar(used: u64, grant: u64, width: u16) -> String {
    if used == 0 {
        return String::new();
    }
    let full = u128::from(width) * 8;
    let share = (u128::from(used) * full).checked_div(u128::from(grant)).unwrap_or(full);
    let eighths = share.clamp(1.min(full), full) as usize;
    "█".repeat(eighths / 8) + PARTS[eighths % 8]
}

/// A graph of these heights from 0 to 1, a character for each. Any height above 0 is visible.
pub fn graph(bars: &[f32]) -> String {
    // Casting a float saturates, and NaN gives 0.
    let column = |bar: &f32| COLUMNS[((bar * 8.0).ceil() as usize).min(8)];
    bars.iter().map(column).collect()
}

/// A number with its thousands separated: `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_by_eighths() {
        let bars: Vec<String> = (0..=10).map(|used| bar(used, 10, 2)).collect();
        assert_eq!(bars, ["", "▏", "▍", "▌", "▊", "█", "█▏", "█▍", "█▌", "█▊", "██"]);
    }

    #[test]
    fn bars_handle_all_numbers() {
        assert_eq!(bar(1, 1_000_000, 4), "▏");
        assert_eq!(bar(30, 10, 3), "███");
        assert_eq!(bar(5, 0, 3), "███");
        assert_eq!(bar(u64::MAX, u64::MAX, 3), "███");
        assert_eq!(bar(u64::MAX, 1, 0), "");
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_graph_has_a_character_for_each_bar() {
        assert_eq!(graph(&[0.0, 0.001, 0.5, 0.99, 1.0, 7.0, f32::NAN]), " ▁▄███ ");
        assert_eq!(graph(&[]), "");
    }
}

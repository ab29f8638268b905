//! Fuel in little space: bars and short numbers.

/// Partly filled cells, in eighths.
const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

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

/// How much of the grant was used, in percent; 100 if nothing was granted and something used.
pub fn percent(used: u64, grant: u64) -> u64 {
    match (used, grant) {
        (0, _) => 0,
        (_, 0) => 100,
        _ => (u128::from(used) * 100 / u128::from(grant)).try_into().unwrap_or(u64::MAX),
    }
}

/// A number in at most five characters: `950`, `12.3k`, `300k`, `1.5M`.
pub fn short(units: u64) -> String {
    match units {
        0..1_000 => units.to_string(),
        1_000..100_000 => format!("{}.{}k", units / 1_000, units % 1_000 / 100),
        100_000..1_000_000 => format!("{}k", units / 1_000),
        1_000_000..100_000_000 => format!("{}.{}M", units / 1_000_000, units % 1_000_000 / 100_000),
        100_000_000..1_000_000_000 => format!("{}M", units / 1_000_000),
        _ => format!("{}G", units / 1_000_000_000),
    }
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
    fn numbers_are_short() {
        let numbers = [0, 999, 1_000, 12_345, 99_999, 300_000, 999_999, 1_500_000, 123_456_789, u64::MAX];
        let texts = numbers.map(short);
        assert_eq!(
            texts,
            ["0", "999", "1.0k", "12.3k", "99.9k", "300k", "999k", "1.5M", "123M", "18446744073G"]
        );
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn percentages_handle_all_numbers() {
        assert_eq!([percent(0, 0), percent(1, 0), percent(1, 3), percent(600, 300)], [0, 100, 33, 200]);
    }
}

//! Untrusted text on its way to a log or a terminal: ids, names of imports, messages of mods.
//!
//! None of it may be endless, and none may contain what a terminal interprets.

use crate::limits::{ITEMS_MAX, NAME_CHARS_MAX};
use std::fmt;
use std::path::Path;

/// The text without characters that a terminal interprets, or that make it look like another text. Line breaks stay.
pub(crate) fn harmless(text: &str) -> String {
    let is_harmful = |c: char| is_command(c) && c != '\n' && c != '\t';
    text.chars().map(|c| if is_harmful(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Bytes in the largest unit in which they are a whole number.
pub(crate) fn size(bytes: u64) -> String {
    for (unit, of_one) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes > 0 && bytes.is_multiple_of(of_one) {
            return format!("{} {unit}", bytes / of_one);
        }
    }
    format!("{bytes} bytes")
}

/// The same without line breaks. The second line of a name could pass for another message.
pub(crate) fn harmless_name(name: &str) -> String {
    name.chars().map(|c| if is_command(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The text as one line that is safe to print in a terminal.
///
/// Spaces, tabs and line breaks become single spaces. Every other character that a terminal interprets, that changes the
/// direction of what follows, or that is invisible becomes `U+FFFD`. The texts of [`ModReport`](crate::ModReport) and
/// [`ModStats`](crate::ModStats) are safe to print as they are, but may have several lines.
///
/// ```
/// assert_eq!(tinkerbox::harmless_line("two\r\n\tlines"), "two lines");
/// assert_eq!(tinkerbox::harmless_line("\u{1b}[2J, \u{202e}reversed"), "\u{fffd}[2J, \u{fffd}reversed");
/// ```
pub fn harmless_line(text: &str) -> String {
    text.split_whitespace().map(harmless_name).collect::<Vec<_>>().join(" ")
}

/// The line above the frames of a backtrace, as everywhere in the runtime.
pub(crate) const BACKTRACE_HEAD: &str = "error while executing at wasm backtrace:";

/// The text of a report as one short line: a backtrace is cut to its first frame. Safe to print, like [`harmless_line`].
///
/// ```
/// let text = "it panicked: no sheep\nerror while executing at wasm backtrace:\n  0: wolves::hunt at src/lib.rs:7:9\n  1: main";
/// assert_eq!(tinkerbox::short_line(text), "it panicked: no sheep, in wolves::hunt at src/lib.rs:7:9");
/// ```
pub fn short_line(text: &str) -> String {
    let Some((cause, frames)) = text.split_once(BACKTRACE_HEAD) else { return harmless_line(text) };
    let cause = harmless_line(cause);
    // A frame has a number in front; the other lines count what is left out.
    let mut frames = frames.lines().filter_map(|line| line.split_once(": "));
    let first = frames.find(|(number, _)| number.trim().parse::<u32>().is_ok());
    match first.map(|(_, frame)| harmless_line(frame)) {
        Some(frame) => format!("{cause}, in {frame}"),
        None => cause,
    }
}

/// A path, for a message.
pub(crate) fn shown(path: &Path) -> String {
    harmless_name(&path.to_string_lossy())
}

/// Whether this is a control character, or an invisible one that changes how the rest is shown: its direction, or where its
/// lines end.
fn is_command(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' // marks of direction
            | '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' // letters that are not seen
            | '\u{200b}' | '\u{3164}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}'
            | '\u{2028}'..='\u{202e}' // ends of lines and paragraphs, embeddings and overrides
            | '\u{2060}'..='\u{206f}' // invisible operators, isolates, controls that are deprecated
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' // byte order mark, interlinear notes
            | '\u{e0000}'..='\u{e007f}' // invisible letters
        )
}

/// `a`, `b` and `c`; `nothing` if there are no items.
pub(crate) fn list<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut items = items.into_iter().map(|item| format!("`{}`", cut(&item.to_string())));
    let mut named: Vec<_> = items.by_ref().take(ITEMS_MAX).collect();
    let more = items.count();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    match named.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A name, or the beginning of a long one, on one line.
pub(crate) fn cut(text: &str) -> String {
    harmless_name(&cut_to(NAME_CHARS_MAX, text))
}

/// The text, or the beginning of a long one.
pub(crate) fn cut_to(chars: usize, text: &str) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_told_nothing() {
        assert_eq!(harmless("a\u{1b}[31mb\u{7}\nc\t"), "a\u{fffd}[31mb\u{fffd}\nc\t");
        assert_eq!(harmless_name("a\nb\tc\rd"), "a\u{fffd}b\u{fffd}c\u{fffd}d");
        assert_eq!(shown(Path::new("mods/a\n\u{202e}b")), "mods/a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn nothing_turns_the_direction_or_hides() {
        let all = (0..=0x10_ffff).filter_map(char::from_u32);
        // The Unicode standard's list of controls of direction, and of line ends.
        let listed = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\
            \u{85}\u{2028}\u{2029}";
        for c in all.filter(|c| c.is_control() || listed.contains(*c)) {
            assert_eq!(harmless_name(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
            let expected = if c.is_whitespace() { "a b" } else { "a\u{fffd}b" };
            assert_eq!(harmless_line(&format!("a{c}b")), expected, "{c:?}");
        }
        let honest = "Grüße, мир, שלום, 世界, 👩‍🌾, e\u{301}";
        assert_eq!((harmless(honest), harmless_name(honest)), (honest.to_owned(), honest.to_owned()));
    }

    #[test]
    fn sizes_are_whole_numbers() {
        let sizes = [0, 1, 1023, 1024, 65_536, 16 << 20, 3 << 30, (1 << 30) + 1];
        let shown =
            ["0 bytes", "1 bytes", "1023 bytes", "1 KiB", "64 KiB", "16 MiB", "3 GiB", "1073741825 bytes"];
        assert_eq!(sizes.map(size), shown);
    }

    #[test]
    fn lists_read_as_people_write_them() {
        assert_eq!(list([0u8; 0]), "nothing");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert!(list(0..1_000_000).ends_with("`19` and 999980 more"));
        assert!(list(["x".repeat(200)]).len() < 110);
    }
}

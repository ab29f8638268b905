//! The rows of the log: reports about mods, wrapped, since the reason of a refusal is at the end of a long line.

use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};
use tinkerbox::panel::{LogFilter, ReportLine, ReportLog, Tone};

/// Continued lines start below the mod's id.
const INDENT: usize = 7;

/// The log in `height` rows of `width` columns, with `below` rows left out at its end.
pub(super) fn lines(
    log: &ReportLog,
    filter: &LogFilter,
    width: u16,
    height: u16,
    below: usize,
) -> Vec<Line<'static>> {
    let (width, height) = (usize::from(width), usize::from(height));
    // Each line has at least one row.
    let mut newest: Vec<&ReportLine> = log.filtered(filter).rev().take(height + below).collect();
    newest.reverse();
    let mut rows: Vec<Line> = newest.into_iter().flat_map(|line| report(line, width)).collect();
    rows.truncate(rows.len().saturating_sub(below).max(height.min(rows.len())));
    rows.drain(..rows.len().saturating_sub(height));
    rows
}

/// The number of rows that these lines take in `width` columns.
pub(super) fn rows<'a>(lines: impl IntoIterator<Item = &'a ReportLine>, width: u16) -> usize {
    lines.into_iter().map(|line| report(line, usize::from(width)).len()).sum()
}

fn report(line: &ReportLine, width: usize) -> Vec<Line<'static>> {
    let head = Line::from(vec![
        Span::raw(format!("{:>6} ", line.tick)).dim(),
        Span::raw(line.mod_id.clone()).bold(),
        Span::raw(format!(" {} ", line.word())).fg(color(Tone::of(line.kind))),
    ]);
    let rows = wrap(&line.text, width.saturating_sub(head.width()), width.saturating_sub(INDENT));
    let mut rows = rows.into_iter();
    let mut first = head;
    first.push_span(Span::raw(rows.next().unwrap_or_default()));
    let others = rows.map(|row| Line::from(format!("{:INDENT$}{row}", "")));
    std::iter::once(first).chain(others).collect()
}

/// Breaks a text between words, or within a word that is longer than a row. The first row may have another width.
pub(super) fn wrap(text: &str, first_width: usize, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut left = first_width;
    for word in text.split(' ') {
        let mut word = word;
        let gap = usize::from(rows.last().is_some_and(|row| !row.is_empty()));
        if gap + cells(word) <= left {
            let row = rows.last_mut().expect("there is a row from the start");
            row.push_str(&" "[..gap]);
            row.push_str(word);
            left -= gap + cells(word);
            continue;
        }
        while cells(word) > width.max(1) {
            let (row, rest) = split(word, width.max(1));
            rows.push(row.to_owned());
            word = rest;
        }
        rows.push(word.to_owned());
        left = width.saturating_sub(cells(word));
    }
    rows
}

/// As much of a word as fits, at least one character, and the rest.
fn split(word: &str, width: usize) -> (&str, &str) {
    let ends = word.char_indices().map(|(at, char)| at + char.len_utf8());
    let fitting = ends.take_while(|&end| cells(&word[..end]) <= width).last();
    let first = word.chars().next().map_or(0, char::len_utf8);
    word.split_at(fitting.unwrap_or(first))
}

fn cells(text: &str) -> usize {
    Span::raw(text).width()
}

/// The colour for news of this kind.
pub(super) fn color(tone: Tone) -> Color {
    match tone {
        Tone::Plain => Color::Reset,
        Tone::Good => Color::Green,
        Tone::Notice => Color::Yellow,
        Tone::Bad => Color::Red,
    }
}

#[cfg(test)]
mod tests {
    use tinkerbox::ModReportKind;

    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("the quick brown fox", 9, 11), ["the quick", "brown fox"]);
        assert_eq!(wrap("the quick brown fox", 3, 5), ["the", "quick", "brown", "fox"]);
        assert_eq!(wrap("quick", 0, 9), ["", "quick"]);
        assert_eq!(wrap("", 5, 5), [""]);
    }

    #[test]
    fn long_words_break_too() {
        assert_eq!(wrap("a /long/path/x b", 4, 6), ["a", "/long/", "path/x", "b"]);
        assert_eq!(wrap("日本語", 2, 4), ["", "日本", "語"]);
    }

    #[test]
    fn no_width_is_too_narrow() {
        for width in 0..4 {
            assert_eq!(wrap("日本 word", width, width).concat(), "日本word");
        }
    }

    #[test]
    fn older_rows_are_reached_by_scrolling() {
        let mut log = ReportLog::default();
        for number in 0..50 {
            log.note(
                number,
                "all mods",
                ModReportKind::Loaded,
                &format!("line {number} of many words that need two rows"),
            );
        }
        let (width, height) = (40, 6);
        let all = rows(log.newest(50), width);
        assert_eq!(all, 100);
        let shown = |below| -> Vec<String> {
            lines(&log, &LogFilter::default(), width, height, below).iter().map(Line::to_string).collect()
        };
        let mut seen = Vec::new();
        for below in (0..=all - 6).step_by(6) {
            assert_eq!(shown(below).len(), 6, "{below}");
            seen.extend(shown(below));
        }
        seen.extend(shown(all - 6));
        let numbers =
            (0..50).filter(|number| seen.iter().any(|row| row.contains(&format!("line {number} of"))));
        assert_eq!(numbers.count(), 50, "each row is seen by paging");
        assert!(shown(0)[4].contains("line 49"));
        assert_eq!(shown(100_000), shown(all - 6), "there is nothing above the first");
    }

    #[test]
    fn continued_lines_are_indented() {
        let line = ReportLine {
            tick: 12,
            mod_id: "flock".to_owned(),
            kind: ModReportKind::Refused,
            text: "no such thing here".to_owned(),
            lines: Vec::new(),
        };
        let text: Vec<String> = report(&line, 30).iter().map(Line::to_string).collect();
        assert_eq!(text, ["    12 flock refused no such", "       thing here"]);
    }
}

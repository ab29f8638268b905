//! The log's rows: what happened to mods, wrapped, since why a mod was refused stands at the end of a long line.

use ratatui::style::{Color, Stylize};
use ratatui::text::{Line, Span};
use tinkerbox::ModReportKind;

use crate::report_log::{ReportLine, ReportLog};

/// Continued lines begin under the mod's id.
const INDENT: usize = 7;

/// The newest of the log, on so many lines and columns.
pub(super) fn lines(log: &ReportLog, width: u16, height: u16) -> Vec<Line<'static>> {
    let height = usize::from(height);
    let mut lines: Vec<Line> = log.newest(height).flat_map(|line| report(line, usize::from(width))).collect();
    lines.drain(..lines.len().saturating_sub(height));
    lines
}

fn report(line: &ReportLine, width: usize) -> Vec<Line<'static>> {
    let head = Line::from(vec![
        Span::raw(format!("{:>6} ", line.tick)).dim(),
        Span::raw(line.mod_id.clone()).bold(),
        Span::raw(format!(" {} ", line.word())).fg(color(line.kind)),
    ]);
    let rows = wrap(&line.text, width.saturating_sub(head.width()), width.saturating_sub(INDENT));
    let mut rows = rows.into_iter();
    let mut first = head;
    first.push_span(Span::raw(rows.next().unwrap_or_default()));
    let others = rows.map(|row| Line::from(format!("{:INDENT$}{row}", "")));
    std::iter::once(first).chain(others).collect()
}

/// Breaks a text between words, or within one that is longer than a line. The first line may be shorter.
fn wrap(text: &str, first_width: usize, width: usize) -> Vec<String> {
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

/// As much of a word as fits, at least one character of it, and the rest.
fn split(word: &str, width: usize) -> (&str, &str) {
    let ends = word.char_indices().map(|(at, char)| at + char.len_utf8());
    let fitting = ends.take_while(|&end| cells(&word[..end]) <= width).last();
    let first = word.chars().next().map_or(0, char::len_utf8);
    word.split_at(fitting.unwrap_or(first))
}

fn cells(text: &str) -> usize {
    Span::raw(text).width()
}

fn color(kind: ModReportKind) -> Color {
    match kind {
        ModReportKind::Loaded | ModReportKind::Reloaded => Color::Green,
        ModReportKind::Log(_) | ModReportKind::Removed | ModReportKind::Reset => Color::Reset,
        ModReportKind::Enabled => Color::Green,
        ModReportKind::Disabled | ModReportKind::Suspended => Color::Yellow,
        ModReportKind::Refused
        | ModReportKind::ReloadRefused
        | ModReportKind::Faulted
        | ModReportKind::Quarantined => Color::Red,
    }
}

#[cfg(test)]
mod tests {
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
    fn continued_lines_are_indented() {
        let line = ReportLine {
            tick: 12,
            mod_id: "flock".to_owned(),
            kind: ModReportKind::Refused,
            text: "no such thing here".to_owned(),
        };
        let text: Vec<String> = report(&line, 30).iter().map(Line::to_string).collect();
        assert_eq!(text, ["    12 flock refused no such", "       thing here"]);
    }
}

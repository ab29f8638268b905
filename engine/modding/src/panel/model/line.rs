//! A report about a mod, as lines to show.
//!
//! Any plugin may write such messages, so each becomes lines that are safe to show, by the rule of [`harmless_line`]. On one
//! line a backtrace is cut to its first frame; all of it follows line by line.

use crate::game::report::{ModReport, ModReportKind};
use crate::limits::{PANEL_LINE_CHARS_MAX, PANEL_REPORT_LINES_MAX};
use crate::text::{cut_to, harmless_line, short_line};

/// A report about a mod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// The tick after which the report was read.
    pub tick: u64,
    /// The id of the mod.
    pub mod_id: String,
    /// What happened.
    pub kind: ModReportKind,
    /// What happened in words, on one line; of a backtrace it has the first frame.
    pub text: String,
    /// The same text with its line breaks: a backtrace has many lines.
    pub lines: Vec<String>,
}

impl ReportLine {
    pub(super) fn new(tick: u64, report: &ModReport) -> Self {
        Self {
            tick,
            mod_id: line(&report.mod_id),
            kind: report.kind,
            text: cut_to(PANEL_LINE_CHARS_MAX, &short_line(&report.text)),
            lines: report.text.lines().take(PANEL_REPORT_LINES_MAX).map(line).collect(),
        }
    }

    /// Adds what the player can do about it.
    pub(super) fn add(&mut self, advice: &str) {
        if advice.is_empty() {
            return;
        }
        for text in [Some(&mut self.text), self.lines.last_mut()].into_iter().flatten() {
            text.push(' ');
            text.push_str(advice);
        }
    }

    /// What happened, in a word.
    pub fn word(&self) -> &'static str {
        self.kind.word()
    }
}

/// A text as one harmless line that is not too long.
pub(super) fn line(text: &str) -> String {
    cut_to(PANEL_LINE_CHARS_MAX, &harmless_line(text))
}

#[cfg(test)]
mod tests {
    use bevy_ecs::entity::Entity;
    use tinkerbox_abi::LogLevel;

    use super::*;

    fn report(text: &str) -> ModReport {
        let kind = ModReportKind::Log(LogLevel::Info);
        ModReport { mod_entity: Entity::PLACEHOLDER, mod_id: "flock".to_owned(), kind, text: text.to_owned() }
    }

    #[test]
    fn a_backtrace_is_one_frame_on_one_line() {
        let text = "it panicked: none left\nerror while executing at wasm backtrace:\n     (2 functions of the SDK)\n  \
                    2: gale::blow at src/lib.rs:9:5\n  3: main";
        let line = ReportLine::new(1, &report(text));
        assert_eq!(line.text, "it panicked: none left, in gale::blow at src/lib.rs:9:5");
        assert_eq!(line.lines.len(), 5, "all of it follows");
    }

    #[test]
    fn a_report_is_bounded() {
        let long = ReportLine::new(1, &report(&"many words \n".repeat(100_000)));
        assert!(long.text.len() <= PANEL_LINE_CHARS_MAX + 3 && long.lines.len() == PANEL_REPORT_LINES_MAX);
    }
}

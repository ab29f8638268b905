//! Which lines of the log are shown.

use tinkerbox_abi::LogLevel;

use super::line::ReportLine;

/// Which lines of the log are shown: by level, and by mod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter {
    /// Lines that are less important are left out.
    pub least: LogLevel,
    /// Only lines about the mod with this id.
    pub mod_id: Option<String>,
}

/// All lines.
impl Default for LogFilter {
    fn default() -> LogFilter {
        LogFilter { least: LogLevel::Trace, mod_id: None }
    }
}

impl LogFilter {
    /// Whether a line is shown.
    pub fn shows(&self, line: &ReportLine) -> bool {
        // The levels are in the order of their numbers: an error is the first.
        line.kind.level() <= self.least && self.mod_id.as_ref().is_none_or(|id| *id == line.mod_id)
    }

    /// Shows less: the level before this one, and after the first the last.
    pub fn next_level(&mut self) {
        self.least = match self.least {
            LogLevel::Error => LogLevel::Trace,
            LogLevel::Warn => LogLevel::Error,
            LogLevel::Info => LogLevel::Warn,
            LogLevel::Debug => LogLevel::Info,
            LogLevel::Trace => LogLevel::Debug,
        };
    }

    /// Shows the lines about this mod alone, or those about all mods again.
    pub fn toggle_only(&mut self, mod_id: &str) {
        let only = Some(mod_id.to_owned());
        self.mod_id = if self.mod_id == only { None } else { only };
    }

    /// The level in words.
    pub fn level_words(&self) -> &'static str {
        match self.least {
            LogLevel::Error => "errors",
            LogLevel::Warn => "warnings and errors",
            LogLevel::Info => "information",
            LogLevel::Debug => "debugging",
            LogLevel::Trace => "everything",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::report::ModReportKind;

    const LEVELS: [LogLevel; 5] =
        [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];

    fn line(mod_id: &str, level: LogLevel) -> ReportLine {
        ReportLine {
            tick: 0,
            mod_id: mod_id.to_owned(),
            kind: ModReportKind::Log(level),
            text: String::new(),
            lines: Vec::new(),
        }
    }

    #[test]
    fn each_level_shows_itself_and_what_is_more_important() {
        for (at, least) in LEVELS.into_iter().enumerate() {
            let filter = LogFilter { least, mod_id: None };
            let shown = LEVELS.map(|level| filter.shows(&line("ant", level)));
            assert_eq!(shown, std::array::from_fn(|other| other <= at), "{least:?}");
        }
    }

    #[test]
    fn a_filter_by_mod_leaves_out_all_others() {
        let filter = LogFilter { mod_id: Some("ant".to_owned()), ..LogFilter::default() };
        assert!(filter.shows(&line("ant", LogLevel::Info)));
        assert!(!filter.shows(&line("anteater", LogLevel::Info)));
    }

    #[test]
    fn all_levels_come_around() {
        let mut filter = LogFilter::default();
        let mut seen = Vec::new();
        for _ in LEVELS {
            seen.push(filter.level_words());
            filter.next_level();
        }
        assert_eq!(filter, LogFilter::default());
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), LEVELS.len());
    }
}

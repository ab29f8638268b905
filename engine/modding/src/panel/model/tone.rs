//! How good the news is, which views show as colours.

use tinkerbox_abi::LogLevel;

use crate::game::report::ModReportKind;

/// How good the news is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Nothing to worry about, and nothing new.
    Plain,
    /// It works.
    Good,
    /// Something to look at.
    Notice,
    /// Something is wrong.
    Bad,
}

impl Tone {
    /// Of a report.
    pub fn of(kind: ModReportKind) -> Tone {
        match kind {
            ModReportKind::Loaded
            | ModReportKind::Reloaded
            | ModReportKind::Enabled
            | ModReportKind::BuildRepaired => Tone::Good,
            ModReportKind::Log(LogLevel::Error) => Tone::Bad,
            ModReportKind::Log(LogLevel::Warn) => Tone::Notice,
            ModReportKind::Log(_) | ModReportKind::Removed | ModReportKind::Reset => Tone::Plain,
            ModReportKind::Disabled
            | ModReportKind::Suspended
            | ModReportKind::AwaitsConsent
            | ModReportKind::AsksForMore
            | ModReportKind::ConsentRefused => Tone::Notice,
            ModReportKind::Refused
            | ModReportKind::GameError
            | ModReportKind::ReloadRefused
            | ModReportKind::BuildFailed
            | ModReportKind::Faulted
            | ModReportKind::Quarantined => Tone::Bad,
        }
    }
}

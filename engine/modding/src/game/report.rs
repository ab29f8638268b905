//! Reports of what happens to mods.
//!
//! Each is a Bevy message and a line of `tracing`, so that a game can show it and a log keeps it.

use bevy_ecs::entity::Entity;
use bevy_ecs::message::Message;
use bevy_ecs::world::World;
use tinkerbox_abi::LogLevel;

/// Something happened to a mod.
///
/// Id and text are safe to print in a terminal. The text may have several lines: see
/// [`harmless_line`](crate::harmless_line).
#[derive(Message, Clone, Debug)]
pub struct ModReport {
    /// The mod's entity. It is gone already where the kind is [`ModReportKind::Removed`], and is [`Entity::PLACEHOLDER`] where
    /// a build failed of a mod that was never installed.
    pub mod_entity: Entity,
    /// The mod's id, or its folder's name where no id could be read.
    pub mod_id: String,
    /// What happened.
    pub kind: ModReportKind,
    /// The same in words, for people.
    pub text: String,
}

/// What happened to a mod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModReportKind {
    /// It runs from now on.
    Loaded,
    /// It can't run; the text says why.
    Refused,
    /// A message of the mod itself.
    Log(LogLevel),
    /// A system ended in a fault, of which the world has seen nothing; the mod rests.
    Faulted,
    /// A system used up the budget and is resumed in the next frame. For a mod that always does it is reported once in 600
    /// frames, with the number of suspensions in between.
    Suspended,
    /// A hook, an observer or a command of the game failed in what was done for the mod; or a command of the mod was refused
    /// on account of relationships in the world. Reported at most once in a frame, with the number of failures.
    GameError,
    /// It faulted too often and does not run until it is reloaded.
    Quarantined,
    /// New code runs from now on.
    Reloaded,
    /// New code was found and can't run, or not yet; the old code continues.
    ReloadRefused,
    /// Code waits until the game [grants](crate::Mods::grant) what it asks for, since the player has not seen this content
    /// yet: see [`Consent`](crate::Consent). Older code, if there is any, continues.
    AwaitsConsent,
    /// Code asks for more than its mod had before, and waits until the game [grants](crate::Mods::grant) it. Older code, if
    /// there is any, continues.
    AsksForMore,
    /// Code does not run, since the game has [refused](crate::Mods::refuse) it. Older code, if there is any, continues.
    ConsentRefused,
    /// Its author's tool could not build it; the text has what the compiler found wrong, by file and line. Only reported in
    /// a game that is in development: see [`ModdingPlugin::development`](crate::ModdingPlugin::development).
    BuildFailed,
    /// Its author's tool can build it again.
    BuildRepaired,
    /// It was removed: its folder is gone, or the game has unloaded it.
    Removed,
    /// The game has disabled it.
    Disabled,
    /// The game has enabled it again.
    Enabled,
    /// The game has restarted it from nothing.
    Reset,
}

impl ModReportKind {
    /// What happened in a word or two, for use between the mod's id and the report's text.
    ///
    /// ```
    /// use tinkerbox::{LogLevel, ModReportKind};
    ///
    /// assert_eq!(ModReportKind::ReloadRefused.word(), "reload refused");
    /// assert_eq!(ModReportKind::Log(LogLevel::Info).word(), "says");
    /// ```
    pub fn word(self) -> &'static str {
        match self {
            ModReportKind::Loaded => "loaded",
            ModReportKind::Refused => "refused",
            ModReportKind::Log(LogLevel::Error) => "error",
            ModReportKind::Log(LogLevel::Warn) => "warning",
            ModReportKind::Log(LogLevel::Info) => "says",
            ModReportKind::Log(LogLevel::Debug) => "debug",
            ModReportKind::Log(LogLevel::Trace) => "trace",
            ModReportKind::Faulted => "faulted",
            ModReportKind::GameError => "game failed",
            ModReportKind::Suspended => "suspended",
            ModReportKind::Quarantined => "quarantined",
            ModReportKind::Reloaded => "reloaded",
            ModReportKind::ReloadRefused => "reload refused",
            ModReportKind::AwaitsConsent => "waits",
            ModReportKind::AsksForMore => "asks for more",
            ModReportKind::ConsentRefused => "not allowed",
            ModReportKind::BuildFailed => "build failed",
            ModReportKind::BuildRepaired => "build repaired",
            ModReportKind::Removed => "removed",
            ModReportKind::Disabled => "turned off",
            ModReportKind::Enabled => "turned on",
            ModReportKind::Reset => "reset",
        }
    }

    /// How important it is: the level of its line in the log.
    ///
    /// ```
    /// use tinkerbox::{LogLevel, ModReportKind};
    ///
    /// assert_eq!(ModReportKind::Faulted.level(), LogLevel::Warn);
    /// assert_eq!(ModReportKind::Log(LogLevel::Trace).level(), LogLevel::Trace);
    /// ```
    pub fn level(self) -> LogLevel {
        match self {
            ModReportKind::Log(level) => level,
            ModReportKind::Quarantined => LogLevel::Error,
            ModReportKind::Faulted
            | ModReportKind::GameError
            | ModReportKind::Refused
            | ModReportKind::ReloadRefused
            | ModReportKind::AwaitsConsent
            | ModReportKind::AsksForMore
            | ModReportKind::BuildFailed => LogLevel::Warn,
            ModReportKind::Loaded
            | ModReportKind::Reloaded
            | ModReportKind::BuildRepaired
            | ModReportKind::Removed
            | ModReportKind::ConsentRefused
            | ModReportKind::Disabled
            | ModReportKind::Enabled
            | ModReportKind::Reset => LogLevel::Info,
            ModReportKind::Suspended => LogLevel::Debug,
        }
    }
}

/// Sends the message, and writes the line of the log, which names the mod and what happened.
pub(crate) fn send(world: &mut World, report: ModReport) {
    let id = report.mod_id.as_str();
    // Later lines are indented, so that none of them can be mistaken for a line of the log.
    let text = format!("mod `{id}` {}: {}", report.kind.word(), report.text).replace('\n', "\n    ");
    match report.kind.level() {
        LogLevel::Error => tracing::error!(id, "{text}"),
        LogLevel::Warn => tracing::warn!(id, "{text}"),
        LogLevel::Info => tracing::info!(id, "{text}"),
        LogLevel::Debug => tracing::debug!(id, "{text}"),
        LogLevel::Trace => tracing::trace!(id, "{text}"),
    }
    world.write_message(report);
}

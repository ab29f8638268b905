//! What happens to mods, told to the game.
//!
//! Every event is a Bevy message and a line of `tracing`, so that a game can show it and a log keeps it.

use bevy_ecs::entity::Entity;
use bevy_ecs::message::Message;
use bevy_ecs::world::World;
use tinkerbox_abi::LogLevel;

/// Something happened to a mod.
#[derive(Message, Clone, Debug)]
pub struct ModReport {
    /// The mod's entity. It is gone already where the kind is [`ModReportKind::Removed`].
    pub mod_entity: Entity,
    /// The mod's id, or its folder's name where no id could be read.
    pub mod_id: String,
    /// What happened.
    pub kind: ModReportKind,
    /// The same in words, for a person.
    pub text: String,
}

/// What happened to a mod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModReportKind {
    /// It runs from now on.
    Loaded,
    /// It can't run; the text says why.
    Refused,
    /// It said something itself.
    Log(LogLevel),
    /// A system ended in a fault and left no trace; the mod rests.
    Faulted,
    /// A system used up the budget and goes on in the next frame. Of a mod that always does it is said once in 600 frames,
    /// and how often it was not.
    Suspended,
    /// The game's own code failed in what was done for the mod: a hook, an observer, a command; or what the mod wanted done was
    /// refused by the relationships in the world. Told once in a frame at most, with the number of failures.
    GameError,
    /// It faulted too often and runs no more until it is reloaded.
    Quarantined,
    /// New code runs from now on.
    Reloaded,
    /// New code was found and can't run; the old goes on.
    ReloadRefused,
    /// Its folder is gone, or the game has taken it out, and so is it.
    Removed,
    /// The game has turned it off.
    Disabled,
    /// The game has turned it on again.
    Enabled,
    /// The game lets it begin anew.
    Reset,
}

impl ModReportKind {
    /// What happened in a word or two, to stand between the mod's id and the report's text.
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
            ModReportKind::Removed => "removed",
            ModReportKind::Disabled => "turned off",
            ModReportKind::Enabled => "turned on",
            ModReportKind::Reset => "reset",
        }
    }
}

/// Writes the message and the line of the log, which says what happened to whom.
pub(crate) fn send(world: &mut World, report: ModReport) {
    let id = report.mod_id.as_str();
    // Of a text with several lines only the first can be taken for a line of the log.
    let text = format!("mod `{id}` {}: {}", report.kind.word(), report.text).replace('\n', "\n    ");
    match report.kind {
        ModReportKind::Log(LogLevel::Error) | ModReportKind::Quarantined => {
            tracing::error!(id, "{text}")
        }
        ModReportKind::Log(LogLevel::Warn)
        | ModReportKind::Faulted
        | ModReportKind::GameError
        | ModReportKind::Refused
        | ModReportKind::ReloadRefused => tracing::warn!(id, "{text}"),
        ModReportKind::Log(LogLevel::Debug) | ModReportKind::Suspended => {
            tracing::debug!(id, "{text}")
        }
        ModReportKind::Log(LogLevel::Trace) => tracing::trace!(id, "{text}"),
        ModReportKind::Log(LogLevel::Info)
        | ModReportKind::Loaded
        | ModReportKind::Reloaded
        | ModReportKind::Removed
        | ModReportKind::Disabled
        | ModReportKind::Enabled
        | ModReportKind::Reset => tracing::info!(id, "{text}"),
    }
    world.write_message(report);
}

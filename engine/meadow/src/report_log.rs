//! The reports about mods, as lines to show.
//!
//! Reads the plugin's messages after each frame. Any plugin may write such messages, so each becomes lines that are safe to
//! print here, by the rule of [`harmless_line`]. On one line a backtrace is cut to its first frame; the log's file has all of
//! it.

use std::collections::{BTreeSet, VecDeque};

use bevy_ecs::entity::Entity;
use bevy_ecs::message::{MessageCursor, Messages};
use bevy_ecs::world::World;
use tinkerbox::{ModReport, ModReportKind, ModTime, harmless_line, short_line};

/// The number of lines that are kept.
const LINES_MAX: usize = 2_000;

/// The newest lines, and how far the messages have been read.
#[derive(Debug, Default)]
pub struct ReportLog {
    cursor: MessageCursor<ModReport>,
    lines: VecDeque<ReportLine>,
    /// Mods whose newest code was refused.
    behind: BTreeSet<Entity>,
    /// Mods whose newest code waits for the permissions that it asks for.
    waiting: BTreeSet<Entity>,
    /// Mods whose sources can't be built.
    failing: BTreeSet<Entity>,
    advice: Advice,
}

/// What the player can do, which follows the texts of the plugin; empty where there is no player.
#[derive(Clone, Copy, Debug, Default)]
pub struct Advice {
    /// About code that waits for the permissions that it asks for.
    pub to_allow: &'static str,
    /// About a mod in quarantine.
    pub to_reset: &'static str,
}

impl Advice {
    fn about(&self, kind: ModReportKind) -> &'static str {
        match kind {
            ModReportKind::AwaitsConsent | ModReportKind::AsksForMore => self.to_allow,
            ModReportKind::Quarantined => self.to_reset,
            _ => "",
        }
    }
}

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

impl ReportLog {
    /// A log that adds this advice to the reports that it is about.
    pub fn with_advice(advice: Advice) -> ReportLog {
        ReportLog { advice, ..ReportLog::default() }
    }

    /// Reads the reports of the last frame, and returns the new lines.
    ///
    /// Must be called after each frame, since messages are kept for two frames.
    pub fn read(&mut self, world: &World) -> Vec<ReportLine> {
        let tick = world.resource::<ModTime>().tick;
        let Some(messages) = world.get_resource::<Messages<ModReport>>() else { return Vec::new() };
        let mut new = Vec::new();
        for report in self.cursor.read(messages) {
            remember(report, &mut self.behind, &mut self.waiting, &mut self.failing);
            let mut line = ReportLine::new(tick, report);
            line.add(self.advice.about(report.kind));
            new.push(line);
        }
        self.lines.extend(new.iter().cloned());
        self.forget_oldest();
        new
    }

    /// Adds a line of the game's own about this mod, and returns it.
    pub fn note(&mut self, tick: u64, mod_id: &str, kind: ModReportKind, text: &str) -> ReportLine {
        let (mod_id, text) = (harmless_line(mod_id), harmless_line(text));
        let line = ReportLine { tick, mod_id, kind, lines: vec![text.clone()], text };
        self.lines.push_back(line.clone());
        self.forget_oldest();
        line
    }

    fn forget_oldest(&mut self) {
        self.lines.drain(..self.lines.len().saturating_sub(LINES_MAX));
    }

    /// Whether newer code of a mod waits for the permissions that it asks for.
    pub fn is_waiting(&self, mod_entity: Entity) -> bool {
        self.waiting.contains(&mod_entity)
    }

    /// Whether the newest code of a mod was refused and an older version runs.
    pub fn is_behind(&self, mod_entity: Entity) -> bool {
        self.behind.contains(&mod_entity)
    }

    /// Whether the sources of a mod can't be built, and an older version runs.
    pub fn fails_to_build(&self, mod_entity: Entity) -> bool {
        self.failing.contains(&mod_entity)
    }

    /// The number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The newest `count` lines, from old to new.
    pub fn newest(&self, count: usize) -> impl Iterator<Item = &ReportLine> {
        self.lines.range(self.lines.len().saturating_sub(count)..)
    }
}

/// Remembers what stands of a mod's newest code, until that changes.
fn remember(
    report: &ModReport,
    behind: &mut BTreeSet<Entity>,
    waiting: &mut BTreeSet<Entity>,
    failing: &mut BTreeSet<Entity>,
) {
    let entity = report.mod_entity;
    match report.kind {
        ModReportKind::Refused | ModReportKind::ReloadRefused => {
            behind.insert(entity);
            waiting.remove(&entity);
        }
        ModReportKind::AwaitsConsent | ModReportKind::AsksForMore => {
            waiting.insert(entity);
            behind.remove(&entity);
        }
        ModReportKind::BuildFailed => drop(failing.insert(entity)),
        ModReportKind::BuildRepaired => drop(failing.remove(&entity)),
        ModReportKind::ConsentRefused => drop(waiting.remove(&entity)),
        ModReportKind::Loaded | ModReportKind::Reloaded => {
            behind.remove(&entity);
            waiting.remove(&entity);
        }
        ModReportKind::Removed => {
            for all in [behind, waiting, failing] {
                all.remove(&entity);
            }
        }
        _ => {}
    }
}

impl ReportLine {
    fn new(tick: u64, report: &ModReport) -> Self {
        Self {
            tick,
            mod_id: harmless_line(&report.mod_id),
            kind: report.kind,
            text: short_line(&report.text),
            lines: report.text.lines().map(harmless_line).collect(),
        }
    }

    fn add(&mut self, advice: &str) {
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

#[cfg(test)]
mod tests {
    use tinkerbox::LogLevel;

    use super::*;

    fn report(text: &str) -> ModReport {
        let kind = ModReportKind::Log(LogLevel::Info);
        ModReport { mod_entity: Entity::PLACEHOLDER, mod_id: "flock".to_owned(), kind, text: text.to_owned() }
    }

    #[test]
    fn each_message_is_read_once() {
        let mut world = World::new();
        world.init_resource::<ModTime>();
        world.init_resource::<Messages<ModReport>>();
        let mut log = ReportLog::default();
        world.write_message(report("one"));
        assert_eq!(log.read(&world).len(), 1);
        world.write_message(report("two"));
        world.write_message(report("three"));
        let new: Vec<String> = log.read(&world).into_iter().map(|line| line.text).collect();
        assert_eq!(new, ["two", "three"]);
        let newest: Vec<&str> = log.newest(2).map(|line| line.text.as_str()).collect();
        assert_eq!(newest, ["two", "three"]);
        assert_eq!(log.newest(100).count(), 3);
    }

    #[test]
    fn a_mod_is_behind_from_a_refusal_until_the_next_reload() {
        let mut world = World::new();
        world.init_resource::<ModTime>();
        world.init_resource::<Messages<ModReport>>();
        let mut log = ReportLog::default();
        let mut after = |kind| {
            world.write_message(ModReport { kind, ..report("text\nof two lines") });
            assert_eq!(log.read(&world)[0].lines, ["text", "of two lines"]);
            log.is_behind(Entity::PLACEHOLDER)
        };
        assert!(!after(ModReportKind::Loaded));
        assert!(after(ModReportKind::ReloadRefused));
        assert!(after(ModReportKind::Faulted));
        assert!(!after(ModReportKind::Reloaded));
    }

    #[test]
    fn code_waits_until_it_runs_or_is_refused_and_the_player_is_told_what_to_do() {
        let mut world = World::new();
        world.init_resource::<ModTime>();
        world.init_resource::<Messages<ModReport>>();
        let mut log = ReportLog::with_advice(Advice { to_allow: "Press a.", to_reset: "Press r." });
        let mut after = |kind| {
            world.write_message(ModReport { kind, ..report("text") });
            let text = log.read(&world).remove(0).text;
            (text, log.is_waiting(Entity::PLACEHOLDER), log.is_behind(Entity::PLACEHOLDER))
        };
        let said = |text: &str, waits, behind| (text.to_owned(), waits, behind);
        assert_eq!(after(ModReportKind::AsksForMore), said("text Press a.", true, false));
        assert_eq!(after(ModReportKind::ReloadRefused), said("text", false, true));
        assert_eq!(after(ModReportKind::AsksForMore), said("text Press a.", true, false));
        assert_eq!(after(ModReportKind::Reloaded), said("text", false, false));
        assert_eq!(after(ModReportKind::Quarantined), said("text Press r.", false, false));
        assert_eq!(after(ModReportKind::AsksForMore), said("text Press a.", true, false));
        assert_eq!(after(ModReportKind::Removed), said("text", false, false));
    }

    #[test]
    fn a_backtrace_is_one_frame_on_one_line() {
        let text = "it panicked: none left\nerror while executing at wasm backtrace:\n     (2 functions of the SDK)\n  \
                    2: gale::blow at src/lib.rs:9:5\n  3: main";
        let line = ReportLine::new(1, &report(text));
        assert_eq!(line.text, "it panicked: none left, in gale::blow at src/lib.rs:9:5");
        assert_eq!(line.lines.len(), 5, "the file has all of it");
    }

    #[test]
    fn a_mod_fails_to_build_until_it_is_repaired() {
        let mut world = World::new();
        world.init_resource::<ModTime>();
        world.init_resource::<Messages<ModReport>>();
        let mut log = ReportLog::default();
        let mut after = |kind| {
            world.write_message(ModReport { kind, ..report("src/lib.rs:3:5: no") });
            log.read(&world);
            log.fails_to_build(Entity::PLACEHOLDER)
        };
        assert!(after(ModReportKind::BuildFailed));
        assert!(after(ModReportKind::Reloaded));
        assert!(!after(ModReportKind::BuildRepaired));
        assert!(after(ModReportKind::BuildFailed));
        assert!(!after(ModReportKind::Removed));
    }

    #[test]
    fn a_report_can_not_control_the_terminal() {
        let mut world = World::new();
        world.init_resource::<ModTime>();
        world.init_resource::<Messages<ModReport>>();
        let mut log = ReportLog::default();
        let hostile = ModReport { mod_id: "a\u{1b}[2J".to_owned(), ..report("a\r\n  b\t\u{202e}c") };
        world.write_message(hostile);
        let read = log.read(&world).remove(0);
        assert_eq!((read.mod_id.as_str(), read.text.as_str()), ("a\u{fffd}[2J", "a b \u{fffd}c"));
        assert_eq!(read.lines, ["a", "b \u{fffd}c"]);
        let noted = log.note(1, "a\nb", ModReportKind::Loaded, "\u{7}");
        assert_eq!((noted.mod_id.as_str(), noted.text.as_str()), ("a b", "\u{fffd}"));
    }
}

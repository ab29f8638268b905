//! What happened to mods, as lines to show.
//!
//! Reads the plugin's messages after each frame. What a mod says may hold anything; here it becomes one harmless line.

use std::collections::{BTreeSet, VecDeque};

use bevy_ecs::entity::Entity;
use bevy_ecs::message::{MessageCursor, Messages};
use bevy_ecs::world::World;
use tinkerbox::{ModReport, ModReportKind, ModTime};

/// How the plugin's text about code that asks for more ends.
const WAITS: &str = "until the game allows it.";

/// Older lines are forgotten.
const LINES_MAX: usize = 2_000;

/// The newest lines, and how far the messages have been read.
#[derive(Debug, Default)]
pub struct ReportLog {
    cursor: MessageCursor<ModReport>,
    lines: VecDeque<ReportLine>,
    /// Mods whose newest code does not run.
    behind: BTreeSet<Entity>,
    /// Mods whose newest code waits to be allowed what it asks for.
    waiting: BTreeSet<Entity>,
    /// How the player allows it, to be put behind what the plugin says.
    advice: &'static str,
}

/// Something that happened to a mod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// The tick after which it was read.
    pub tick: u64,
    /// The mod's id.
    pub mod_id: String,
    /// What happened.
    pub kind: ModReportKind,
    /// The same in words, on one line.
    pub text: String,
    /// The same as it was written: a backtrace has many lines.
    pub lines: Vec<String>,
}

impl ReportLog {
    /// A log that says behind each report of code that waits to be allowed how the player allows it.
    pub fn with_advice(advice: &'static str) -> ReportLog {
        ReportLog { advice, ..ReportLog::default() }
    }

    /// Reads what was said in the last frame, and hands back the new lines.
    ///
    /// Must be called after each frame: messages are kept for two.
    pub fn read(&mut self, world: &World) -> Vec<ReportLine> {
        let tick = world.resource::<ModTime>().tick;
        let Some(messages) = world.get_resource::<Messages<ModReport>>() else { return Vec::new() };
        let mut new = Vec::new();
        for report in self.cursor.read(messages) {
            match report.kind {
                ModReportKind::ReloadRefused => drop(self.behind.insert(report.mod_entity)),
                ModReportKind::Loaded | ModReportKind::Reloaded | ModReportKind::Removed => {
                    self.behind.remove(&report.mod_entity);
                    self.waiting.remove(&report.mod_entity);
                }
                _ => {}
            }
            let mut line = ReportLine::new(tick, report);
            let is_refusal = matches!(report.kind, ModReportKind::Refused | ModReportKind::ReloadRefused);
            if is_refusal && line.text.ends_with(WAITS) {
                self.waiting.insert(report.mod_entity);
                line.add(self.advice);
            }
            new.push(line);
        }
        self.lines.extend(new.iter().cloned());
        self.forget_oldest();
        new
    }

    /// Adds a line of the shell's own about this mod, or about `all mods`, and hands it back.
    pub fn note(&mut self, tick: u64, mod_id: &str, kind: ModReportKind, text: &str) -> ReportLine {
        let (mod_id, text) = (one_line(mod_id), one_line(text));
        let line = ReportLine { tick, mod_id, kind, lines: vec![text.clone()], text };
        self.lines.push_back(line.clone());
        self.forget_oldest();
        line
    }

    fn forget_oldest(&mut self) {
        self.lines.drain(..self.lines.len().saturating_sub(LINES_MAX));
    }

    /// Whether newer code of a mod waits to be allowed what it asks for.
    pub fn is_waiting(&self, mod_entity: Entity) -> bool {
        self.waiting.contains(&mod_entity)
    }

    /// Whether a mod's newest code was refused, and an older one runs.
    pub fn is_behind(&self, mod_entity: Entity) -> bool {
        self.behind.contains(&mod_entity)
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The newest `count` lines, the oldest of them first.
    pub fn newest(&self, count: usize) -> impl Iterator<Item = &ReportLine> {
        self.lines.range(self.lines.len().saturating_sub(count)..)
    }
}

impl ReportLine {
    fn new(tick: u64, report: &ModReport) -> Self {
        Self {
            tick,
            mod_id: one_line(&report.mod_id),
            kind: report.kind,
            text: one_line(&report.text),
            lines: report.text.lines().map(one_line).collect(),
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

/// The text without line breaks, and without characters that a terminal would take for commands.
pub fn one_line(text: &str) -> String {
    let harmless: String = text.chars().map(|char| if is_command(char) { ' ' } else { char }).collect();
    harmless.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Control characters, and those that turn the direction of what follows.
fn is_command(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
    fn a_mod_is_behind_from_a_refusal_to_the_next_reload() {
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
    fn a_mod_can_not_write_to_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2J\r\n  b\t\u{202e}c"), "a [2J b c");
    }
}

//! The log: the newest reports about mods.
//!
//! Reads the plugin's messages after each frame. A mod that floods the log displaces its own lines first: of a full log, each mod keeps as many of its newest lines as it
//! has, up to a share that is the same for all.

use std::collections::{BTreeMap, VecDeque};

use bevy_ecs::message::{MessageCursor, Messages};
use bevy_ecs::world::World;

use super::filter::LogFilter;
use super::line::{ReportLine, line};
use crate::exposed::time::ModTime;
use crate::game::report::{ModReport, ModReportKind};
use crate::limits::PANEL_LOG_LINES_MAX;

/// The log may have this many more lines than it keeps, so that they are seldom counted.
const SLACK: usize = PANEL_LOG_LINES_MAX / 4;

/// The newest lines, and how far the messages have been read.
#[derive(Debug, Default)]
pub struct ReportLog {
    cursor: MessageCursor<ModReport>,
    lines: VecDeque<ReportLine>,
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

impl ReportLog {
    /// A log that adds this advice to the reports that it is about.
    pub fn with_advice(advice: Advice) -> ReportLog {
        ReportLog { advice, ..ReportLog::default() }
    }

    /// Reads the reports of the last frame, and returns the new lines. Each report is heard on the way.
    pub(super) fn read(&mut self, world: &World, mut hear: impl FnMut(&ModReport)) -> Vec<ReportLine> {
        let tick = world.get_resource::<ModTime>().map_or(0, |time| time.tick);
        let Some(messages) = world.get_resource::<Messages<ModReport>>() else { return Vec::new() };
        let mut new = Vec::new();
        for report in self.cursor.read(messages) {
            hear(report);
            let mut line = ReportLine::new(tick, report);
            line.add(self.advice.about(report.kind));
            new.push(line);
        }
        self.lines.extend(new.iter().cloned());
        self.forget();
        new
    }

    /// Adds a line of the game's own about this mod, and returns it.
    pub fn note(&mut self, tick: u64, mod_id: &str, kind: ModReportKind, text: &str) -> ReportLine {
        let (mod_id, text) = (line(mod_id), line(text));
        let line = ReportLine { tick, mod_id, kind, lines: vec![text.clone()], text };
        self.lines.push_back(line.clone());
        self.forget();
        line
    }

    /// If the log is full, keeps the newest lines of each mod, up to a share.
    fn forget(&mut self) {
        if self.lines.len() < PANEL_LOG_LINES_MAX + SLACK {
            return;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for line in &self.lines {
            *counts.entry(&line.mod_id).or_default() += 1;
        }
        let share = share(counts.values().copied().collect(), PANEL_LOG_LINES_MAX);
        let mut left: BTreeMap<String, usize> =
            counts.into_iter().map(|(id, count)| (id.to_owned(), count)).collect();
        self.lines.retain(|line| {
            let of_mod = left.get_mut(&line.mod_id).expect("each line was counted");
            *of_mod -= 1;
            *of_mod < share
        });
        // With more mods than lines there is a line for each.
        self.lines.drain(..self.lines.len().saturating_sub(PANEL_LOG_LINES_MAX));
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

    /// The lines that a filter shows, from old to new.
    pub fn filtered(&self, filter: &LogFilter) -> impl DoubleEndedIterator<Item = &ReportLine> {
        self.lines.iter().filter(|line| filter.shows(line))
    }
}

/// The most that each may have, of these counts, so that all together are at most `total`; at least 1.
fn share(mut counts: Vec<usize>, total: usize) -> usize {
    counts.sort_unstable();
    let (mut rest, mut others) = (total, counts.len());
    for count in counts {
        let share = rest / others;
        if count > share {
            return share.max(1);
        }
        rest -= count;
        others -= 1;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use bevy_ecs::entity::Entity;
    use tinkerbox_abi::LogLevel;

    use super::*;

    fn world() -> World {
        let mut world = World::new();
        world.init_resource::<ModTime>();
        world.init_resource::<Messages<ModReport>>();
        world
    }

    fn report(text: &str) -> ModReport {
        let kind = ModReportKind::Log(LogLevel::Info);
        ModReport { mod_entity: Entity::PLACEHOLDER, mod_id: "flock".to_owned(), kind, text: text.to_owned() }
    }

    #[test]
    fn each_message_is_read_once() {
        let (mut world, mut log) = (world(), ReportLog::default());
        world.write_message(report("one"));
        assert_eq!(log.read(&world, |_| {}).len(), 1);
        world.write_message(report("two"));
        world.write_message(report("three"));
        let new: Vec<String> = log.read(&world, |_| {}).into_iter().map(|line| line.text).collect();
        assert_eq!(new, ["two", "three"]);
        let newest: Vec<&str> = log.newest(2).map(|line| line.text.as_str()).collect();
        assert_eq!(newest, ["two", "three"]);
        assert_eq!(log.newest(100).count(), 3);
    }

    #[test]
    fn the_player_is_told_what_to_do() {
        let mut world = world();
        let mut log = ReportLog::with_advice(Advice { to_allow: "Press a.", to_reset: "Press r." });
        let mut after = |kind| {
            world.write_message(ModReport { kind, ..report("text\nof two lines") });
            let line = log.read(&world, |_| {}).remove(0);
            (line.text, line.lines[1].clone())
        };
        let told = |advice: &str| (format!("text of two lines{advice}"), format!("of two lines{advice}"));
        assert_eq!(after(ModReportKind::AwaitsConsent), told(" Press a."));
        assert_eq!(after(ModReportKind::AsksForMore), told(" Press a."));
        assert_eq!(after(ModReportKind::ReloadRefused), told(""));
        assert_eq!(after(ModReportKind::Quarantined), told(" Press r."));
    }

    #[test]
    fn what_is_added_is_harmless() {
        let (mut world, mut log) = (world(), ReportLog::default());
        let hostile = ModReport { mod_id: "a\u{1b}[2J".to_owned(), ..report("a\r\n  b\t\u{202e}c") };
        world.write_message(hostile);
        let read = log.read(&world, |_| {}).remove(0);
        assert_eq!((read.mod_id.as_str(), read.text.as_str()), ("a\u{fffd}[2J", "a b \u{fffd}c"));
        assert_eq!(read.lines, ["a", "b \u{fffd}c"]);
        let noted = log.note(1, "a\nb", ModReportKind::Loaded, "\u{7}");
        assert_eq!((noted.mod_id.as_str(), noted.text.as_str()), ("a b", "\u{fffd}"));
    }

    #[test]
    fn a_mod_that_floods_the_log_displaces_its_own_lines() {
        let mut log = ReportLog::default();
        let mut note = |id: &str, text: u64| {
            log.note(text, id, ModReportKind::Log(LogLevel::Info), &text.to_string());
            assert!(log.len() <= PANEL_LOG_LINES_MAX + SLACK);
        };
        (0..20).for_each(|tick| note("quiet", tick));
        (0..50_000).for_each(|tick| note("loud", tick));
        (0..300).for_each(|tick| note("late", tick));
        let of = |id: &str| -> Vec<u64> {
            let filter = LogFilter { mod_id: Some(id.to_owned()), ..LogFilter::default() };
            log.filtered(&filter).map(|line| line.tick).collect()
        };
        assert_eq!((of("quiet").len(), of("late").len()), (20, 300));
        let loud = of("loud");
        assert!(loud.len() >= PANEL_LOG_LINES_MAX - 320, "{}", loud.len());
        assert!(loud.is_sorted() && loud.last() == Some(&49_999), "the newest are kept");
    }

    #[test]
    fn more_mods_than_lines_fit() {
        let mut log = ReportLog::default();
        for number in 0..10 * PANEL_LOG_LINES_MAX as u64 {
            log.note(number, &number.to_string(), ModReportKind::Loaded, "");
            assert!(log.len() <= PANEL_LOG_LINES_MAX + SLACK);
        }
        assert_eq!(log.newest(1).map(|line| line.tick).last(), Some(10 * PANEL_LOG_LINES_MAX as u64 - 1));
    }

    #[test]
    fn a_share_is_the_largest_that_fits() {
        for total in 0..40 {
            for counts in [vec![], vec![3], vec![1, 2, 3], vec![9, 9, 9], vec![0, 30, 5], vec![1; 50]] {
                let share = share(counts.clone(), total);
                let taken = |share: usize| counts.iter().map(|count| (*count).min(share)).sum::<usize>();
                assert!(taken(share) <= total || share == 1, "{counts:?} of {total}: {share}");
                assert!(share == usize::MAX || taken(share + 1) > total, "{counts:?} of {total}: {share}");
            }
        }
    }
}

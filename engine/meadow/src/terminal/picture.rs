//! Draws the whole screen. Pure: data in, cells out.

use meadow::{Position, Weather};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Widget};

use super::areas::{Areas, areas};
use super::keys::{HELP, KEYS};
use super::map::Map;
use super::view::{Shown, View};
use super::{log_panel, mods_panel};
use crate::frame_times::{FrameTimes, milliseconds};
use crate::fuel_bar::grouped;
use crate::game::{Census, Species};
use crate::meadow_file::Glyph;
use tinkerbox::LogLevel;
use tinkerbox::panel::{FuelHistory, ModRow, ReportLog};

/// Everything that is on the screen.
pub(super) struct Picture<'a> {
    pub glyphs: &'a [Glyph],
    pub things: Vec<(Species, Position)>,
    pub mods: Vec<ModRow>,
    pub census: &'a Census,
    pub weather: Weather,
    pub log: &'a ReportLog,
    pub fuel: &'a FuelHistory,
    pub times: &'a FrameTimes,
    pub tick: u64,
    pub seconds: f32,
    pub view: &'a View,
}

/// The areas of a screen with this many mods.
pub(super) fn divided(screen: Rect, mods: usize, view: &View) -> Areas {
    // Two lines for each mod; the frame, the census, and the blank line between.
    let panel_height = 2 * mods + Species::ALL.len() + 3;
    areas(screen, panel_height.try_into().unwrap_or(u16::MAX), view.shown)
}

/// The part of an area inside its frame.
pub(super) fn inside(area: Rect) -> Rect {
    Block::bordered().inner(area)
}

impl Widget for &Picture<'_> {
    fn render(self, screen: Rect, buffer: &mut Buffer) {
        let areas = divided(screen, self.mods.len(), self.view);
        self.head().render(areas.head, buffer);
        match self.view.shown {
            Shown::Help => help(areas.map, buffer),
            _ => self.map(areas.map, buffer),
        }
        self.panel(areas.panel, buffer);
        self.log(areas.log, buffer);
        keys(areas.keys.width).render(areas.keys, buffer);
    }
}

impl Picture<'_> {
    fn map(&self, area: Rect, buffer: &mut Buffer) {
        Block::bordered().title(weather(self.weather)).render(area, buffer);
        Map { glyphs: self.glyphs, things: &self.things }.render(inside(area), buffer);
    }

    fn head(&self) -> Line<'static> {
        // It comes first, so that the narrowest screen shows it.
        let paused = [" PAUSED ".black().on_yellow()].into_iter().filter(|_| self.view.is_paused);
        let mut line = Line::from(paused.collect::<Vec<_>>());
        line.push_span(format!(
            " tick {}  {:.1} s  frame {} (mean {}, worst {})",
            grouped(self.tick),
            self.seconds,
            milliseconds(self.times.last()),
            milliseconds(self.times.mean()),
            milliseconds(self.times.max()),
        ));
        line
    }

    fn panel(&self, area: Rect, buffer: &mut Buffer) {
        let title = match self.mods.len() {
            0 => " No mods ".to_owned(),
            count => format!(" Mod {} of {count}: fuel used of budget ", self.view.chosen.min(count - 1) + 1),
        };
        Block::bordered().title(title).render(area, buffer);
        let inside = inside(area);
        // The census is left out if it would take the room of the mods.
        let census = Some(self.census()).filter(|census| usize::from(inside.height) > 2 * census.len());
        let height =
            inside.height.saturating_sub(census.as_ref().map_or(0, |census| census.len() as u16 + 1));
        let mut lines = mods_panel::lines(&self.mods, self.fuel, self.view.chosen, inside.width, height);
        if let Some(census) = census {
            lines.push(Line::default());
            lines.extend(census);
        }
        Paragraph::new(lines).render(inside, buffer);
    }

    fn census(&self) -> Vec<Line<'static>> {
        let line = |species: Species| {
            let population = &self.census[species];
            let glyph = self.glyphs.iter().find(|glyph| glyph.species == species);
            let symbol =
                glyph.map(|glyph| glyph.symbol.clone().fg(glyph.color)).unwrap_or_else(|| Span::raw(" "));
            let numbers = format!(
                " {:<6} {:>5}  +{} -{}",
                species.plural(),
                population.alive,
                grouped(population.births),
                grouped(population.deaths)
            );
            Line::from(vec![symbol, Span::raw(numbers)])
        };
        Species::ALL.map(line).to_vec()
    }

    fn log(&self, area: Rect, buffer: &mut Buffer) {
        let inside = inside(area);
        let mut title = " Log ".to_owned();
        if self.view.filter.least != LogLevel::Trace {
            title += &format!("of {} ", self.view.filter.level_words());
        }
        if let Some(id) = &self.view.filter.mod_id {
            title += &format!("about {id} ");
        }
        if self.view.below > 0 {
            title = format!("{}: {} more rows below (press end) ", title.trim_end(), self.view.below);
        }
        Block::bordered().title(title).render(area, buffer);
        let lines =
            log_panel::lines(self.log, &self.view.filter, inside.width, inside.height, self.view.below);
        Paragraph::new(lines).render(inside, buffer);
    }
}

/// The title of the map.
fn weather(Weather { wind, rain }: Weather) -> String {
    let (speed, direction) = (wind.abs(), if wind < 0.0 { "west" } else { "east" });
    format!(" Meadow: rain {:.0} %, wind {speed:.1} {direction} ", rain * 100.0)
}

/// As many keys as fit.
fn keys(width: u16) -> Line<'static> {
    let mut line = Line::default();
    for (key, word) in KEYS {
        let hint = [Span::raw(format!(" {key}")).bold(), Span::raw(format!(" {word} "))];
        if line.width() + hint.iter().map(Span::width).sum::<usize>() > usize::from(width) {
            break;
        }
        line.extend(hint);
    }
    line
}

fn help(area: Rect, buffer: &mut Buffer) {
    Block::bordered().title(" Keys ").render(area, buffer);
    let key = |(key, text): (&'static str, &'static str)| {
        Line::from(vec![Span::raw(format!("{key:>13}  ")).bold(), Span::raw(text)])
    };
    let mut lines: Vec<Line> = HELP.into_iter().map(key).collect();
    lines.push(Line::default());
    lines.push(Line::from("  Meadow's own mods are built again whenever one of their files is saved."));
    Paragraph::new(lines).render(inside(area), buffer);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::style::Color;
    use tinkerbox::{ModReportKind, ModStatus};

    use super::*;
    use crate::rows_for_tests::row;

    /// The lines of the screen, without trailing blanks.
    fn screen(width: u16, height: u16, mods: Vec<ModRow>, log: &ReportLog, view: View) -> Vec<String> {
        let glyph = |species, symbol: &str| Glyph { species, symbol: symbol.to_owned(), color: Color::White };
        let mut times = FrameTimes::of_last(10);
        times.record(Duration::from_secs(1));
        times.record(Duration::from_micros(1500));
        let mut census = Census::default();
        census[Species::Sheep].alive = 250;
        census[Species::Sheep].births = 1234;
        let picture = Picture {
            glyphs: &[glyph(Species::Grass, "\""), glyph(Species::Sheep, "o"), glyph(Species::Wolf, "W")],
            things: vec![
                (Species::Sheep, Position { x: 50.0, y: 20.0 }),
                (Species::Wolf, Position { x: 0.0, y: 0.0 }),
            ],
            mods,
            census: &census,
            weather: Weather { wind: -1.25, rain: 0.4 },
            log,
            fuel: &FuelHistory::default(),
            times: &times,
            tick: 1234,
            seconds: 61.7,
            view: &view,
        };
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| frame.render_widget(&picture, frame.area())).unwrap();
        let buffer = terminal.backend().buffer();
        let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..height).map(line).collect()
    }

    fn many(count: usize) -> Vec<ModRow> {
        (0..count).map(|number| row(&format!("mod{number}"), ModStatus::Live)).collect()
    }

    /// A log of `count` messages, which are short except for the last but one.
    fn log_of(count: u64) -> ReportLog {
        let mut log = ReportLog::default();
        for number in 0..count {
            let text =
                if number + 2 == count { "many words ".repeat(60) } else { format!("message {number}") };
            log.note(number, "all mods", ModReportKind::Loaded, &text);
        }
        log
    }

    #[test]
    fn a_wide_screen_shows_everything() {
        let mods = vec![row("grass", ModStatus::Live), row("runaway", ModStatus::Quarantined)];
        let view = View { is_paused: true, ..View::default() };
        assert_eq!(
            screen(80, 20, mods, &ReportLog::default(), view),
            [
                " PAUSED  tick 1,234  61.7 s  frame 1.50 ms (mean 1.50 ms, worst 1.50 ms)",
                "┌ Meadow: rain 40 %, wind 1.2 west ──────┐┌ Mod 1 of 2: fuel used of budget ───┐",
                "│W                                       ││grass  live                    gen 1│",
                "│                                        ││███████████░░░░░░░░░░░  150k of 300k│",
                "│                                        ││version 0.1.0 with 1 systems        │",
                "│                                        ││runaway  quarantined           gen 1│",
                "│                    o                   ││███████████░░░░░░░░░░░  150k of 300k│",
                "│                                        ││                                    │",
                "│                                        ││\" grass      0  +0 -0               │",
                "│                                        ││o sheep    250  +1,234 -0           │",
                "│                                        ││W wolves     0  +0 -0               │",
                "└────────────────────────────────────────┘└────────────────────────────────────┘",
                "┌ Log ─────────────────────────────────────────────────────────────────────────┐",
                "│                                                                              │",
                "│                                                                              │",
                "│                                                                              │",
                "│                                                                              │",
                "│                                                                              │",
                "└──────────────────────────────────────────────────────────────────────────────┘",
                " q quit  ? help  space pause  l log  m mods  ↑↓ mod  o on/off  a allow  r reset",
            ]
        );
    }

    #[test]
    fn every_size_of_screen_is_drawn_with_any_number_of_mods() {
        let log = log_of(30);
        for width in [0, 1, 2, 3, 20, 40, 71, 72, 80, 200] {
            for height in [0, 1, 2, 3, 7, 8, 10, 19, 20, 24, 60] {
                for count in [0, 1, 4, 60] {
                    for shown in [Shown::Everything, Shown::Log, Shown::Mods, Shown::Help] {
                        let view = View { shown, chosen: 99, below: 7, is_paused: true, ..View::default() };
                        screen(width, height, many(count), &log, view);
                    }
                }
            }
        }
    }

    #[test]
    fn the_log_uses_a_tall_screen_and_scrolls() {
        let log = log_of(100);
        for (width, height, least) in [(80, 24, 5), (200, 60, 18), (60, 60, 10)] {
            let rows = |view: &View| screen(width, height, many(4), &log, view.clone());
            let shown = |view: &View| rows(view).iter().filter(|line| line.contains("message ")).count();
            let above = View { below: 20, ..View::default() };
            assert!(shown(&above) >= least, "{width}x{height}: {:#?}", rows(&above));
            assert!(rows(&above).iter().any(|line| line.contains("20 more rows below")));
            let whole = View { shown: Shown::Log, ..above };
            assert!(shown(&whole) > usize::from(height) - 5, "{:#?}", rows(&whole));
        }
    }

    #[test]
    fn the_log_can_be_filtered_by_level_and_by_mod() {
        let mut log = ReportLog::default();
        for (id, level) in [("ant", LogLevel::Info), ("bee", LogLevel::Warn), ("ant", LogLevel::Error)] {
            log.note(1, id, ModReportKind::Log(level), &format!("message {level:?}"));
        }
        let shown = |levels: u32, id: Option<&str>| {
            let mut view = View { shown: Shown::Log, ..View::default() };
            (0..levels).for_each(|_| view.filter.next_level());
            id.into_iter().for_each(|id| view.toggle_only(id));
            let text = screen(80, 10, many(1), &log, view);
            let title = text[1].trim_matches(['┌', '─', '┐', ' ']).to_owned();
            (title, text.iter().filter(|line| line.contains("message ")).count())
        };
        let is = |title: &str, lines| (title.to_owned(), lines);
        assert_eq!(shown(0, None), is("Log", 3));
        assert_eq!(shown(3, None), is("Log of warnings and errors", 2));
        assert_eq!(shown(0, Some("ant")), is("Log about ant", 2));
        assert_eq!(shown(4, Some("bee")), is("Log of errors about bee", 0));
    }

    #[test]
    fn each_of_sixty_mods_can_be_shown_on_every_screen() {
        for (width, height, shown) in [
            (80, 24, Shown::Everything),
            (200, 60, Shown::Everything),
            (60, 40, Shown::Everything),
            (40, 10, Shown::Mods),
            (80, 24, Shown::Mods),
        ] {
            for chosen in 0..60 {
                let view = View { shown, chosen, ..View::default() };
                let text = screen(width, height, many(60), &ReportLog::default(), view);
                let has = |part: &str| text.iter().any(|line| line.contains(part));
                assert!(has(&format!("mod{chosen}  live")), "{width}x{height} {chosen}: {text:#?}");
                assert!(has(&format!("Mod {} of 60", chosen + 1)), "{text:#?}");
            }
        }
    }

    #[test]
    fn a_narrow_screen_has_the_keys_that_lead_to_the_rest() {
        let text = screen(40, 10, many(4), &log_of(3), View::default());
        assert_eq!(text[9], " q quit  ? help  space pause  l log");
        let text = screen(60, 20, many(4), &log_of(3), View::default());
        assert_eq!(text[19], " q quit  ? help  space pause  l log  m mods  ↑↓ mod");
        let text = screen(40, 10, many(0), &log_of(3), View { shown: Shown::Mods, ..View::default() });
        assert!(text[1].contains("No mods"), "{text:#?}");
        let help = screen(80, 24, many(4), &log_of(3), View { shown: Shown::Help, ..View::default() });
        for (key, _) in HELP {
            assert!(help.iter().any(|line| line.contains(key)), "{key}: {help:#?}");
        }
    }

    #[test]
    fn a_refused_rebuild_shows_in_the_mods_line() {
        let mut behind = row("grass", ModStatus::Live);
        behind.is_behind = true;
        let text = screen(80, 24, vec![behind], &ReportLog::default(), View::default());
        assert!(text.iter().any(|line| line.contains("grass  live, rebuild refused")), "{text:#?}");
    }
}

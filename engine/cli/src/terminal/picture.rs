//! One picture of the game: everything that is on the screen.
//!
//! Pure: data in, cells out.

use meadow::Position;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Widget};

use super::areas::areas;
use super::keys::KEYS;
use super::map::Map;
use super::{log_panel, mods_panel};
use crate::frame_times::{FrameTimes, milliseconds};
use crate::fuel_bar::grouped;
use crate::game::{Census, Kind};
use crate::meadow_file::Glyph;
use crate::mod_row::ModRow;
use crate::report_log::ReportLog;

/// Everything that is on the screen.
pub(super) struct Picture<'a> {
    pub glyphs: &'a [Glyph],
    pub things: Vec<(Kind, Position)>,
    pub mods: Vec<ModRow>,
    pub census: &'a Census,
    pub log: &'a ReportLog,
    pub times: &'a FrameTimes,
    pub tick: u64,
    pub seconds: f32,
    pub is_paused: bool,
}

impl Widget for &Picture<'_> {
    fn render(self, screen: Rect, buffer: &mut Buffer) {
        // Two lines for each mod; the frame, the census, and the blank line between.
        let panel_height = 2 * self.mods.len() + Kind::ALL.len() + 3;
        let areas = areas(screen, panel_height.try_into().unwrap_or(u16::MAX));
        self.head().render(areas.head, buffer);
        let block = Block::bordered().title(" Meadow ");
        Map { glyphs: self.glyphs, things: &self.things }.render(block.inner(areas.map), buffer);
        block.render(areas.map, buffer);
        self.panel(areas.panel, buffer);
        self.log(areas.log, buffer);
        keys().render(areas.keys, buffer);
    }
}

impl Picture<'_> {
    fn head(&self) -> Line<'static> {
        let mut line = Line::from(format!(
            " tick {}  {:.1} s  frame {} (mean {}, worst {})",
            grouped(self.tick),
            self.seconds,
            milliseconds(self.times.last()),
            milliseconds(self.times.mean()),
            milliseconds(self.times.max()),
        ));
        if self.is_paused {
            line.push_span("  ");
            line.push_span(" PAUSED ".black().on_yellow());
        }
        line
    }

    fn panel(&self, area: Rect, buffer: &mut Buffer) {
        let block = Block::bordered().title(" Mods: fuel used of budget ");
        let inside = block.inner(area);
        block.render(area, buffer);
        let census = self.census();
        let height = inside.height.saturating_sub(census.len() as u16 + 1);
        let mut lines = mods_panel::lines(&self.mods, inside.width, height);
        lines.push(Line::default());
        lines.extend(census);
        Paragraph::new(lines).render(inside, buffer);
    }

    fn census(&self) -> Vec<Line<'static>> {
        let line = |kind: Kind| {
            let it = &self.census[kind];
            let glyph = self.glyphs.iter().find(|glyph| glyph.kind == kind);
            let symbol =
                glyph.map(|glyph| glyph.symbol.clone().fg(glyph.color)).unwrap_or_else(|| Span::raw(" "));
            let numbers = format!(
                " {:<6} {:>5}  +{} -{}",
                kind.plural(),
                it.alive,
                grouped(it.births),
                grouped(it.deaths)
            );
            Line::from(vec![symbol, Span::raw(numbers)])
        };
        Kind::ALL.map(line).to_vec()
    }

    fn log(&self, area: Rect, buffer: &mut Buffer) {
        let block = Block::bordered().title(" What happened ");
        let inside = block.inner(area);
        block.render(area, buffer);
        Paragraph::new(log_panel::lines(self.log, inside.width, inside.height)).render(inside, buffer);
    }
}

fn keys() -> Line<'static> {
    Line::from(vec![
        Span::raw(" "),
        Span::raw(KEYS).bold(),
        Span::raw("   rebuild mods in a second terminal: cargo run --release -- build").dim(),
    ])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::style::Color;
    use tinkerbox::ModStatus;

    use super::*;
    use crate::mod_row::tests::row;

    /// The screen's text, line by line, without blanks at the end.
    fn screen(width: u16, height: u16, is_paused: bool) -> Vec<String> {
        let glyph = |kind, symbol: &str| Glyph { kind, symbol: symbol.to_owned(), color: Color::White };
        let mut times = FrameTimes::of_last(10);
        times.record(Duration::from_secs(1));
        times.record(Duration::from_micros(1500));
        let mut census = Census::default();
        census[Kind::Sheep].alive = 250;
        census[Kind::Sheep].births = 1234;
        let picture = Picture {
            glyphs: &[glyph(Kind::Grass, "\""), glyph(Kind::Sheep, "o"), glyph(Kind::Wolf, "W")],
            things: vec![
                (Kind::Sheep, Position { x: 50.0, y: 20.0 }),
                (Kind::Wolf, Position { x: 0.0, y: 0.0 }),
            ],
            mods: vec![row("grass", ModStatus::Live), row("runaway", ModStatus::Quarantined)],
            census: &census,
            log: &ReportLog::default(),
            times: &times,
            tick: 1234,
            seconds: 61.7,
            is_paused,
        };
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| frame.render_widget(&picture, frame.area())).unwrap();
        let buffer = terminal.backend().buffer();
        let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..height).map(line).collect()
    }

    #[test]
    fn a_wide_screen_shows_everything() {
        assert_eq!(
            screen(80, 20, true),
            [
                " tick 1,234  61.7 s  frame 1.50 ms (mean 1.50 ms, worst 1.50 ms)   PAUSED",
                "┌ Meadow ────────────────────────────────┐┌ Mods: fuel used of budget ─────────┐",
                "│W                                       ││grass  live                    gen 1│",
                "│                                        ││███████████░░░░░░░░░░░  150k of 300k│",
                "│                                        ││runaway  quarantined           gen 1│",
                "│                                        ││███████████░░░░░░░░░░░  150k of 300k│",
                "│                    o                   ││                                    │",
                "│                                        ││\" grass      0  +0 -0               │",
                "│                                        ││o sheep    250  +1,234 -0           │",
                "│                                        ││W wolves     0  +0 -0               │",
                "│                                        ││                                    │",
                "└────────────────────────────────────────┘└────────────────────────────────────┘",
                "┌ What happened ───────────────────────────────────────────────────────────────┐",
                "│                                                                              │",
                "│                                                                              │",
                "│                                                                              │",
                "│                                                                              │",
                "│                                                                              │",
                "└──────────────────────────────────────────────────────────────────────────────┘",
                " space pause   q quit   rebuild mods in a second terminal: cargo run --release -",
            ]
        );
    }

    #[test]
    fn every_size_of_screen_is_drawn() {
        for width in [0, 1, 2, 3, 20, 71, 72, 200] {
            for height in [0, 1, 2, 3, 7, 8, 19, 20, 60] {
                screen(width, height, false);
            }
        }
    }
}

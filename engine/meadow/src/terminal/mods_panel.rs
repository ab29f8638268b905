//! The rows of the panel: for each mod its state, its fuel as a bar, and its last message. The chosen mod shows the message
//! whole if there is room, then its fuel over time, who made it, how often it misbehaved, and what it asks for. If not all
//! mods fit, the list scrolls with the chosen one.

use std::ops::Range;

use ratatui::style::{Style, Stylize};
use ratatui::text::{Line, Span};
use tinkerbox::panel::{FuelHistory, ModRow, short};

use super::log_panel::{color, wrap};
use crate::fuel_bar::{bar, graph, grouped};

/// The most lines that a mod takes, unless it is the chosen one.
const LINES_MAX: usize = 3;
/// The columns beside a graph that say what its height stands for.
const GRAPH_LABEL: usize = 10;

/// The mods in `height` lines of `width` columns. With less room each mod takes fewer lines, the chosen one as many as
/// possible, and those furthest from it are only counted.
pub(super) fn lines(
    mods: &[ModRow],
    fuel: &FuelHistory,
    chosen: usize,
    width: u16,
    height: u16,
) -> Vec<Line<'static>> {
    let height = usize::from(height);
    if mods.is_empty() || height == 0 {
        return Vec::new();
    }
    let chosen = chosen.min(mods.len() - 1);
    let each = (height / mods.len()).clamp(1, LINES_MAX);
    let mut block = block(&mods[chosen], width, true);
    block.extend(details(&mods[chosen], fuel, width));
    let size = |at: usize| match at == chosen {
        // If all mods fit, the chosen one takes no more than the others leave.
        true if mods.len() * each <= height => block.len().min(height - (mods.len() - 1) * each),
        true => block.len().min(height.saturating_sub(2).max(1)),
        false => each,
    };
    let window = window(mods.len(), chosen, height, size);
    let mut lines = Vec::new();
    if window.start > 0 && height > 2 {
        lines.push(Line::from(format!("↑ {} more", window.start)).dim());
    }
    for (at, row) in mods.iter().enumerate().take(window.end).skip(window.start) {
        match at == chosen {
            true => lines.extend(block.iter().take(size(at)).cloned()),
            false => lines.extend(self::block(row, width, false).into_iter().take(size(at))),
        }
    }
    if window.end < mods.len() && height > 2 {
        lines.push(Line::from(format!("↓ {} more", mods.len() - window.end)).dim());
    }
    lines.truncate(height);
    lines
}

/// Which mods are shown, the chosen one among them. The counts of those above and below take a line each.
fn window(mods: usize, chosen: usize, height: usize, size: impl Fn(usize) -> usize) -> Range<usize> {
    let fits = |window: &Range<usize>| {
        let counts = match height {
            0..3 => 0,
            _ => usize::from(window.start > 0) + usize::from(window.end < mods),
        };
        window.clone().map(&size).sum::<usize>() + counts <= height
    };
    let mut window = chosen..chosen + 1;
    loop {
        let above = window.start.saturating_sub(1)..window.end;
        let below = window.start..(window.end + 1).min(mods);
        if above != window && fits(&above) {
            window = above;
        } else if below != window && fits(&below) {
            window = below;
        } else {
            // One more mod may not fit while all do, since then no line is needed for a count.
            let whole = 0..mods;
            return if fits(&whole) { whole } else { window };
        }
    }
}

/// All lines of a mod.
fn block(row: &ModRow, width: u16, is_chosen: bool) -> Vec<Line<'static>> {
    let mut lines = title(row, width, is_chosen);
    lines.push(fuel(row, width));
    let width = usize::from(width);
    lines.extend(wrap(&row.stats.last_message, width, width).into_iter().map(|text| Line::from(text).dim()));
    lines
}

/// Id and state, and the generation if there is room for it. A state that does not fit stands on a line of its own.
fn title(row: &ModRow, width: u16, is_chosen: bool) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let id = Span::raw(row.id.clone()).bold();
    let state = Span::raw(row.state()).fg(color(row.tone()));
    let generation = Span::raw(format!("gen {}", row.stats.generation)).dim();
    let mut line = Line::from(vec![id, Span::raw("  ")]);
    let mut below = Vec::new();
    match line.width() + state.width() > width {
        true => below.push(Line::from(vec![Span::raw("  "), state])),
        false => line.push_span(state),
    }
    if let Some(gap) = width.checked_sub(line.width() + generation.width()).filter(|gap| *gap > 0) {
        line.push_span(Span::raw(" ".repeat(gap)));
        line.push_span(generation);
    }
    below.insert(0, if is_chosen { line.reversed() } else { line });
    below
}

fn fuel(row: &ModRow, width: u16) -> Line<'static> {
    let numbers = format!("{:>5} of {}", short(row.stats.fuel_used), short(row.budget.grant));
    let bar_width = width.saturating_sub(numbers.len() as u16 + 1);
    let bar = bar(row.stats.fuel_used, row.budget.grant, bar_width);
    let rest = usize::from(bar_width).saturating_sub(bar.chars().count());
    Line::from(vec![
        Span::styled(bar, Style::new().fg(color(row.tone()))),
        // A track, so that an empty bar is visible.
        Span::raw("░".repeat(rest)).dark_gray(),
        Span::raw(format!(" {numbers}")),
    ])
}

/// What only the chosen mod shows.
fn details(row: &ModRow, fuel: &FuelHistory, width: u16) -> Vec<Line<'static>> {
    let columns = usize::from(width);
    let (bars, top) = fuel.bars(row.entity, row.budget.grant, columns.saturating_sub(GRAPH_LABEL));
    let graph = Line::from(vec![
        Span::styled(graph(&bars), Style::new().fg(color(row.tone()))),
        Span::raw(format!(" {:>5} max", short(top))).dim(),
    ]);
    let mut about = format!("{} {}", row.title, row.version);
    if !row.authors.is_empty() {
        about += &format!(" by {}", row.authors);
    }
    let counts =
        format!("{} faults, {} suspensions", grouped(row.stats.faults), grouped(row.stats.suspensions));
    let mut lines = vec![graph];
    lines.extend([about, counts].iter().flat_map(|text| wrap(text, columns, columns)).map(Line::from));
    for permission in &row.permissions {
        let style = if permission.is_pending { Style::new().yellow() } else { Style::new().dim() };
        let text = if permission.is_pending {
            format!("waits: {}", permission.words)
        } else {
            permission.words.clone()
        };
        lines.extend(wrap(&text, columns, columns).into_iter().map(|line| Line::styled(line, style)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;
    use tinkerbox::ModStatus;
    use tinkerbox::panel::PermissionRow;

    use super::*;
    use crate::rows_for_tests::row;

    fn text(mods: &[ModRow], chosen: usize, width: u16, height: u16) -> Vec<String> {
        lines(mods, &FuelHistory::default(), chosen, width, height).iter().map(Line::to_string).collect()
    }

    fn many(count: usize) -> Vec<ModRow> {
        (0..count).map(|number| row(&format!("mod{number}"), ModStatus::Live)).collect()
    }

    #[test]
    fn a_mod_takes_three_lines() {
        let mods = [row("grass", ModStatus::Live), row("runaway", ModStatus::Suspended { frames: 12 })];
        assert_eq!(
            text(&mods, 0, 36, 6),
            [
                "grass  live                    gen 1",
                "███████████░░░░░░░░░░░  150k of 300k",
                "version 0.1.0 with 1 systems",
                "runaway  suspended 12          gen 1",
                "███████████░░░░░░░░░░░  150k of 300k",
                "version 0.1.0 with 1 systems",
            ]
        );
    }

    #[test]
    fn the_chosen_mod_shows_its_details_where_there_is_room() {
        let mut mods = [row("grass", ModStatus::Live), row("bee", ModStatus::Live)];
        let permission = |words: &str, is_pending| PermissionRow { words: words.to_owned(), is_pending };
        mods[0].permissions =
            vec![permission("spawns entities", true), permission("reads `meadow:Position`", false)];
        mods[0].stats.faults = 1_234;
        let mut fuel = FuelHistory::default();
        (0..4).for_each(|tick| fuel.record([(mods[0].entity, tick * 100_000)]));
        let lines = lines(&mods, &fuel, 0, 36, 30);
        let text: Vec<String> = lines.iter().map(Line::to_string).collect();
        assert_eq!(
            text[3..],
            [
                "                       ▃▆█  300k max",
                "grass 0.1.0 by Ada",
                "1,234 faults, 0 suspensions",
                "waits: spawns entities",
                "reads `meadow:Position`",
                "bee  live                      gen 1",
                "███████████░░░░░░░░░░░  150k of 300k",
                "version 0.1.0 with 1 systems",
            ]
        );
    }

    #[test]
    fn with_less_room_the_chosen_mod_keeps_its_lines() {
        let mods = many(2);
        assert_eq!(text(&mods, 1, 20, 5).len(), 5);
        assert_eq!(text(&mods, 0, 20, 2), ["mod0  live     gen 1", "mod1  live     gen 1"]);
        assert_eq!(text(&mods, 1, 20, 1), ["mod1  live     gen 1"]);
        assert!(text(&mods, 0, 20, 0).is_empty());
        assert!(text(&[], 0, 20, 5).is_empty());
    }

    #[test]
    fn every_mod_can_be_chosen_and_seen_at_every_height() {
        for count in [1, 4, 7, 60] {
            let mods = many(count);
            for height in 1..70 {
                for chosen in 0..count {
                    let text = text(&mods, chosen, 36, height);
                    assert!(text.len() <= usize::from(height), "{count} {height} {chosen}");
                    let is_there = text.iter().any(|line| line.starts_with(&format!("mod{chosen}  ")));
                    assert!(is_there, "{count} mods, {height} lines, {chosen}: {text:#?}");
                    if height > 2 {
                        let counted: usize = text
                            .iter()
                            .filter_map(|line| {
                                line.strip_prefix(['↑', '↓'])?.trim().split(' ').next()?.parse::<usize>().ok()
                            })
                            .sum();
                        let shown = text.iter().filter(|line| line.contains("  live")).count();
                        assert_eq!(shown + counted, count, "{height} lines, {chosen}: {text:#?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_chosen_mod_shows_its_whole_status() {
        let mut mods =
            [row("runaway", ModStatus::Faulted { until_tick: 123_456 }), row("bee", ModStatus::Live)];
        mods[0].fails_to_build = true;
        mods[0].stats.last_message =
            "src/lib.rs:3:5: error: cannot find value `sheep` in this scope".to_owned();
        let expected = [
            "runaway                        gen 1",
            "  rests until 123456, build failed",
            "███████████░░░░░░░░░░░  150k of 300k",
            "src/lib.rs:3:5: error: cannot find",
            "value `sheep` in this scope",
            "bee  live                      gen 1",
        ];
        assert_eq!(text(&mods, 0, 36, 8)[..6], expected);
        // Another one does not take its room.
        assert_eq!(text(&mods, 1, 36, 6).len(), 6);
        assert_eq!(text(&mods, 1, 36, 6)[3], "bee  live                      gen 1");
        // A title without room for the generation is whole.
        mods[1].is_behind = true;
        assert_eq!(text(&mods[1..], 0, 24, 2), ["bee                gen 1", "  live, rebuild refused"]);
        assert_eq!(text(&mods[1..], 0, 27, 1), ["bee  live, rebuild refused"]);
    }

    #[test]
    fn a_refused_rebuild_is_not_green() {
        let mut behind = row("grass", ModStatus::Live);
        assert_eq!(color(behind.tone()), Color::Green);
        behind.is_behind = true;
        assert_eq!(color(behind.tone()), Color::Red);
        assert_eq!(text(&[behind], 0, 36, 1), ["grass  live, rebuild refused   gen 1"]);
        let mut failing = row("grass", ModStatus::Live);
        failing.fails_to_build = true;
        assert_eq!(color(failing.tone()), Color::Red);
        assert_eq!(text(&[failing], 0, 36, 1), ["grass  live, build failed      gen 1"]);
    }
}

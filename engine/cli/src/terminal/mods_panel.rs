//! The panel's rows: for each mod its state, its fuel as a bar, and its last message.

use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use tinkerbox::ModStatus;

use crate::fuel_bar::{bar, short};
use crate::mod_row::ModRow;

/// The most lines that a mod gets.
const LINES_MAX: usize = 3;

/// All mods on so many lines and columns: with less room, each gets fewer of its lines, and the last are only counted.
pub(super) fn lines(mods: &[ModRow], width: u16, height: u16) -> Vec<Line<'static>> {
    let height = usize::from(height);
    let each = height.checked_div(mods.len()).unwrap_or(0).clamp(1, LINES_MAX);
    let of_mod = |row| [title(row, width), fuel(row, width), message(row)].into_iter().take(each);
    let mut lines: Vec<Line> = mods.iter().flat_map(of_mod).collect();
    if lines.len() > height {
        lines.truncate(height.saturating_sub(1));
        lines.push(Line::from(format!("and {} more", mods.len() - lines.len())).dim());
    }
    lines.truncate(height);
    lines
}

fn title(row: &ModRow, width: u16) -> Line<'static> {
    let state = row.state();
    let generation = format!("gen {}", row.stats.generation);
    let left = usize::from(width).saturating_sub(generation.len() + 1);
    let name_and_state =
        Line::from(vec![Span::raw(row.id.clone()).bold(), Span::raw("  "), Span::raw(state).fg(color(row))]);
    let gap = left.saturating_sub(name_and_state.width()) + 1;
    let mut line = name_and_state;
    line.push_span(Span::raw(" ".repeat(gap)));
    line.push_span(Span::raw(generation).dim());
    line
}

fn fuel(row: &ModRow, width: u16) -> Line<'static> {
    let numbers = format!("{:>5} of {}", short(row.stats.fuel_used), short(row.budget.grant));
    let bar_width = width.saturating_sub(numbers.len() as u16 + 1);
    let bar = bar(row.stats.fuel_used, row.budget.grant, bar_width);
    let rest = usize::from(bar_width).saturating_sub(bar.chars().count());
    Line::from(vec![
        Span::styled(bar, Style::new().fg(color(row))),
        // A track, so that an empty bar is seen to be one.
        Span::raw("░".repeat(rest)).dark_gray(),
        Span::raw(format!(" {numbers}")),
    ])
}

fn message(row: &ModRow) -> Line<'static> {
    Line::from(row.stats.last_message.clone()).dim()
}

/// The colour of a mod's state.
fn color(row: &ModRow) -> Color {
    match row.status {
        ModStatus::Live if row.stats.fuel_used > row.budget.grant => Color::Yellow,
        ModStatus::Live => Color::Green,
        ModStatus::Disabled | ModStatus::Suspended { .. } => Color::Yellow,
        ModStatus::Faulted { .. } | ModStatus::Quarantined | ModStatus::Refused => Color::Red,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mod_row::tests::row;

    fn text(mods: &[ModRow], width: u16, height: u16) -> Vec<String> {
        lines(mods, width, height).iter().map(Line::to_string).collect()
    }

    #[test]
    fn a_mod_is_three_lines() {
        let mods = [row("grass", ModStatus::Live), row("runaway", ModStatus::Suspended { frames: 12 })];
        assert_eq!(
            text(&mods, 36, 10),
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
    fn with_less_room_each_gets_fewer_lines() {
        let mods = [row("grass", ModStatus::Live), row("flock", ModStatus::Live)];
        assert_eq!(text(&mods, 20, 5).len(), 4);
        assert_eq!(text(&mods, 20, 2), ["grass  live    gen 1", "flock  live    gen 1"]);
        assert_eq!(text(&mods, 20, 1), ["and 2 more"]);
        assert!(text(&mods, 20, 0).is_empty());
        assert!(text(&[], 20, 5).is_empty());
    }
}

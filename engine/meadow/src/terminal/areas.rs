//! The layout of the screen, for every size.
//!
//! ```text
//!  wide                          narrow (under 72 columns)
//!  +----------- head ---------+  +--- head ---+
//!  | map            | mods    |  | map        |
//!  |                |         |  | mods       |
//!  | log                      |  | log        |
//!  +----------- keys ---------+  +--- keys ---+
//! ```
//!
//! The log takes a third of a tall screen. On shorter screens the log is left out first, then a panel below the map, then
//! the lines at the top and the bottom. The player can also show the log, the mods or the help on the whole screen.

use ratatui::layout::{Constraint, Layout, Rect};

use super::view::Shown;

/// On narrower screens the panel is below the map.
const WIDE: u16 = 72;
const PANEL_WIDTH: u16 = 38;
const LOG_HEIGHT: u16 = 7;
/// The part of a taller panel beyond this does not displace the log.
const PANEL_HEIGHT_MAX: u16 = 14;
/// A map with fewer lines is of no use: the panel below it is left out.
const MAP_HEIGHT: u16 = 8;
/// On shorter screens there is only the map.
const LOW: u16 = 8;

/// The areas of the screen. Those that do not fit are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Areas {
    pub head: Rect,
    pub map: Rect,
    pub panel: Rect,
    pub log: Rect,
    pub keys: Rect,
}

/// Divides the screen. `panel_height` is the height that the panel needs, including its frame.
pub(super) fn areas(screen: Rect, panel_height: u16, shown: Shown) -> Areas {
    if shown != Shown::Everything {
        return areas_of_one(screen, shown);
    }
    let panel_height = panel_height.min(PANEL_HEIGHT_MAX);
    let is_wide = screen.width >= WIDE;
    let middle_height = if is_wide { panel_height } else { panel_height + MAP_HEIGHT };
    let line = u16::from(screen.height >= LOW);
    let room = screen.height.saturating_sub(middle_height + 2);
    let log = if room >= LOG_HEIGHT { (screen.height / 3).clamp(LOG_HEIGHT, room) } else { 0 };
    let parts =
        [Constraint::Length(line), Constraint::Min(0), Constraint::Length(log), Constraint::Length(line)];
    let [head, middle, log, keys] = Layout::vertical(parts).areas(screen);
    let under = if middle.height >= middle_height { panel_height } else { 0 };
    let [map, panel] = match is_wide {
        true => Layout::horizontal([Constraint::Min(0), Constraint::Length(PANEL_WIDTH)]).areas(middle),
        false => Layout::vertical([Constraint::Min(0), Constraint::Length(under)]).areas(middle),
    };
    Areas { head, map, panel, log, keys }
}

/// One part has the whole screen except for its first and last line.
fn areas_of_one(screen: Rect, shown: Shown) -> Areas {
    let line = u16::from(screen.height >= LOW);
    let parts = [Constraint::Length(line), Constraint::Min(0), Constraint::Length(line)];
    let [head, middle, keys] = Layout::vertical(parts).areas(screen);
    let nothing = Rect::new(middle.x, middle.y, 0, 0);
    let of = |part| if part == shown { middle } else { nothing };
    // The help is drawn in place of the map.
    let map = of(Shown::Help);
    Areas { head, map, panel: of(Shown::Mods), log: of(Shown::Log), keys }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(width: u16, height: u16) -> Areas {
        areas(Rect::new(0, 0, width, height), 9, Shown::Everything)
    }

    #[test]
    fn the_panel_is_beside_the_map_on_a_wide_screen() {
        let areas = divided(100, 30);
        assert_eq!(areas.map, Rect::new(0, 1, 62, 18));
        assert_eq!(areas.panel, Rect::new(62, 1, 38, 18));
        assert_eq!(areas.log, Rect::new(0, 19, 100, 10));
    }

    #[test]
    fn the_log_takes_a_third_of_a_tall_screen() {
        for height in [24, 30, 60, 100, 300] {
            let log = divided(100, height).log.height;
            assert!(log >= (height / 3).max(7), "{log} of {height}");
        }
    }

    #[test]
    fn one_part_can_have_the_whole_screen() {
        let screen = Rect::new(0, 0, 40, 10);
        let whole = Rect::new(0, 1, 40, 8);
        assert_eq!(areas(screen, 9, Shown::Log).log, whole);
        assert_eq!(areas(screen, 9, Shown::Mods).panel, whole);
        assert_eq!(areas(screen, 9, Shown::Help).map, whole);
        assert!(areas(screen, 9, Shown::Log).map.is_empty());
    }

    #[test]
    fn the_panel_is_below_the_map_on_a_narrow_screen() {
        let areas = divided(60, 30);
        assert_eq!(areas.map, Rect::new(0, 1, 60, 9));
        assert_eq!(areas.panel, Rect::new(0, 10, 60, 9));
    }

    #[test]
    fn the_log_is_left_out_before_the_panel() {
        assert_eq!((divided(60, 25).panel.height, divided(60, 25).log.height), (9, 0));
        assert_eq!((divided(60, 18).panel.height, divided(60, 18).log.height), (0, 0));
        assert_eq!((divided(80, 17).panel.height, divided(80, 17).log.height), (15, 0));
    }

    #[test]
    fn every_screen_is_divided_without_overlap() {
        for width in (0..140).step_by(3) {
            for height in 0..60 {
                let screen = Rect::new(0, 0, width, height);
                let Areas { head, map, panel, log, keys } = areas(screen, 9, Shown::Everything);
                let parts = [head, map, panel, log, keys];
                let cells: u32 = parts.iter().map(|part| part.area()).sum();
                assert_eq!(cells, screen.area(), "{screen}");
                assert!(
                    parts.iter().all(|part| part.is_empty() || screen.union(*part) == screen),
                    "{screen}"
                );
                assert!(screen.is_empty() || !map.is_empty(), "{screen}");
            }
        }
    }
}

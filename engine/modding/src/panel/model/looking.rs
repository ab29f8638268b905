//! What the player looks at in a panel: which mod, which part of each list, which lines of the log.
//!
//! Pure: each list shows a window of it, which is moved by the wheel and kept within the list. A view that has a fixed number
//! of rows draws a list of any length this way.

use std::ops::Range;

use bevy_ecs::entity::Entity;

use super::filter::LogFilter;
use super::row::ModRow;

/// What the player looks at.
#[derive(Clone, Debug, Default)]
pub struct PanelView {
    /// Whether the panel is shown.
    pub is_open: bool,
    /// Which lines of the log are shown.
    pub filter: LogFilter,
    chosen: Option<Entity>,
    /// Mods and permissions above those that are shown.
    mods_above: usize,
    permissions_above: usize,
    /// Lines of the log below those that are shown.
    log_below: usize,
}

/// How long the lists are, and how many rows of each are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PanelSizes {
    /// Mods, and how many are shown.
    pub mods: (usize, usize),
    /// Permissions of the chosen mod, and how many are shown.
    pub permissions: (usize, usize),
    /// Lines of the log that the filter shows, and the most that are shown: how many fit depends on how long they are.
    pub log: (usize, usize),
}

impl PanelView {
    /// The place of the chosen mod among these: the first one, if the chosen one is gone.
    pub fn chosen(&self, rows: &[ModRow]) -> Option<usize> {
        let place = self.chosen.and_then(|chosen| rows.iter().position(|row| row.entity == chosen));
        place.or((!rows.is_empty()).then_some(0))
    }

    /// Chooses a mod.
    pub fn choose(&mut self, row: &ModRow) {
        if self.chosen != Some(row.entity) {
            self.permissions_above = 0;
        }
        self.chosen = Some(row.entity);
    }

    /// Chooses the mod that is `steps` below the chosen one, or above if it is negative, and shows it.
    pub fn step(&mut self, rows: &[ModRow], steps: isize, shown: usize) {
        let Some(chosen) = self.chosen(rows) else { return };
        let place = chosen.saturating_add_signed(steps).min(rows.len() - 1);
        self.choose(&rows[place]);
        self.mods_above = self.mods_above.clamp((place + 1).saturating_sub(shown), place);
    }

    /// Moves the list of mods down, or up if it is negative.
    pub fn scroll_mods(&mut self, rows: isize) {
        self.mods_above = self.mods_above.saturating_add_signed(rows);
    }

    /// Moves the permissions of the chosen mod.
    pub fn scroll_permissions(&mut self, rows: isize) {
        self.permissions_above = self.permissions_above.saturating_add_signed(rows);
    }

    /// Moves the log. At its end it follows new lines.
    pub fn scroll_log(&mut self, rows: isize) {
        self.log_below = self.log_below.saturating_add_signed(-rows);
    }

    /// Shows the next level of the log.
    pub fn next_level(&mut self) {
        self.filter.next_level();
        self.log_below = 0;
    }

    /// Shows the lines about this mod alone, or those about all mods again.
    pub fn toggle_only(&mut self, mod_id: &str) {
        self.filter.toggle_only(mod_id);
        self.log_below = 0;
    }

    /// Lines were added to the log that the filter shows. Those that the player is reading stay in place.
    pub fn log_grows(&mut self, lines: usize) {
        if self.log_below > 0 {
            self.log_below += lines;
        }
    }

    /// Keeps all windows within their lists, which may have become shorter.
    pub fn fit(&mut self, sizes: PanelSizes) {
        let most = |(all, shown): (usize, usize)| all.saturating_sub(shown);
        self.mods_above = self.mods_above.min(most(sizes.mods));
        self.permissions_above = self.permissions_above.min(most(sizes.permissions));
        // The oldest line can be the last one that is shown, since the others may need more room than there is.
        self.log_below = self.log_below.min(sizes.log.0.saturating_sub(1));
    }

    /// The mods that are shown.
    pub fn mods(&self, sizes: PanelSizes) -> Range<usize> {
        window(self.mods_above, sizes.mods)
    }

    /// The permissions that are shown.
    pub fn permissions(&self, sizes: PanelSizes) -> Range<usize> {
        window(self.permissions_above, sizes.permissions)
    }

    /// The lines of the log that are shown, of those that the filter shows.
    pub fn log(&self, sizes: PanelSizes) -> Range<usize> {
        let (all, shown) = sizes.log;
        let end = all - self.log_below.min(all.saturating_sub(1));
        end.saturating_sub(shown)..end
    }

    /// Lines of the log below those that are shown.
    pub fn log_below(&self) -> usize {
        self.log_below
    }
}

/// A window of a list that begins there, or earlier so that it is full if it can be.
fn window(above: usize, (all, shown): (usize, usize)) -> Range<usize> {
    let start = above.min(all.saturating_sub(shown));
    start..(start + shown).min(all)
}

#[cfg(test)]
mod tests {
    use bevy_ecs::world::World;

    use super::super::row::tests::row;
    use super::*;
    use crate::game::entity::ModStatus;

    fn rows(count: usize) -> Vec<ModRow> {
        let mut world = World::new();
        let row = |_| ModRow { entity: world.spawn_empty().id(), ..row("ant", ModStatus::Live) };
        (0..count).map(row).collect()
    }

    fn sizes(mods: usize, log: usize, shown: usize) -> PanelSizes {
        PanelSizes { mods: (mods, shown), permissions: (mods, shown), log: (log, shown) }
    }

    #[test]
    fn every_window_is_full_if_it_can_be_whatever_was_scrolled() {
        for (all, shown) in (0..12).flat_map(|all| (0..6).map(move |shown| (all, shown))) {
            let sizes = sizes(all, all, shown);
            for by in [-100, -3, -1, 0, 1, 3, 100] {
                let mut view = PanelView::default();
                for _ in 0..3 {
                    view.scroll_mods(by);
                    view.scroll_permissions(by);
                    view.scroll_log(by);
                    for window in [view.mods(sizes), view.permissions(sizes)] {
                        assert_eq!(window.len(), all.min(shown));
                        assert!(window.end <= all);
                    }
                    let log = view.log(sizes);
                    assert!(
                        log.end <= all && log.len() <= shown && log.end >= all.min(1),
                        "{log:?} of {all}"
                    );
                    view.fit(sizes);
                }
            }
        }
    }

    #[test]
    fn each_mod_can_be_chosen_and_is_then_shown() {
        for (count, shown) in [(1, 1), (5, 2), (5, 9), (60, 7)] {
            let (rows, sizes) = (rows(count), sizes(count, 0, shown));
            let mut view = PanelView::default();
            for (step, places) in [(1, (1..count).collect::<Vec<_>>()), (-1, (0..count - 1).rev().collect())]
            {
                for place in places {
                    view.step(&rows, step, shown);
                    assert_eq!(view.chosen(&rows), Some(place));
                    assert!(view.mods(sizes).contains(&place), "{place} in {:?}", view.mods(sizes));
                }
            }
            view.step(&rows, 1_000, shown);
            assert_eq!(view.chosen(&rows), Some(count - 1));
        }
    }

    #[test]
    fn the_first_mod_is_chosen_if_the_chosen_one_is_gone() {
        let rows = rows(3);
        let mut view = PanelView::default();
        view.choose(&rows[2]);
        assert_eq!(
            [&rows[..], &rows[1..], &rows[..2], &[]].map(|rows| view.chosen(rows)),
            [Some(2), Some(1), Some(0), None]
        );
        view.step(&[], 1, 3);
    }

    #[test]
    fn lines_that_are_read_stay_in_place_and_the_end_is_followed() {
        let mut view = PanelView::default();
        view.log_grows(10);
        assert_eq!(view.log(sizes(0, 30, 5)), 25..30);
        view.scroll_log(-4);
        assert_eq!(view.log(sizes(0, 30, 5)), 21..26);
        view.log_grows(7);
        assert_eq!(view.log(sizes(0, 37, 5)), 21..26);
        view.scroll_log(100);
        assert_eq!(view.log(sizes(0, 37, 5)), 32..37);
    }

    #[test]
    fn a_new_filter_shows_the_end_of_the_log() {
        let mut view = PanelView::default();
        view.scroll_log(-4);
        view.next_level();
        assert_eq!(view.log_below(), 0);
        view.scroll_log(-4);
        view.toggle_only("ant");
        assert_eq!((view.log_below(), view.filter.mod_id.as_deref()), (0, Some("ant")));
        view.toggle_only("bee");
        assert_eq!(view.filter.mod_id.as_deref(), Some("bee"));
        view.toggle_only("bee");
        assert_eq!(view.filter.mod_id, None);
    }
}

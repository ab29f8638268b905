//! What the player looks at: which part of the screen, which mod, which lines of the log.
//!
//! Pure: wishes in, something to be done to a mod out.

use super::keys::Wish;

/// Which part of the screen is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    Everything,
    Log,
    Mods,
    Help,
}

/// What the player looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    pub shown: Shown,
    /// The chosen mod's row.
    pub chosen: usize,
    /// Rows of the log below the ones that are shown.
    pub below: usize,
    pub is_paused: bool,
}

/// What there is to look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub mods: usize,
    /// Rows of the whole log, and how many of them are shown.
    pub log_rows: usize,
    pub log_height: usize,
}

/// What is to be done beyond looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Quit,
    /// With the chosen mod.
    Turn,
    Allow,
    Reset,
}

impl View {
    /// Does what the player wants, as far as it is about looking.
    pub fn take(&mut self, wish: Wish, sizes: Sizes) -> Option<Deed> {
        let most_below = sizes.log_rows.saturating_sub(sizes.log_height);
        // One row stays, to find the place again.
        let page = sizes.log_height.saturating_sub(1).max(1);
        match wish {
            Wish::Pause => self.is_paused = !self.is_paused,
            Wish::Quit => return Some(Deed::Quit),
            Wish::Back if self.shown == Shown::Everything => return Some(Deed::Quit),
            Wish::Back => {
                // Who has read enough wants to see what comes.
                if self.shown == Shown::Log {
                    self.below = 0;
                }
                self.shown = Shown::Everything;
            }
            Wish::Up => self.chosen = self.chosen.saturating_sub(1),
            Wish::Down => self.chosen += 1,
            Wish::Older => self.below += page,
            Wish::Newer => self.below = self.below.saturating_sub(page),
            Wish::Oldest => self.below = most_below,
            Wish::Newest => self.below = 0,
            Wish::Turn => return Some(Deed::Turn),
            Wish::Allow => return Some(Deed::Allow),
            Wish::Reset => return Some(Deed::Reset),
            Wish::Log => self.toggle(Shown::Log),
            Wish::Mods => self.toggle(Shown::Mods),
            Wish::Help => self.toggle(Shown::Help),
        }
        self.below = self.below.min(most_below);
        self.chosen = self.chosen.min(sizes.mods.saturating_sub(1));
        None
    }

    /// Rows were added to the log: what is being read stays where it is.
    pub fn log_grows(&mut self, rows: usize, sizes: Sizes) {
        if self.below > 0 {
            self.below = (self.below + rows).min(sizes.log_rows.saturating_sub(sizes.log_height));
        }
    }

    fn toggle(&mut self, shown: Shown) {
        self.shown = if self.shown == shown { Shown::Everything } else { shown };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { mods: 3, log_rows: 25, log_height: 10 };

    fn after(wishes: &[Wish]) -> View {
        let mut view = View::default();
        wishes.iter().for_each(|wish| assert_eq!(view.take(*wish, SIZES), None));
        view
    }

    #[test]
    fn the_chosen_mod_is_one_that_is_there() {
        assert_eq!(after(&[Wish::Up]).chosen, 0);
        assert_eq!(after(&[Wish::Down, Wish::Down]).chosen, 2);
        assert_eq!(after(&[Wish::Down; 9]).chosen, 2);
        let mut view = after(&[Wish::Down; 9]);
        view.take(Wish::Down, Sizes { mods: 0, ..SIZES });
        assert_eq!(view.chosen, 0);
    }

    #[test]
    fn the_log_scrolls_by_pages_up_to_its_ends() {
        assert_eq!(after(&[Wish::Older]).below, 9);
        assert_eq!(after(&[Wish::Older; 5]).below, 15);
        assert_eq!(after(&[Wish::Older, Wish::Older, Wish::Newer]).below, 6);
        assert_eq!(after(&[Wish::Oldest]).below, 15);
        assert_eq!(after(&[Wish::Oldest, Wish::Newest]).below, 0);
        let mut view = after(&[Wish::Older]);
        view.log_grows(4, Sizes { log_rows: 29, ..SIZES });
        assert_eq!(view.below, 13, "what is being read stays");
        view.log_grows(40, Sizes { log_rows: 29, ..SIZES });
        assert_eq!(view.below, 19, "there is nothing above the first");
        let mut view = View::default();
        view.log_grows(4, SIZES);
        assert_eq!(view.below, 0, "the newest is followed");
    }

    #[test]
    fn parts_are_shown_and_left_again() {
        assert_eq!(after(&[Wish::Log]).shown, Shown::Log);
        assert_eq!(after(&[Wish::Log, Wish::Log]).shown, Shown::Everything);
        assert_eq!(after(&[Wish::Log, Wish::Help]).shown, Shown::Help);
        assert_eq!(after(&[Wish::Mods, Wish::Back]).shown, Shown::Everything);
        assert_eq!(after(&[Wish::Log, Wish::Older, Wish::Back]), View::default());
        assert_eq!(after(&[Wish::Log, Wish::Older, Wish::Log]).below, 9);
        assert_eq!(View::default().take(Wish::Back, SIZES), Some(Deed::Quit));
        assert!(after(&[Wish::Pause]).is_paused && !after(&[Wish::Pause, Wish::Pause]).is_paused);
    }
}

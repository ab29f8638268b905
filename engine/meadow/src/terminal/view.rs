//! What the player looks at: which part of the screen, which mod, which lines of the log.
//!
//! Pure: inputs in, actions out.

use tinkerbox::panel::LogFilter;

use super::keys::Input;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    pub shown: Shown,
    /// The chosen mod's row.
    pub chosen: usize,
    /// Rows of the log below the ones that are shown.
    pub below: usize,
    /// Which lines of the log are shown.
    pub filter: LogFilter,
    pub is_paused: bool,
}

/// The sizes of what is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub mods: usize,
    /// Rows of the whole log, and how many of them fit on the screen.
    pub log_rows: usize,
    pub log_height: usize,
}

/// An action that does more than change the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Quit,
    /// To the chosen mod, as the following.
    Turn,
    Allow,
    Refuse,
    Reset,
    /// Filter the log by the chosen mod.
    Only,
}

impl View {
    /// Changes the view as the player asks, or returns the action that is needed.
    pub fn handle(&mut self, input: Input, sizes: Sizes) -> Option<Action> {
        let most_below = sizes.log_rows.saturating_sub(sizes.log_height);
        // One row stays, as a point of orientation.
        let page = sizes.log_height.saturating_sub(1).max(1);
        match input {
            Input::Pause => self.is_paused = !self.is_paused,
            Input::Quit => return Some(Action::Quit),
            Input::Back if self.shown == Shown::Everything => return Some(Action::Quit),
            Input::Back => {
                // The player has finished reading: the log follows new messages again.
                if self.shown == Shown::Log {
                    self.below = 0;
                }
                self.shown = Shown::Everything;
            }
            Input::Up => self.chosen = self.chosen.saturating_sub(1),
            Input::Down => self.chosen += 1,
            Input::Older => self.below += page,
            Input::Newer => self.below = self.below.saturating_sub(page),
            Input::Oldest => self.below = most_below,
            Input::Newest => self.below = 0,
            Input::Level => {
                self.filter.next_level();
                self.below = 0;
            }
            Input::Only => return Some(Action::Only),
            Input::Turn => return Some(Action::Turn),
            Input::Allow => return Some(Action::Allow),
            Input::Refuse => return Some(Action::Refuse),
            Input::Reset => return Some(Action::Reset),
            Input::Log => self.toggle(Shown::Log),
            Input::Mods => self.toggle(Shown::Mods),
            Input::Help => self.toggle(Shown::Help),
        }
        self.below = self.below.min(most_below);
        self.chosen = self.chosen.min(sizes.mods.saturating_sub(1));
        None
    }

    /// Rows were added to the log. The rows that the player is reading stay in place.
    pub fn log_grows(&mut self, rows: usize, sizes: Sizes) {
        if self.below > 0 {
            self.below = (self.below + rows).min(sizes.log_rows.saturating_sub(sizes.log_height));
        }
    }

    /// Shows the lines of the log about this mod alone, or all again.
    pub fn toggle_only(&mut self, mod_id: &str) {
        self.filter.toggle_only(mod_id);
        self.below = 0;
    }

    fn toggle(&mut self, shown: Shown) {
        self.shown = if self.shown == shown { Shown::Everything } else { shown };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { mods: 3, log_rows: 25, log_height: 10 };

    fn after(inputs: &[Input]) -> View {
        let mut view = View::default();
        inputs.iter().for_each(|input| assert_eq!(view.handle(*input, SIZES), None));
        view
    }

    #[test]
    fn the_chosen_mod_exists() {
        assert_eq!(after(&[Input::Up]).chosen, 0);
        assert_eq!(after(&[Input::Down, Input::Down]).chosen, 2);
        assert_eq!(after(&[Input::Down; 9]).chosen, 2);
        let mut view = after(&[Input::Down; 9]);
        view.handle(Input::Down, Sizes { mods: 0, ..SIZES });
        assert_eq!(view.chosen, 0);
    }

    #[test]
    fn the_log_scrolls_by_pages_up_to_its_ends() {
        assert_eq!(after(&[Input::Older]).below, 9);
        assert_eq!(after(&[Input::Older; 5]).below, 15);
        assert_eq!(after(&[Input::Older, Input::Older, Input::Newer]).below, 6);
        assert_eq!(after(&[Input::Oldest]).below, 15);
        assert_eq!(after(&[Input::Oldest, Input::Newest]).below, 0);
        let mut view = after(&[Input::Older]);
        view.log_grows(4, Sizes { log_rows: 29, ..SIZES });
        assert_eq!(view.below, 13, "the rows that are read stay");
        view.log_grows(40, Sizes { log_rows: 29, ..SIZES });
        assert_eq!(view.below, 19, "there is nothing above the first");
        let mut view = View::default();
        view.log_grows(4, SIZES);
        assert_eq!(view.below, 0, "new rows are followed");
    }

    #[test]
    fn a_new_filter_shows_the_end_of_the_log() {
        assert_eq!(after(&[Input::Older, Input::Level]).below, 0);
        assert_ne!(after(&[Input::Level]).filter, View::default().filter);
        let mut view = after(&[Input::Older]);
        view.toggle_only("ant");
        assert_eq!((view.below, view.filter.mod_id.as_deref()), (0, Some("ant")));
    }

    #[test]
    fn parts_are_shown_and_hidden_again() {
        assert_eq!(after(&[Input::Log]).shown, Shown::Log);
        assert_eq!(after(&[Input::Log, Input::Log]).shown, Shown::Everything);
        assert_eq!(after(&[Input::Log, Input::Help]).shown, Shown::Help);
        assert_eq!(after(&[Input::Mods, Input::Back]).shown, Shown::Everything);
        assert_eq!(after(&[Input::Log, Input::Older, Input::Back]), View::default());
        assert_eq!(after(&[Input::Log, Input::Older, Input::Log]).below, 9);
        assert_eq!(View::default().handle(Input::Back, SIZES), Some(Action::Quit));
        assert!(after(&[Input::Pause]).is_paused && !after(&[Input::Pause, Input::Pause]).is_paused);
    }
}

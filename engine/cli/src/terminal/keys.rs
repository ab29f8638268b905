//! What the player's keys mean.

use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

/// What the player wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To stop the world, or to let it go on.
    Pause,
    /// To leave.
    Quit,
}

/// What the keys are, for the player to read.
pub(super) const KEYS: &str = "space pause   q quit";

/// What an event of the terminal means, if anything.
pub(super) fn wish(event: &Event) -> Option<Wish> {
    let Event::Key(key) = event else { return None };
    if key.kind == KeyEventKind::Release {
        return None;
    }
    // In raw mode Ctrl-C is a key like any other, and sends no signal.
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c') if is_control => Some(Wish::Quit),
        KeyCode::Char('q' | 'Q') | KeyCode::Esc => Some(Wish::Quit),
        KeyCode::Char(' ' | 'p' | 'P') => Some(Wish::Pause),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyEvent, KeyEventState};

    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Option<Wish> {
        wish(&Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn keys_pause_and_quit() {
        for code in [KeyCode::Char(' '), KeyCode::Char('p')] {
            assert_eq!(press(code, KeyModifiers::NONE), Some(Wish::Pause));
        }
        for code in [KeyCode::Char('q'), KeyCode::Esc] {
            assert_eq!(press(code, KeyModifiers::NONE), Some(Wish::Quit));
        }
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Wish::Quit));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::NONE), None);
        assert_eq!(wish(&Event::Resize(10, 10)), None);
    }

    #[test]
    fn letting_go_of_a_key_means_nothing() {
        let key = KeyEvent {
            code: KeyCode::Char('q'),
            modifiers: KeyModifiers::NONE,
            kind: KeyEventKind::Release,
            state: KeyEventState::NONE,
        };
        assert_eq!(wish(&Event::Key(key)), None);
    }
}

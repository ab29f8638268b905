//! The keys: what they do, and how the player learns of them.

use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

/// What the player asks for with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Pause or resume the world.
    Pause,
    /// Leave the game.
    Quit,
    /// Show everything again, or leave if everything is shown.
    Back,
    /// Choose the mod above or below.
    Up,
    Down,
    /// Scroll the log.
    Older,
    Newer,
    Oldest,
    Newest,
    /// Leave out the least important lines of the log, or show all again.
    Level,
    /// Show the lines of the log about the chosen mod alone, or all again.
    Only,
    /// Turn the chosen mod off or on.
    Turn,
    /// Grant the permissions that the new code of the chosen mod waits for.
    Allow,
    /// Refuse what the new code of the chosen mod waits for.
    Refuse,
    /// Reset the chosen mod.
    Reset,
    /// Show only the log, the mods or the help, or everything again.
    Log,
    Mods,
    Help,
}

/// The keys as the last line of the screen shows them, the most important first, since narrow screens show only these.
pub(super) const KEYS: [(&str, &str); 9] = [
    ("q", "quit"),
    ("?", "help"),
    ("space", "pause"),
    ("l", "log"),
    ("m", "mods"),
    ("↑↓", "mod"),
    ("o", "on/off"),
    ("a", "allow"),
    ("r", "reset"),
];

/// The keys as the help explains them.
pub(super) const HELP: [(&str, &str); 14] = [
    ("q", "quits, and prints where the log is"),
    ("space", "pauses or resumes the world"),
    ("up, down", "choose a mod in the panel"),
    ("o", "turns the chosen mod off or on"),
    ("a", "grants a rebuild of the chosen mod what it asks for"),
    ("x", "refuses it: the code that asks does not run"),
    ("r", "resets the chosen mod, which starts with empty memory"),
    ("l", "shows the log on the whole screen, or everything again"),
    ("page up, down", "scroll the log; home and end go to its ends"),
    ("f", "leaves out the least important lines of the log, level by level"),
    ("t", "shows the lines of the log about the chosen mod alone, or all again"),
    ("m", "shows the mods on the whole screen, or everything again"),
    ("?", "shows this, or everything again"),
    ("esc", "goes back to everything, then quits"),
];

/// What an event of the terminal asks for, if anything.
pub(super) fn input(event: &Event) -> Option<Input> {
    let Event::Key(key) = event else { return None };
    if key.kind == KeyEventKind::Release {
        return None;
    }
    // In raw mode Ctrl-C is a key like any other, and sends no signal.
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c') if is_control => Some(Input::Quit),
        KeyCode::Char(_) if is_control => None,
        KeyCode::Char('q' | 'Q') => Some(Input::Quit),
        KeyCode::Esc => Some(Input::Back),
        KeyCode::Char(' ' | 'p' | 'P') => Some(Input::Pause),
        KeyCode::Up | KeyCode::Char('k') => Some(Input::Up),
        KeyCode::Down | KeyCode::Char('j') => Some(Input::Down),
        KeyCode::PageUp => Some(Input::Older),
        KeyCode::PageDown => Some(Input::Newer),
        KeyCode::Home => Some(Input::Oldest),
        KeyCode::End => Some(Input::Newest),
        KeyCode::Char('o' | 'O') | KeyCode::Enter => Some(Input::Turn),
        KeyCode::Char('a' | 'A') => Some(Input::Allow),
        KeyCode::Char('x' | 'X') => Some(Input::Refuse),
        KeyCode::Char('r' | 'R') => Some(Input::Reset),
        KeyCode::Char('f' | 'F') => Some(Input::Level),
        KeyCode::Char('t' | 'T') => Some(Input::Only),
        KeyCode::Char('l' | 'L') => Some(Input::Log),
        KeyCode::Char('m' | 'M') => Some(Input::Mods),
        KeyCode::Char('?' | 'h' | 'H') => Some(Input::Help),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyEvent, KeyEventState};

    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Option<Input> {
        input(&Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn keys_pause_and_quit() {
        for code in [KeyCode::Char(' '), KeyCode::Char('p')] {
            assert_eq!(press(code, KeyModifiers::NONE), Some(Input::Pause));
        }
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::NONE), Some(Input::Quit));
        assert_eq!(press(KeyCode::Esc, KeyModifiers::NONE), Some(Input::Back));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Input::Quit));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::NONE), None);
        assert_eq!(press(KeyCode::Char('a'), KeyModifiers::CONTROL), None);
        assert_eq!(input(&Event::Resize(10, 10)), None);
    }

    #[test]
    fn every_key_of_the_last_line_does_something_and_is_explained() {
        for (key, word) in KEYS {
            let code = match key {
                "space" => KeyCode::Char(' '),
                "↑↓" => KeyCode::Up,
                one => KeyCode::Char(one.chars().next().unwrap()),
            };
            assert!(press(code, KeyModifiers::NONE).is_some(), "{key} {word}");
            assert!(key == "↑↓" || HELP.iter().any(|(known, _)| *known == key), "{key} {word}");
        }
    }

    #[test]
    fn releasing_a_key_does_nothing() {
        let key = KeyEvent {
            code: KeyCode::Char('q'),
            modifiers: KeyModifiers::NONE,
            kind: KeyEventKind::Release,
            state: KeyEventState::NONE,
        };
        assert_eq!(input(&Event::Key(key)), None);
    }
}

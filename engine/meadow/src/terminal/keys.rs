//! What the player's keys mean.

use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

/// What the player wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To stop the world, or to let it go on.
    Pause,
    /// To leave.
    Quit,
    /// To see everything again, or to leave where everything is seen.
    Back,
    /// To choose the mod above or below.
    Up,
    Down,
    /// To read older or newer lines of the log.
    Older,
    Newer,
    Oldest,
    Newest,
    /// To turn the chosen mod off or on.
    Turn,
    /// To let the chosen mod's new code have what it asks for.
    Allow,
    /// To give the chosen mod another chance.
    Reset,
    /// To see the log, the mods or the keys alone.
    Log,
    Mods,
    Help,
}

/// What the keys are, for the player to read: the most important first, since narrow screens show only these.
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

/// The keys at length.
pub(super) const HELP: [(&str, &str); 11] = [
    ("q", "quits, and prints which file holds what happened"),
    ("space", "stops the world, or lets it go on"),
    ("up, down", "choose a mod in the panel"),
    ("o", "turns the chosen mod off or on"),
    ("a", "allows a rebuild of the chosen mod what it asks for"),
    ("r", "resets the chosen mod: it begins with empty memory"),
    ("l", "shows the log on the whole screen, or everything again"),
    ("page up, down", "scroll the log; home and end go to its ends"),
    ("m", "shows the mods on the whole screen, or everything again"),
    ("?", "shows this, or everything again"),
    ("esc", "goes back to everything, then quits"),
];

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
        KeyCode::Char(_) if is_control => None,
        KeyCode::Char('q' | 'Q') => Some(Wish::Quit),
        KeyCode::Esc => Some(Wish::Back),
        KeyCode::Char(' ' | 'p' | 'P') => Some(Wish::Pause),
        KeyCode::Up | KeyCode::Char('k') => Some(Wish::Up),
        KeyCode::Down | KeyCode::Char('j') => Some(Wish::Down),
        KeyCode::PageUp => Some(Wish::Older),
        KeyCode::PageDown => Some(Wish::Newer),
        KeyCode::Home => Some(Wish::Oldest),
        KeyCode::End => Some(Wish::Newest),
        KeyCode::Char('o' | 'O') | KeyCode::Enter => Some(Wish::Turn),
        KeyCode::Char('a' | 'A') => Some(Wish::Allow),
        KeyCode::Char('r' | 'R') => Some(Wish::Reset),
        KeyCode::Char('l' | 'L') => Some(Wish::Log),
        KeyCode::Char('m' | 'M') => Some(Wish::Mods),
        KeyCode::Char('?' | 'h' | 'H') => Some(Wish::Help),
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
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::NONE), Some(Wish::Quit));
        assert_eq!(press(KeyCode::Esc, KeyModifiers::NONE), Some(Wish::Back));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Wish::Quit));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::NONE), None);
        assert_eq!(press(KeyCode::Char('a'), KeyModifiers::CONTROL), None);
        assert_eq!(wish(&Event::Resize(10, 10)), None);
    }

    #[test]
    fn every_key_of_the_line_means_something_and_is_explained() {
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

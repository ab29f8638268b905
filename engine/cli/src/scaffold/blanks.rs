//! Templates, and what is filled into them.

use super::game::Game;
use super::new_mod::NewMod;

/// What is filled into every template.
pub(super) struct Blanks {
    id: String,
    /// The game, a component of it, and its interface file; if the templates that have these blanks can be used.
    of_game: Option<[(&'static str, String); 3]>,
}

impl Blanks {
    pub fn new(new: &NewMod, game: Option<&Game>) -> Blanks {
        let of_game = |game: &Game| {
            let example = game.example.as_ref()?;
            let (name, component) = (example.game.clone(), example.component.clone());
            Some([("game", name), ("type", component), ("interface", game.file.clone())])
        };
        Blanks { id: new.id.clone(), of_game: game.and_then(of_game) }
    }

    /// Whether the templates for a known game can be filled in.
    pub fn has_game(&self) -> bool {
        self.of_game.is_some()
    }

    /// The game's name, if the templates for a known game can be filled in.
    pub fn game(&self) -> Option<&str> {
        self.of_game.as_ref().map(|[(_, name), ..]| name.as_str())
    }
}

/// A template with its blanks filled in.
pub(super) fn filled(template: &str, blanks: &Blanks, more: &[(&str, &str)]) -> String {
    let mut text = template.replace("{{id}}", &blanks.id);
    let of_game = blanks.of_game.iter().flatten().map(|(name, value)| (*name, value.as_str()));
    for (name, value) in of_game.chain(more.iter().copied()) {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    text
}

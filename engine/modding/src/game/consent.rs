//! What players have consented to: which content of a mod may run, which must not, and which mods are off.
//!
//! A game saves [`ModGrants`] and loads it again. Nothing in it depends on folders: what counts is the id of a mod and the
//! hash of its two files, so that nothing is gained by moving, renaming or replacing them.

use std::collections::{BTreeMap, BTreeSet};

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};
use tinkerbox_interface::toml_problem;

use crate::package::files::{ContentHash, hash_text};

/// Whether mods run before the player has agreed to what they ask for.
///
/// Whatever a game chooses, a mod gets no more than it asks for, and nothing that the game does not expose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// A mod that is found for the first time runs at once, with what it asks for; a new version that asks for more waits.
    /// For development, and for games that choose their mods themselves.
    #[default]
    RunAtOnce,
    /// Each content of a mod waits until the game [grants](crate::Mods::grant) it: nothing of it runs before, and the older
    /// version, if one was granted, continues.
    Ask,
    /// As [`Consent::Ask`], but a mod that is new is [off](crate::ModStatus::Disabled), without a question, until the
    /// game [enables](crate::Mods::enable) it.
    OffUntilEnabled,
}

/// What was granted to mods in this game: by id, the contents that may run.
///
/// A resource, which [`ModdingPlugin`](crate::ModdingPlugin) adds if the game has not. [`Mods::grant`](crate::Mods::grant) and
/// its like change it at the start of the next frame. A game that saves it and inserts it before mods are loaded asks its
/// player once, and not at each start. It is meant for one game: grants of another one, which [`ModdingPlugin::game`] tells
/// apart, are dropped with a warning.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use tinkerbox::ModGrants;
///
/// fn save(grants: Res<ModGrants>) -> Result<(), BevyError> {
///     if grants.is_changed() {
///         let text = grants.to_toml(); // or any format that serde knows
/// #       drop(text);
///     }
///     Ok(())
/// }
/// ```
///
/// [`ModdingPlugin::game`]: crate::ModdingPlugin::game
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModGrants {
    /// The name of the game; empty if nothing was granted yet.
    game: String,
    mods: BTreeMap<String, Decisions>,
}

/// What was decided about a mod. Contents are hashes in hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Decisions {
    /// The game has turned it off.
    off: bool,
    granted: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl ModGrants {
    pub(crate) const NOTHING: ModGrants = ModGrants { game: String::new(), mods: BTreeMap::new() };

    /// The grants as TOML text, for a file of the game's.
    ///
    /// ```
    /// # fn main() -> tinkerbox::Result<()> {
    /// use tinkerbox::ModGrants;
    ///
    /// let grants = ModGrants::default();
    /// assert_eq!(ModGrants::from_toml(&grants.to_toml())?, grants);
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::missing_panics_doc, reason = "names, hashes and a bool are always TOML")]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("names, hashes and a bool are TOML")
    }

    /// The grants in this text.
    ///
    /// # Errors
    /// If these are no grants: in which line, and why. A game that goes on without them asks its player again.
    pub fn from_toml(text: &str) -> anyhow::Result<ModGrants> {
        toml::from_str(text)
            .map_err(|error| anyhow::anyhow!("these are no grants of mods: {}", toml_problem(&error, text)))
    }

    /// Forgets everything that was decided about the mod with this id. Code that runs continues until the game is started
    /// again.
    ///
    /// ```
    /// tinkerbox::ModGrants::default().forget("wolves");
    /// ```
    pub fn forget(&mut self, id: &str) {
        self.mods.remove(id);
    }

    /// Whether the game has turned off the mod with this id.
    ///
    /// ```
    /// assert!(!tinkerbox::ModGrants::default().is_off("wolves"));
    /// ```
    pub fn is_off(&self, id: &str) -> bool {
        self.mods.get(id).is_some_and(|decisions| decisions.off)
    }

    /// Whether these are the grants of this game.
    pub(crate) fn is_of(&self, game: &str) -> bool {
        self.game == game
    }

    /// Claims grants for a game that are nobody's.
    ///
    /// # Errors
    /// They are those of another game: its name. They must not count here, since another game may mean something else by the
    /// same names.
    pub(crate) fn claim(&mut self, game: &str) -> Result<(), String> {
        if !self.is_of(game) && !self.mods.is_empty() {
            return Err(self.game.clone());
        }
        game.clone_into(&mut self.game);
        Ok(())
    }

    /// Whether any content of this mod was granted.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.mods.get(id).is_some_and(|decisions| !decisions.granted.is_empty())
    }

    pub(crate) fn has_granted(&self, id: &str, content: &ContentHash) -> bool {
        self.mods.get(id).is_some_and(|decisions| decisions.granted.contains(&hash_text(content)))
    }

    pub(crate) fn has_refused(&self, id: &str, content: &ContentHash) -> bool {
        self.mods.get(id).is_some_and(|decisions| decisions.refused.contains(&hash_text(content)))
    }

    /// This content may run from now on.
    pub(crate) fn grant(&mut self, id: &str, content: &ContentHash) {
        let (decisions, content) = (self.decisions(id), hash_text(content));
        decisions.refused.remove(&content);
        decisions.granted.insert(content);
    }

    /// This content must not run, and the player is not asked again.
    pub(crate) fn refuse(&mut self, id: &str, content: &ContentHash) {
        let (decisions, content) = (self.decisions(id), hash_text(content));
        decisions.granted.remove(&content);
        decisions.refused.insert(content);
    }

    pub(crate) fn set_off(&mut self, id: &str, is_off: bool) {
        if self.is_off(id) != is_off {
            self.decisions(id).off = is_off;
        }
    }

    fn decisions(&mut self, id: &str) -> &mut Decisions {
        self.mods.entry(id.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ContentHash = [1; 32];
    const OTHER: ContentHash = [2; 32];

    #[test]
    fn what_was_decided_survives_being_saved() {
        let mut grants = ModGrants::default();
        grants.claim("harbor").unwrap();
        grants.grant("gulls", &ONE);
        grants.refuse("gulls", &OTHER);
        grants.set_off("crabs", true);
        let loaded = ModGrants::from_toml(&grants.to_toml()).unwrap();
        assert_eq!(loaded, grants);
        assert!(loaded.has_granted("gulls", &ONE) && !loaded.has_granted("gulls", &OTHER));
        assert!(loaded.has_refused("gulls", &OTHER) && !loaded.has_refused("crabs", &OTHER));
        assert!(loaded.is_off("crabs") && !loaded.knows("crabs") && loaded.knows("gulls"));
    }

    #[test]
    fn text_that_is_no_grants_is_refused_with_its_line() {
        let wrong = [
            ("game = \"harbor\"\nmods = 3", "line 2"),
            ("game = \"harbor\"\n[mods.gulls]\noff = false\ngranted = [7]", "line 4"),
            ("[mods.gulls]\nallowed = true", "line 2"),
            ("game", "line 1"),
        ];
        for (text, place) in wrong {
            let error = ModGrants::from_toml(text).unwrap_err().to_string();
            assert!(error.contains(place), "{text}: {error}");
        }
    }

    #[test]
    fn the_last_decision_counts() {
        let mut grants = ModGrants::default();
        grants.grant("gulls", &ONE);
        grants.refuse("gulls", &ONE);
        assert!(!grants.has_granted("gulls", &ONE));
        grants.grant("gulls", &ONE);
        assert!(grants.has_granted("gulls", &ONE) && !grants.has_refused("gulls", &ONE));
        grants.forget("gulls");
        assert_eq!(grants, ModGrants::default());
    }

    #[test]
    fn another_games_grants_are_not_claimed() {
        let mut grants = ModGrants::default();
        grants.grant("gulls", &ONE);
        for (owner, game, is_claimed) in [
            ("", "harbor", false),
            ("harbor", "harbor", true),
            ("meadow", "harbor", false),
            ("harbor", "", false),
        ] {
            let mut of_owner = ModGrants { game: owner.to_owned(), ..grants.clone() };
            assert_eq!(of_owner.claim(game).is_ok(), is_claimed, "{owner} {game}");
        }
    }
}

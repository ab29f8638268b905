//! Where a game's files are, and who plays it.

use std::path::PathBuf;

/// What differs between a game that is played and one that a test plays.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of mods.
    pub mods: PathBuf,
    /// The file of what the player has granted. It is in no folder of mods.
    pub grants: PathBuf,
    /// Whether somebody plays: then mods are loaded beside the running game, and changed files are noticed. A test waits for
    /// mods, and says itself what has changed.
    pub is_played: bool,
}

//! How far a game's mods are loaded: for a progress bar, and for what has to wait until they run.

use bevy_ecs::change_detection::Res;
use bevy_ecs::resource::Resource;

/// How far the mods are that were found at the start of the game.
///
/// Mods are built beside the running game, and none is ticked before each of them is live or refused. What is installed or
/// changed later does not count.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use tinkerbox::ModLoading;
///
/// fn show(loading: Res<ModLoading>) {
///     if !loading.is_done() {
///         let current = loading.current.as_deref().unwrap_or_default();
///         println!("mods: {} of {} {current}", loading.done, loading.of);
///     }
/// }
/// ```
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct ModLoading {
    /// How many of them are built, or refused. It reaches `of` when all of them run that can.
    pub done: usize,
    /// How many there are; 0 as long as that is not known.
    pub of: usize,
    /// The name of the folder of the mod that is being built.
    pub current: Option<String>,
    pub(crate) is_done: bool,
}

impl ModLoading {
    /// Whether each of them is live or refused.
    pub fn is_done(&self) -> bool {
        self.is_done
    }
}

/// A run condition: whether mods are loaded, so that they are ticked.
///
/// ```
/// use bevy_app::{App, Update};
/// use bevy_ecs::prelude::*;
/// use tinkerbox::{ModTime, TickMods, mods_loaded};
///
/// fn advance_time(mut time: ResMut<ModTime>) {
///     time.advance(1.0 / 60.0);
/// }
///
/// // The simulation begins together with its mods.
/// App::new().add_systems(Update, advance_time.before(TickMods).run_if(mods_loaded));
/// ```
pub fn mods_loaded(loading: Option<Res<ModLoading>>) -> bool {
    loading.is_some_and(|loading| loading.is_done)
}

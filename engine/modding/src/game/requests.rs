//! What a game does with its mods: turn them off and on, take them out, begin anew.
//!
//! Requests wait here for the start of the next frame, so that every tick sees one state of the mods.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;

/// The game's hand on its mods. What is asked for is done at the start of the next frame.
///
/// A mod is named by its entity, which [`Mods::entity`] finds by the mod's id. Requests about an entity that is no mod
/// (any more) are forgotten.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use tinkerbox::Mods;
///
/// fn turn_off_the_wolves(mut mods: ResMut<Mods>) {
///     if let Some(wolves) = mods.entity("wolves") {
///         mods.disable(wolves);
///     }
/// }
/// ```
#[derive(Resource, Debug, Default)]
pub struct Mods {
    requests: Vec<(Entity, Request)>,
    to_load: Vec<PathBuf>,
    pub(crate) by_id: BTreeMap<String, Entity>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Enable,
    Disable,
    Unload,
    Reset,
}

impl Mods {
    /// The entity of the mod with this id; `None` where none was loaded under it. The name of a folder that could not
    /// be read counts as an id.
    ///
    /// ```
    /// assert_eq!(tinkerbox::Mods::default().entity("wolves"), None);
    /// ```
    pub fn entity(&self, id: &str) -> Option<Entity> {
        self.by_id.get(id).copied()
    }

    /// Goes on with a mod that was disabled, where it stood.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn turn_on(mut mods: ResMut<tinkerbox::Mods>, off: Query<(Entity, &tinkerbox::ModStatus)>) {
    ///     for (it, _) in off.iter().filter(|(_, status)| **status == tinkerbox::ModStatus::Disabled) {
    ///         mods.enable(it);
    ///     }
    /// }
    /// ```
    pub fn enable(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Enable));
    }

    /// Ticks a mod no more. It keeps its memory, and a system that is suspended waits; what it has spawned stays, and
    /// events pass it by.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn turn_off(mut mods: ResMut<tinkerbox::Mods>, all: Query<Entity, With<tinkerbox::ModInfo>>) {
    ///     all.iter().for_each(|it| mods.disable(it));
    /// }
    /// ```
    pub fn disable(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Disable));
    }

    /// Takes a mod out of the game: its entity is despawned, what it has spawned stays. It comes back when its files
    /// change, or with [`Mods::load`].
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn throw_out(mut mods: ResMut<tinkerbox::Mods>) {
    ///     if let Some(runaway) = mods.entity("runaway") {
    ///         mods.unload(runaway);
    ///     }
    /// }
    /// ```
    pub fn unload(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Unload));
    }

    /// Lets a mod begin anew, with empty memory and a full bucket: what it has saved, its faults and its quarantine are
    /// forgotten. What it has spawned stays.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn another_chance(mut mods: ResMut<tinkerbox::Mods>, all: Query<(Entity, &tinkerbox::ModStatus)>) {
    ///     for (it, _) in all.iter().filter(|(_, status)| **status == tinkerbox::ModStatus::Quarantined) {
    ///         mods.reset(it);
    ///     }
    /// }
    /// ```
    pub fn reset(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Reset));
    }

    /// Loads the mod in this folder, which lies inside the plugin's folder, however its path is spelled, and whether its
    /// files have changed or not. It is built beside the game and comes in at the start of a later frame. A folder elsewhere
    /// is not loaded, which a warning says.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn bring_back(mut mods: ResMut<tinkerbox::Mods>) {
    ///     mods.load("mods/runaway");
    /// }
    /// ```
    pub fn load(&mut self, folder: impl Into<PathBuf>) {
        self.to_load.push(folder.into());
    }

    pub(crate) fn take_requests(&mut self) -> Vec<(Entity, Request)> {
        std::mem::take(&mut self.requests)
    }

    pub(crate) fn take_folders(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.to_load)
    }
}

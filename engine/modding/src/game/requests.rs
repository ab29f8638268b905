//! What a game asks for: to grant, refuse, disable, enable, unload, reset, load and pause mods.
//!
//! Requests wait here for the start of the next frame, so that every tick sees one state of the mods.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;

use super::entity::ModPermissions;

/// The folder in which messages place mods that the game has in memory. There is no such folder.
pub(crate) const EMBEDDED_FOLDER: &str = "(embedded)";

/// Controls mods. Requests are carried out at the start of the next frame.
///
/// A mod is named by its entity, which [`Mods::entity`] finds by the mod's id. Requests for an entity that is not a mod, or
/// no longer one, are ignored.
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
    is_paused: bool,
    /// Names, manifests and WebAssembly.
    to_add: Vec<(String, Vec<u8>, Vec<u8>)>,
    /// The mods that have an id, in the order in which they came by it.
    by_id: BTreeMap<String, Vec<(NamedBy, Entity)>>,
}

/// How a mod has come by its id. Of several with one id, the greatest counts, and of those the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NamedBy {
    /// It is the name of its folder, of which no manifest could be read.
    Folder,
    Manifest,
    /// Its code runs.
    Running,
}

/// A request for one mod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// The code that waits, if it is the one with this hash.
    Grant(Option<String>),
    /// The same.
    Refuse(Option<String>),
    /// The same, if that is to allow code that waits.
    Enable(Option<String>),
    Disable,
    Unload,
    Reset,
}

impl Mods {
    /// The entity of the mod with this id; `None` if there is none. The name of a folder that could not be read counts as an
    /// id.
    ///
    /// ```
    /// assert_eq!(tinkerbox::Mods::default().entity("wolves"), None);
    /// ```
    pub fn entity(&self, id: &str) -> Option<Entity> {
        // Of equals this finds the last.
        self.by_id.get(id)?.iter().rev().max_by_key(|(by, _)| *by).map(|(_, entity)| *entity)
    }

    /// Grants the code of a mod that waits what it asks for: from the next frame on it runs.
    ///
    /// What is granted is the content that waits when the next frame begins, and no other: code that is found in that frame
    /// has to ask again. It is kept in [`ModGrants`](crate::ModGrants). If no code waits this does nothing, which is reported.
    /// For a question to the player, see [`Mods::grant_seen`].
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// use tinkerbox::{ModPermissions, Mods, Permission};
    ///
    /// /// Mods that only look need no question.
    /// fn grant_the_harmless(mut mods: ResMut<Mods>, asking: Query<(Entity, &ModPermissions)>) {
    ///     for (entity, permissions) in asking.iter().filter(|(_, permissions)| permissions.is_waiting) {
    ///         if permissions.asked.iter().all(|asked| matches!(asked, Permission::Read(_) | Permission::Hear(_))) {
    ///             mods.grant(entity);
    ///         }
    ///     }
    /// }
    /// ```
    pub fn grant(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Grant(None)));
    }

    /// The same for the content that the player was asked about, and for no other: `seen` is what the question has shown.
    /// Files may change while a player reads.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// use tinkerbox::{ModPermissions, Mods};
    ///
    /// /// The question on the screen.
    /// #[derive(Resource)]
    /// struct Question {
    ///     about: Entity,
    ///     permissions: ModPermissions,
    /// }
    ///
    /// fn yes(mut mods: ResMut<Mods>, question: Res<Question>) {
    ///     mods.grant_seen(question.about, &question.permissions);
    /// }
    /// ```
    pub fn grant_seen(&mut self, mod_entity: Entity, seen: &ModPermissions) {
        self.requests.push((mod_entity, Request::Grant(Some(seen.content.clone()))));
    }

    /// Refuses the code of a mod that waits what it asks for. It does not run, and is not asked for again; older code, if
    /// there is any, continues. [`Mods::grant`] still allows it. If no code waits this does nothing, which is reported.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn trust_nobody(mut mods: ResMut<tinkerbox::Mods>, asking: Query<(Entity, &tinkerbox::ModPermissions)>) {
    ///     for (entity, _) in asking.iter().filter(|(_, permissions)| permissions.is_waiting) {
    ///         mods.refuse(entity);
    ///     }
    /// }
    /// ```
    pub fn refuse(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Refuse(None)));
    }

    /// The same for the content that the player was asked about, and for no other: `seen` is what the question has shown. What
    /// has come since then is asked about again.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// # use tinkerbox::{ModPermissions, Mods};
    /// fn no(mods: &mut Mods, (about, seen): (Entity, &ModPermissions)) {
    ///     mods.refuse_seen(about, seen);
    /// }
    /// ```
    pub fn refuse_seen(&mut self, mod_entity: Entity, seen: &ModPermissions) {
        self.requests.push((mod_entity, Request::Refuse(Some(seen.content.clone()))));
    }

    /// Enables a mod that was disabled. It continues where it was. A mod that was never enabled where mods are
    /// [off until then](crate::Consent::OffUntilEnabled) is granted what it asks for.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn turn_on(mut mods: ResMut<tinkerbox::Mods>, off: Query<(Entity, &tinkerbox::ModStatus)>) {
    ///     for (entity, _) in off.iter().filter(|(_, status)| **status == tinkerbox::ModStatus::Disabled) {
    ///         mods.enable(entity);
    ///     }
    /// }
    /// ```
    pub fn enable(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Enable(None)));
    }

    /// The same, but a mod that was never enabled is granted only the content that the player has seen: `seen` is what was
    /// shown.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// # use tinkerbox::{ModPermissions, Mods};
    /// fn turn_on(mods: &mut Mods, (mod_entity, seen): (Entity, &ModPermissions)) {
    ///     mods.enable_seen(mod_entity, seen);
    /// }
    /// ```
    pub fn enable_seen(&mut self, mod_entity: Entity, seen: &ModPermissions) {
        self.requests.push((mod_entity, Request::Enable(Some(seen.content.clone()))));
    }

    /// Stops ticking a mod, also the next time that it is loaded. It keeps its memory, and a suspended system waits. What it
    /// has spawned stays, and it gets no events.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn turn_off(mut mods: ResMut<tinkerbox::Mods>, all: Query<Entity, With<tinkerbox::ModInfo>>) {
    ///     all.iter().for_each(|entity| mods.disable(entity));
    /// }
    /// ```
    pub fn disable(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Disable));
    }

    /// Removes a mod from the game. Its entity is despawned, and what it has spawned stays. It is loaded again when its files
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

    /// Restarts a mod with empty memory and a full bucket. Its saved state, its faults and its quarantine are forgotten. What
    /// it has spawned stays.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn another_chance(mut mods: ResMut<tinkerbox::Mods>, all: Query<(Entity, &tinkerbox::ModStatus)>) {
    ///     for (entity, _) in all.iter().filter(|(_, status)| **status == tinkerbox::ModStatus::Quarantined) {
    ///         mods.reset(entity);
    ///     }
    /// }
    /// ```
    pub fn reset(&mut self, mod_entity: Entity) {
        self.requests.push((mod_entity, Request::Reset));
    }

    /// Loads the mod in this folder, whether its files have changed or not. The folder must be inside one of the plugin's folders,
    /// but its path may be spelled in any way. The mod is built in the background and loaded at the start of a later frame.
    /// A folder elsewhere is not loaded, and a warning says so.
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

    /// Whether mods are ticked from now on. While they are paused they can still be loaded, allowed, turned off and reloaded;
    /// a suspended system waits. Events that the game sends meanwhile are not kept for them, beyond those of the last frame.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// fn open_menu(mut mods: ResMut<tinkerbox::Mods>) {
    ///     mods.pause(true);
    /// }
    /// ```
    pub fn pause(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Whether the game has paused all mods.
    ///
    /// ```
    /// assert!(!tinkerbox::Mods::default().is_paused());
    /// ```
    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// Loads a mod whose files the game has in memory: embedded in its binary, or downloaded. They are checked as those in a
    /// folder are, and nothing is written to disk.
    ///
    /// The mod is built in the background and loaded at the start of a later frame; before `Startup`, together with the mods
    /// of the plugin's folders. Adding another mod with the same name replaces it, as changed files do. A mod in a folder that
    /// has the same id takes precedence. Messages name its files as `(embedded)/<name>/mod.toml`.
    ///
    /// ```
    /// # use bevy_ecs::prelude::*;
    /// # let include_bytes = |_: &str| &b""[..];
    /// let mut world = World::new();
    /// let (manifest, wasm) = (include_bytes("wolves/mod.toml"), include_bytes("wolves/mod.wasm"));
    /// world.get_resource_or_init::<tinkerbox::Mods>().add_bytes("wolves", manifest, wasm);
    /// ```
    ///
    /// # Panics
    /// If the name is empty, or has a `/` or `\\`.
    pub fn add_bytes(
        &mut self,
        name: impl Into<String>,
        manifest: impl Into<Vec<u8>>,
        wasm: impl Into<Vec<u8>>,
    ) {
        let name = name.into();
        Self::check_name(&name);
        self.to_add.push((name, manifest.into(), wasm.into()));
    }

    /// # Panics
    /// If it is no name for a mod from memory.
    #[track_caller]
    pub(crate) fn check_name(name: &str) {
        let is_name = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\']);
        assert!(is_name, "`{name}` is not a name for an embedded mod: give it one like that of a folder");
    }

    /// This mod has come by its id.
    pub(crate) fn name(&mut self, id: &str, by: NamedBy, entity: Entity) {
        let named = self.by_id.entry(id.to_owned()).or_default();
        match named.iter_mut().find(|(_, other)| *other == entity) {
            Some((known, _)) => *known = by,
            None => named.push((by, entity)),
        }
    }

    /// This mod no longer has an id; another one may have the same.
    pub(crate) fn forget(&mut self, entity: Entity) {
        self.by_id.retain(|_, named| {
            named.retain(|(_, other)| *other != entity);
            !named.is_empty()
        });
    }

    pub(crate) fn take_added(&mut self) -> Vec<(String, Vec<u8>, Vec<u8>)> {
        std::mem::take(&mut self.to_add)
    }

    pub(crate) fn take_requests(&mut self) -> Vec<(Entity, Request)> {
        std::mem::take(&mut self.requests)
    }

    pub(crate) fn take_folders(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.to_load)
    }
}

//! What a mod asks to be allowed, in words.

use std::collections::BTreeSet;

#[cfg(feature = "reflect")]
use bevy_reflect::Reflect;

use crate::package::manifest::Permissions;
use crate::text::harmless_name;

/// Something that a mod asks to be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "reflect", derive(Reflect))]
pub enum Permission {
    /// To read a component or a resource.
    Read(String),
    /// To read and change a component, and to give and take it. What [`inspect`](crate::inspect) finds, which knows no game, may be
    /// a resource.
    Write(String),
    /// To read and change a resource.
    WriteResource(String),
    /// To be told of an event.
    Hear(String),
    /// To send an event.
    Send(String),
    /// To call a function of the game.
    Call(String),
    /// To spawn entities.
    Spawn,
    /// To despawn entities.
    Despawn,
}

impl Permission {
    /// The permission as a sentence about the mod.
    ///
    /// ```
    /// use tinkerbox::Permission;
    /// let write = Permission::Write("meadow:Position".to_owned());
    /// assert_eq!(write.words(), "changes `meadow:Position` of any entity, gives it and takes it away");
    /// ```
    pub fn words(&self) -> String {
        match self {
            Permission::Read(id) => format!("reads `{id}`"),
            Permission::Write(id) => format!("changes `{id}` of any entity, gives it and takes it away"),
            Permission::WriteResource(id) => format!("changes `{id}`"),
            Permission::Hear(id) => format!("is told of each `{id}`"),
            Permission::Send(id) => format!("sends `{id}`"),
            Permission::Call(id) => format!("calls the game's function `{id}`"),
            Permission::Spawn => "spawns entities".to_owned(),
            Permission::Despawn => "despawns entities that have something it may read".to_owned(),
        }
    }

    /// The id of what it is about, if it is about one thing.
    pub fn id(&self) -> Option<&str> {
        match self {
            Permission::Read(id)
            | Permission::Write(id)
            | Permission::WriteResource(id)
            | Permission::Hear(id)
            | Permission::Send(id)
            | Permission::Call(id) => Some(id),
            Permission::Spawn | Permission::Despawn => None,
        }
    }
}

/// All that the manifest asks for, in a game with these resources: each once, in the manifest's order.
pub(crate) fn asked(permissions: &Permissions, is_resource: impl Fn(&str) -> bool) -> Vec<Permission> {
    let Permissions { read, write, events, send, functions, spawn, despawn } = permissions;
    let each = |ids: &[String], of: fn(String) -> Permission| -> Vec<Permission> {
        let mut seen = BTreeSet::new();
        ids.iter().filter(|id| seen.insert(*id)).map(|id| of(harmless_name(id))).collect()
    };
    let mut all = each(read, Permission::Read);
    let (resources, components): (Vec<_>, Vec<_>) = write.iter().cloned().partition(|id| is_resource(id));
    all.extend(each(&components, Permission::Write));
    all.extend(each(&resources, Permission::WriteResource));
    all.extend(each(events, Permission::Hear));
    all.extend(each(send, Permission::Send));
    all.extend(each(functions, Permission::Call));
    all.extend(spawn.then_some(Permission::Spawn));
    all.extend(despawn.then_some(Permission::Despawn));
    all
}

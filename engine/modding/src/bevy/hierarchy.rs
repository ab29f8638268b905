//! Names, parents and children.

use bevy_app::App;
use bevy_ecs::hierarchy::{ChildOf, Children};
use bevy_ecs::name::Name;
use tinkerbox_abi::{ModEntity, Text};
use tinkerbox_macros::mod_type;

use super::read_only::READ_ONLY;
use crate::game::expose::Expose;

/// What something is called.
#[mod_type("bevy:Name")]
struct NameSeen {
    /// The first 64 bytes of the name.
    name: Text<64>,
}

/// Children of which mods are told which ones they are.
const LISTED: usize = 15;

/// The entities whose parent this is, in their order. A list of any length can't be a column; each child has `bevy:ChildOf`.
#[mod_type("bevy:Children")]
struct ChildrenSeen {
    /// The number of all.
    count: u64,
    /// The first of them.
    first: [Option<ModEntity>; LISTED],
}

pub(super) fn expose_name(app: &mut App) {
    app.expose_component_as::<Name, NameSeen>();
}

pub(super) fn expose_hierarchy(app: &mut App) {
    app.expose_relationship::<ChildOf>("bevy:ChildOf");
    app.expose_component_as::<Children, ChildrenSeen>().read_only();
}

impl From<&Name> for NameSeen {
    fn from(name: &Name) -> NameSeen {
        NameSeen { name: name.as_str().into() }
    }
}

impl From<NameSeen> for Name {
    fn from(seen: NameSeen) -> Name {
        Name::new(seen.name.as_str().to_owned())
    }
}

impl From<&Children> for ChildrenSeen {
    fn from(children: &Children) -> ChildrenSeen {
        let child = |at: usize| children.get(at).map(|child| ModEntity::from_bits(child.to_bits()));
        ChildrenSeen { count: children.len() as u64, first: std::array::from_fn(child) }
    }
}

impl TryFrom<ChildrenSeen> for Children {
    type Error = &'static str;

    fn try_from(_: ChildrenSeen) -> Result<Children, &'static str> {
        Err(READ_ONLY)
    }
}

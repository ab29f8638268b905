//! The interface of a game, from what it has exposed.

use bevy_ecs::world::World;
use tinkerbox_interface::{Interface, InterfaceError};

use crate::exposed::Exposed;
use crate::exposed::interface::interface_of;

/// What the game exposes to mods, as data: the content of its interface file. Authors' tools make everything from that file,
/// so a game writes it once for each version: `std::fs::write(file, interface(app.world(), "meadow")?.to_toml()?)`.
///
/// It has what was exposed up to now. `game` is the name of the game, the first half of its ids.
///
/// # Errors
/// Two types of fields have the same name, a description does not fit what is exposed, or a name is not valid: in words.
///
/// ```
/// use bevy_ecs::prelude::*;
/// use tinkerbox::{Expose, interface};
/// use tinkerbox_macros::mod_type;
///
/// /// How well it is.
/// #[mod_type("game:Health")]
/// #[derive(Component)]
/// struct Health {
///     /// At most 100.
///     points: f32,
/// }
///
/// let mut world = World::new();
/// world
///     .expose_component::<Health>()
///     .expose_function("game:square", 10, |x: f32| x * x)
///     .describe_function("game:square", "(x: f32) -> f32", "`x` times `x`.");
/// let text = interface(&world, "game").unwrap().to_toml().unwrap();
/// assert!(text.contains("docs = \"At most 100.\""));
/// ```
pub fn interface(world: &World, game: &str) -> Result<Interface, InterfaceError> {
    let exposed = world.get_resource::<Exposed>().cloned().unwrap_or_default();
    interface_of(&exposed, game)
}

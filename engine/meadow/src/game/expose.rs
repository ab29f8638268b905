//! What Meadow exposes to its mods, and what it tells their authors.

use meadow::{Energy, Grass, HEIGHT, Position, Sheep, Velocity, WIDTH, Wolf};
use tinkerbox::{Expose, ModType};

/// Exposes everything that mods of Meadow may name.
pub fn expose<W: Expose>(to: &mut W) {
    to.expose_component::<Position>()
        .expose_component::<Velocity>()
        .expose_component::<Energy>()
        .expose_component::<Grass>()
        .expose_component::<Sheep>()
        .expose_component::<Wolf>();
    let animal = [Position::ID, Velocity::ID, Energy::ID];
    to.describe_constant("WIDTH", WIDTH, "The world's extent from west to east. It wraps around.")
        .describe_constant("HEIGHT", HEIGHT, "The world's extent from north to south. It wraps around.")
        .describe_entity("sheep", "An animal that grazes.", &[&animal[..], &[Sheep::ID]].concat())
        .describe_entity("wolf", "An animal that hunts sheep.", &[&animal[..], &[Wolf::ID]].concat())
        .describe_entity("grass", "A tuft that sheep eat.", &[Position::ID, Grass::ID]);
}

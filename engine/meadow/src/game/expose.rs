//! What Meadow exposes to its mods, and what it tells their authors.

use meadow::{Caught, Energy, Grass, HEIGHT, Position, Sheep, Velocity, WIDTH, Weather, Wolf};
use tinkerbox::{Expose, ModType};

use super::land::{fertility, height_at};

/// What a call costs: each looks at all hills.
const LAND_FUEL: u64 = 40;

/// Exposes everything that mods of Meadow may name.
pub fn expose<W: Expose>(to: &mut W) {
    to.expose_component::<Position>()
        .expose_component::<Velocity>()
        .expose_component::<Energy>()
        .expose_component::<Grass>()
        .expose_component::<Sheep>()
        .expose_component::<Wolf>()
        .expose_resource::<Weather>()
        .expose_event::<Caught>()
        .expose_function("meadow:height_at", LAND_FUEL, height_at)
        .expose_function("meadow:fertility", LAND_FUEL, fertility);
    describe(to);
}

/// What authors read in the interface file, beside the types and their documentation.
fn describe<W: Expose>(to: &mut W) {
    let animal = [Position::ID, Velocity::ID, Energy::ID];
    to.describe_constant("WIDTH", WIDTH, "The world's extent from west to east. It wraps around.")
        .describe_constant("HEIGHT", HEIGHT, "The world's extent from north to south. It wraps around.")
        .describe_function(
            "meadow:height_at",
            "(x: f32, y: f32) -> f32",
            "How high the land is at a place: 0 in the plain, and up to about 10 on the hills.",
        )
        .describe_function(
            "meadow:fertility",
            "(x: f32, y: f32) -> f32",
            "How likely a seed sprouts at a place: 1 in the plain, and less on the hills.",
        )
        .describe_entity("sheep", "An animal that grazes.", &[&animal[..], &[Sheep::ID]].concat())
        .describe_entity("wolf", "An animal that hunts sheep.", &[&animal[..], &[Wolf::ID]].concat())
        .describe_entity("grass", "A tuft that sheep eat.", &[Position::ID, Grass::ID]);
}

//! What the demo world Meadow exposes to mods - components, a resource, an event and functions of the game - and the
//! little geometry that they share.
//!
//! The game and its mods both depend on this crate, so that they agree on every byte. It has types and
//! pure functions only; the game's functions are declared here, and their bodies are in the game. Behaviour is in the mods (`mods/`), the settings of the world are data
//! (`assets/meadow/meadow.toml`), and drawing it is the game's job.
//!
//! All arithmetic is `+ - * /` and the square root on `f32`, which IEEE 754 defines exactly, so every
//! machine gets the same result.
#![forbid(unsafe_code)]

#[cfg(feature = "bevy")]
use bevy_ecs::{component::Component, message::Message, resource::Resource};
use std::ops::{Add, AddAssign, Mul, Sub};
use tinkerbox_abi::ModEntity;
use tinkerbox_macros::{game_functions, mod_type};

/// The world's extent from west to east. The world wraps around: what leaves it in the east comes back in the west.
pub const WIDTH: f32 = 100.0;
/// The world's extent from north to south. It wraps around in this direction, too.
pub const HEIGHT: f32 = 40.0;

/// Where something is: `0 <= x < WIDTH`, `0 <= y < HEIGHT`.
#[mod_type("meadow:Position")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Position {
    /// From the west.
    pub x: f32,
    /// From the north.
    pub y: f32,
}

/// Where something is going, in units per second. The game moves it: see [`Position::advanced`].
#[mod_type("meadow:Velocity")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Velocity {
    /// To the east.
    pub x: f32,
    /// To the south.
    pub y: f32,
}

/// The energy of an animal, which dies without any.
#[mod_type("meadow:Energy")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Energy {
    /// How much is left.
    pub joules: f32,
}

/// Marks a sheep.
#[mod_type("meadow:Sheep")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Sheep;

/// Marks a wolf.
#[mod_type("meadow:Wolf")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Wolf;

/// Marks a tuft of grass.
#[mod_type("meadow:Grass")]
#[derive(Debug, Default, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Component))]
pub struct Grass;

/// The weather, the same in the whole world. Grass grows by it.
#[mod_type("meadow:Weather")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Resource))]
pub struct Weather {
    /// How fast the wind blows to the east, in units per second; below 0 it blows to the west.
    pub wind: f32,
    /// How much it rains: 0 is dry, 1 is a downpour.
    pub rain: f32,
}

/// A wolf has caught a sheep, which is gone. Mods send it; the game only passes it on.
#[mod_type("meadow:Caught")]
#[derive(Debug, PartialEq)]
#[cfg_attr(feature = "bevy", derive(Message))]
pub struct Caught {
    /// The sheep, which does not exist any more.
    pub sheep: ModEntity,
    /// The wolf.
    pub wolf: ModEntity,
    /// Where it happened, from the west.
    pub x: f32,
    /// Where it happened, from the north.
    pub y: f32,
}

game_functions! {
    "meadow";
    /// How high the land is at a place: 0 in the plain, and up to about 10 on the hills.
    pub fn height_at(x: f32, y: f32) -> f32;
    /// How likely a seed sprouts at a place: 1 in the plain, and less on the hills.
    pub fn fertility(x: f32, y: f32) -> f32;
}

/// A light rain, and no wind.
impl Default for Weather {
    fn default() -> Weather {
        Weather { wind: 0.0, rain: 0.5 }
    }
}

impl Caught {
    /// Where it happened.
    pub fn place(&self) -> Position {
        Position { x: self.x, y: self.y }
    }
}

impl Position {
    /// The position with these coordinates, wrapped into the world.
    pub fn wrapped(x: f32, y: f32) -> Position {
        Position { x: wrap(x, WIDTH), y: wrap(y, HEIGHT) }
    }

    /// Where something is after `seconds` with this velocity.
    ///
    /// ```
    /// use meadow::{Position, Velocity};
    /// let at_the_border = Position { x: 99.0, y: 20.0 };
    /// let moved = at_the_border.advanced(Velocity { x: 4.0, y: 0.0 }, 0.5);
    /// assert_eq!(moved, Position { x: 1.0, y: 20.0 });
    /// ```
    pub fn advanced(self, velocity: Velocity, seconds: f32) -> Position {
        Position::wrapped(self.x + velocity.x * seconds, self.y + velocity.y * seconds)
    }

    /// The shortest way from here to `there`, as the velocity that covers it in one second.
    pub fn way_to(self, there: Position) -> Velocity {
        Velocity { x: shortest(there.x - self.x, WIDTH), y: shortest(there.y - self.y, HEIGHT) }
    }
}

impl Velocity {
    /// How fast it is.
    pub fn speed(self) -> f32 {
        (self.x * self.x + self.y * self.y).sqrt()
    }
}

impl Add for Velocity {
    type Output = Velocity;
    fn add(self, other: Velocity) -> Velocity {
        Velocity { x: self.x + other.x, y: self.y + other.y }
    }
}

impl AddAssign for Velocity {
    fn add_assign(&mut self, other: Velocity) {
        *self = *self + other;
    }
}

impl Sub for Velocity {
    type Output = Velocity;
    fn sub(self, other: Velocity) -> Velocity {
        self + other * -1.0
    }
}

impl Mul<f32> for Velocity {
    type Output = Velocity;
    fn mul(self, factor: f32) -> Velocity {
        Velocity { x: self.x * factor, y: self.y * factor }
    }
}

/// Exact for values that are at most one extent outside the world, as all moves are. Any other value also ends up
/// inside the world.
fn wrap(value: f32, extent: f32) -> f32 {
    let once = match value {
        _ if value < 0.0 => value + extent,
        _ if value >= extent => value - extent,
        _ => value,
    };
    // Rounding can lift a tiny negative number up to the extent. NaN and infinity end up here, too.
    if once >= 0.0 && once < extent { once } else { 0.0 }
}

fn shortest(way: f32, extent: f32) -> f32 {
    match way {
        _ if way > extent / 2.0 => way - extent,
        _ if way < -extent / 2.0 => way + extent,
        _ => way,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_world() {
        for value in [-1e-9, -100.0, -1e9, 99.99999, 100.0, 250.0, f32::NAN, f32::INFINITY] {
            let Position { x, y } = Position::wrapped(value, value);
            assert!((0.0..WIDTH).contains(&x) && (0.0..HEIGHT).contains(&y), "{value} -> {x}, {y}");
        }
    }

    #[test]
    fn ways_go_across_the_border() {
        let east = Position { x: 99.0, y: 1.0 };
        let west = Position { x: 2.0, y: 39.0 };
        assert_eq!(east.way_to(west), Velocity { x: 3.0, y: -2.0 });
        assert_eq!(west.way_to(east), Velocity { x: -3.0, y: 2.0 });
    }
}

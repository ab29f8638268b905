//! meadow: what the game exposes to mods, for api 1. Bindings in Zig.

/// Where something is: `0 <= x < WIDTH`, `0 <= y < HEIGHT`.
pub const Position = extern struct {
    /// From the west.
    x: f32,
    /// From the north.
    y: f32,

    pub const id = "meadow:Position";
};

/// Where something is going, in units per second. The game moves it.
pub const Velocity = extern struct {
    /// To the east.
    x: f32,
    /// To the south.
    y: f32,

    pub const id = "meadow:Velocity";
};

/// The energy of an animal, which dies without any.
pub const Energy = extern struct {
    /// How much is left.
    joules: f32,

    pub const id = "meadow:Energy";
};

/// Marks a sheep.
pub const Sheep = extern struct {
    pub const id = "meadow:Sheep";
};

/// Marks a wolf.
pub const Wolf = extern struct {
    pub const id = "meadow:Wolf";
};

/// Marks a tuft of grass.
pub const Grass = extern struct {
    pub const id = "meadow:Grass";
};

//! meadow: what the game exposes to mods, for api 1. Bindings in Zig.

const tb = @import("tinkerbox");

/// The world's extent from north to south. It wraps around.
pub const HEIGHT: f32 = 40.0;

/// The world's extent from west to east. It wraps around.
pub const WIDTH: f32 = 100.0;

/// The energy of an animal, which dies without any.
///
/// A component.
pub const Energy = extern struct {
    /// How much is left.
    joules: f32,

    pub const id = "meadow:Energy";
};

/// Marks a tuft of grass.
///
/// A component.
pub const Grass = extern struct {
    pub const id = "meadow:Grass";
};

/// Where something is: `0 <= x < WIDTH`, `0 <= y < HEIGHT`.
///
/// A component.
pub const Position = extern struct {
    /// From the west.
    x: f32,
    /// From the north.
    y: f32,

    pub const id = "meadow:Position";
};

/// Marks a sheep.
///
/// A component.
pub const Sheep = extern struct {
    pub const id = "meadow:Sheep";
};

/// Where something is going, in units per second. The game moves it: see [`Position::advanced`].
///
/// A component.
pub const Velocity = extern struct {
    /// To the east.
    x: f32,
    /// To the south.
    y: f32,

    pub const id = "meadow:Velocity";
};

/// Marks a wolf.
///
/// A component.
pub const Wolf = extern struct {
    pub const id = "meadow:Wolf";
};

comptime {
    if (@sizeOf(Energy) != 4) @compileError("meadow:Energy does not have the layout of the game");
    if (@sizeOf(Grass) != 0) @compileError("meadow:Grass does not have the layout of the game");
    if (@sizeOf(Position) != 8) @compileError("meadow:Position does not have the layout of the game");
    if (@sizeOf(Sheep) != 0) @compileError("meadow:Sheep does not have the layout of the game");
    if (@sizeOf(Velocity) != 8) @compileError("meadow:Velocity does not have the layout of the game");
    if (@sizeOf(Wolf) != 0) @compileError("meadow:Wolf does not have the layout of the game");
}

// The game says so if a mod does not fit since it was built against another interface.
comptime {
    asm (
        \\.section .custom_section.tinkerbox.interface,"",@
        \\.ascii "meadow 4c2ed06c525b247372d98eab19372c16\n"
        \\.text
    );
}

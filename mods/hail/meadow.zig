//! meadow: what the game exposes to mods, for api 1. Bindings in Zig.

const tb = @import("tinkerbox");

/// The world's extent from north to south. It wraps around.
pub const HEIGHT: f32 = 40.0;

/// The world's extent from west to east. It wraps around.
pub const WIDTH: f32 = 100.0;

/// A wolf has caught a sheep, which is gone. Mods send it; the game only passes it on.
///
/// An event.
pub const Caught = extern struct {
    /// The sheep, which does not exist any more.
    sheep: tb.Entity,
    /// The wolf.
    wolf: tb.Entity,
    /// Where it happened, from the west.
    x: f32,
    /// Where it happened, from the north.
    y: f32,

    pub const id = "meadow:Caught";
};

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

/// The weather, the same in the whole world. Grass grows by it.
///
/// A resource.
pub const Weather = extern struct {
    /// How fast the wind blows to the east, in units per second; below 0 it blows to the west.
    wind: f32,
    /// How much it rains: 0 is dry, 1 is a downpour.
    rain: f32,

    pub const id = "meadow:Weather";
};

/// Marks a wolf.
///
/// A component.
pub const Wolf = extern struct {
    pub const id = "meadow:Wolf";
};

/// How likely a seed sprouts at a place: 1 in the plain, and less on the hills.
///
/// A call costs 40 units of fuel.
pub const fertility = meadow_functions.fertility;

/// How high the land is at a place: 0 in the plain, and up to about 10 on the hills.
///
/// A call costs 40 units of fuel.
pub const heightAt = meadow_functions.height_at;

const meadow_functions = struct {
    extern "meadow" fn fertility(x: f32, y: f32) f32;
    extern "meadow" fn height_at(x: f32, y: f32) f32;
};

comptime {
    if (@sizeOf(Caught) != 24) @compileError("meadow:Caught does not have the layout of the game");
    if (@sizeOf(Energy) != 4) @compileError("meadow:Energy does not have the layout of the game");
    if (@sizeOf(Grass) != 0) @compileError("meadow:Grass does not have the layout of the game");
    if (@sizeOf(Position) != 8) @compileError("meadow:Position does not have the layout of the game");
    if (@sizeOf(Sheep) != 0) @compileError("meadow:Sheep does not have the layout of the game");
    if (@sizeOf(Velocity) != 8) @compileError("meadow:Velocity does not have the layout of the game");
    if (@sizeOf(Weather) != 8) @compileError("meadow:Weather does not have the layout of the game");
    if (@sizeOf(Wolf) != 0) @compileError("meadow:Wolf does not have the layout of the game");
}

// The game says so if a mod does not fit since it was built against another interface.
comptime {
    asm (
        \\.section .custom_section.tinkerbox.interface,"",@
        \\.ascii "meadow 7520152639eb6c1e725edfc21877c2e9\n"
        \\.text
    );
}

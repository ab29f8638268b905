//! game: what the game exposes to mods, for api 1. Bindings in Zig.

const tb = @import("tinkerbox");

/// A position.
pub const Position = extern struct {
    x: f32,
    y: f32,

    pub const id = "game:Position";
};

/// A velocity.
pub const Velocity = extern struct {
    x: f32,
    y: f32,

    pub const id = "game:Velocity";
};

/// A number, kept in a sparse set.
pub const Mood = extern struct {
    @"0": u32,

    pub const id = "game:Mood";
};

/// A component that never changes.
pub const Species = extern struct {
    @"0": u32,

    pub const id = "game:Species";
};

/// A marker.
pub const Sheep = extern struct {
    pub const id = "game:Sheep";
};

/// A relationship: which entity follows which.
pub const Follows = extern struct {
    leader: tb.Entity,

    pub const id = "game:Follows";
};

/// The weather: a resource.
pub const Weather = extern struct {
    wind: f32,
    rain: f32,

    pub const id = "game:Weather";
};

/// The season: a resource that crosses as its number.
pub const Season = extern struct {
    @"0": u32,

    pub const id = "game:Season";
};

/// A number and two others, twelve bytes: an event.
pub const Bell = extern struct {
    number: u32,
    ringer: u32,
    pitch: f32,

    pub const id = "game:Bell";
};

/// The height of the ground.
pub const heightAt = functions.height_at;

const functions = struct {
    extern "game" fn height_at(x: f32, y: f32) f32;
};

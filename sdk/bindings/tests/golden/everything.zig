//! zoo: what the game exposes to mods, for api 1. Bindings in Zig.

const tb = @import("tinkerbox");

/// From west to east.
pub const WIDTH: f32 = 100.0;

pub const LEAST: i64 = -9223372036854775808;

pub const LEAST_32: i32 = -2147483648;

pub const MOST: u64 = 18446744073709551615;

/// A name that is a word of C, Zig and TypeScript.
pub const default: u8 = 7;

pub const tiny: f64 = -1e-300;

pub const Huge = enum(i64) {
    Least = -9223372036854775808,
    Most = 9223372036854775807,
};

/// It is also the type of a field.
///
/// A component.
pub const Point = extern struct {
    x: f32,
    y: f32,

    pub const id = "zoo:Point";
};

/// A struct of arrays of structs.
pub const Box = extern struct {
    corners: [2][2]Point,
};

/// No variant of it is 0.
pub const Side = enum(i16) {
    Left = -1,
    Right = 300,
};

/// What an animal feels.
///
/// */ Its docs try to leave the comment. /*
pub const Mood = enum(u8) {
    /// It grazes.
    Calm = 0,
    /// A word of Rust.
    @"type" = 7,
};

/// Everything that a field can be.
///
/// A component.
pub const Animal = extern struct {
    /// Who feeds it.
    owner: tb.Entity,
    leader: tb.OptionalEntity,
    huge: Huge,
    cage: Box,
    /// Where it is.
    at: Point,
    heights: [3]f32,
    side: Side,
    @"type": Mood,
    default: bool,
    default_: [2]bool,
    name: tb.Text(14),
    nicknames: [2]tb.Text(4),
    moods: [2][2]Mood,
    friends: [3]u8,
    class: u8,

    pub const id = "zoo:Animal";
};

/// One has eaten another.
///
/// An event.
pub const Eaten = extern struct {
    who: tb.Entity,
    by: tb.OptionalEntity,

    pub const id = "zoo:Eaten";
};

/// The energy of an animal, which dies without any.
///
/// A component.
pub const Energy = extern struct {
    /// How much is left.
    joules: f32,

    pub const id = "zoo:Energy";
};

/// A component.
pub const Follows = extern struct {
    id: tb.Entity,

    pub const tinkerbox_id = "zoo:Follows";
};

/// A marker.
///
/// A component.
pub const Marked = extern struct {
    pub const id = "zoo:Marked";
};

/// One number of each type.
///
/// A component.
pub const Numbers = extern struct {
    a: u64,
    b: i64,
    c: f64,
    d: u32,
    e: i32,
    f: f32,
    g: u16,
    h: i16,
    i: u8,
    j: i8,
    pad: [6]u8,

    pub const id = "zoo:Numbers";
};

/// A tuple struct.
///
/// A component that mods can read, insert and remove, and not change.
pub const Species = extern struct {
    @"0": u32,
    @"1": Mood,
    @"2": [3]u8,

    pub const id = "zoo:Species";
};

/// The weather.
///
/// A resource.
pub const Weather = extern struct {
    wind: f32,
    rain: f32,

    pub const id = "zoo:Weather";
};

/// A type that is called as a number is.
///
/// A component.
pub const @"f32" = extern struct {
    @"f32": f32,

    pub const id = "zoo:f32";
};

/// Another game's, which this one exposes too.
///
/// A component.
pub const physics_Body = extern struct {
    mass: f64,

    pub const id = "physics:Body";
};

/// A call costs 500 units of fuel.
pub const physicsCast = physics_functions.cast;

/// The height of the ground, in metres.
///
/// A call costs 20 units of fuel.
pub const heightAt = zoo_functions.height_at;

/// A word of Rust, with parameters that are others.
///
/// A call costs 1 unit of fuel.
pub const match = zoo_functions.match;

/// A call costs 5 units of fuel.
pub const ring = zoo_functions.ring;

const physics_functions = struct {
    extern "physics" fn cast(x: f64) u64;
};

const zoo_functions = struct {
    extern "zoo" fn height_at(x: f32, y: f32) f32;
    extern "zoo" fn match(@"type": i64, self: u32, default: f64) void;
    extern "zoo" fn ring() void;
};

comptime {
    if (@sizeOf(Huge) != 8) @compileError("Huge does not have the layout of the game");
    if (@sizeOf(Point) != 8) @compileError("zoo:Point does not have the layout of the game");
    if (@sizeOf(Box) != 32) @compileError("Box does not have the layout of the game");
    if (@sizeOf(Side) != 2) @compileError("Side does not have the layout of the game");
    if (@sizeOf(Mood) != 1) @compileError("Mood does not have the layout of the game");
    if (@sizeOf(Animal) != 112) @compileError("zoo:Animal does not have the layout of the game");
    if (@sizeOf(Eaten) != 16) @compileError("zoo:Eaten does not have the layout of the game");
    if (@sizeOf(Energy) != 4) @compileError("zoo:Energy does not have the layout of the game");
    if (@sizeOf(Follows) != 8) @compileError("zoo:Follows does not have the layout of the game");
    if (@sizeOf(Marked) != 0) @compileError("zoo:Marked does not have the layout of the game");
    if (@sizeOf(Numbers) != 48) @compileError("zoo:Numbers does not have the layout of the game");
    if (@sizeOf(Species) != 8) @compileError("zoo:Species does not have the layout of the game");
    if (@sizeOf(Weather) != 8) @compileError("zoo:Weather does not have the layout of the game");
    if (@sizeOf(@"f32") != 4) @compileError("zoo:f32 does not have the layout of the game");
    if (@sizeOf(physics_Body) != 8) @compileError("physics:Body does not have the layout of the game");
}

// The game says so if a mod does not fit since it was built against another interface.
comptime {
    asm (
        \\.section .custom_section.tinkerbox.interface,"",@
        \\.ascii "zoo 3bdc8119a11ff2ac2f94de316031343c\n"
        \\.text
    );
}

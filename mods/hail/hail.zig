//! A hailstorm crosses the meadow now and then, and leaves a trail without grass.
//!
//! The point of this mod: it is written in Zig, whose compiler makes what the game has to know of a system from the types of
//! its parameters.

const tb = @import("tinkerbox");
const meadow = @import("meadow");

pub const panic = tb.Panic;

comptime {
    tb.mod(.{
        tb.system("fall", fall).after(&.{"grass:grow"}),
    });
    tb.state("storm", &storm);
}

/// Seconds between two storms, and how long one takes.
const pause = 25;
const duration = 8;
/// How far around its middle a storm destroys grass, and how fast it moves, to the east.
const radius = 2.5;
const speed = 4;

/// What survives a reload of the code.
var storm: struct { x: f32 = 0, y: f32 = 0, seconds: f32 = 0 } = .{};

const Tufts = tb.Query(struct {
    tuft: []const tb.Entity,
    position: []const meadow.Position,
}, .{ .with = &.{meadow.Grass} });

/// Grass under the storm is destroyed.
fn fall(grass: *Tufts, commands: *tb.Commands) void {
    if (!pass(tb.delta())) return;
    while (grass.next()) |chunk| {
        for (chunk.tuft, chunk.position) |tuft, position| {
            const x = way(storm.x, position.x, meadow.WIDTH);
            const y = way(storm.y, position.y, meadow.HEIGHT);
            if (x * x + y * y < radius * radius) commands.despawn(tuft);
        }
    }
}

/// Moves the storm. Returns whether there is one.
fn pass(seconds: f32) bool {
    storm.seconds -= seconds;
    if (storm.seconds < -pause) {
        storm = .{ .x = tb.randomRange(0, meadow.WIDTH), .y = tb.randomRange(0, meadow.HEIGHT), .seconds = duration };
        tb.info("a storm comes up", .{});
    }
    storm.x += speed * seconds;
    if (storm.x >= meadow.WIDTH) storm.x -= meadow.WIDTH;
    return storm.seconds > 0;
}

/// The shortest way along one axis of the world, which wraps around.
fn way(from: f32, to: f32, extent: f32) f32 {
    const direct = to - from;
    if (direct > extent / 2) return direct - extent;
    return if (direct < -extent / 2) direct + extent else direct;
}

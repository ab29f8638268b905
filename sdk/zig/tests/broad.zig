//! A mod that uses everything once. The same mod in other languages does the same, to the last bit.

const tb = @import("tinkerbox");
const game = @import("game");

pub const panic = tb.Panic;

comptime {
    tb.mod(.{
        tb.system("answer", answer),
        tb.system("mourn", mourn),
        tb.system("greet", greet),
        tb.system("bury", bury),
        tb.system("drift", drift).before(&.{ "follow", "nobody:at_all" }),
        tb.system("watch", watch),
        tb.system("follow", follow).after(&.{"drift"}),
        tb.system("breed", breed),
        tb.system("deny", deny),
        tb.system("forecast", forecast),
        tb.system("notice", notice),
        tb.system("write_diary", writeDiary),
        tb.system("fail", fail),
    });
    tb.state("diary", &diary);
}

const Diary = struct {
    days: u32 = 0,
    warmth: f32 = 0,
    heights: [4]f32 = @splat(0),
    title: tb.Text(16) = .{},
    cold: bool = false,
    debt: i16 = 0,
};

var diary: Diary = .{};

fn answer(bells: *tb.Events(game.Bell), echoes: *tb.EventWriter(game.Bell)) void {
    while (bells.next()) |batch| {
        for (batch) |bell| {
            if (bell.number < 110) tb.info("bell {d} of {d}, {d:.2}", .{ bell.number, bell.ringer, bell.pitch });
            if (bell.number < 100) {
                echoes.send(.{ .number = bell.number + 100, .ringer = bell.ringer, .pitch = bell.pitch * 2 });
            }
        }
    }
}

fn mourn(gone: *tb.Removed(game.Sheep)) void {
    var sum: u64 = 0;
    var count: u32 = 0;
    while (gone.next()) |entities| {
        for (entities) |entity| sum = sum *% 3 +% entity.bits();
        count += @intCast(entities.len);
    }
    tb.info("{d} sheep are gone: {d}", .{ count, sum });
}

fn greet(fresh: *tb.Added(game.Sheep)) void {
    var sum: u64 = 0;
    var count: u32 = 0;
    while (fresh.next()) |entities| {
        for (entities) |entity| sum = sum *% 3 +% entity.bits();
        count += @intCast(entities.len);
    }
    tb.info("{d} sheep are new: {d}", .{ count, sum });
}

fn bury(dead: *tb.Despawned(game.Sheep)) void {
    var sum: u64 = 0;
    var count: u32 = 0;
    while (dead.next()) |entities| {
        for (entities) |entity| sum = sum *% 3 +% entity.bits();
        count += @intCast(entities.len);
    }
    tb.info("{d} sheep are dead: {d}", .{ count, sum });
}

const Things = struct {
    ids: []const tb.Entity,
    at: []game.Position,
    velocity: ?[]const game.Velocity,
    mood: ?[]game.Mood,
};

fn drift(things: *tb.Query(Things, .{ .without = &.{game.Sheep} })) void {
    const delta = tb.delta();
    var rows: usize = 0;
    var still: usize = 0;
    while (things.next()) |chunk| {
        rows += chunk.ids.len;
        if (chunk.mood) |moods| {
            for (moods, chunk.ids) |*mood, id| mood.@"0" += @intCast(id.bits() % 3);
        }
        const velocities = chunk.velocity orelse {
            still += chunk.ids.len;
            continue;
        };
        for (chunk.at, velocities) |*at, velocity| {
            at.x += velocity.x * delta;
            at.y += velocity.y * delta;
        }
    }
    tb.info("{d} things, {d} still", .{ rows, still });
}

fn watch(
    changed: *tb.Query(struct { mood: []const game.Mood }, .{ .changed = &.{game.Mood} }),
    sheep: *tb.Query(struct {}, .{ .with = &.{game.Sheep} }),
) void {
    tb.info("{d} moods changed, {d} sheep", .{ changed.count(), sheep.count() });
}

fn follow(
    followers: *tb.Query(struct { ids: []const tb.Entity, follows: []const game.Follows }, .{}),
    leaders: *tb.Query(struct { at: []game.Position, mood: ?[]game.Mood }, .{}),
) void {
    while (followers.next()) |chunk| {
        for (chunk.ids, chunk.follows, 0..) |id, follows, i| {
            var there = leaders.get(.at, follows.leader) orelse {
                tb.warn("{d} follows nobody", .{id.bits()});
                continue;
            };
            there.y += 1;
            _ = leaders.set(.at, follows.leader, there);
            if (leaders.get(.mood, follows.leader)) |mood| {
                _ = leaders.set(.mood, follows.leader, .{ .@"0" = mood.@"0" + 2 });
            }
            there = leaders.get(.at, follows.leader).?;
            if (i < 5) tb.info("{d} follows to {d:.3} {d:.3}", .{ id.bits(), there.x, there.y });
        }
    }
}

fn breed(
    flock: *tb.Query(struct { ids: []const tb.Entity, at: []const game.Position }, .{ .with = &.{game.Sheep} }),
    commands: *tb.Commands,
    born: *tb.EventWriter(game.Bell),
) void {
    const tick = tb.tick();
    if (tick == 2) {
        const ewe = commands.spawn(.{ game.Position{ .x = 3, .y = 4 }, game.Mood{ .@"0" = 7 }, game.Sheep{} });
        for (0..60) |i| {
            const at = game.Position{ .x = @floatFromInt(i), .y = -1 };
            _ = commands.spawn(.{ at, game.Sheep{}, game.Follows{ .leader = ewe } });
        }
        born.send(.{ .number = 200, .ringer = @truncate(ewe.bits()), .pitch = 0.5 });
    }
    const chunk = flock.next() orelse return;
    const first = chunk.ids[0];
    if (tick == 4) {
        commands.insert(first, .{ game.Velocity{ .x = 1, .y = 2 }, game.Mood{ .@"0" = 9 } });
        commands.remove(chunk.ids[chunk.ids.len - 1], .{game.Follows});
    }
    if (tick == 6) {
        while (flock.next()) |more| {
            for (more.ids) |id| commands.despawn(id);
        }
        commands.despawn(first);
    }
}

fn deny(
    things: *tb.Query(struct { ids: []const tb.Entity, at: []const game.Position }, .{}),
    commands: *tb.Commands,
) void {
    const chunk = things.next() orelse return;
    commands.insert(chunk.ids[0], .{game.Species{ .@"0" = 1 }});
}

fn forecast(weather: *tb.ResMut(game.Weather), season: *tb.Res(game.Season)) void {
    if (season.get() == null) tb.info("no season", .{});
    var today = weather.get() orelse tb.panic(@src(), "no weather", .{});
    today.wind += tb.randomRange(-1, 1);
    today.rain = game.heightAt(today.wind, 2);
    _ = weather.set(today);
    tb.assert(@src(), tb.fuelLeft() > 0);
    tb.info("wind {d:.3}, rain {d:.3}, bits {d}", .{ today.wind, today.rain, tb.stream(7).bits() });
}

fn notice(
    born: *tb.Query(struct {}, .{ .added = &.{game.Sheep} }),
    lone: *tb.Query(struct { ids: []const tb.Entity, mood: []game.Mood }, .{ .with = &.{game.Sheep} }),
    many: *tb.Query(struct { at: []const game.Position }, .{}),
    commands: *tb.Commands,
) void {
    const count = born.count();
    if (many.single() != null) tb.info("a lone thing", .{});
    if (!tb.every(tb.delta() * 3)) return;
    if (lone.single()) |one| {
        one.mood[0].@"0" += 1;
        tb.info("{d} born, one has the mood {d}", .{ count, one.mood[0].@"0" });
    }
    tb.info("luck {d:.3}", .{tb.stream(3).randomRange(-2, 2)});
    if (commands.trySpawn(.{ game.Position{ .x = 9, .y = 9 }, game.Mood{ .@"0" = 3 } })) |new| {
        commands.despawn(new);
        commands.send() catch tb.panic(@src(), "it was refused", .{});
    } else |_| {}
}

fn writeDiary() void {
    diary.days += 1;
    diary.warmth = warmer(diary.warmth);
    diary.heights[diary.days % 4] = @as(f32, @floatFromInt(tb.tick())) * 0.25;
    diary.cold = diary.days % 2 == 1;
    diary.debt -= 300;
    if (diary.days == 1) diary.title.print("day {d}", .{diary.days});
    const cold = if (diary.cold) "cold" else "warm";
    tb.info("{d} days, {d:.2}, [{d:.2}, {d:.2}], {s}, {s}, {d}", .{
        diary.days,          number(diary.warmth), diary.heights[0], diary.heights[3],
        diary.title.slice(), cold,                 diary.debt,
    });
}

/// What the warmth is on the next day; it is an integer in one version and a float in the other.
fn warmer(warmth: anytype) @TypeOf(warmth) {
    return if (@TypeOf(warmth) == f32) warmth + 1.1640625 else @intFromFloat(number(warmth) + 1.1640625);
}

fn number(of: anytype) f64 {
    return if (@TypeOf(of) == f32) of else @floatFromInt(of);
}

fn fail(doomed: *tb.Query(struct {}, .{ .with = &.{game.Species} })) void {
    const count = doomed.count();
    if (count > 2) tb.panic(@src(), "{d} are doomed, {d:.1}", .{ count, -0.3 });
}

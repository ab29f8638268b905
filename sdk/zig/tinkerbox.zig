//! Tinkerbox: mods in Zig. README.md beside this file is the guide.
//!
//!     const Animals = tb.Query(struct { velocity: []meadow.Velocity, energy: []const meadow.Energy }, .{});
//!
//!     fn tire(animals: *Animals) void {
//!         while (animals.next()) |chunk| {
//!             for (chunk.velocity, chunk.energy) |*velocity, energy| {
//!                 if (energy.joules < 1) velocity.* = .{ .x = 0, .y = 0 };
//!             }
//!         }
//!     }
//!
//!     comptime {
//!         tb.mod(.{tb.system("tire", tire)});
//!     }
//!
//! From the ground up: the host's errors, whose functions are in host.zig; time and random numbers; logs and panics; shared
//! types; the parameters of systems; systems and the schema, which is made at compile time; the mod's state, whose form is in
//! state.zig. Nothing here allocates: what a system needs is static.

const std = @import("std");

const host = @import("host.zig");
const saved_state = @import("state.zig");
const Level = host.Level;
const View = host.View;

/// An entity's id. It can be kept from tick to tick, and is never given to another entity.
pub const Entity = enum(u64) {
    /// The id that no entity has.
    none = 0,
    _,

    /// The id as a number.
    pub fn bits(entity: Entity) u64 {
        return @intFromEnum(entity);
    }
};

/// An entity's id, or none: a field of shared types whose layout is `entity?`.
pub const OptionalEntity = enum(u64) {
    none = 0,
    _,

    pub fn of(entity: ?Entity) OptionalEntity {
        return @enumFromInt(if (entity) |some| some.bits() else 0);
    }

    pub fn get(maybe: OptionalEntity) ?Entity {
        return if (maybe == .none) null else @enumFromInt(@intFromEnum(maybe));
    }
};

/// Why the host did not do what a mod asked for.
pub const Error = error{
    /// [permissions] in mod.toml does not allow it.
    Denied,
    /// The entity or resource does not exist (any more).
    Gone,
    /// The buffer is too small, or the mod has reached its limit for this tick.
    NoRoom,
    /// An argument is not valid.
    BadArgument,
    /// Possible only while a system runs.
    NotNow,
};

/// Columns in one query.
pub const columns_max = 12;
/// Streams of random numbers.
pub const random_streams = 64;
/// Bytes of one log message; a longer one is cut.
pub const log_bytes_max = 1024;

/// Bytes of a query's buffer: at most so much of a query is in memory at once.
const chunk_bytes = 16384;
/// Bytes after which commands and events are sent.
const batch_bytes = 4096;

// --- Errors of the host -----------------------------------------------------------------------------------------------

/// The code itself, or the error that it stands for.
fn check(code: i32) Error!u32 {
    return switch (code) {
        -1 => error.Denied,
        -2 => error.Gone,
        -3 => error.NoRoom,
        -6 => error.NotNow,
        else => if (code < 0) error.BadArgument else @intCast(code),
    };
}

/// The name and the meaning of an error.
pub fn describe(refusal: Error) []const u8 {
    return switch (refusal) {
        error.Denied => "DENIED (-1): [permissions] in mod.toml does not allow it",
        error.Gone => "GONE (-2): the entity or resource does not exist (any more)",
        error.NoRoom => "NO_ROOM (-3): the buffer is too small, or the mod has reached its limit for this tick",
        error.BadArgument => "BAD_ARGUMENT (-4): an argument is not valid",
        error.NotNow => "NOT_NOW (-6): possible only while a system runs",
    };
}

// --- Time and random numbers ------------------------------------------------------------------------------------------

/// The number of the simulation's tick.
pub const tick = host.tick;
/// The seconds of simulation that this tick covers.
pub const delta = host.delta;
/// Whether as many seconds of simulation have passed since this was last true; also true in tick 0.
pub fn every(seconds: f32) bool {
    const ticks = @round(seconds / delta());
    const whole: u64 = if (!(ticks > 1)) 1 else if (ticks < 1 << 63) @intFromFloat(ticks) else std.math.maxInt(u64);
    return tick() % whole == 0;
}

/// The fuel left in the mod's budget.
pub const fuelLeft = host.fuel_left;

/// A random number from 0 up to, but not including, 1.
pub fn random() f32 {
    return stream(0).random();
}

/// A random number from `start` up to `end`.
pub fn randomRange(start: f32, end: f32) f32 {
    return stream(0).randomRange(start, end);
}

/// One of the mod's 64 streams of random numbers: draws from one do not change those from another.
pub fn stream(comptime number: u32) Stream {
    if (number >= random_streams) @compileError("a mod has 64 streams of random numbers: use a number from 0 to 63");
    return .{ .number = number };
}

/// A stream of random numbers. The host keeps its position.
pub const Stream = struct {
    number: u32,

    /// A random number from 0 up to, but not including, 1.
    pub fn random(self: Stream) f32 {
        // The upper 24 bits: an f32 holds as many exactly, so the result never rounds up to 1.
        return @as(f32, @floatFromInt(@as(u32, @intCast(self.bits() >> 40)))) / (1 << 24);
    }

    /// A random number from `start` up to `end`.
    pub fn randomRange(self: Stream, start: f32, end: f32) f32 {
        return start + (end - start) * self.random();
    }

    /// 64 random bits.
    pub fn bits(self: Stream) u64 {
        return host.random(self.number);
    }
};

// --- Logs and panics --------------------------------------------------------------------------------------------------

/// A message for the author, as for `std.fmt`.
pub fn err(comptime format: []const u8, arguments: anytype) void {
    log(.err, format, arguments);
}
pub fn warn(comptime format: []const u8, arguments: anytype) void {
    log(.warn, format, arguments);
}
pub fn info(comptime format: []const u8, arguments: anytype) void {
    log(.info, format, arguments);
}
pub fn debug(comptime format: []const u8, arguments: anytype) void {
    log(.debug, format, arguments);
}
pub fn trace(comptime format: []const u8, arguments: anytype) void {
    log(.trace, format, arguments);
}

fn log(level: Level, comptime format: []const u8, arguments: anytype) void {
    const text = Message.of(format, arguments);
    host.log(@intFromEnum(level), text.ptr, text.len);
}

/// A message while it is put together; what does not fit is cut.
const Message = struct {
    var bytes: [log_bytes_max]u8 = undefined;

    fn of(comptime format: []const u8, arguments: anytype) []const u8 {
        // Texts without arguments need no formatter, which is larger than many a mod.
        if (arguments.len == 0) return std.fmt.comptimePrint(format, .{});
        var writer = std.Io.Writer.fixed(&bytes);
        writer.print(format, arguments) catch {};
        return writer.buffered();
    }
};

/// Ends the mod's run with a message, which the game shows with the file and the line: `tb.panic(@src(), "no hay", .{})`.
/// Nothing that the system has done takes effect.
pub fn panic(comptime source: std.builtin.SourceLocation, comptime format: []const u8, arguments: anytype) noreturn {
    const place = std.fmt.comptimePrint("panicked at {s}:{d}:{d}:\n", .{ source.file, source.line, source.column });
    panicWith(Message.of(place ++ format, arguments));
}

/// Panics unless the condition is true: `tb.assert(@src(), hay > 0)`.
pub fn assert(comptime source: std.builtin.SourceLocation, condition: bool) void {
    if (!condition) panic(source, "assertion failed", .{});
}

/// What `@panic` and the language's own checks do. The mod's main file says `pub const Panic = ..`, see the guide:
///
///     pub const panic = tb.Panic;
pub const Panic = std.debug.FullPanic(struct {
    fn call(message: []const u8, _: ?usize) noreturn {
        panicWith(message);
    }
}.call);

fn panicWith(message: []const u8) noreturn {
    host.panic(message.ptr, message.len);
    @trap();
}

/// Logs that the host has refused something, once for each error: `refused` remembers them.
fn logRefusal(refused: *u8, what: []const u8, refusal: Error, advice: []const u8) void {
    const bit = @as(u8, 1) << switch (refusal) {
        error.Denied => 0,
        error.Gone => 1,
        error.NoRoom => 2,
        error.BadArgument => 3,
        error.NotNow => 4,
    };
    if (refused.* & bit != 0) return;
    refused.* |= bit;
    var writer = std.Io.Writer.fixed(&Message.bytes);
    for ([_][]const u8{ what, " were refused: ", describe(refusal), advice }) |part| writer.writeAll(part) catch {};
    host.log(@intFromEnum(Level.err), writer.buffered().ptr, writer.buffered().len);
}

// --- Shared types -----------------------------------------------------------------------------------------------------

/// A text of at most `size` bytes of UTF-8, padded with zeros: a field of shared types and of the state.
pub fn Text(comptime size: usize) type {
    return extern struct {
        bytes: [size]u8 = @splat(0),

        pub const tb_text_size = size;

        /// A text, cut if it is longer than `size` bytes: `.of("day 1")`.
        pub fn of(text: []const u8) @This() {
            var self: @This() = .{};
            self.set(text);
            return self;
        }

        /// The text before the first zero.
        pub fn slice(self: *const @This()) []const u8 {
            return std.mem.sliceTo(&self.bytes, 0);
        }

        /// Sets the text, cut if it is longer than `size` bytes.
        pub fn set(self: *@This(), text: []const u8) void {
            self.bytes = @splat(0);
            var len = @min(text.len, size);
            // Not in the middle of a character.
            while (len < text.len and len > 0 and text[len] & 0xc0 == 0x80) len -= 1;
            @memcpy(self.bytes[0..len], text[0..len]);
        }

        /// Sets the text as `std.fmt` formats it.
        pub fn print(self: *@This(), comptime format: []const u8, arguments: anytype) void {
            self.set(Message.of(format, arguments));
        }
    };
}

/// The layout of a type in the contract's words: `{ x: f32, y: f32 }`.
pub fn layout(comptime T: type) []const u8 {
    if (T == Entity) return "entity";
    if (T == OptionalEntity) return "entity?";
    return switch (@typeInfo(T)) {
        .int, .float, .bool => @typeName(T),
        .array => |array| std.fmt.comptimePrint("[{s}; {d}]", .{ layout(array.child), array.len }),
        .@"enum" => |info_| blk: {
            comptime var text: []const u8 = "enum " ++ @typeName(info_.tag_type) ++ " {";
            inline for (info_.fields) |field| text = text ++ std.fmt.comptimePrint(" {s} = {d},", .{ field.name, field.value });
            break :blk text ++ " }";
        },
        .@"struct" => |info_| blk: {
            if (@hasDecl(T, "tb_text_size")) break :blk std.fmt.comptimePrint("text[{d}]", .{T.tb_text_size});
            if (info_.layout != .@"extern") @compileError(@typeName(T) ++ " must be an `extern struct`: the game has its layout");
            if (info_.fields.len == 0) break :blk "{}";
            comptime var text: []const u8 = "{ ";
            inline for (info_.fields, 0..) |field, i| {
                text = text ++ (if (i == 0) "" else ", ") ++ field.name ++ ": " ++ layout(field.type);
            }
            break :blk text ++ " }";
        },
        else => @compileError(@typeName(T) ++ " can't be a field of a shared type"),
    };
}

/// The id of a shared type.
fn idOf(comptime T: type) []const u8 {
    if (@typeInfo(T) != .@"struct" or !@hasDecl(T, "id")) {
        @compileError(@typeName(T) ++ " is not a type of the game: those have `pub const id = \"game:Name\";`");
    }
    return T.id;
}

/// The key of a component in commands: 64-bit FNV-1a of the id's bytes.
fn keyOf(comptime T: type) u64 {
    return comptime std.hash.Fnv1a_64.hash(idOf(T));
}

// --- Queries ----------------------------------------------------------------------------------------------------------

/// What else a query demands of entities.
pub const Filters = struct {
    /// Components that they have.
    with: []const type = &.{},
    /// Components that they lack.
    without: []const type = &.{},
    /// Components that were added or changed since the system last ran.
    changed: []const type = &.{},
    /// Components that were added since the system last ran.
    added: []const type = &.{},
};

/// Rows of the world, a parameter of a system. `Columns` is a struct of slices: `[]T` is written, `[]const T` read,
/// `?[]T` and `?[]const T` are null for rows without a `T`, and `[]const tb.Entity` has the rows' ids.
pub fn Query(comptime Columns: type, comptime filters: Filters) type {
    const columns = std.meta.fields(Columns);
    return struct {
        const Self = @This();
        const kind = .query;
        const schema = querySchema(Columns, filters);
        const Column = std.meta.FieldEnum(Columns);

        index: u32,
        view: View,
        buffer: [bufferWords(Columns)]u64,

        fn open(self: *Self, index: u32) void {
            self.index = index;
        }

        /// The next chunk, after taking back the previous one; null at the end. Values that are written to it take effect
        /// when the system has finished.
        pub fn next(self: *Self) ?Columns {
            if (self.fetch() == 0) return null;
            var chunk: Columns = undefined;
            inline for (columns, 0..) |column, i| {
                const Slice = SliceOf(column.type);
                const address = self.view.column[i];
                const is_optional = @typeInfo(column.type) == .optional;
                if (is_optional and address == 0) {
                    @field(chunk, column.name) = null;
                } else {
                    const values: [*]std.meta.Child(Slice) = @ptrFromInt(address);
                    @field(chunk, column.name) = values[0..self.view.rows];
                }
            }
            return chunk;
        }

        /// The only row, as a chunk; null if there is no row, or more than one.
        pub fn single(self: *Self) ?Columns {
            inline for (columns) |column| {
                const is_optional = @typeInfo(column.type) == .optional;
                if (is_optional) @compileError("a query with optional columns has no `single`: loop over its chunks");
            }
            // A buffer has room for two rows, so a second row would be in the same chunk.
            const chunk = self.next() orelse return null;
            return if (self.view.rows == 1) chunk else null;
        }

        /// Counts the rows, and is then at the end.
        pub fn count(self: *Self) u32 {
            var rows: u32 = 0;
            while (true) {
                const more = self.fetch();
                if (more == 0) return rows;
                rows += more;
            }
        }

        fn fetch(self: *Self) u32 {
            const rows = host.view_next(self.index, &self.view, &self.buffer, @sizeOf(@TypeOf(self.buffer)));
            // A query is refused outside of systems only, where there is none.
            if (rows < 0) panicWith("the host refused a query");
            return @intCast(rows);
        }

        /// One entity's value of a column: `leaders.get(.position, entity)`. Null if the query does not match the entity,
        /// or if the column is optional and the entity lacks it.
        pub fn get(self: *Self, comptime column: Column, entity: Entity) ?ValueOf(column) {
            var value: ValueOf(column) = undefined;
            const size = unlessGone(host.get(self.index, @intFromEnum(column), entity.bits(), &value)) orelse return null;
            return if (size > 0) value else null;
        }

        /// Sets one entity's value of a column that is written. False if the query does not match the entity.
        pub fn set(self: *Self, comptime column: Column, entity: Entity, value: ValueOf(column)) bool {
            if (@typeInfo(SliceOf(columns[@intFromEnum(column)].type)).pointer.is_const) {
                @compileError("the column " ++ @tagName(column) ++ " is only read: make it a slice that is not const");
            }
            return unlessGone(host.set(self.index, @intFromEnum(column), entity.bits(), &value)) != null;
        }

        fn ValueOf(comptime column: Column) type {
            return std.meta.Child(SliceOf(columns[@intFromEnum(column)].type));
        }
    };
}

/// Null for what is gone; any other error is one of the mod.
fn unlessGone(code: i32) ?u32 {
    return check(code) catch |refusal| switch (refusal) {
        error.Gone => null,
        else => panicWith(describe(refusal)),
    };
}

fn SliceOf(comptime T: type) type {
    const Slice = if (@typeInfo(T) == .optional) std.meta.Child(T) else T;
    if (@typeInfo(Slice) != .pointer or @typeInfo(Slice).pointer.size != .slice) {
        @compileError("a column of a query must be a slice, not " ++ @typeName(T));
    }
    return Slice;
}

fn bufferWords(comptime Columns: type) usize {
    var row: usize = 0;
    for (std.meta.fields(Columns)) |column| row += (@sizeOf(std.meta.Child(SliceOf(column.type))) + 7) / 8;
    return if (row == 0) 1 else @max(2 * row, chunk_bytes / 8);
}

fn querySchema(comptime Columns: type, comptime filters: Filters) []const u8 {
    var text: []const u8 = "[[system.query]]\ncolumns = [";
    for (std.meta.fields(Columns)) |column| {
        const slice = @typeInfo(SliceOf(column.type));
        const T = slice.pointer.child;
        const access = if (slice.pointer.is_const) "read" else "write";
        const optional = if (@typeInfo(column.type) == .optional) "true" else "false";
        const id, const words = if (T == Entity) .{ "entity", "u64" } else .{ idOf(T), layout(T) };
        text = text ++ "{ component = '" ++ id ++ "', access = '" ++ access ++ "', optional = " ++ optional ++
            ", layout = '" ++ words ++ "' }, ";
    }
    text = text ++ "]\n";
    for (std.meta.fields(Filters)) |filter| {
        if (@field(filters, filter.name).len == 0) continue;
        text = text ++ filter.name ++ " = [";
        for (@field(filters, filter.name)) |T| text = text ++ "'" ++ idOf(T) ++ "', ";
        text = text ++ "]\n";
    }
    return text;
}

// --- Events and removals ----------------------------------------------------------------------------------------------

/// The events for which a system is called: a parameter of a handler.
pub fn Events(comptime E: type) type {
    return struct {
        const Self = @This();
        const kind = .on;
        const schema = "on = { event = '" ++ idOf(E) ++ "', layout = '" ++ layout(E) ++ "' }\n";

        buffer: [@max(1, batch_bytes / @sizeOf(E))]E,

        fn open(_: *Self, _: u32) void {}

        /// The next events; null at the end.
        pub fn next(self: *Self) ?[]const E {
            return receive(E, &self.buffer);
        }
    };
}

/// The entities to which a component was added, for which a system is called: a parameter of a handler.
pub fn Added(comptime T: type) type {
    return Told("added", T);
}

/// The removals of a component for which a system is called, despawns of entities with it among them: a parameter of a
/// handler.
pub fn Removed(comptime T: type) type {
    return Told("removed", T);
}

/// The entities that were despawned with a component, for which a system is called: a parameter of a handler.
pub fn Despawned(comptime T: type) type {
    return Told("despawned", T);
}

fn Told(comptime what: []const u8, comptime T: type) type {
    return struct {
        const Self = @This();
        const kind = .on;
        const schema = "on = { " ++ what ++ " = '" ++ idOf(T) ++ "' }\n";

        buffer: [batch_bytes / @sizeOf(Entity)]Entity,

        fn open(_: *Self, _: u32) void {}

        /// The next entities; null at the end.
        pub fn next(self: *Self) ?[]const Entity {
            return receive(Entity, &self.buffer);
        }
    };
}

fn receive(comptime T: type, buffer: []T) ?[]const T {
    const count = check(host.event_next(buffer.ptr, buffer.len * @sizeOf(T))) catch |refusal| panicWith(describe(refusal));
    return if (count == 0) null else buffer[0..count];
}

/// Sends events when the system has finished: a parameter of a system. If the host refuses them, this is logged once for
/// each error.
pub fn EventWriter(comptime E: type) type {
    return struct {
        const Self = @This();
        const kind = .send;
        const schema = "[[system.send]]\nevent = '" ++ idOf(E) ++ "'\nlayout = '" ++ layout(E) ++ "'\n";

        index: u32,
        len: u32 = 0,
        refused: u8 = 0,
        waiting: [@max(1, batch_bytes / @sizeOf(E))]E,

        fn open(self: *Self, index: u32) void {
            self.index = index;
            self.len = 0;
        }

        pub fn send(self: *Self, event: E) void {
            self.waiting[self.len] = event;
            self.len += 1;
            if (self.len == self.waiting.len) self.close();
        }

        fn close(self: *Self) void {
            if (self.len == 0) return;
            const code = host.event_send(self.index, &self.waiting, self.len * @sizeOf(E));
            self.len = 0;
            _ = check(code) catch |refusal| logRefusal(&self.refused, "events", refusal, "");
        }
    };
}

// --- Resources --------------------------------------------------------------------------------------------------------

/// A resource of the game, to read: a parameter of a system.
pub fn Res(comptime T: type) type {
    return Resource(T, "read");
}

/// A resource of the game, to read and to change: a parameter of a system.
pub fn ResMut(comptime T: type) type {
    return Resource(T, "write");
}

fn Resource(comptime T: type, comptime access: []const u8) type {
    return struct {
        const Self = @This();
        const kind = .resource;
        const schema = "[[system.resource]]\nresource = '" ++ idOf(T) ++ "'\naccess = '" ++ access ++ "'\nlayout = '" ++
            layout(T) ++ "'\n";

        index: u32,

        fn open(self: *Self, index: u32) void {
            self.index = index;
        }

        /// The value, or null if the game does not have the resource at the moment.
        pub fn get(self: *const Self) ?T {
            var value: T = undefined;
            return if (unlessGone(host.resource_get(self.index, &value)) == null) null else value;
        }

        /// Sets the value when the system has finished. False if the game does not have the resource at the moment.
        pub fn set(self: *const Self, value: T) bool {
            if (access[0] == 'r') @compileError("a `Res` is only read: use a `ResMut`");
            return unlessGone(host.resource_set(self.index, &value)) != null;
        }
    };
}

// --- Commands ---------------------------------------------------------------------------------------------------------

const Op = enum(u32) { spawn = 1, despawn, insert, remove };

/// Structural changes, applied in order when the system has finished: a parameter of a system. If the host refuses them,
/// this is logged once for each error.
pub const Commands = struct {
    const kind = .commands;
    const schema = "commands = true\n";
    const ids_max = 64;

    len: u32 = 0,
    records: [batch_bytes / 8]u64,
    /// Ids that are reserved and not used yet.
    next_id: u32 = 0,
    ids: u32 = 0,
    next_batch: u32 = 1,
    refused: u8 = 0,
    reserved: [ids_max]Entity,

    fn open(self: *Commands, _: u32) void {
        self.len = 0;
        self.next_id = 0;
        self.ids = 0;
        self.next_batch = 1;
    }

    /// Spawns an entity with a tuple of components: `commands.spawn(.{ Position{ .x = 3, .y = 4 }, Sheep{} })`. Its id can
    /// be used at once. If the host refuses, it is `Entity.none`, and commands for that do nothing.
    pub fn spawn(self: *Commands, components: anytype) Entity {
        return self.trySpawn(components) catch |refusal| {
            self.logCommandsRefusal(refusal);
            return .none;
        };
    }

    /// The same, and returns an error if the host refuses to reserve an id.
    pub fn trySpawn(self: *Commands, components: anytype) Error!Entity {
        const entity = try self.nextId();
        self.put(.spawn, entity, components);
        return entity;
    }

    /// Inserts a tuple of components into an entity, replacing those that it has.
    pub fn insert(self: *Commands, entity: Entity, components: anytype) void {
        if (entity != .none) self.put(.insert, entity, components);
    }

    /// Removes components, a tuple of types: `commands.remove(tuft, .{Grass})`.
    pub fn remove(self: *Commands, entity: Entity, comptime components: anytype) void {
        if (entity == .none) return;
        const room = self.begin(.remove, entity, components.len, components.len);
        inline for (components, 0..) |T, i| room[i] = keyOf(T);
    }

    /// Despawns an entity. It does nothing if the entity does not exist any more.
    pub fn despawn(self: *Commands, entity: Entity) void {
        if (entity != .none) _ = self.begin(.despawn, entity, 0, 0);
    }

    /// Sends the commands now. After an error none of those that were sent together is applied.
    pub fn send(self: *Commands) Error!void {
        if (self.len == 0) return;
        const code = host.command(&self.records, self.len * 8);
        self.len = 0;
        _ = try check(code);
    }

    fn close(self: *Commands) void {
        self.send() catch |refusal| self.logCommandsRefusal(refusal);
    }

    fn put(self: *Commands, op: Op, entity: Entity, components: anytype) void {
        const fields = std.meta.fields(@TypeOf(components));
        comptime var words = 0;
        inline for (fields) |field| words += 2 + (@sizeOf(field.type) + 7) / 8;
        var room = self.begin(op, entity, fields.len, words);
        inline for (fields) |field| {
            const value_words = (@sizeOf(field.type) + 7) / 8;
            room[0] = keyOf(field.type);
            room[1] = @sizeOf(field.type);
            if (value_words > 0) {
                room[1 + value_words] = 0;
                const value = @field(components, field.name);
                @memcpy(std.mem.sliceAsBytes(room[2..])[0..@sizeOf(field.type)], std.mem.asBytes(&value));
            }
            room = room[2 + value_words ..];
        }
    }

    /// Begins a record, and returns room for its rest.
    fn begin(self: *Commands, op: Op, entity: Entity, count: u32, comptime words: u32) []u64 {
        if (2 + words > batch_bytes / 8) @compileError("the components of one command take more than 4096 bytes");
        if (self.len + 2 + words > self.records.len) self.close();
        const record = self.records[self.len..];
        self.len += 2 + words;
        record[0] = @intFromEnum(op) | @as(u64, count) << 32;
        record[1] = entity.bits();
        return record[2..];
    }

    fn nextId(self: *Commands) Error!Entity {
        if (self.next_id == self.ids) {
            // Batches grow, so that a system that spawns little reserves little. The mod may have room for fewer.
            var count = self.next_batch;
            self.next_id = 0;
            self.ids = 0;
            _ = check(host.entity_reserve(&self.reserved, count)) catch |refusal| {
                if (refusal != error.NoRoom or count == 1) return refusal;
                count = 1;
                _ = try check(host.entity_reserve(&self.reserved, count));
            };
            self.ids = count;
            self.next_batch = @min(2 * count, ids_max);
        }
        defer self.next_id += 1;
        return self.reserved[self.next_id];
    }

    fn logCommandsRefusal(self: *Commands, refusal: Error) void {
        logRefusal(&self.refused, "commands", refusal, if (refusal == error.Denied)
            ". Add there `spawn = true` to spawn, `despawn = true` to despawn, and to `write` the components that are " ++
                "spawned, inserted or removed"
        else
            "");
    }
};

// --- Systems ----------------------------------------------------------------------------------------------------------

/// A function that the game calls once a tick. The types of its parameters, which are pointers to `Query`, `Commands`,
/// `Events`, `Added`, `Removed`, `Despawned`, `EventWriter`, `Res` and `ResMut`, declare what it reads and changes.
pub fn system(comptime name: []const u8, comptime function: anytype) System {
    const parameters = @typeInfo(@TypeOf(function)).@"fn".params;
    var types: [parameters.len]type = undefined;
    var indices: [parameters.len]u32 = undefined;
    var heads: []const u8 = "";
    var tables: []const u8 = "";
    for (parameters, 0..) |parameter, i| {
        const pointer = @typeInfo(parameter.type.?);
        if (pointer != .pointer) @compileError("parameters of the system " ++ name ++ " are pointers: *tb.Query(..)");
        types[i] = pointer.pointer.child;
        indices[i] = 0;
        for (types[0..i]) |earlier| {
            if (earlier.kind == types[i].kind) indices[i] += 1;
        }
        switch (types[i].kind) {
            .on, .commands => heads = heads ++ types[i].schema,
            else => tables = tables ++ types[i].schema,
        }
    }
    const Values = std.meta.Tuple(&types);
    const fixed_indices = indices;
    return .{ .name = name, .heads = heads, .tables = tables, .Entry = struct {
        var values: Values = undefined;
        /// Bytes that are zero before the first run, as refusals that were logged have to be.
        var is_begun = false;

        fn run() callconv(.c) void {
            var arguments: std.meta.ArgsTuple(@TypeOf(function)) = undefined;
            inline for (0..parameters.len) |i| {
                if (!is_begun and @hasField(@TypeOf(values[i]), "refused")) values[i].refused = 0;
                values[i].open(fixed_indices[i]);
                arguments[i] = &values[i];
            }
            is_begun = true;
            @call(.auto, function, arguments);
            inline for (0..parameters.len) |i| {
                if (@hasDecl(@TypeOf(values[i]), "close")) values[i].close();
            }
        }
    } };
}

/// A system, and its order among others.
pub const System = struct {
    name: []const u8,
    heads: []const u8,
    tables: []const u8,
    Entry: type,
    order: []const u8 = "",

    /// Runs it after these systems; one of another mod is named "mod:system".
    pub fn after(comptime self: System, comptime names: []const []const u8) System {
        return self.ordered("after", names);
    }

    /// Runs it before these systems.
    pub fn before(comptime self: System, comptime names: []const []const u8) System {
        return self.ordered("before", names);
    }

    fn ordered(comptime self: System, comptime key: []const u8, comptime names: []const []const u8) System {
        var system_ = self;
        system_.order = system_.order ++ key ++ " = [";
        for (names) |name| system_.order = system_.order ++ "'" ++ name ++ "', ";
        system_.order = system_.order ++ "]\n";
        return system_;
    }
};

/// The mod's systems, a tuple, in the order in which they run. Call it once, in a `comptime` block of the main file.
pub fn mod(comptime systems: anytype) void {
    @setEvalBranchQuota(100_000);
    var text: []const u8 = "";
    for (systems) |system_| {
        @export(&system_.Entry.run, .{ .name = "sys_" ++ system_.name });
        text = text ++ "[[system]]\nname = '" ++ system_.name ++ "'\n" ++ system_.order ++ system_.heads ++ system_.tables;
    }
    _ = Section(text);
}

/// Text in the custom section that the game reads.
fn Section(comptime text: []const u8) type {
    var lines: []const u8 = ".section .custom_section.tinkerbox.schema,\"\",@\n";
    var rest = std.mem.splitScalar(u8, text, '\n');
    while (rest.next()) |line| lines = lines ++ ".ascii \"" ++ line ++ "\\n\"\n";
    const assembly = lines ++ ".text\n";
    return struct {
        comptime {
            asm (assembly);
        }
    };
}

// --- The mod's state --------------------------------------------------------------------------------------------------

/// What survives a reload of the code: a variable that holds a struct, whose fields are saved by their names.
///
///     var diary: struct { days: u32 = 0, heights: [16]f32 = @splat(0), title: tb.Text(32) = .{} } = .{};
///
///     comptime {
///         tb.state("diary", &diary);
///     }
///
/// A field is a number, a bool, a `tb.Entity`, an enum, a `tb.Text`, or an optional, an array or a struct of these. The guide
/// has the rule by which a state that has changed gets the values of the old one. The names that fields had before, and a
/// function that sees what was saved, stand in the struct:
///
///     pub const was = .{ .days = .{"tage"} };
///     pub fn migrate(diary: *Diary, older: *const tb.Older) void { .. }
pub fn state(comptime name: []const u8, comptime variable: anytype) void {
    const S = saved_state.State(name, variable);
    @export(&S.save, .{ .name = "tb_save" });
    @export(&S.alloc, .{ .name = "tb_alloc" });
    @export(&S.load, .{ .name = "tb_load" });
}

/// The state that older code of the mod has saved, for `migrate`: `older.get(u32, "feet")`.
pub const Older = saved_state.Older;

//! The mod's state over a reload: a map of CBOR (RFC 8949), as that of mods in other languages: the name of a field to its
//! value. README.md beside this file has the rule by which a state that has changed gets the values of the old one.
//!
//!     old code   save  -> the fields of the variable as CBOR
//!     new code   alloc <- a block for it
//!                load  <- restore: each field gets what fits of the value that was saved by its name
//!                         migrate: the author's own function sees what was saved

const std = @import("std");

const cbor = @import("cbor.zig");
const host = @import("host.zig");
const note = @import("state_note.zig");
const tb = @import("tinkerbox.zig");
const Note = note.Note;
const Place = note.Place;

/// The exports that save and load the struct at `variable`.
pub fn State(comptime name: []const u8, comptime variable: anytype) type {
    const S = std.meta.Child(@TypeOf(variable));
    comptime checkFormerNames(S);
    return struct {
        var block: [savedBytes(S)]u8 = undefined;

        pub fn save() callconv(.c) u64 {
            var writer = cbor.Writer{ .to = &block };
            write(&writer, variable.*);
            return @as(u64, @intFromPtr(&block)) << 32 | writer.len;
        }

        /// Old code may have saved more than this code does: then the memory grows.
        pub fn alloc(len: u32) callconv(.c) u32 {
            if (len <= block.len) return @intFromPtr(&block);
            const page = @wasmMemoryGrow(0, (len + 0xffff) / 0x10000);
            return if (page < 0) 0 else @as(u32, @intCast(page)) * 0x10000;
        }

        pub fn load(address: u32, len: u32) callconv(.c) i32 {
            if (address == 0) return -4;
            const saved: [*]u8 = @ptrFromInt(address);
            const older = Older.of(saved[0..len]) catch return -4;
            var restoring = Restoring{ .state = name };
            restoring.fields(S, null, older.entries, older.count, variable);
            const is_changed = restoring.gone(older, false) > 0 or restoring.has_changed;
            if (is_changed and @hasDecl(S, "migrate")) S.migrate(variable, &older);
            if (is_changed) _ = restoring.gone(older, true);
            return 0;
        }
    };
}

/// The state that older code of the mod has saved: the second parameter of `migrate`.
pub const Older = struct {
    entries: cbor.Reader,
    count: u64,

    /// The whole map is checked before anything is taken from it.
    fn of(saved: []u8) cbor.Damaged!Older {
        var reader = cbor.Reader{ .rest = saved };
        const map = try reader.item();
        // An entry takes two bytes at least.
        if (map.major != .map or map.number > saved.len) return error.Damaged;
        const entries = reader;
        for (0..@intCast(2 * map.number)) |_| try reader.skip();
        return .{ .entries = entries, .count = map.number };
    }

    /// The value that a field had, converted as fields of the state are. Null if there was no such field, or if its value
    /// does not fit.
    pub fn get(self: *const Older, comptime T: type, name: []const u8) ?T {
        var restoring = Restoring{ .state = "", .is_silent = true };
        const value = self.entries.find(self.count, name) orelse return null;
        var found = emptyOf(T);
        return if (restoring.fit(T, &.{ .name = name }, value, "", &found)) found else null;
    }
};

fn isText(comptime T: type) bool {
    return @typeInfo(T) == .@"struct" and @hasDecl(T, "tb_text_size");
}

/// Whether values are saved as numbers. A variant of an enum is saved by its name, unless the enum has none for each number,
/// as `tb.Entity`.
fn isNumber(comptime T: type) bool {
    return switch (@typeInfo(T)) {
        .int, .float => true,
        .@"enum" => |info| !info.is_exhaustive,
        else => false,
    };
}

/// The names that a field had before: `pub const was = .{ .days = .{"tage"} };` in the struct.
fn formerNames(comptime S: type, comptime field: []const u8) []const []const u8 {
    if (!@hasDecl(S, "was") or !@hasField(@TypeOf(S.was), field)) return &.{};
    const names = @field(S.was, field);
    var all: [names.len][]const u8 = undefined;
    for (names, 0..) |name, i| all[i] = name;
    const fixed = all;
    return &fixed;
}

fn checkFormerNames(comptime S: type) void {
    if (!@hasDecl(S, "was")) return;
    for (std.meta.fieldNames(@TypeOf(S.was))) |name| {
        if (!@hasField(S, name)) @compileError("`was` names " ++ name ++ ", which is not a field of the state");
        for (formerNames(S, name)) |former| {
            if (@hasField(S, former)) @compileError("`" ++ former ++ "` is a field of the state now: its saved value belongs to that one");
        }
    }
}

/// A value for a place that has no default: zeros, and the defaults of fields.
fn emptyOf(comptime T: type) T {
    switch (@typeInfo(T)) {
        .@"struct" => |info| {
            var value: T = undefined;
            inline for (info.fields) |field| {
                @field(value, field.name) = if (field.defaultValue()) |default| default else emptyOf(field.type);
            }
            return value;
        },
        .array => |array| return @splat(emptyOf(array.child)),
        .optional => return null,
        .@"enum" => |info| return @enumFromInt(if (info.is_exhaustive) info.fields[0].value else 0),
        .bool => return false,
        else => return 0,
    }
}

/// Heads have at most 5 bytes, names and texts also their own, and numbers at most 9.
fn savedBytes(comptime T: type) usize {
    if (isText(T)) return 5 + T.tb_text_size;
    if (isNumber(T) or T == bool) {
        const is_wide = @bitSizeOf(T) > 64 or (@typeInfo(T) == .float and T != f32 and T != f64);
        if (is_wide) @compileError(@typeName(T) ++ " can't be saved: use a number of at most 64 bits");
        return 9;
    }
    switch (@typeInfo(T)) {
        .@"enum" => |info| {
            var bytes: usize = 0;
            for (info.fields) |field| bytes = @max(bytes, 5 + field.name.len);
            return bytes;
        },
        .array => |array| return 5 + array.len * savedBytes(array.child),
        .optional => |optional| return 1 + savedBytes(optional.child),
        .@"struct" => |info| {
            var bytes: usize = 5;
            for (info.fields) |field| bytes += 5 + field.name.len + savedBytes(field.type);
            return bytes;
        },
        else => @compileError(@typeName(T) ++ " can't be saved: a state has numbers, bools, entities, enums, texts, " ++
            "optionals, arrays and structs"),
    }
}

fn write(writer: *cbor.Writer, value: anytype) void {
    const T = @TypeOf(value);
    if (comptime isText(T)) return writer.text(value.slice());
    switch (@typeInfo(T)) {
        .bool => writer.boolean(value),
        .int => writer.integer(value),
        .float => writer.float(value),
        .@"enum" => if (comptime isNumber(T)) writer.integer(@intFromEnum(value)) else writer.text(@tagName(value)),
        .optional => if (value) |some| write(writer, some) else writer.nothing(),
        .array => {
            writer.head(.array, value.len);
            for (value) |each| write(writer, each);
        },
        else => {
            const fields = std.meta.fields(T);
            writer.head(.map, fields.len);
            inline for (fields) |field| {
                writer.text(field.name);
                write(writer, @field(value, field.name));
            }
        },
    }
}

/// One loading of a state.
const Restoring = struct {
    state: []const u8,
    /// The state has other fields than were saved, or other values.
    has_changed: bool = false,
    is_silent: bool = false,

    /// Gives each field of a struct what was saved under its name, or under the first of the names that it had before.
    fn fields(
        self: *Restoring,
        comptime S: type,
        around: ?*const Place,
        entries: cbor.Reader,
        count: u64,
        to: *S,
    ) void {
        inline for (std.meta.fields(S)) |field| {
            const place = Place{ .around = around, .name = field.name };
            if (self.find(entries, count, field.name, comptime formerNames(S, field.name))) |value| {
                _ = self.fit(field.type, &place, value, "has its default", &@field(to, field.name));
            } else {
                self.end(.info, Note.begin(self.state, &place, "is new and has its default"));
            }
        }
        // New ones are noted; if others are gone there were more.
        if (count > std.meta.fields(S).len) self.has_changed = true;
    }

    fn find(self: *Restoring, entries: cbor.Reader, count: u64, name: []const u8, was: []const []const u8) ?cbor.Reader {
        if (entries.find(count, name)) |value| return value;
        for (was) |former| {
            self.has_changed = true;
            if (entries.find(count, former)) |value| return value;
        }
        return null;
    }

    /// Reads a value, and writes what fits of it. Returns whether any of it does; if not, `what` is the matter with the place.
    fn fit(
        self: *Restoring,
        comptime T: type,
        place: *const Place,
        reader: cbor.Reader,
        comptime what: []const u8,
        to: *T,
    ) bool {
        var value = reader;
        const item = value.item() catch return false;
        if (comptime isText(T)) {
            if (item.major != .text) return self.misfit(place, reader, what, "a text");
            self.fitText(T, place, value.rest[0..@intCast(item.number)], to);
            return true;
        }
        switch (@typeInfo(T)) {
            .@"struct" => {
                if (item.major != .map) return self.misfit(place, reader, what, "a `" ++ comptime shortName(T) ++ "`");
                self.fields(T, place, value, item.number, to);
                return true;
            },
            .array => |array| {
                if (item.major != .array) {
                    return self.misfit(place, reader, what, std.fmt.comptimePrint("a list of {d}", .{array.len}));
                }
                self.fitItems(T, place, value, item.number, to);
                return true;
            },
            .optional => |optional| return self.fitOptional(optional.child, place, reader, item, to),
            .@"enum" => if (comptime !isNumber(T)) {
                const expected = "a variant of `" ++ comptime shortName(T) ++ "`";
                if (item.major != .text) return self.misfit(place, reader, what, expected);
                const name = value.rest[0..@intCast(item.number)];
                to.* = std.meta.stringToEnum(T, name) orelse return self.misfit(place, reader, what, expected);
                return true;
            },
            else => {},
        }
        to.* = self.scalar(T, item) orelse return self.misfit(place, reader, what, comptime words(T));
        return true;
    }

    fn fitText(self: *Restoring, comptime T: type, place: *const Place, text: []const u8, to: *T) void {
        to.set(text);
        var len = @min(text.len, T.tb_text_size);
        while (len < text.len and len > 0 and text[len] & 0xc0 == 0x80) len -= 1;
        if (len < text.len) self.end(.warn, Note.length(self.state, place, " bytes, and ", text.len, len));
    }

    fn fitItems(self: *Restoring, comptime T: type, place: *const Place, items: cbor.Reader, count: u64, to: *T) void {
        const Item = @typeInfo(T).array.child;
        var rest = items;
        for (to, 0..) |*each, i| {
            if (i >= count) break;
            const within = Place{ .around = place, .item = i };
            _ = self.fit(Item, &within, rest, "has its default", each);
            rest.skip() catch return;
        }
        if (count != to.len) self.end(.warn, Note.length(self.state, place, " values, and ", count, to.len));
    }

    fn fitOptional(
        self: *Restoring,
        comptime T: type,
        place: *const Place,
        reader: cbor.Reader,
        item: cbor.Item,
        to: *?T,
    ) bool {
        if (item.isNothing()) {
            to.* = null;
        } else if (to.*) |*default| {
            _ = self.fit(T, place, reader, "has its default", default);
        } else {
            var inner = emptyOf(T);
            if (self.fit(T, place, reader, "is null", &inner)) to.* = inner;
        }
        return true;
    }

    /// A number or a bool; null if the item is not one of `T`.
    fn scalar(self: *Restoring, comptime T: type, item: cbor.Item) ?T {
        switch (@typeInfo(T)) {
            .bool => return item.boolean(),
            .@"enum" => |info| return @enumFromInt(self.scalar(info.tag_type, item) orelse return null),
            .float => {
                if (!item.isFloat()) self.has_changed = true;
                return item.float(T);
            },
            else => {
                const integer = item.integer() orelse return null;
                if (item.isFloat()) self.has_changed = true;
                return std.math.cast(T, integer);
            },
        }
    }

    fn misfit(
        self: *Restoring,
        place: *const Place,
        reader: cbor.Reader,
        comptime what: []const u8,
        comptime expected: []const u8,
    ) bool {
        const text = what ++ ": the value that the old code saved does not fit: expected " ++ expected ++ ", found ";
        self.end(.warn, Note.begin(self.state, place, text).found(reader));
        return false;
    }

    /// The fields of the saved state that nothing has taken or asked for: their number, and a note for each.
    fn gone(self: *Restoring, older: Older, is_noted: bool) u32 {
        var rest = older.entries;
        var count: u32 = 0;
        for (0..@intCast(older.count)) |_| {
            var key = rest;
            const head = key.item() catch return count;
            rest.skip() catch return count;
            rest.skip() catch return count;
            if (head.major != .text) continue;
            count += 1;
            const place = Place{ .name = key.rest[0..@intCast(head.number)] };
            const what = "is gone, and with it the value that the old code saved";
            if (is_noted) self.end(.info, Note.begin(self.state, &place, what));
        }
        return count;
    }

    fn end(self: *Restoring, level: host.Level, text: Note) void {
        self.has_changed = true;
        if (!self.is_silent) text.log(level);
    }
};

/// A type as messages call it.
fn words(comptime T: type) []const u8 {
    const Number = if (@typeInfo(T) == .@"enum") @typeInfo(T).@"enum".tag_type else T;
    return (if (@typeName(Number)[0] == 'i' or @typeName(Number)[0] == 'f') "an " else "a ") ++ @typeName(Number);
}

fn shortName(comptime T: type) []const u8 {
    const whole = @typeName(T);
    return whole[if (std.mem.lastIndexOfScalar(u8, whole, '.')) |dot| dot + 1 else 0..];
}

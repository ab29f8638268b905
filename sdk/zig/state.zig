//! The mod's state over a reload: a map of CBOR (RFC 8949), as that of mods in Rust: the name of a field to its value.

const std = @import("std");

const host = @import("host.zig");
const Entity = @import("tinkerbox.zig").Entity;
const Level = host.Level;

/// The exports that save and load the struct at `variable`.
pub fn State(comptime name: []const u8, comptime variable: anytype) type {
    const fields = std.meta.fields(std.meta.Child(@TypeOf(variable)));
    return struct {
        var block: [savedBytes(fields)]u8 = undefined;

        pub fn save() callconv(.c) u64 {
            var writer = CborWriter{ .to = &block };
            writer.head(.map, fields.len);
            inline for (fields) |field| {
                writer.text(field.name);
                writer.value(@field(variable, field.name));
            }
            return @as(u64, @intFromPtr(&block)) << 32 | writer.len;
        }

        /// Old code may have saved more than this code does: then the memory grows.
        pub fn alloc(len: u32) callconv(.c) u32 {
            if (len <= block.len) return @intFromPtr(&block);
            const page = @wasmMemoryGrow(0, (len + 0xffff) / 0x10000);
            return if (page < 0) 0 else @as(u32, @intCast(page)) * 0x10000;
        }

        pub fn load(address: u32, len: u32) callconv(.c) i32 {
            restore(address, len) catch return -4;
            return 0;
        }

        fn restore(address: u32, len: u32) CborReader.Damaged!void {
            if (address == 0) return error.Damaged;
            const saved: [*]const u8 = @ptrFromInt(address);
            var reader = CborReader{ .rest = saved[0..len] };
            const map = try reader.item();
            // An entry takes two bytes at least.
            if (map.major != .map or map.number > len) return error.Damaged;
            const entries = reader;
            // The whole map is checked before anything is taken from it.
            for (0..@intCast(map.number)) |_| {
                try reader.skip();
                try reader.skip();
            }
            inline for (fields) |field| {
                var value = entries;
                if (!try value.find(map.number, field.name)) {
                    note(.info, "the state's field `" ++ name ++ "::" ++ field.name ++ "` is new and has its default");
                } else if (value.read(field.type)) |fitting| {
                    @field(variable, field.name) = fitting;
                } else {
                    note(.warn, "the state's field `" ++ name ++ "::" ++ field.name ++ "` has its default: the value that " ++
                        "the old code saved does not fit `" ++ @typeName(field.type) ++ "`. To keep the value, give the " ++
                        "field its old type again, and add a field of another name with the new type");
                }
            }
        }

        fn note(level: Level, text: []const u8) void {
            host.log(@intFromEnum(level), text.ptr, text.len);
        }
    };
}

fn isText(comptime T: type) bool {
    return @typeInfo(T) == .@"struct" and @hasDecl(T, "tb_text_size");
}

/// Heads have at most 5 bytes, names and texts also their own, and numbers at most 9.
fn savedBytes(comptime fields: anytype) usize {
    var bytes: usize = 5;
    for (fields) |field| bytes += 5 + field.name.len + savedValueBytes(field.type);
    return bytes;
}

fn savedValueBytes(comptime T: type) usize {
    if (isText(T)) return 5 + T.tb_text_size;
    return switch (@typeInfo(T)) {
        .int, .float, .bool => 9,
        .@"enum" => if (T == Entity) 9 else @compileError("save an enum as its number"),
        .array => |array| 5 + array.len * savedValueBytes(array.child),
        else => @compileError(@typeName(T) ++ " can't be saved: a state has numbers, bools, entities, texts and arrays"),
    };
}

const Major = enum(u3) { positive, negative, bytes, text, array, map, tag, other };

const CborWriter = struct {
    to: [*]u8,
    len: u32 = 0,

    fn byte(self: *CborWriter, value_: u8) void {
        self.to[self.len] = value_;
        self.len += 1;
    }

    fn number(self: *CborWriter, bits: u64, bytes: u32) void {
        var left = bytes;
        while (left > 0) {
            left -= 1;
            self.byte(@truncate(bits >> @intCast(8 * left)));
        }
    }

    fn head(self: *CborWriter, major: Major, count: u64) void {
        const first = @as(u8, @intFromEnum(major)) << 5;
        if (count < 24) return self.byte(first | @as(u8, @intCast(count)));
        const log2: u5 = if (count > 0xffff_ffff) 3 else if (count > 0xffff) 2 else @intFromBool(count > 0xff);
        self.byte(first | 24 + @as(u8, log2));
        self.number(count, @as(u32, 1) << log2);
    }

    fn text(self: *CborWriter, bytes: []const u8) void {
        self.head(.text, bytes.len);
        for (bytes) |each| self.byte(each);
    }

    fn value(self: *CborWriter, of: anytype) void {
        const T = @TypeOf(of);
        if (comptime isText(T)) return self.text(of.slice());
        switch (@typeInfo(T)) {
            .bool => self.byte(if (of) 0xf5 else 0xf4),
            .int => if (of < 0) self.head(.negative, ~@as(u64, @bitCast(@as(i64, of)))) else self.head(.positive, @intCast(of)),
            .float => {
                self.byte(if (T == f32) 0xfa else 0xfb);
                self.number(@as(std.meta.Int(.unsigned, @bitSizeOf(T)), @bitCast(of)), @sizeOf(T));
            },
            .array => {
                self.head(.array, of.len);
                for (of) |each| self.value(each);
            },
            else => self.head(.positive, of.bits()),
        }
    }
};

const CborReader = struct {
    const Damaged = error{Damaged};
    /// `form` tells floats, bools and the like apart.
    const Item = struct { major: Major, form: u5, number: u64 };

    rest: []const u8,

    fn item(self: *CborReader) Damaged!Item {
        if (self.rest.len == 0) return error.Damaged;
        var result = Item{ .major = @enumFromInt(self.rest[0] >> 5), .form = @truncate(self.rest[0]), .number = 0 };
        if (result.form > 27) return error.Damaged;
        const bytes: usize = if (result.form < 24) 0 else @as(usize, 1) << @intCast(result.form - 24);
        if (self.rest.len - 1 < bytes) return error.Damaged;
        for (self.rest[1..][0..bytes]) |byte| result.number = result.number << 8 | byte;
        if (bytes == 0) result.number = result.form;
        self.rest = self.rest[1 + bytes ..];
        if ((result.major == .text or result.major == .bytes) and result.number > self.rest.len) return error.Damaged;
        return result;
    }

    /// Skips a value. Each takes a byte at least, so the end of the bytes ends this, whatever the counts say.
    fn skip(self: *CborReader) Damaged!void {
        var values: u64 = 1;
        while (values > 0) {
            const next = try self.item();
            if (next.major == .text or next.major == .bytes) self.rest = self.rest[@intCast(next.number)..];
            const inner: u64 = switch (next.major) {
                .array => next.number,
                .map => next.number *| 2,
                .tag => 1,
                else => 0,
            };
            if (inner > self.rest.len) return error.Damaged;
            values = values - 1 + inner;
        }
    }

    /// Goes to the value with this name; false if there is none.
    fn find(self: *CborReader, entries: u64, name: []const u8) Damaged!bool {
        for (0..@intCast(entries)) |_| {
            var key = self.*;
            const head = try key.item();
            try self.skip();
            if (head.major == .text and std.mem.eql(u8, key.rest[0..@intCast(head.number)], name)) return true;
            try self.skip();
        }
        return false;
    }

    /// Reads a value, or null if it is not a `T`.
    fn read(self: *CborReader, comptime T: type) ?T {
        const head = self.item() catch return null;
        if (comptime isText(T)) {
            if (head.major != .text or head.number > T.tb_text_size) return null;
            var text: T = .{};
            text.set(self.rest[0..@intCast(head.number)]);
            return text;
        }
        switch (@typeInfo(T)) {
            .bool => return if (head.major != .other) null else switch (head.form) {
                20 => false,
                21 => true,
                else => null,
            },
            .int => {
                const number: i128 = switch (head.major) {
                    .positive => head.number,
                    .negative => -1 - @as(i128, head.number),
                    else => return null,
                };
                return std.math.cast(T, number);
            },
            .float => {
                if (head.major != .other) return null;
                return switch (head.form) {
                    25 => @floatCast(@as(f16, @bitCast(@as(u16, @intCast(head.number))))),
                    26 => @floatCast(@as(f32, @bitCast(@as(u32, @intCast(head.number))))),
                    27 => @floatCast(@as(f64, @bitCast(head.number))),
                    else => null,
                };
            },
            .array => |array| {
                if (head.major != .array or head.number != array.len) return null;
                var values: T = undefined;
                for (&values) |*value| value.* = self.read(array.child) orelse return null;
                return values;
            },
            else => return if (head.major == .positive) @enumFromInt(head.number) else null,
        }
    }
};

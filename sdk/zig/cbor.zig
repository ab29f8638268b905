//! CBOR (RFC 8949), as far as a mod's state needs it: what is written is in the shortest form, and what is read may be anything.

const std = @import("std");

pub const Major = enum(u3) { positive, negative, bytes, text, array, map, tag, other };

pub const Writer = struct {
    to: [*]u8,
    len: u32 = 0,

    pub fn head(self: *Writer, major: Major, count: u64) void {
        const first = @as(u8, @intFromEnum(major)) << 5;
        if (count < 24) return self.byte(first | @as(u8, @intCast(count)));
        const log2: u5 = if (count > 0xffff_ffff) 3 else if (count > 0xffff) 2 else @intFromBool(count > 0xff);
        self.byte(first | 24 + @as(u8, log2));
        self.digits(count, @as(u32, 1) << log2);
    }

    pub fn text(self: *Writer, bytes: []const u8) void {
        self.head(.text, bytes.len);
        for (bytes) |each| self.byte(each);
    }

    pub fn integer(self: *Writer, value: anytype) void {
        if (value < 0) {
            self.head(.negative, ~@as(u64, @bitCast(@as(i64, value))));
        } else {
            self.head(.positive, @intCast(value));
        }
    }

    pub fn float(self: *Writer, value: anytype) void {
        const T = @TypeOf(value);
        self.byte(if (T == f32) 0xfa else 0xfb);
        self.digits(@as(std.meta.Int(.unsigned, @bitSizeOf(T)), @bitCast(value)), @sizeOf(T));
    }

    pub fn boolean(self: *Writer, value: bool) void {
        self.byte(if (value) 0xf5 else 0xf4);
    }

    pub fn nothing(self: *Writer) void {
        self.byte(0xf6);
    }

    fn byte(self: *Writer, value: u8) void {
        self.to[self.len] = value;
        self.len += 1;
    }

    fn digits(self: *Writer, bits: u64, bytes: u32) void {
        var left = bytes;
        while (left > 0) {
            left -= 1;
            self.byte(@truncate(bits >> @intCast(8 * left)));
        }
    }
};

pub const Damaged = error{Damaged};

/// The head of a value.
pub const Item = struct {
    major: Major,
    /// Tells floats, bools and the like apart.
    form: u5,
    number: u64,

    pub fn isFloat(self: Item) bool {
        return self.major == .other and self.form >= 25;
    }

    pub fn isNothing(self: Item) bool {
        return self.major == .other and self.form == 22;
    }

    pub fn boolean(self: Item) ?bool {
        return if (self.major != .other) null else switch (self.form) {
            20 => false,
            21 => true,
            else => null,
        };
    }

    /// An integer, or a float without a fraction.
    pub fn integer(self: Item) ?i128 {
        switch (self.major) {
            .positive => return self.number,
            .negative => return -1 - @as(i128, self.number),
            else => if (!self.isFloat()) return null,
        }
        const value = self.anyFloat();
        // Beyond this is no type of integers.
        if (!(@abs(value) < 18446744073709551616.0) or value != @trunc(value)) return null;
        const distance: u64 = @intFromFloat(@abs(value));
        return if (value < 0) -@as(i128, distance) else distance;
    }

    /// A float, unless it is beyond the range, or an integer that is exactly a float.
    pub fn float(self: Item, comptime T: type) ?T {
        if (self.isFloat()) {
            const value = self.anyFloat();
            const rounded: T = @floatCast(value);
            return if (std.math.isInf(rounded) and !std.math.isInf(value)) null else rounded;
        }
        const number = self.integer() orelse return null;
        const distance = @abs(number);
        const digits = std.math.floatMantissaBits(T) + 1;
        const is_exact = distance == 0 or 128 - @clz(distance) - @ctz(distance) <= digits;
        return if (is_exact) @floatFromInt(number) else null;
    }

    pub fn anyFloat(self: Item) f64 {
        return switch (self.form) {
            25 => @floatCast(@as(f16, @bitCast(@as(u16, @intCast(self.number))))),
            26 => @floatCast(@as(f32, @bitCast(@as(u32, @intCast(self.number))))),
            else => @bitCast(self.number),
        };
    }
};

pub const Reader = struct {
    rest: []u8,

    pub fn item(self: *Reader) Damaged!Item {
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
    pub fn skip(self: *Reader) Damaged!void {
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

    /// The value with this name in a map of `entries` that begins here. The name is marked: text becomes bytes, which no
    /// field's name is.
    pub fn find(self: Reader, entries: u64, name: []const u8) ?Reader {
        var reader = self;
        for (0..@intCast(entries)) |_| {
            var key = reader;
            const head = key.item() catch return null;
            const first = &reader.rest[0];
            reader.skip() catch return null;
            const is_name = head.major == .text or head.major == .bytes;
            if (is_name and std.mem.eql(u8, key.rest[0..@intCast(head.number)], name)) {
                first.* &= ~@as(u8, 0x20);
                return reader;
            }
            reader.skip() catch return null;
        }
        return null;
    }
};

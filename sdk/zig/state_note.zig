//! Notes about the state, for the author: where a value is, and what was saved there.

const std = @import("std");

const cbor = @import("cbor.zig");
const host = @import("host.zig");

/// The way to a value: names of fields, and numbers of items.
pub const Place = struct {
    around: ?*const Place = null,
    name: []const u8 = "",
    item: usize = 0,
};

/// A note while it is put together. There is one at a time.
pub const Note = struct {
    var bytes: [512]u8 = undefined;
    len: u32 = 0,

    pub fn begin(state: []const u8, place: *const Place, what: []const u8) Note {
        var note = Note{};
        for ([_][]const u8{ "the state's field `", state, "::" }) |part| note.text(part);
        note.way(place);
        note.text("` ");
        note.text(what);
        return note;
    }

    /// There are fewer or more values than were saved.
    pub fn length(state: []const u8, place: *const Place, what: []const u8, saved: u64, has: u64) Note {
        var note = begin(state, place, "has ");
        note.number(has);
        note.text(what);
        note.number(saved);
        note.text(" were saved: the last ");
        note.number(if (saved > has) saved - has else has - saved);
        note.text(if (saved > has) " are dropped" else " have their default");
        return note;
    }

    /// The note, and behind it what was saved.
    pub fn found(before: Note, reader: cbor.Reader) Note {
        var note = before;
        var value = reader;
        const item = value.item() catch return note;
        switch (item.major) {
            .positive => note.number(item.number),
            .negative => {
                note.text("-");
                note.number(item.number +% 1);
            },
            .text => note.quoted(value.rest[0..@intCast(item.number)]),
            .bytes, .array, .map => {
                note.text(if (item.major == .array) "a list of " else if (item.major == .map) "a map of " else "");
                note.number(item.number);
                if (item.major == .bytes) note.text(" bytes");
            },
            else => if (item.isFloat()) note.float(item.anyFloat()) else {
                const is_true = item.boolean();
                note.text(if (is_true) |it| (if (it) "true" else "false") else if (item.isNothing())
                    "nothing"
                else
                    "a value of another kind");
            },
        }
        return note;
    }

    pub fn log(self: Note, level: host.Level) void {
        host.log(@intFromEnum(level), &bytes, self.len);
    }

    /// What does not fit is cut.
    fn text(self: *Note, part: []const u8) void {
        const len = @min(part.len, bytes.len - self.len);
        @memcpy(bytes[self.len..][0..len], part[0..len]);
        self.len += len;
    }

    fn way(self: *Note, place: *const Place) void {
        if (place.around) |around| {
            self.way(around);
            self.text(".");
        }
        if (place.name.len > 0) self.text(place.name) else self.number(place.item);
    }

    fn number(self: *Note, value: u64) void {
        var digits: [20]u8 = undefined;
        var rest = value;
        var at = digits.len;
        while (true) {
            at -= 1;
            digits[at] = '0' + @as(u8, @intCast(rest % 10));
            rest /= 10;
            if (rest == 0) break;
        }
        self.text(digits[at..]);
    }

    fn quoted(self: *Note, whole: []const u8) void {
        var len = @min(whole.len, 40);
        while (len < whole.len and len > 0 and whole[len] & 0xc0 == 0x80) len -= 1;
        self.text("\"");
        self.text(whole[0..len]);
        self.text(if (len < whole.len) "\"..." else "\"");
    }

    /// In as few digits as are needed to see which one it is. The formatter of `std.fmt` is larger than many a mod.
    fn float(self: *Note, value: f64) void {
        if (std.math.isNan(value)) return self.text("NaN");
        if (value < 0) self.text("-");
        var distance = @abs(value);
        if (std.math.isInf(distance)) return self.text("inf");
        var exponent: u64 = 0;
        const is_small = distance > 0 and distance < 1e-4;
        while (distance >= 1e18) : (exponent += 1) distance /= 10;
        if (is_small) while (distance < 1) : (exponent += 1) {
            distance *= 10;
        };
        const whole: u64 = @intFromFloat(distance);
        var part: u64 = @intFromFloat((distance - @as(f64, @floatFromInt(whole))) * 1e9 + 0.5);
        self.number(whole);
        self.text(".");
        var unit: u64 = 100_000_000;
        while (true) : (unit /= 10) {
            self.number(part / unit % 10);
            part %= unit;
            if (part == 0 or unit == 1) break;
        }
        if (exponent == 0) return;
        self.text(if (is_small) "e-" else "e");
        self.number(exponent);
    }
};

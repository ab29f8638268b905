//! The functions of the host: the module `tinkerbox1` of the contract.

const tinkerbox = @import("tinkerbox.zig");
const Entity = tinkerbox.Entity;

pub extern "tinkerbox1" fn view_next(query: u32, view: *View, buffer: [*]u64, buffer_len: u32) i32;
pub extern "tinkerbox1" fn get(query: u32, column: u32, entity: u64, value: *anyopaque) i32;
pub extern "tinkerbox1" fn set(query: u32, column: u32, entity: u64, value: *const anyopaque) i32;
pub extern "tinkerbox1" fn command(records: [*]const u64, len: u32) i32;
pub extern "tinkerbox1" fn entity_reserve(ids: [*]Entity, count: u32) i32;
pub extern "tinkerbox1" fn event_next(events: *anyopaque, len: u32) i32;
pub extern "tinkerbox1" fn event_send(event: u32, events: *const anyopaque, len: u32) i32;
pub extern "tinkerbox1" fn resource_get(resource: u32, value: *anyopaque) i32;
pub extern "tinkerbox1" fn resource_set(resource: u32, value: *const anyopaque) i32;
pub extern "tinkerbox1" fn tick() u64;
pub extern "tinkerbox1" fn delta() f32;
pub extern "tinkerbox1" fn random(stream: u32) u64;
pub extern "tinkerbox1" fn fuel_left() u64;
pub extern "tinkerbox1" fn log(level: i32, text: [*]const u8, len: u32) void;
pub extern "tinkerbox1" fn panic(text: [*]const u8, len: u32) void;

/// The record that the host writes: where the columns of a chunk are.
pub const View = extern struct { rows: u32, columns: u32, column: [tinkerbox.columns_max]u32 };

/// The first argument of `log`.
pub const Level = enum(i32) { err, warn, info, debug, trace };

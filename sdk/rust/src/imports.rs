//! The host's functions: the only file of the SDK with unsafe code.
//!
//! Each import has a wrapper that borrows what the host may read or write. On other targets than wasm32 there
//! is no host, and the same functions say so in a panic.
//!
//! Some imports take no length: the host knows the size of a column, a resource or an event by its index in the schema,
//! and has compared the layout there with its own before it runs the mod.
#![expect(unsafe_code, reason = "the host's functions take pointers")]

use std::{mem, slice};

use bytemuck::{CheckedBitPattern, NoUninit, Zeroable};
use tinkerbox_abi::{AbiError, LogLevel, ModEntity as Entity, ModType, View};

/// The index of a query among the running system's queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct QueryIndex(pub u32);

/// The index of a column among its query's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct ColumnIndex(pub u32);

/// The index of a type of events among those that the running system sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct EventIndex(pub u32);

/// The index of a resource among the running system's resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct ResourceIndex(pub u32);

/// See [`tinkerbox_abi::import::VIEW_NEXT`]. Returns the number of rows.
pub fn view_next(query: QueryIndex, view: &mut View, buffer: &mut [u64]) -> Result<usize, AbiError> {
    let bytes = size_of_val(buffer) as u32;
    // SAFETY: the host writes one `View` and at most `bytes` bytes, both borrowed uniquely here;
    // any bytes are a valid `u32` and `u64`.
    let code = unsafe { host::view_next(query, view, buffer.as_mut_ptr(), bytes) };
    check(code).map(|rows| rows as usize)
}

/// See [`tinkerbox_abi::import::GET`]; the column's values are `T`. `None` if it is optional and the entity lacks it.
pub fn get<T: ModType>(
    query: QueryIndex,
    column: ColumnIndex,
    entity: Entity,
) -> Result<Option<T>, AbiError> {
    let mut bits = T::Bits::zeroed();
    // SAFETY: the host writes as many bytes as a `T` has, borrowed uniquely here; any bytes are valid `Bits`.
    let code = unsafe { host::get(query, column, entity.to_bits(), (&raw mut bits).cast()) };
    check(code).map(|bytes| (bytes > 0).then(|| value(bits)))
}

/// See [`tinkerbox_abi::import::SET`]; the column's values are `T`.
pub fn set<T: NoUninit>(
    query: QueryIndex,
    column: ColumnIndex,
    entity: Entity,
    value: &T,
) -> Result<(), AbiError> {
    // SAFETY: the host reads as many bytes as a `T` has, borrowed during the call.
    let code = unsafe { host::set(query, column, entity.to_bits(), (&raw const *value).cast()) };
    check(code).map(drop)
}

/// See [`tinkerbox_abi::import::COMMAND`].
pub fn command(records: &[u64]) -> Result<(), AbiError> {
    // SAFETY: the host reads the borrowed words during the call.
    let code = unsafe { host::command(records.as_ptr(), size_of_val(records) as u32) };
    check(code).map(drop)
}

/// See [`tinkerbox_abi::import::ENTITY_RESERVE`].
pub fn entity_reserve(ids: &mut [Entity]) -> Result<(), AbiError> {
    // SAFETY: the host writes 8 bytes for each id, borrowed uniquely here; no id is 0.
    let code = unsafe { host::entity_reserve(ids.as_mut_ptr(), ids.len() as u32) };
    check(code).map(drop)
}

/// See [`tinkerbox_abi::import::EVENT_NEXT`]; the events are `E`. Appends at most `most` events, and returns their number.
pub fn event_next<E: CheckedBitPattern>(events: &mut Vec<E>, most: usize) -> Result<usize, AbiError> {
    events.reserve(most);
    let room = &mut events.spare_capacity_mut()[..most];
    let bytes = size_of_val(room) as u32;
    // SAFETY: the host writes at most `bytes` bytes, borrowed uniquely here.
    let code = unsafe { host::event_next(room.as_mut_ptr().cast(), bytes) };
    let count = check(code)? as usize;
    // SAFETY: the host has written that many events, and any bytes are valid `Bits`, which lie in memory as an `E`.
    let bits = unsafe { slice::from_raw_parts(room[..count].as_ptr().cast::<E::Bits>(), count) };
    if !bits.iter().all(E::is_valid_bit_pattern) {
        not_a_value();
    }
    // SAFETY: the events are there, and they are valid.
    unsafe { events.set_len(events.len() + count) };
    Ok(count)
}

/// See [`tinkerbox_abi::import::EVENT_SEND`].
pub fn event_send<E: NoUninit>(event: EventIndex, events: &[E]) -> Result<(), AbiError> {
    // SAFETY: the host reads the borrowed events during the call.
    let code = unsafe { host::event_send(event, events.as_ptr().cast(), size_of_val(events) as u32) };
    check(code).map(drop)
}

/// See [`tinkerbox_abi::import::RESOURCE_GET`]; the resource is a `T`.
pub fn resource_get<T: ModType>(resource: ResourceIndex) -> Result<T, AbiError> {
    let mut bits = T::Bits::zeroed();
    // SAFETY: the host writes as many bytes as a `T` has, borrowed uniquely here; any bytes are valid `Bits`.
    let code = unsafe { host::resource_get(resource, (&raw mut bits).cast()) };
    check(code).map(|_| value(bits))
}

/// See [`tinkerbox_abi::import::RESOURCE_SET`]; the resource is a `T`.
pub fn resource_set<T: NoUninit>(resource: ResourceIndex, value: &T) -> Result<(), AbiError> {
    // SAFETY: the host reads as many bytes as a `T` has, borrowed during the call.
    let code = unsafe { host::resource_set(resource, (&raw const *value).cast()) };
    check(code).map(drop)
}

/// See [`tinkerbox_abi::import::LOG`].
pub fn log(level: LogLevel, message: &str) {
    // SAFETY: the host reads the borrowed text during the call.
    unsafe { host::log(level.into(), message.as_ptr(), message.len() as u32) }
}

/// See [`tinkerbox_abi::import::PANIC`].
pub fn panic(message: &[u8]) {
    // SAFETY: the host reads the borrowed bytes during the call.
    unsafe { host::panic(message.as_ptr(), message.len() as u32) }
}

pub use host::{delta, fuel_left, random, tick};

/// The value with these bits, which the host has read from a value of the game.
fn value<T: CheckedBitPattern>(bits: T::Bits) -> T {
    if !T::is_valid_bit_pattern(&bits) {
        not_a_value();
    }
    // SAFETY: `Bits` lie in memory as a `T`, and these are those of a value.
    unsafe { mem::transmute_copy(&bits) }
}

#[cold]
fn not_a_value() -> ! {
    panic!("the host passed bytes that are not a value of their type, which is a bug of the host")
}

/// The code itself, or the error that it stands for.
fn check(code: i32) -> Result<i32, AbiError> {
    match code {
        0.. => Ok(code),
        _ => Err(AbiError::try_from(code).unwrap_or(AbiError::BadArgument)),
    }
}

#[cfg(target_arch = "wasm32")]
mod host {
    use super::{ColumnIndex, EventIndex, QueryIndex, ResourceIndex};
    use tinkerbox_abi::{ModEntity as Entity, View};

    // The attribute takes a literal only; this one is `tinkerbox_abi::import::MODULE`.
    #[link(wasm_import_module = "tinkerbox1")]
    unsafe extern "C" {
        pub fn view_next(query: QueryIndex, view: *mut View, buffer: *mut u64, buffer_len: u32) -> i32;
        pub fn get(query: QueryIndex, column: ColumnIndex, entity: u64, address: *mut u8) -> i32;
        pub fn set(query: QueryIndex, column: ColumnIndex, entity: u64, address: *const u8) -> i32;
        pub fn command(address: *const u64, len: u32) -> i32;
        pub fn entity_reserve(address: *mut Entity, count: u32) -> i32;
        pub fn event_next(address: *mut u8, len: u32) -> i32;
        pub fn event_send(event: EventIndex, address: *const u8, len: u32) -> i32;
        pub fn resource_get(resource: ResourceIndex, address: *mut u8) -> i32;
        pub fn resource_set(resource: ResourceIndex, address: *const u8) -> i32;
        pub fn log(level: i32, address: *const u8, len: u32);
        pub fn panic(address: *const u8, len: u32);
        pub safe fn tick() -> u64;
        pub safe fn delta() -> f32;
        pub safe fn random(stream: u32) -> u64;
        pub safe fn fuel_left() -> u64;
    }
}

/// What an author's tests find in place of a game: a message is printed, and everything else panics.
#[cfg(not(target_arch = "wasm32"))]
mod host {
    use std::{slice, str};

    use super::{ColumnIndex, EventIndex, QueryIndex, ResourceIndex};
    use tinkerbox_abi::{LogLevel, ModEntity as Entity, View};

    fn absent(call: &str) -> ! {
        panic!(
            "{call} needs the game, and there is none here, where the code runs as a test on this machine. Test it with a \
             scenario, which `tinkerbox test` runs, and with `cargo test` what needs no game"
        )
    }

    pub unsafe fn view_next(_: QueryIndex, _: *mut View, _: *mut u64, _: u32) -> i32 {
        absent("a loop over the rows of a `Query`")
    }
    pub unsafe fn get(_: QueryIndex, _: ColumnIndex, _: u64, _: *mut u8) -> i32 {
        absent("`Query::get`")
    }
    pub unsafe fn set(_: QueryIndex, _: ColumnIndex, _: u64, _: *const u8) -> i32 {
        absent("`Query::set`")
    }
    pub unsafe fn command(_: *const u64, _: u32) -> i32 {
        absent("to send `Commands`")
    }
    pub unsafe fn entity_reserve(_: *mut Entity, _: u32) -> i32 {
        absent("`Commands::spawn`")
    }
    pub unsafe fn event_next(_: *mut u8, _: u32) -> i32 {
        absent("a system that handles events or removals")
    }
    pub unsafe fn event_send(_: EventIndex, _: *const u8, _: u32) -> i32 {
        absent("to send events with an `EventWriter`")
    }
    pub unsafe fn resource_get(_: ResourceIndex, _: *mut u8) -> i32 {
        absent("`Res` or `ResMut`")
    }
    pub unsafe fn resource_set(_: ResourceIndex, _: *const u8) -> i32 {
        absent("a change of a `ResMut`")
    }
    #[expect(clippy::print_stderr, reason = "the output of a test is where its author looks")]
    pub unsafe fn log(level: i32, address: *const u8, len: u32) {
        // SAFETY: the caller lends these bytes during the call.
        let text = unsafe { slice::from_raw_parts(address, len as usize) };
        let level = LogLevel::try_from(level).unwrap_or(LogLevel::Info);
        eprintln!("{level:?}: {}", str::from_utf8(text).unwrap_or_default());
    }
    pub unsafe fn panic(address: *const u8, len: u32) {
        // SAFETY: the caller lends these bytes during the call.
        unsafe { log(LogLevel::Error.into(), address, len) }
    }
    pub fn tick() -> u64 {
        absent("`tick()`")
    }
    pub fn delta() -> f32 {
        absent("`delta()`")
    }
    pub fn random(_: u32) -> u64 {
        absent("a random number")
    }
    pub fn fuel_left() -> u64 {
        absent("`fuel_left()`")
    }
}

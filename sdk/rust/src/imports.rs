//! The host's functions: the only file of the SDK with unsafe code.
//!
//! Each import is wrapped so that what it may read or write is borrowed. Natively there
//! is no host, and the same names panic.
//!
//! Where no length crosses, the host goes by the type: callers name columns, resources and events by the places that
//! the schema gives them, and the host has compared each layout there with its own before it ran the mod.
#![allow(unsafe_code)]

use bytemuck::Pod;
use tinkerbox_abi::{AbiError, LogLevel, ModEntity as Entity, View};

/// See [`tinkerbox_abi::import::VIEW_NEXT`]. Returns the rows.
pub fn view_next(query: u32, view: &mut View, buffer: &mut [u64]) -> Result<usize, AbiError> {
    let bytes = size_of_val(buffer) as u32;
    // SAFETY: the host writes one `View` and at most `bytes` bytes, both borrowed uniquely here;
    // any bytes are valid as `u32` and `u64`.
    let code = unsafe { host::view_next(query, view, buffer.as_mut_ptr(), bytes) };
    refused(code).map(|rows| rows as usize)
}

/// See [`tinkerbox_abi::import::GET`]; the column's values are `T`. `None` where it is optional and the entity lacks it.
pub fn get<T: Pod>(query: u32, column: u32, entity: Entity) -> Result<Option<T>, AbiError> {
    let mut value = T::zeroed();
    // SAFETY: the host writes as many bytes as a `T` has, borrowed uniquely here; any bytes are valid as one.
    let code = unsafe { host::get(query, column, entity.to_bits(), (&raw mut value).cast()) };
    refused(code).map(|bytes| (bytes > 0).then_some(value))
}

/// See [`tinkerbox_abi::import::SET`]; the column's values are `T`.
pub fn set<T: Pod>(query: u32, column: u32, entity: Entity, value: &T) -> Result<(), AbiError> {
    // SAFETY: the host reads as many bytes as a `T` has, borrowed during the call.
    let code = unsafe { host::set(query, column, entity.to_bits(), (&raw const *value).cast()) };
    refused(code).map(drop)
}

/// See [`tinkerbox_abi::import::COMMAND`].
pub fn command(records: &[u64]) -> Result<(), AbiError> {
    // SAFETY: the host reads the borrowed words during the call.
    let code = unsafe { host::command(records.as_ptr(), size_of_val(records) as u32) };
    refused(code).map(drop)
}

/// See [`tinkerbox_abi::import::ENTITY_RESERVE`].
pub fn entity_reserve(ids: &mut [Entity]) -> Result<(), AbiError> {
    // SAFETY: the host writes 8 bytes for each id, borrowed uniquely here; any bytes are valid as one.
    let code = unsafe { host::entity_reserve(ids.as_mut_ptr(), ids.len() as u32) };
    refused(code).map(drop)
}

/// See [`tinkerbox_abi::import::EVENT_NEXT`]; the events are `E`. Returns how many were written.
pub fn event_next<E: Pod>(room: &mut [E]) -> Result<usize, AbiError> {
    let bytes = size_of_val(room) as u32;
    // SAFETY: the host writes at most `bytes` bytes, borrowed uniquely here; any bytes are valid as an `E`.
    let code = unsafe { host::event_next(room.as_mut_ptr().cast(), bytes) };
    refused(code).map(|events| events as usize)
}

/// See [`tinkerbox_abi::import::EVENT_SEND`].
pub fn event_send<E: Pod>(event: u32, events: &[E]) -> Result<(), AbiError> {
    // SAFETY: the host reads the borrowed events during the call.
    let code = unsafe { host::event_send(event, events.as_ptr().cast(), size_of_val(events) as u32) };
    refused(code).map(drop)
}

/// See [`tinkerbox_abi::import::RESOURCE_GET`]; the resource is a `T`.
pub fn resource_get<T: Pod>(resource: u32) -> Result<T, AbiError> {
    let mut value = T::zeroed();
    // SAFETY: the host writes as many bytes as a `T` has, borrowed uniquely here; any bytes are valid as one.
    let code = unsafe { host::resource_get(resource, (&raw mut value).cast()) };
    refused(code).map(|_| value)
}

/// See [`tinkerbox_abi::import::RESOURCE_SET`]; the resource is a `T`.
pub fn resource_set<T: Pod>(resource: u32, value: &T) -> Result<(), AbiError> {
    // SAFETY: the host reads as many bytes as a `T` has, borrowed during the call.
    let code = unsafe { host::resource_set(resource, (&raw const *value).cast()) };
    refused(code).map(drop)
}

/// See [`tinkerbox_abi::import::LOG`].
pub fn log(level: LogLevel, message: &str) {
    // SAFETY: the host reads the borrowed text during the call.
    unsafe { host::log(level.into(), message.as_ptr(), message.len() as u32) }
}

/// See [`tinkerbox_abi::import::PANIC`].
pub fn panic(message: &str) {
    // SAFETY: the host reads the borrowed text during the call.
    unsafe { host::panic(message.as_ptr(), message.len() as u32) }
}

pub use host::{delta, fuel_left, random, tick};

fn refused(code: i32) -> Result<i32, AbiError> {
    match code {
        0.. => Ok(code),
        _ => Err(AbiError::try_from(code).unwrap_or(AbiError::BadArgument)),
    }
}

#[cfg(target_arch = "wasm32")]
mod host {
    use tinkerbox_abi::{ModEntity as Entity, View};

    // The module's name is `tinkerbox_abi::import::MODULE`; the attribute only takes a literal.
    #[link(wasm_import_module = "tinkerbox1")]
    unsafe extern "C" {
        pub fn view_next(query: u32, view: *mut View, buffer: *mut u64, buffer_len: u32) -> i32;
        pub fn get(query: u32, column: u32, entity: u64, address: *mut u8) -> i32;
        pub fn set(query: u32, column: u32, entity: u64, address: *const u8) -> i32;
        pub fn command(address: *const u64, len: u32) -> i32;
        pub fn entity_reserve(address: *mut Entity, count: u32) -> i32;
        pub fn event_next(address: *mut u8, len: u32) -> i32;
        pub fn event_send(event: u32, address: *const u8, len: u32) -> i32;
        pub fn resource_get(resource: u32, address: *mut u8) -> i32;
        pub fn resource_set(resource: u32, address: *const u8) -> i32;
        pub fn log(level: i32, address: *const u8, len: u32);
        pub fn panic(address: *const u8, len: u32);
        pub safe fn tick() -> u64;
        pub safe fn delta() -> f32;
        pub safe fn random(stream: u32) -> u64;
        pub safe fn fuel_left() -> u64;
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod host {
    use tinkerbox_abi::{ModEntity as Entity, View};

    fn absent(name: &str) -> ! {
        panic!(
            "`{name}` is a function of the game; it can only be called in a mod, built for wasm32-unknown-unknown"
        )
    }

    pub unsafe fn view_next(_: u32, _: *mut View, _: *mut u64, _: u32) -> i32 {
        absent("view_next")
    }
    pub unsafe fn get(_: u32, _: u32, _: u64, _: *mut u8) -> i32 {
        absent("get")
    }
    pub unsafe fn set(_: u32, _: u32, _: u64, _: *const u8) -> i32 {
        absent("set")
    }
    pub unsafe fn command(_: *const u64, _: u32) -> i32 {
        absent("command")
    }
    pub unsafe fn entity_reserve(_: *mut Entity, _: u32) -> i32 {
        absent("entity_reserve")
    }
    pub unsafe fn event_next(_: *mut u8, _: u32) -> i32 {
        absent("event_next")
    }
    pub unsafe fn event_send(_: u32, _: *const u8, _: u32) -> i32 {
        absent("event_send")
    }
    pub unsafe fn resource_get(_: u32, _: *mut u8) -> i32 {
        absent("resource_get")
    }
    pub unsafe fn resource_set(_: u32, _: *const u8) -> i32 {
        absent("resource_set")
    }
    pub unsafe fn log(_: i32, _: *const u8, _: u32) {
        absent("log")
    }
    pub unsafe fn panic(_: *const u8, _: u32) {
        absent("panic")
    }
    pub fn tick() -> u64 {
        absent("tick")
    }
    pub fn delta() -> f32 {
        absent("delta")
    }
    pub fn random(_: u32) -> u64 {
        absent("random")
    }
    pub fn fuel_left() -> u64 {
        absent("fuel_left")
    }
}

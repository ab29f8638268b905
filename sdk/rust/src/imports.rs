//! The host's functions: the only file of the SDK with unsafe code.
//!
//! Each import is wrapped so that what it may read or write is a borrowed slice. Natively there
//! is no host, and the same names panic.
#![allow(unsafe_code)]

use tinkerbox_abi::{AbiError, LogLevel, View};

/// See [`tinkerbox_abi::import::VIEW_NEXT`]. Returns the rows.
pub fn view_next(query: u32, view: &mut View, buffer: &mut [u64]) -> Result<usize, AbiError> {
    let bytes = size_of_val(buffer) as u32;
    // SAFETY: the host writes one `View` and at most `bytes` bytes, both borrowed uniquely here;
    // any bytes are valid as `u32` and `u64`.
    let code = unsafe { host::view_next(query, view, buffer.as_mut_ptr(), bytes) };
    refused(code).map(|rows| rows as usize)
}

/// See [`tinkerbox_abi::import::COMMAND`].
pub fn command(records: &[u64]) -> Result<(), AbiError> {
    // SAFETY: the host reads the borrowed words during the call.
    let code = unsafe { host::command(records.as_ptr(), size_of_val(records) as u32) };
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
    use tinkerbox_abi::View;

    // The module's name is `tinkerbox_abi::import::MODULE`; the attribute only takes a literal.
    #[link(wasm_import_module = "tinkerbox1")]
    unsafe extern "C" {
        pub fn view_next(query: u32, view: *mut View, buffer: *mut u64, buffer_len: u32) -> i32;
        pub fn command(address: *const u64, len: u32) -> i32;
        pub fn log(level: i32, address: *const u8, len: u32);
        pub fn panic(address: *const u8, len: u32);
        pub safe fn tick() -> u64;
        pub safe fn delta() -> f32;
        pub safe fn random() -> u64;
        pub safe fn fuel_left() -> u64;
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod host {
    use tinkerbox_abi::View;

    fn absent(name: &str) -> ! {
        panic!(
            "`{name}` is a function of the game; it can only be called in a mod, built for wasm32-unknown-unknown"
        )
    }

    pub unsafe fn view_next(_: u32, _: *mut View, _: *mut u64, _: u32) -> i32 {
        absent("view_next")
    }
    pub unsafe fn command(_: *const u64, _: u32) -> i32 {
        absent("command")
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
    pub fn random() -> u64 {
        absent("random")
    }
    pub fn fuel_left() -> u64 {
        absent("fuel_left")
    }
}

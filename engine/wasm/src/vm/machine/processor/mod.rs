//! Instructions that the compiler does not offer, for each kind of processor: its stack pointer, its floating-point mode, its
//! caches. The stubs that guest code calls are in `vm/doors/arch`.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod x86_64;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub use x86_64::*;

#[cfg(all(target_arch = "aarch64", any(target_os = "linux", target_os = "macos")))]
mod aarch64;
#[cfg(all(target_arch = "aarch64", any(target_os = "linux", target_os = "macos")))]
pub use aarch64::*;

#[cfg(not(any(
    all(target_arch = "x86_64", target_os = "linux"),
    all(target_arch = "aarch64", any(target_os = "linux", target_os = "macos"))
)))]
compile_error!("tinkerbox-wasm runs on x86-64 with Linux, and on aarch64 with Linux or macOS");

/// The size of a line of the cache, on nearly all processors.
pub const LINE_BYTES: usize = 64;

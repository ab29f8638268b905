//! The stubs that guest code calls and the registers of a faulting thread, for each kind of processor.
//!
//! Stubs are assembly because they keep registers that a Rust function may change, or jump out of frames. Each calls one
//! function of the runtime, in `vm/doors/out_of_fuel.rs` or `vm/doors/way_out.rs`.

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

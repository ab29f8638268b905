//! The few instructions that cannot be had from the compiler, for each kind of machine.

#[cfg(all(target_arch = "x86_64", unix))]
mod x86_64;
#[cfg(all(target_arch = "x86_64", unix))]
pub use x86_64::*;

#[cfg(not(all(target_arch = "x86_64", unix)))]
compile_error!("tinkerbox-wasm runs on x86-64 with Linux or another Unix for now");

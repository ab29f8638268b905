//! The embedding API as its users use it: callers, linkers, signatures, and programs written for wasmtime.

mod as_wasmtime;
mod caller;
mod linking;
mod signatures;

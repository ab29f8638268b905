//! What every layer shares: limits, types, settings, errors, and the layout that machine code reads.
//!
//! It must not know the compiler, the machine or any store. Each file names only files above it:
//!
//! ```text
//! limits ─> types ─> trap, error ─> frames, cache, config, settings ─> limiter ─> indices, module ─> layout
//! numbers   words    what fails     what the host chooses                        what a module declares, and how its
//!                                                                                instances lie in memory
//! ```

#![forbid(unsafe_code)]

pub mod limits;

pub mod types;

pub mod error;
pub mod trap;

pub mod frames;

pub mod cache;
pub mod config;
mod settings;

pub mod limiter;

pub mod indices;
pub mod module;

pub mod layout;

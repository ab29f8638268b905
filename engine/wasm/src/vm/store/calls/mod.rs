//! Calls.

pub mod activations;
pub mod backtrace;
pub mod entry_point;
pub mod fiber;
pub mod frames;
pub mod spare_fibers;

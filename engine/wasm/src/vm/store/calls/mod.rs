//! Calls.

pub mod backtrace;
pub mod frames;
pub mod spare_fibers;

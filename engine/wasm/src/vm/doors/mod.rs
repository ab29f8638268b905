//! Doors.

pub mod arch;
pub mod builtins;
pub mod fiber;
pub mod signals;
pub mod task;
pub mod way_in;
pub mod way_out;

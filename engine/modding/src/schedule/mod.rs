//! When systems run and what a mod gets for it: order, batches, shares of fuel, rests after faults, reports of overruns.
//!
//! Pure: names, access, amounts and ticks in, decisions out. Nothing here knows a file, a guest or the world.

pub(crate) mod batches;
pub(crate) mod budget;
pub(crate) mod faults;
pub(crate) mod index;
pub(crate) mod order;
pub(crate) mod overruns;

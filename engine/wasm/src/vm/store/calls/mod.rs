//! What a store and its engine keep of calls into guest code: how a function is entered, which activations there are, fibers
//! that run or wait, and how the guest's frames are found and shown. The doors call, suspend and resume.

pub mod activations;
pub mod backtrace;
pub mod entry_point;
pub mod fiber;
pub mod frames;
pub mod spare_fibers;

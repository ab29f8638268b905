//! Stores.

pub mod calls;
pub mod engine;
pub mod fuel;
pub mod funcref;
pub mod gc;
pub mod host;
pub mod instance;
pub mod prefetch;
pub mod store_box;
pub mod store_core;

//! Stores.

pub mod calls;
pub mod context;
pub mod engine;
pub mod fuel;
pub mod funcref;
pub mod gc;
pub mod host;
pub mod instance;
pub mod items;
pub mod prefetch;
pub mod store_box;
pub mod store_core;
pub mod upcalls;

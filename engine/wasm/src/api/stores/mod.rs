//! Stores and their views, which give the host's data its type `T` on top of the store cores of `vm/`.
//!
//! Every function of the API that needs a store takes it through the traits of [`context`], which is also where handles are
//! checked to belong to the store.

pub mod backtrace;
pub mod context;
pub mod fuel;
pub mod store;

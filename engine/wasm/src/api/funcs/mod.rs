//! Functions: calls from the host into the guest, and host functions that the guest calls.
//!
//! [`typed`] and [`func`] call with values of types that are known when the host is compiled or not, and [`resumable`] keeps calls
//! that wait. [`host_func`] and [`async_func`] make host functions from closures, which reach the guest through their
//! [`caller`].

pub mod async_func;
pub mod caller;
pub mod func;
pub mod host_func;
pub mod resumable;
pub mod typed;

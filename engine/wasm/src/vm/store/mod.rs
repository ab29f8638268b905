//! THE SANDBOX RESTS ON THIS FOLDER: engines, modules and stores.
//!
//! The state of guests, and every rule about it that can be kept without running guest code: instantiating, limits, fuel,
//! references, collecting. Knows no stub, no signal and no switch of stacks; what it needs of the doors it has from
//! [`upcalls`]. From the outside in:
//!
//! - **`Store<T>`**, `StoreContext<T>`, `StoreContextMut<T>` and `Caller<T>` are `api/`'s: they add the type of the host's data to
//!   what is here, and check that a handle belongs to the store.
//! - **[`StoreBox`](store_box::StoreBox)** owns a store: one allocation with the two parts below, which are used in different
//!   ways and so are never covered by one reference.
//! - **[`VmStoreContext`](context::VmStoreContext)** is the part that machine code, stubs and the fault handler reach through a
//!   raw pointer: the fuel counter, the landing, the limit of the stack, then what the doors add. It begins with
//!   `base::layout`'s `VmStore`, and stays where it is (invariant 2).
//! - **[`StoreCore`](store_core::StoreCore)** is the part that the host reaches through `&mut`: lists of instances, functions,
//!   memories, tables and globals, the collected heap, the fuel account, calls that wait. Nothing is ever removed from the
//!   lists, so that an index into them is valid as long as the store. While guest code runs, nothing uses that `&mut`; a
//!   host function or a builtin makes its own from the pointer in the context (invariant 1).
//! - **[`Engine`](engine::Engine)** and **[`Module`](engine::module::Module)** are shared by stores and never point to one.
//!
//! Within a store, things are named by newtypes over indices, which must not be mixed up with a module's own index spaces in
//! `base::indices`; a handle of `api/` is the store's id and one of these.

pub mod calls;
pub mod context;
pub mod engine;
pub mod fuel;
pub mod funcref;
pub mod gc;
pub mod host;
pub mod indices;
pub mod instance;
pub mod items;
pub mod prefetch;
pub mod store_box;
pub mod store_core;
pub mod upcalls;

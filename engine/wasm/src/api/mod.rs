//! The embedding API: wasmtime's names and meanings on top of the stores of `vm/`, without unsafe code.
//!
//! A handle is a small `Copy` value: the id of its store and an index. It is checked at every use. The rooms, in the order in
//! which a program meets them:
//!
//! - `modules`: engines and the modules that they compile, which stores share;
//! - `stores`: stores, the views through which functions take them, and their fuel;
//! - `values`: what crosses between host and guest;
//! - `funcs`: calls into the guest, and host functions with their callers;
//! - `instances`: instances, and the memories, tables and globals that they import and export;
//! - `linking`: finding the imports of a module by name.
//!
//! As in wasmtime, values, functions and instances name each other: a value may be a function, a host function has a caller,
//! and a caller has exports. The other rooms name only rooms before them.

#![forbid(unsafe_code)]

mod funcs;
mod instances;
mod linking;
mod modules;
mod stores;
mod values;

pub use funcs::caller::Caller;
pub use funcs::func::Func;
pub use funcs::host_func::{IntoFunc, WasmRet, WithPrelude, with_prelude};
pub use funcs::resumable::{CallState, SuspendedCall};
pub use funcs::typed::TypedFunc;
pub use instances::externs::{Export, Extern};
pub use instances::global::Global;
pub use instances::instance::Instance;
pub use instances::memory::Memory;
pub use instances::table::Table;
pub use linking::instance_pre::InstancePre;
pub use linking::linker::Linker;
pub use modules::declarations::{Declarations, ExportType, FuelBound, ImportType, InstantiationWork};
pub use modules::engine::{Engine, Precompiled};
pub use modules::export_name::ExportName;
pub use modules::machine_code::ModuleFunction;
pub use modules::module::{Module, ModuleExport, ResourcesRequired};
pub use stores::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use stores::store::Store;
pub use values::externref::{ExternRef, GcHeapOutOfMemory};
pub use values::reference::Ref;
pub use values::rooted::{GcRef, OwnedRooted, RootScope, Rooted, RootedGcRef};
pub use values::v128::V128;
pub use values::val::Val;
pub use values::wasm_ty::{WasmParams, WasmResults, WasmTy, WasmTyList};

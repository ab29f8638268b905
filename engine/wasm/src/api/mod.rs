//! The embedding API: wasmtime's names and meanings on top of the stores of `vm/`, without unsafe code.
//!
//! A handle is a small `Copy` value: the id of its store and an index. It is checked at every use.

#![forbid(unsafe_code)]

mod async_func;
mod backtrace;
mod caller;
mod command;
mod context;
mod declarations;
mod default_value;
mod definition;
mod engine;
mod export_name;
mod externref;
mod externs;
mod fuel;
mod func;
mod global;
mod host_func;
mod instance;
mod instance_pre;
mod linker;
mod linking;
mod machine_code;
mod memory;
mod module;
mod reference;
mod resumable;
mod rooted;
mod store;
mod table;
mod text;
mod typed;
mod v128;
mod val;
mod wasm_ty;

pub use caller::Caller;
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
pub use declarations::{Declarations, InstantiationWork};
pub use engine::{Engine, Precompiled};
pub use export_name::ExportName;
pub use externref::{ExternRef, GcHeapOutOfMemory};
pub use externs::{Export, Extern};
pub use func::Func;
pub use global::Global;
pub use host_func::{IntoFunc, WasmRet, with_prelude};
pub use instance::Instance;
pub use instance_pre::InstancePre;
pub use linker::Linker;
pub use machine_code::ModuleFunction;
pub use memory::Memory;
pub use module::{ExportType, ImportType, Module, ModuleExport, ResourcesRequired};
pub use reference::Ref;
pub use resumable::{CallState, SuspendedCall};
pub use rooted::{GcRef, OwnedRooted, RootScope, Rooted, RootedGcRef};
pub use store::Store;
pub use table::Table;
pub use typed::TypedFunc;
pub use v128::V128;
pub use val::Val;
pub use wasm_ty::{WasmParams, WasmResults, WasmTy, WasmTyList};

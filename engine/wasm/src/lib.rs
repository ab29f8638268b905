//! A sandboxing WebAssembly runtime on Cranelift, made for game mods.
//!
//! Bytes become a [`Module`], a [`Linker`] gives it host functions, and a [`Store`] holds its instances. Host functions take
//! a [`Caller`], through which they reach the guest's memory, its exports, the host's own data and the fuel. Fuel is exact
//! and deterministic; when it runs out, a call can be suspended with its whole stack and resumed later.
//!
//! For core WebAssembly the names, signatures and meanings are wasmtime's, so a program written
//! for that API mostly compiles with `use tinkerbox_wasm as wasmtime`.
//!
//! # A whole example
//!
//! A mod asks its host for a greeting. The host function reads a name from the mod's memory, asks the mod's own allocator
//! for room, and writes the greeting there. Its work is charged in fuel, and failures are errors.
//!
//! ```
//! use tinkerbox_wasm::*;
//!
//! /// The host's own data in a store.
//! struct Host {
//!     greeted: Vec<String>,
//! }
//!
//! /// Takes a name from the guest's memory, and returns the address of a greeting that ends with a zero.
//! fn greet(mut caller: Caller<'_, Host>, at: u32, len: u32) -> Result<u32> {
//!     let memory = caller.memory().ok_or_else(|| format_err!("the mod has no memory"))?;
//!     let (bytes, host) = memory.data_and_store_mut(&mut caller);
//!     let name = bytes.get(at as usize..).and_then(|rest| rest.get(..len as usize));
//!     let name = String::from_utf8_lossy(name.ok_or(Trap::MemoryOutOfBounds)?).into_owned();
//!     host.greeted.push(name.clone());
//!     // The work of the host has a price as well.
//!     caller.consume_fuel(u64::from(len))?;
//!
//!     let greeting = format!("Hello, {name}!\0");
//!     let alloc = caller.get_export("alloc").and_then(Extern::into_func);
//!     let alloc = alloc.ok_or_else(|| format_err!("the mod exports no function `alloc`"))?;
//!     let alloc = alloc.typed::<u32, u32>(&caller)?;
//!     let room = alloc.call(&mut caller, greeting.len() as u32)?;
//!     memory.write(&mut caller, room as usize, greeting.as_bytes())?;
//!     Ok(room)
//! }
//!
//! # fn main() -> Result<()> {
//! let engine = Engine::new(Config::new().consume_fuel(true))?;
//! let module = Module::new(&engine, r#"(module
//!     (import "host" "greet" (func $greet (param i32 i32) (result i32)))
//!     (memory (export "memory") 1)
//!     (data (i32.const 8) "meadow")
//!     (global $free (mut i32) (i32.const 64))
//!     (func (export "alloc") (param $len i32) (result i32)
//!         (global.get $free)
//!         (global.set $free (i32.add (global.get $free) (local.get $len))))
//!     (func (export "run") (result i32)
//!         (call $greet (i32.const 8) (i32.const 6))))"#)?;
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "greet", greet)?;
//!
//! // Each mod has a store of its own. Dropping it frees everything.
//! let mut store = Store::new(&engine, Host { greeted: Vec::new() });
//! store.set_fuel(1_000)?;
//! let instance = linker.instantiate(&mut store, &module)?;
//! let run = instance.get_typed_func::<(), u32>(&mut store, "run")?;
//! let at = run.call(&mut store, ())? as usize;
//!
//! let memory = instance.get_memory(&mut store, "memory").expect("the module above exports it");
//! assert!(memory.data(&store)[at..].starts_with(b"Hello, meadow!\0"));
//! assert_eq!(store.data().greeted, ["meadow"]);
//! // `run`: entry, two constants, a call. `alloc`: entry and five operators. The host: six letters.
//! assert_eq!(store.get_fuel()?, 1_000 - 4 - 6 - 6);
//!
//! // Without enough fuel nothing runs, and the error says so.
//! store.set_fuel(3)?;
//! let error = run.call(&mut store, ()).unwrap_err();
//! assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel));
//! # Ok(())
//! # }
//! ```
//!
//! # What is supported, and what differs from wasmtime
//!
//! - WebAssembly 2.0 in full: multi-value, sign extension, saturating conversions, bulk memory, references
//!   to functions and to values of the host ([`ExternRef`]), vectors ([`V128`]). Relaxed SIMD, threads,
//!   64-bit memories, tail calls, exceptions and GC are refused when a module is compiled; the error names the feature and
//!   the offset.
//! - Collecting is `gc(&mut self)`, as in wasmtime 6 to 14: it suspends nothing and cannot fail. It also runs by itself.
//!   [`Rooted`] and [`OwnedRooted`] have the methods of the object, instead of dereferencing to it.
//! - Closures that take [`Func`] or `Rooted<ExternRef>` without `Option` are host functions of the type with null,
//!   which WebAssembly 2.0 can import; if null is passed, the call ends with [`Trap::NullReference`].
//! - Errors are [`anyhow::Error`]; what the runtime reports is a typed error inside it: [`Trap`],
//!   [`LinkError`], [`InvalidModule`], [`DeserializeError`], [`StoreError`]. A [`WasmBacktrace`] is attached as context.
//! - Backtraces have files and lines unless [`Config::wasm_backtrace_details`] says otherwise, since authors of mods want
//!   them and they cost nothing before they are shown. Debug information that is damaged or takes too long to read is
//!   ignored, and Rust's names are demangled. A suspended call has a backtrace as well.
//! - Fuel never goes below zero: a call only stops where the fuel that is left does not cover what certainly runs next; at
//!   most 200 units are asked for at once. The rest stays visible, the count is exact after a trap, and a run that returns
//!   needs no more fuel than it consumes.
//! - [`Config::cranelift_nan_canonicalization`] makes NaNs canonical where their bits can be seen, not after every operator:
//!   the observable bits are the same, at a fraction of the cost.
//! - [`Config::emit_clif`] names files by index alone, and failing to write one is an error.
//! - If [`Config::signals_based_traps`] is off, guest code never faults, and the threads that run it need 64 KiB more stack.
//! - There is one account for the names of both eras: `set_fuel` and `fuel_async_yield_interval` beside `add_fuel`,
//!   `consume_fuel`, `fuel_consumed`, `out_of_fuel_trap` and `out_of_fuel_async_yield`, on stores, their views and callers.
//!   The amount consumed only grows, whatever is set. The policy that was set last applies, so plain calls are possible again
//!   once the store does not yield any more; until then they return [`StoreError::AsyncRequired`], and never panic.
//! - Intervals are counted by what is consumed, so a call of `n` units yields once for each whole interval in `n - 1`,
//!   however its code was compiled; setting fuel does not start a new interval.
//! - Within a host function that guest code has called, `call` is allowed and `call_async` is the same: they do not yield,
//!   have all fuel that is left, and return [`Trap::OutOfFuel`] to the host function, which may add fuel and continue.
//! - Async host functions ([`Func::wrap_async`], [`Linker::func_wrap_async`]) can be linked anywhere; calling one where nothing
//!   can wait for it returns [`StoreError::AsyncHostFunction`]. A future that is forgotten instead of dropped leaves its store
//!   suspended.
//! - `call_resumable` suspends without async, at yields and when fuel runs out; [`Store::lend`] lends a borrowed value to host
//!   functions. [`Caller::memory`] is the caller's memory without a look-up by name,
//!   [`Caller::memory_and_data`] that and the host's data side by side, [`Caller::instance`] and
//!   [`Caller::module`] identify the caller, and an [`ExportName`] finds an export of any module at the cost
//!   of an index.
//! - [`Instance::exports`] takes a shared store, so that [`Export::ty`] can be called meanwhile.
//! - [`ResourceLimiter::wants_grow_failures`] lets a limiter do without errors that a guest could cause at almost no cost;
//!   [`StoreLimits`] does.
//! - A [`LinkError`] names all imports that are missing or of the wrong type, not only the first.
//!   [`Linker::iter`] follows the order in which names were first used. What [`Linker::module`] defines for a command can be
//!   used in every store.
//! - After a fork, parent and child may both continue with what existed, and make engines of their own, as long as no other
//!   thread was using the engine at that moment: the child would hold its locks for ever. Locks of the process are not
//!   affected.
//! - Guest code computes in the standard mode of floating-point arithmetic, whatever mode the host's thread is in; host
//!   functions compute in the host's mode.
//! - It runs on x86-64 Linux. It compiles for aarch64 Linux and macOS, where it was never run.
//! - [`Module::deserialize`] accepts what the same build of this crate wrote with the same settings, including the
//!   optimisation level: peers that load the same file run the same code. [`Module::text`] is all that is mapped for a
//!   module, so there is no `image_range`; a [`ModuleFunction`] has plain numbers; a text of more than 8 MiB is refused.
//! - [`Config::module_cache`] keeps whole modules in a [`CacheStore`] of the host's. wasmtime has that trait for
//!   `Config::enable_incremental_compilation`, which keeps single functions, and it keeps whole modules through `Config::cache`,
//!   in files of its own; this runtime writes no files.
//! - Memories always come from a pool, which grows as needed. So [`Config`] has `max_unused_warm_slots` and
//!   `linear_memory_keep_resident`, and no allocation strategy to choose.
//! - A handle used with a store that it does not belong to is an error or a documented panic.
//!
//! # Limits of the compiler
//!
//! Untrusted modules are compiled within limits. A module that asks for more is refused by an [`InvalidModule`] that names
//! the limit. A function has at most 300,000 operators, 30,000 calls and branches, 20,000 locals that it uses, 10,000 blocks
//! and 200 loops inside each other, and 100,000 targets of branch tables. It passes at most 40,000 values at branches that
//! may not be taken, and keeps at most 8,000,000 values over its calls and branches (each value counts once for each of
//! them). Its frame is at most 64 times as large as its price on the stack ([`Config::max_wasm_stack`]). A module defines at
//! most 250,000 functions, which together keep at most 250,000,000 values. As measured in a release build, one function
//! takes up to 10 seconds and 500 MiB; a module takes up to 8 seconds for each megabyte and about two minutes more. Most
//! modules take a fraction of a second for each megabyte. `tests/README.md` has the command that measures it.
//!
//! The layers, each knowing only those to its left: `base <- compile <- vm <- api`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod base;
mod compile;
mod vm;

pub use api::*;
pub use base::cache::CacheStore;
pub use base::config::{Config, OptLevel, WasmBacktraceDetails};
pub use base::error::{
    DeserializeError, InvalidModule, LinkError, MemoryAccessError, StoreError, TypeMismatch,
    UnknownImportError,
};
pub use base::limiter::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use base::trap::Trap;
pub use base::types::{
    ExternType, FuncType, GlobalType, HeapType, MemoryType, MemoryTypeBuilder, Mutability, RefType,
    TableType, ValType,
};
pub use vm::code::dwarf::FrameSymbol;
pub use vm::machine::prefetch::prefetch;
pub use vm::store::calls::backtrace::{FrameInfo, WasmBacktrace};

pub use anyhow::{Context as ErrorContext, Error, Result, bail, ensure, format_err};

/// Errors, where programs for wasmtime look for them.
///
/// ```
/// use tinkerbox_wasm::error::Context as _;
/// use tinkerbox_wasm::*;
///
/// let error = Module::new(&Engine::default(), "(module").context("the mod `wolves`").unwrap_err();
/// assert_eq!(error.to_string(), "the mod `wolves`");
/// assert!(error.is::<InvalidModule>());
/// ```
pub mod error {
    pub use anyhow::{Chain, Context, Error, Ok, Result, bail, ensure, format_err};
}

/// The example in the crate's README, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

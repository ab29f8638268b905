//! THE SANDBOX RESTS ON THIS FOLDER: code, memory and stores as machine code sees them.
//!
//! The only unsafe code of the crate. It offers a safe interface to `api/`, and knows nothing of `T`, named handles or
//! linkers. It has five rooms; each may name itself and those above it in this list:
//!
//! ```text
//! machine   the operating system and the processor: mappings, stacks, forks, the floating-point mode
//! memory    linear memories and tables
//! code      machine code: where it lies, what an address in it means, signatures
//! store     engines, modules and stores: the state, and the rules that need no guest code to run
//! doors     where guest and host meet: calls in both directions, stops, suspensions, faults
//! ```
//!
//! What a store needs of the doors is handed to its engine when that is made: see `store/upcalls.rs`.
//!
//! Each unsafe block names the invariant that makes it sound:
//!
//! 1. **One store, one thread.** A [`store::store_core::StoreCore`] is used by one thread at a time, through
//!    `&mut`. While guest code runs, the way in holds that `&mut` and does not touch it; the way out makes a new one from
//!    the pointer in the store's context, for as long as a host function runs.
//! 2. **Contexts stay.** A store's context, its instances' contexts, the definitions of memories and tables, globals and
//!    function references are heap allocations at fixed addresses, freed with their store.
//! 3. **Layout.** What machine code reads is exactly what `base::layout` says, and was filled in before the code could run.
//! 4. **Code stays.** Published code, its trap tables and its trampolines live as long as anything that can call them, and
//!    are not written to: instances keep their module, stores keep their engine. What is published was made by `compile/`,
//!    in this process, or in another for which the caller of an unsafe function vouches, or who supplies the cache.
//! 5. **Types hold.** A function is entered only through the trampolines of its own signature, with as many slots as it has
//!    parameters and results, and references in them belong to its store.
//! 6. **Landings.** A landing is valid while its entry trampoline is on the stack. Only guest frames, stubs and trampolines
//!    lie between a landing and what jumps to it: no Rust frame is skipped.
//! 7. **Reservations.** A linear memory's accessible bytes are the first `len_bytes` of a mapping of its own; what machine
//!    code can reach of it without a check is mapped or faults. A reservation that is used again holds no byte of the memory
//!    before it. Files that are mapped never become shorter, and no process changes what another has mapped of them.
//! 8. **Suspended stacks** hold frames of the way in, guest code and stubs only: no value of a host function, nothing bound
//!    to a thread. So they may be resumed on another thread. Where a host function waits, the way out and its future lie
//!    there too: the future is `Send`, and nothing else can reach its store.
//! 9. **Lent values** outlive the closure during which they can be reached.

#![expect(unsafe_code, reason = "each block names one of the invariants above")]

pub mod code;
pub mod doors;
pub mod machine;
pub mod memory;
pub mod store;
#[cfg(test)]
mod tests;

//! THE SANDBOX RESTS ON THIS FOLDER: where guest and host meet.
//!
//! ```text
//! way_in       the host calls a function of a store        stack_room   on this stack, or on a fiber with more room
//! way_out      guest code calls a host function, or stops  builtins     guest code calls the runtime
//! arch         stubs that guest code calls; registers      signals      faults of guest code become traps
//! fibers       a call that can be suspended: switching     out_of_fuel  a charge was not covered: wait, or land
//! resumable    such a call, kept in its store              task         such a call, polled as a future
//! ```
//!
//! # The stack in each state
//!
//! Older frames are on top. `landing`, `exit_fp`, `stack_limit` and `caller` are fields of the store's context; each way in puts
//! aside what they were (`vm/store/calls/activations.rs`), and puts it back when its guest has ended.
//!
//! ```text
//! guest code runs            calls a host function          calls back, nested
//! ─────────────────────────  ─────────────────────────────  ─────────────────────────────
//! host                       host                           host
//! StoreCore::call, enter     StoreCore::call, enter         StoreCore::call, enter
//! entry trampoline <landing  entry trampoline <landing      entry trampoline   ┐ kept in
//! guest frames               guest frames                   guest frames       │ activations
//!   <sp                      exit trampoline  <exit_fp      exit trampoline    ┘
//!                            call_host (way_out)            call_host, host function
//!   <stack_limit             host function                  StoreCore::call, enter
//!                                                           entry trampoline <landing
//!                                                           guest frames
//!
//! out of fuel                raise, trap: it stops          an instruction faults
//! ─────────────────────────  ─────────────────────────────  ─────────────────────────────
//! entry trampoline <landing  entry trampoline <landing      entry trampoline <landing
//! guest frames               guest frames                   guest frames, at the instruction
//! return address of the      return address of the guest    ── the system switches to the
//! guest, its frame pointer   its frame pointer                 signal stack: `handle` changes
//! stub's frame: registers    stub's frame: the store           the registers and returns
//! builtin `out_of_fuel`      `raised`, `trapped`            `fault` on the guest's stack
//! │ covered: back to the     then a jump to `landing`:      `trapped`
//! │ stub, to the guest       guest frames are given up      then a jump to `landing`
//! │ not covered: `landing`
//! └ suspended: see below
//!
//! suspended on a fiber: two stacks
//! ─────────────────────────────────────────────────────────────────────────────────────────
//! the host's                                     the fiber's
//! resume, or a task's poll                       run_calls, activate
//! Fiber::switch ── corosensei ─────────────────> entry trampoline <landing
//!                                                guest frames
//!                                                out_of_fuel's stub, or exit trampoline and call_host
//! Fiber::switch <──────────────── corosensei ─── suspend
//! ```
//!
//! The layout of each stub's frame is drawn in `arch/`. What must hold: only guest frames, stubs and trampolines are skipped by a
//! jump to a landing (6); a reference into a store ends before anything that may switch stacks (1, 8); no panic leaves a
//! function that guest code calls.

pub mod arch;
pub mod builtins;
pub mod fibers;
pub mod out_of_fuel;
pub mod resumable;
pub mod signals;
pub mod stack_room;
pub mod task;
pub mod way_in;
pub mod way_out;

use crate::base::config::Config;
use crate::vm::code::{code_memory, registry};
use crate::vm::machine::process::{self, AtFork};
use crate::vm::store::engine::EngineCore;
use crate::vm::store::store_core::StoreCore;
use crate::vm::store::upcalls::Upcalls;

/// What the rooms below have of this one.
static UPCALLS: Upcalls = Upcalls {
    builtins: builtins::BUILTINS,
    run_calls: fibers::run_calls,
    cancel_suspended: StoreCore::cancel_suspended,
};

static AT_FORK: AtFork = AtFork {
    hold: || Box::new((registry::hold(), code_memory::hold(), signals::hold())),
    in_child: registry::forget_readers,
};

/// Makes an engine, and the process ready for it.
///
/// # Errors
/// The machine is not supported.
pub fn new_engine(config: &Config) -> anyhow::Result<EngineCore> {
    // First, so that nothing of an engine is in the middle of anything at a fork that is not watched.
    process::watch_forks(&AT_FORK);
    let engine = EngineCore::new(config, &UPCALLS)?;
    if config.signals_based_traps {
        signals::install();
    }
    Ok(engine)
}

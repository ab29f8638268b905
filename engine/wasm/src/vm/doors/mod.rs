//! Doors.

pub mod arch;
pub mod builtins;
pub mod fibers;
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

/// Makes an engine, and the process ready for it.
///
/// # Errors
/// The machine is not supported.
pub fn new_engine(config: &Config) -> anyhow::Result<EngineCore> {
    let engine = EngineCore::new(config, &UPCALLS)?;
    process::watch_forks(AtFork {
        hold: || Box::new((registry::hold(), code_memory::hold(), signals::hold())),
        in_child: registry::forget_readers,
    });
    if config.signals_based_traps {
        signals::install();
    }
    Ok(engine)
}

//! What stores and modules share: settings, the target, signatures, spare memories and fibers.
//!
//! Knows no store; modules and stores point to it.

pub mod export_names;
pub mod module;
pub mod serialized;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::base::config::Config;
use crate::base::frames::Frames;
use crate::compile::target::Target;
use crate::vm::code::signatures::Signatures;
use crate::vm::memory::image::ImageFile;
use crate::vm::memory::pool::MemoryPool;
use crate::vm::store::calls::spare_fibers::SpareFibers;
use crate::vm::store::engine::export_names::ExportNames;
use crate::vm::store::upcalls::Upcalls;

/// What modules are compiled with and stores run on. Cheap to clone; clones are the same engine.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let engine = Engine::new(Config::new().consume_fuel(true))?;
/// assert!(Engine::same(&engine, &engine.clone()));
/// # anyhow::Ok(())
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(crate) core: Arc<EngineCore>,
}

/// The part of an engine that machine code and stores need.
pub struct EngineCore {
    pub config: Config,
    pub target: Target,
    /// How much of a stack a guest with ordinary frames may use, and what has to be below that.
    pub whole_stack: usize,
    pub export_names: ExportNames,
    pub memories: Arc<MemoryPool>,
    pub images: ImageFile,
    pub signatures: Signatures,
    pub fibers: SpareFibers,
    /// The number of modules that were compiled.
    pub compiled: AtomicU64,
    pub upcalls: &'static Upcalls,
}

impl EngineCore {
    /// An engine whose guests reach the runtime through `upcalls`.
    ///
    /// # Errors
    /// The machine is not supported.
    pub fn new(config: &Config, upcalls: &'static Upcalls) -> anyhow::Result<EngineCore> {
        config.check_stacks()?;
        let target = Target::native(config)?;
        Ok(EngineCore {
            config: config.clone(),
            target,
            whole_stack: config.whole_stack(Frames::default()),
            export_names: ExportNames::default(),
            memories: Arc::new(MemoryPool::new(config)),
            images: ImageFile::default(),
            signatures: Signatures::default(),
            fibers: SpareFibers::new(upcalls.run_calls),
            compiled: AtomicU64::new(0),
            upcalls,
        })
    }
}

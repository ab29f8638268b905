//! What stores and modules share: settings, the target, signatures, memories to use again, spare stacks.

use std::sync::{Arc, Mutex, PoisonError};

use corosensei::stack::DefaultStack;

use super::export_names::ExportNames;
use super::image::ImageFile;
use super::pool::MemoryPool;
use super::signatures::Signatures;
use super::{address_space, signals};
use crate::base::config::Config;
use crate::base::error::StoreError;
use crate::compile::target::Target;

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
    pub export_names: ExportNames,
    pub memories: Arc<MemoryPool>,
    pub images: ImageFile,
    pub signatures: Signatures,
    stacks: Mutex<Vec<DefaultStack>>,
}

impl EngineCore {
    /// # Errors
    /// The machine is not supported.
    pub fn new(config: &Config) -> anyhow::Result<EngineCore> {
        config.check_stacks()?;
        let target = Target::native(config)?;
        if config.signals_based_traps {
            signals::install();
        }
        Ok(EngineCore {
            config: config.clone(),
            target,
            export_names: ExportNames::default(),
            memories: Arc::new(MemoryPool::new(config)),
            images: ImageFile::default(),
            signatures: Signatures::default(),
            stacks: Mutex::default(),
        })
    }

    /// A stack for a resumable call: the guest's, and what host functions may use below it.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    pub fn take_stack(&self) -> Result<DefaultStack, StoreError> {
        if let Some(stack) = self.stacks.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(stack);
        }
        let size = self.config.max_wasm_stack.checked_add(self.config.fiber_stack_below_limit());
        let size = size.filter(|size| *size <= isize::MAX as usize).ok_or(StoreError::OutOfMemory(0))?;
        DefaultStack::new(size.next_multiple_of(address_space::page_size()))
            .map_err(|error| StoreError::OutOfMemory(error.raw_os_error().unwrap_or(0)))
    }

    /// Keeps a stack for the next call. Only so many: each holds the pages that were touched.
    pub fn return_stack(&self, stack: DefaultStack) {
        const SPARE_STACKS: usize = 64;
        let mut stacks = self.stacks.lock().unwrap_or_else(PoisonError::into_inner);
        if stacks.len() < SPARE_STACKS {
            stacks.push(stack);
        }
    }
}

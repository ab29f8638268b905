//! What stores and modules share: settings, the target, signatures with their doors, spare stacks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use corosensei::stack::DefaultStack;

use super::code::PublishedCode;
use super::export_names::ExportNames;
use super::image::ImageFile;
use super::pool::MemoryPool;
use super::{address_space, signals};
use crate::base::config::Config;
use crate::base::error::StoreError;
use crate::base::layout::SignatureId;
use crate::base::types::{FuncType, ValType};
use crate::compile::target::Target;
use crate::compile::trampoline::{self, Enter};

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
    signatures: Mutex<Signatures>,
    stacks: Mutex<Vec<DefaultStack>>,
}

#[derive(Default)]
struct Signatures {
    ids: HashMap<FuncType, SignatureId>,
    entries: Vec<(FuncType, Option<Arc<Doors>>)>,
}

/// The ways in and out for functions of one signature.
pub struct Doors {
    pub params: usize,
    pub results: usize,
    /// Positions of references to functions among parameters and results: the host knows these by name.
    pub func_params: Vec<usize>,
    pub func_results: Vec<usize>,
    code: PublishedCode,
}

/// The doors of a host function that many stores use, found once and not in each of them.
#[derive(Default)]
pub struct LinkedDoors(OnceLock<(Arc<EngineCore>, SignatureId, Arc<Doors>)>);

impl LinkedDoors {
    /// The signature and the doors that a type has in an engine. The type is always the same.
    ///
    /// # Errors
    /// As for [`EngineCore::doors`].
    pub fn get(&self, ty: &FuncType, engine: &Arc<EngineCore>) -> anyhow::Result<(SignatureId, Arc<Doors>)> {
        if let Some((linked, signature, doors)) = self.0.get()
            && Arc::ptr_eq(linked, engine)
        {
            return Ok((*signature, doors.clone()));
        }
        let signature = engine.signature(ty);
        let doors = engine.doors(signature)?;
        // A function is linked with one engine. Stores of another, which is odd, look it up each time.
        let _ = self.0.set((engine.clone(), signature, doors.clone()));
        Ok((signature, doors))
    }
}

impl EngineCore {
    /// # Errors
    /// The machine is not supported.
    pub fn new(config: &Config) -> anyhow::Result<EngineCore> {
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
            signatures: Mutex::default(),
            stacks: Mutex::default(),
        })
    }

    /// The engine-wide name of a signature.
    pub fn signature(&self, ty: &FuncType) -> SignatureId {
        let mut signatures = self.signatures();
        if let Some(id) = signatures.ids.get(ty) {
            return *id;
        }
        let id = u32::try_from(signatures.entries.len()).expect("memory ends before the names do");
        signatures.entries.push((ty.clone(), None));
        signatures.ids.insert(ty.clone(), SignatureId(id));
        SignatureId(id)
    }

    /// The doors of a signature. They are compiled when they are first asked for.
    ///
    /// # Errors
    /// The signature is too large for the compiler, or the operating system refuses memory.
    pub fn doors(&self, signature: SignatureId) -> anyhow::Result<Arc<Doors>> {
        let (ty, doors) = &mut self.signatures().entries[signature.0 as usize];
        if let Some(doors) = doors {
            return Ok(doors.clone());
        }
        let new = Arc::new(Doors::new(ty, &self.target)?);
        *doors = Some(new.clone());
        Ok(new)
    }

    fn signatures(&self) -> MutexGuard<'_, Signatures> {
        self.signatures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stack for a resumable call: the guest's, and what host functions may use below it.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    pub fn take_stack(&self) -> Result<DefaultStack, StoreError> {
        if let Some(stack) = self.stacks.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(stack);
        }
        let size = self.config.max_wasm_stack.checked_add(self.config.stack_below_limit());
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

impl Doors {
    fn new(ty: &FuncType, target: &Target) -> anyhow::Result<Doors> {
        let code = PublishedCode::publish(trampoline::compile(ty, target)?)?;
        let funcs = |types: Vec<ValType>| (0..types.len()).filter(|&at| types[at].is_func_ref()).collect();
        Ok(Doors {
            params: ty.params().len(),
            results: ty.results().len(),
            func_params: funcs(ty.params().collect()),
            func_results: funcs(ty.results().collect()),
            code,
        })
    }

    /// How many slots a call needs.
    pub fn slots(&self) -> usize {
        self.params.max(self.results)
    }

    /// The way in.
    pub fn enter(&self) -> Enter {
        // SAFETY: (3, 4) the first function of a pair of doors has this type.
        unsafe { std::mem::transmute::<*const u8, Enter>(self.code.function(0)) }
    }

    /// The way out: what guest code calls when it calls a host function.
    pub fn leave(&self) -> *const u8 {
        self.code.function(1)
    }
}

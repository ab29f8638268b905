//! Machine code made executable, and registered so that addresses in it can be looked up.

use std::sync::{Arc, OnceLock, Weak};

use super::code_memory::CodeMemory;
use super::registry;
use crate::base::error::StoreError;
use crate::compile::join::{Code, OUT_OF_FUEL_STUB};
use crate::vm::doors::arch;
use crate::vm::machine::processor;
use crate::vm::store::engine::module::{Module, ModuleCore};

/// Code that can run. Unregistered, then unmapped, when dropped.
pub struct PublishedCode {
    memory: CodeMemory,
    /// Of the code, at the start of the memory.
    len: usize,
    described: Arc<Described>,
}

/// What is known about a published piece of code: enough to explain an address in it.
pub struct Described {
    pub code: Code,
    /// The module it belongs to, from when that is complete; doors belong to none.
    module: OnceLock<Weak<ModuleCore>>,
}

impl PublishedCode {
    /// Copies code to executable memory. It can never be written again.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    pub fn publish(mut code: Code) -> Result<PublishedCode, StoreError> {
        let mut bytes = std::mem::take(&mut code.bytes);
        if code.out_of_fuel_stub {
            let stub = (arch::out_of_fuel as *const ()).addr().to_ne_bytes();
            bytes[OUT_OF_FUEL_STUB.start as usize..OUT_OF_FUEL_STUB.end as usize].copy_from_slice(&stub);
        }
        let memory = CodeMemory::with(&bytes)?;
        // SAFETY: (7) the memory is at least as long as the code.
        unsafe { processor::code_written(memory.base(), bytes.len()) };
        let described = Arc::new(Described { code, module: OnceLock::new() });
        registry::register(memory.base() as usize, memory.len(), described.clone());
        Ok(PublishedCode { memory, len: bytes.len(), described })
    }

    /// The machine code, as it was before it was published: the same in every process.
    pub fn unpublished(&self) -> Vec<u8> {
        let mut bytes = self.bytes().to_vec();
        if self.tables().out_of_fuel_stub {
            bytes[OUT_OF_FUEL_STUB.start as usize..OUT_OF_FUEL_STUB.end as usize].fill(0);
        }
        bytes
    }

    /// The machine code, as it is executed.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: (4) executable memory can be read, and nothing writes to it as long as it is there.
        unsafe { std::slice::from_raw_parts(self.memory.base(), self.len) }
    }

    /// What maps the code back, without the code.
    pub fn tables(&self) -> &Code {
        &self.described.code
    }

    /// Says whose code this is.
    ///
    /// # Panics
    /// It was said before.
    pub fn belongs_to(&self, module: &Arc<ModuleCore>) {
        let set = self.described.module.set(Arc::downgrade(module));
        set.expect("a module publishes its code once");
    }

    /// The address of a function, by its place among the defined ones.
    pub fn function(&self, defined: usize) -> *const u8 {
        let offset = self.described.code.functions[defined].start;
        // SAFETY: (4) the offset is within the code.
        unsafe { self.memory.base().add(offset as usize) }
    }
}

impl Described {
    /// The module that the code belongs to.
    pub fn module(&self) -> Option<Module> {
        Some(Module { core: self.module.get()?.upgrade()? })
    }
}

impl Drop for PublishedCode {
    fn drop(&mut self) {
        registry::unregister(self.memory.base() as usize);
    }
}

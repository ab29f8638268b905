//! THE SANDBOX RESTS ON THIS FILE: machine code made executable, and registered so that addresses in it can be looked up.
//!
//! Code comes from `compile/`. What it is published for is its owner, whose type is left open.

use std::any::Any;
use std::sync::Arc;

use super::code_memory::CodeMemory;
use super::registry::{self, Described};
use crate::base::error::StoreError;
use crate::compile::join::{Code, OUT_OF_FUEL_STUB};
use crate::vm::machine::processor;

/// Code that can run. Unregistered, then unmapped, when dropped.
pub struct PublishedCode {
    memory: CodeMemory,
    /// The length of the code, at the start of the memory.
    len: usize,
    described: Arc<Described>,
}

impl PublishedCode {
    /// Copies code to executable memory. It can never be written again.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    ///
    /// # Panics
    /// The code calls the stub for running out of fuel: use [`PublishedCode::publish_metered`].
    pub fn publish(code: Code) -> Result<PublishedCode, StoreError> {
        assert!(!code.out_of_fuel_stub, "trampolines do not call the stub for running out of fuel");
        PublishedCode::copy(code)
    }

    /// As [`PublishedCode::publish`], for code that may call the stub for running out of fuel, which is at this address.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    pub fn publish_metered(mut code: Code, out_of_fuel: *const ()) -> Result<PublishedCode, StoreError> {
        if code.out_of_fuel_stub {
            let stub = out_of_fuel.addr().to_ne_bytes();
            code.bytes[OUT_OF_FUEL_STUB.start as usize..OUT_OF_FUEL_STUB.end as usize].copy_from_slice(&stub);
        }
        PublishedCode::copy(code)
    }

    fn copy(mut code: Code) -> Result<PublishedCode, StoreError> {
        let bytes = std::mem::take(&mut code.bytes);
        let memory = CodeMemory::with(&bytes)?;
        // SAFETY: (7) the memory is at least as long as the code.
        unsafe { processor::code_written(memory.base(), bytes.len()) };
        let described = Arc::new(Described::new(code));
        registry::register(memory.base() as usize, memory.len(), described.clone());
        Ok(PublishedCode { memory, len: bytes.len(), described })
    }

    /// The machine code as it was before it was published: the same in every process.
    pub fn unpublished(&self) -> Vec<u8> {
        let mut bytes = self.bytes().to_vec();
        if self.tables().out_of_fuel_stub {
            bytes[OUT_OF_FUEL_STUB.start as usize..OUT_OF_FUEL_STUB.end as usize].fill(0);
        }
        bytes
    }

    /// The machine code, as it is executed.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: (4) executable memory can be read, and nothing writes to it as long as it exists.
        unsafe { std::slice::from_raw_parts(self.memory.base(), self.len) }
    }

    /// The tables that map the code back to the module.
    pub fn tables(&self) -> &Code {
        &self.described.code
    }

    /// Sets the owner of this code.
    ///
    /// # Panics
    /// It was set before.
    pub fn set_owner<O: Any + Send + Sync>(&self, owner: &Arc<O>) {
        self.described.set_owner(owner);
    }

    /// The address of a function, by its place among those that the code defines.
    pub fn function(&self, defined: usize) -> *const u8 {
        let offset = self.described.code.functions[defined].start;
        // SAFETY: (4) the offset is within the code.
        unsafe { self.memory.base().add(offset as usize) }
    }
}

impl Drop for PublishedCode {
    fn drop(&mut self) {
        registry::unregister(self.memory.base() as usize);
    }
}

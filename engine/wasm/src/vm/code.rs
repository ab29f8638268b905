//! Machine code made executable, and registered so that addresses in it can be looked up.

use std::sync::Arc;

use super::address_space::{Access, Mapping, page_size};
use super::{arch, registry};
use crate::base::error::StoreError;
use crate::base::module::ModuleInfo;
use crate::compile::join::Code;

/// Code that can run. Unregistered, then unmapped, when dropped.
pub struct PublishedCode {
    mapping: Mapping,
    described: Arc<Described>,
}

/// What is known about a published piece of code: enough to explain an address in it.
pub struct Described {
    pub code: Code,
    /// The module it belongs to; trampolines belong to none.
    pub module: Option<Arc<ModuleInfo>>,
}

impl PublishedCode {
    /// Copies code to executable memory. It can never be written again.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    pub fn publish(code: Code, module: Option<Arc<ModuleInfo>>) -> Result<PublishedCode, StoreError> {
        let len = code.bytes.len().next_multiple_of(page_size());
        let mut mapping = Mapping::reserve(len)?;
        mapping.protect(0, len, Access::ReadWrite)?;
        // SAFETY: (7) the mapping is new, writable, and at least as long as the code.
        unsafe { mapping.base().as_ptr().copy_from_nonoverlapping(code.bytes.as_ptr(), code.bytes.len()) };
        mapping.protect(0, len, Access::ReadExecute)?;
        // SAFETY: (7) the mapping is at least as long as the code.
        unsafe { arch::code_written(mapping.base().as_ptr(), code.bytes.len()) };
        let code = Code { bytes: Vec::new(), ..code };
        let described = Arc::new(Described { code, module });
        registry::register(mapping.base().as_ptr() as usize, mapping.len(), described.clone());
        Ok(PublishedCode { mapping, described })
    }

    /// The address of a function, by its place among the defined ones.
    pub fn function(&self, defined: usize) -> *const u8 {
        let offset = self.described.code.functions[defined].start;
        // SAFETY: (4) the offset is within the code.
        unsafe { self.mapping.base().as_ptr().add(offset as usize) }
    }
}

impl Drop for PublishedCode {
    fn drop(&mut self) {
        registry::unregister(self.mapping.base().as_ptr() as usize);
    }
}

//! THE SANDBOX RESTS ON THIS FILE: a linear memory and its reservation.
//!
//! ```text
//! base                len_bytes                    reservation              + guard
//! ├── read and write ──┼── faults, can be grown into ───┼── always faults ──────┤
//! ```

use super::address_space::{Access, Mapping};
use crate::base::config::Config;
use crate::base::error::StoreError;
use crate::base::layout::VmMemory;
use crate::base::types::{MAX_PAGES, MemoryType, PAGE_SIZE};

/// A linear memory. Its definition has a fixed address, which machine code knows.
pub struct LinearMemory {
    mapping: Mapping,
    definition: Box<VmMemory>,
    ty: MemoryType,
    /// How far it can grow before it has to move.
    reservation: usize,
    guard: usize,
}

impl LinearMemory {
    /// A new memory of the type's least size, all zero.
    ///
    /// # Errors
    /// The operating system refuses the address space or the memory.
    pub fn new(ty: MemoryType, config: &Config) -> Result<LinearMemory, StoreError> {
        let wanted = bytes(ty.minimum());
        let reservation = wanted.max(config.memory_reservation as usize);
        let guard = config.memory_guard_size as usize;
        let mut mapping = reserve(reservation, guard)?;
        mapping.protect(0, wanted, Access::ReadWrite)?;
        let definition = Box::new(VmMemory { base: mapping.base().as_ptr(), len_bytes: wanted });
        Ok(LinearMemory { mapping, definition, ty, reservation, guard })
    }

    pub fn ty(&self) -> &MemoryType {
        &self.ty
    }

    /// The size in pages.
    pub fn size(&self) -> u64 {
        self.definition.len_bytes as u64 / PAGE_SIZE
    }

    /// The most pages that it may ever have.
    pub fn maximum(&self) -> u64 {
        self.ty.maximum().unwrap_or(MAX_PAGES).min(MAX_PAGES)
    }

    /// What machine code reads. Valid until the memory is dropped.
    pub fn definition(&mut self) -> *mut VmMemory {
        &raw mut *self.definition
    }

    pub fn data(&self) -> &[u8] {
        // SAFETY: (7) these bytes are accessible, and (1) nobody writes to them meanwhile.
        unsafe { std::slice::from_raw_parts(self.definition.base, self.definition.len_bytes) }
    }

    pub fn data_mut(&mut self) -> &mut [u8] {
        // SAFETY: (7) these bytes are accessible, and (1) nobody else uses them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.definition.base, self.definition.len_bytes) }
    }

    /// Grows to a size that was checked against the maximum and the store's limits.
    ///
    /// # Errors
    /// The operating system refuses; nothing has changed.
    pub fn grow_to(&mut self, pages: u64) -> Result<(), StoreError> {
        let (old, new) = (self.definition.len_bytes, bytes(pages));
        if new > self.reservation {
            // Twice as much as before, so that growing step by step does not copy everything each time.
            let reservation = new.max((2 * self.reservation).min(bytes(self.maximum())));
            let mut mapping = reserve(reservation, self.guard)?;
            mapping.protect(0, new, Access::ReadWrite)?;
            // SAFETY: (7) both are accessible for `old` bytes and do not overlap.
            unsafe { mapping.base().as_ptr().copy_from_nonoverlapping(self.definition.base, old) };
            self.mapping = mapping;
            self.reservation = reservation;
            self.definition.base = self.mapping.base().as_ptr();
        } else {
            self.mapping.protect(old, new, Access::ReadWrite)?;
        }
        self.definition.len_bytes = new;
        Ok(())
    }
}

fn reserve(reservation: usize, guard: usize) -> Result<Mapping, StoreError> {
    Mapping::reserve(reservation.checked_add(guard).ok_or(StoreError::OutOfMemory(0))?)
}

fn bytes(pages: u64) -> usize {
    usize::try_from(pages * PAGE_SIZE).expect("32-bit memories have at most 65,536 pages")
}

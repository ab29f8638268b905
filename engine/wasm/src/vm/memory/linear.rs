//! THE SANDBOX RESTS ON THIS FILE: a linear memory and its reservation.
//!
//! ```text
//!   - guard       base                len_bytes                    reservation              + guard
//! ├─ always faults ─┼── read and write ──┼── faults, can be grown into ───┼── always faults ──────┤
//! ```
//! Whether a memory may be made or may grow is decided by its store; this file makes it so.

use std::sync::Arc;

use super::image::Image;
use super::pool::{MemoryPool, Reservation};
use crate::base::error::StoreError;
use crate::base::layout::VmMemory;
use crate::base::types::{MAX_PAGES, MemoryType, PAGE_SIZE};

/// A linear memory. Its definition has a fixed address, which machine code knows.
pub struct LinearMemory {
    /// `None` only while the memory is being dropped.
    reservation: Option<Reservation>,
    definition: Box<VmMemory>,
    ty: MemoryType,
    /// The image that was mapped into it, which stays as long as the memory.
    image: Option<Arc<Image>>,
    /// Whether it outgrew its first reservation: such a size is hardly ever wanted again.
    moved: bool,
    pool: Arc<MemoryPool>,
}

impl LinearMemory {
    /// A new memory of the type's minimum size, all zero but for the image.
    ///
    /// # Errors
    /// The operating system refuses the address space or the memory.
    pub fn new(
        ty: MemoryType,
        pool: &Arc<MemoryPool>,
        image: Option<Arc<Image>>,
    ) -> Result<LinearMemory, StoreError> {
        let len_bytes = bytes(ty.minimum());
        let reservation = pool.take(len_bytes, image.as_ref())?;
        let definition = Box::new(VmMemory { base: reservation.base(), len_bytes });
        let (reservation, pool) = (Some(reservation), pool.clone());
        Ok(LinearMemory { reservation, definition, ty, image, moved: false, pool })
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

    /// Where its bytes are, until it grows.
    pub fn base(&self) -> *mut u8 {
        self.definition.base
    }

    /// Whether an access of machine code beyond this memory may have faulted at this address.
    pub fn may_fault_at(&self, address: usize) -> bool {
        let VmMemory { base, len_bytes } = *self.definition;
        let accessible = base.addr()..base.addr() + len_bytes;
        let own = self.reservation.as_ref().is_some_and(|reservation| reservation.span().contains(&address));
        own && !accessible.contains(&address)
    }

    #[inline]
    pub fn data(&self) -> &[u8] {
        // SAFETY: (7) these bytes are accessible, and (1) nothing writes to them meanwhile.
        unsafe { std::slice::from_raw_parts(self.definition.base, self.definition.len_bytes) }
    }

    pub fn data_mut(&mut self) -> &mut [u8] {
        // SAFETY: (7) these bytes are accessible, and (1) nothing else uses them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.definition.base, self.definition.len_bytes) }
    }

    /// Removes the image's contents from a memory that nothing has written to yet.
    pub fn clear_image(&mut self) {
        if let Some(image) = self.image.clone() {
            self.data_mut()[image.range()].fill(0);
        }
    }

    /// Grows to a size that was checked against the maximum and the limits.
    ///
    /// # Errors
    /// The operating system refuses; nothing has changed.
    pub fn grow_to(&mut self, pages: u64) -> Result<(), StoreError> {
        let new = bytes(pages);
        let reservation = self.reservation.as_mut().expect("the memory is not being dropped");
        if new <= reservation.len() {
            reservation.extend(new)?;
        } else {
            // Twice as much as before, so that growing step by step does not copy everything each time.
            let len = new.max((2 * reservation.len()).min(bytes(self.maximum())));
            self.move_to(len, new)?;
        }
        self.definition.len_bytes = new;
        Ok(())
    }

    /// Moves to a reservation of length `len`, whose first `accessible` bytes are accessible.
    fn move_to(&mut self, len: usize, accessible: usize) -> Result<(), StoreError> {
        let mut new = self.pool.reserve(len)?;
        new.extend(accessible)?;
        let VmMemory { base, len_bytes } = *self.definition;
        // SAFETY: (7) both are accessible for that many bytes and do not overlap.
        unsafe { new.base().copy_from_nonoverlapping(base, len_bytes) };
        self.definition.base = new.base();
        let old = self.reservation.replace(new);
        self.give_up(old);
        self.moved = true;
        Ok(())
    }

    fn give_up(&self, reservation: Option<Reservation>) {
        if let Some(reservation) = reservation.filter(|_| !self.moved) {
            self.pool.put(reservation, self.image.as_deref());
        }
    }
}

impl Drop for LinearMemory {
    fn drop(&mut self) {
        let reservation = self.reservation.take();
        self.give_up(reservation);
    }
}

fn bytes(pages: u64) -> usize {
    usize::try_from(pages * PAGE_SIZE).expect("32-bit memories have at most 65,536 pages")
}

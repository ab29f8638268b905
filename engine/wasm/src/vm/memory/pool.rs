//! THE SANDBOX RESTS ON THIS FILE: reservations of memories that were dropped, kept for new ones.
//!
//! ```text
//! reserved ──> in use by a memory ──> reset: contents as mapped ──> spare ──> prepared for another memory
//!     └ by the system                └ written pages cleared or     └ up to a limit, then unmapped
//!                                      given back: no byte is left
//! ```
//! A spare reservation keeps its protection and its image. So a new memory of the same module finds everything in place and
//! needs no call to the system.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::image::Image;
use crate::base::config::Config;
use crate::base::error::StoreError;
use crate::vm::machine::address_space::{Mapping, Protection, page_size};
use crate::vm::machine::written_pages::WrittenPages;

/// The reservations of an engine's memories.
pub struct MemoryPool {
    /// The longest unused first.
    spare: Mutex<Vec<Reservation>>,
    most_spare: usize,
    reservation: usize,
    guard: usize,
    /// How many pages of a spare reservation may stay in memory.
    resident_pages: usize,
    written: WrittenPages,
}

/// Address space for one memory: accessible from its base on, then inaccessible up to its end.
///
/// ```text
/// guard │ accessible ──> │ can be made accessible │ guard
///       base                                      base + len
/// ```
pub struct Reservation {
    mapping: Mapping,
    /// How much of it is in front of the base.
    front: usize,
    /// How far a memory can grow in it; the guard follows.
    len: usize,
    accessible: usize,
    /// The image that is mapped into the accessible part.
    image: Option<u64>,
}

impl MemoryPool {
    pub fn new(config: &Config) -> MemoryPool {
        let bytes = |bytes: u64| usize::try_from(bytes).expect("the machine has 64 bits");
        MemoryPool {
            spare: Mutex::default(),
            most_spare: config.max_unused_warm_slots as usize,
            reservation: bytes(config.memory_reservation),
            // This is more address space than there is: the system refuses the first memory.
            guard: bytes(config.memory_guard_size)
                .checked_next_multiple_of(page_size())
                .unwrap_or(usize::MAX),
            resident_pages: config.linear_memory_keep_resident / page_size(),
            written: WrittenPages::default(),
        }
    }

    /// A reservation whose first `len` bytes are accessible, and zero but for the image.
    ///
    /// # Errors
    /// The operating system refuses the address space or the memory.
    pub fn take(&self, len: usize, image: Option<&Arc<Image>>) -> Result<Reservation, StoreError> {
        let wanted = self.reservation.max(len);
        let spare = self.take_spare(wanted, image.map(|image| image.name()));
        let mut reservation = match spare {
            Some(spare) => spare,
            None => self.reserve(wanted)?,
        };
        reservation.prepare(len, image)?;
        Ok(reservation)
    }

    /// A new reservation, none of it accessible.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn reserve(&self, len: usize) -> Result<Reservation, StoreError> {
        let guards = self.guard.checked_mul(2).ok_or(StoreError::OutOfMemory(0))?;
        let mapping = Mapping::reserve(len.checked_add(guards).ok_or(StoreError::OutOfMemory(0))?)?;
        Ok(Reservation { mapping, front: self.guard, len, accessible: 0, image: None })
    }

    /// The last used spare one with this image, or else the longest unused one.
    fn take_spare(&self, len: usize, image: Option<u64>) -> Option<Reservation> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let same = spare.iter().rposition(|spare| spare.len == len && spare.image == image);
        let at = same.or_else(|| spare.iter().position(|spare| spare.len == len))?;
        Some(spare.remove(at))
    }

    /// Takes back the reservation of a dropped memory. `image` is the one that the memory was made with.
    pub fn put(&self, mut reservation: Reservation, image: Option<&Image>) {
        // A reservation that cannot be reset is unmapped.
        if self.most_spare == 0 || self.reset(&mut reservation, image).is_err() {
            return;
        }
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = (spare.len() >= self.most_spare).then(|| spare.remove(0));
        spare.push(reservation);
        // Unmapping takes a while, and other threads may want a reservation meanwhile.
        drop(spare);
        drop(oldest);
    }

    /// Undoes all writes. The memory goes back to the system, but for the first pages.
    fn reset(&self, reservation: &mut Reservation, image: Option<&Image>) -> Result<(), StoreError> {
        let kept = match self.resident_pages {
            0 => 0,
            pages => reservation.clear(pages, &self.written, image).unwrap_or(0),
        };
        reservation.give_back(kept..reservation.accessible)
    }
}

impl Reservation {
    pub fn base(&self) -> *mut u8 {
        // SAFETY: (7) the mapping is longer than its guards.
        unsafe { self.mapping.base().as_ptr().add(self.front) }
    }

    /// All addresses of it, guards included.
    pub fn span(&self) -> Range<usize> {
        let start = self.mapping.base().as_ptr().addr();
        start..start + self.mapping.len()
    }

    /// A range that counts from the base, as one that counts from the mapping's start.
    fn mapped(&self, range: Range<usize>) -> Range<usize> {
        self.front + range.start..self.front + range.end
    }

    fn give_back(&mut self, range: Range<usize>) -> Result<(), StoreError> {
        let range = self.mapped(range);
        self.mapping.give_back(range)
    }

    fn protect(&mut self, range: Range<usize>, protection: Protection) -> Result<(), StoreError> {
        let Range { start, end } = self.mapped(range);
        self.mapping.protect(start, end, protection)
    }

    /// How far a memory can grow in it.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Makes more of it accessible; the new bytes are zero.
    ///
    /// # Errors
    /// The operating system refuses; nothing has changed.
    pub fn extend(&mut self, accessible: usize) -> Result<(), StoreError> {
        assert!(
            self.accessible <= accessible && accessible <= self.len,
            "memories grow in their reservation"
        );
        self.protect(self.accessible..accessible, Protection::ReadWrite)?;
        self.accessible = accessible;
        Ok(())
    }

    /// Gives a new or spare reservation the contents and protection with which a memory begins.
    fn prepare(&mut self, len: usize, image: Option<&Arc<Image>>) -> Result<(), StoreError> {
        let name = image.map(|image| image.name());
        let replaced = self.image != name;
        if replaced && self.image.is_some() {
            // All at once, so that the system has one mapping and not several pieces.
            let all = self.mapped(0..self.accessible);
            self.mapping.map_zeros(all)?;
            self.image = None;
        }
        if len < self.accessible {
            // Otherwise the pages there would stay in memory without being used.
            self.give_back(len..self.accessible)?;
            self.protect(len..self.accessible, Protection::None)?;
            self.accessible = len;
        }
        self.extend(len)?;
        if let Some(image) = image.filter(|_| replaced) {
            assert!(image.range().end <= len, "an image is within its memory's minimum size");
            let range = self.mapped(image.range());
            self.mapping.map_copy_on_write(range, image.file(), image.name())?;
            self.image = name;
        }
        Ok(())
    }

    /// Undoes the writes to the first pages that were written to. Returns how far it got: everything before that is as it
    /// was when it was mapped. `None` if that is not known.
    fn clear(&mut self, pages: usize, written: &WrittenPages, image: Option<&Image>) -> Option<usize> {
        let base = self.base() as usize;
        let found = written.find(base..base + self.accessible, pages)?;
        let of_image = image.map_or(0..0, |image| image.range());
        for run in found.runs() {
            let (start, end) = (run.pages.start - base, run.pages.end - base);
            assert!(start <= end && end <= self.accessible, "the system answers what it was asked");
            // SAFETY: (7) these bytes are accessible, and (1) their memory is gone.
            let bytes = unsafe { std::slice::from_raw_parts_mut(self.base().add(start), end - start) };
            let from = of_image.start.clamp(start, end) - start;
            let to = of_image.end.clamp(start, end) - start;
            if !run.is_zeros {
                bytes[..from].fill(0);
                bytes[to..].fill(0);
            }
            if let Some(image) = image.filter(|_| from < to) {
                image.restore(start + from, &mut bytes[from..to]).ok()?;
            }
        }
        Some(found.end - base)
    }
}

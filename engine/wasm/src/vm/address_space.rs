//! Mappings of address space: reserved without memory, made accessible from the start on.

use std::io;
use std::ptr::{self, NonNull};

use crate::base::error::StoreError;

/// A mapping, unmapped when dropped.
pub struct Mapping {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: (1) a mapping owns its address range; nothing about it is bound to a thread.
unsafe impl Send for Mapping {}
// SAFETY: (1) shared references only read the address and the length.
unsafe impl Sync for Mapping {}

/// What the accessible part of a mapping may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    ReadWrite,
    ReadExecute,
}

impl Mapping {
    /// Reserves address space. Nothing of it is accessible, and it takes no memory.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn reserve(len: usize) -> Result<Mapping, StoreError> {
        let len = len.max(1).checked_next_multiple_of(page_size()).ok_or(StoreError::OutOfMemory(0))?;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: (7) a new mapping at an address that the system chooses touches nothing else.
        let base = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(refused());
        }
        let base = NonNull::new(base.cast()).expect("the system does not map the first page");
        Ok(Mapping { base, len })
    }

    /// Gives an access to the bytes `start..end`, both multiples of the page size.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn protect(&mut self, start: usize, end: usize, access: Access) -> Result<(), StoreError> {
        assert!(start <= end && end <= self.len, "the range is within the mapping");
        if start == end {
            return Ok(());
        }
        let access = match access {
            Access::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
            Access::ReadExecute => libc::PROT_READ | libc::PROT_EXEC,
        };
        // SAFETY: (7) the range was checked to be within this mapping.
        let result = unsafe { libc::mprotect(self.base.as_ptr().add(start).cast(), end - start, access) };
        if result == 0 { Ok(()) } else { Err(refused()) }
    }

    pub fn base(&self) -> NonNull<u8> {
        self.base
    }

    pub fn len(&self) -> usize {
        self.len
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: (7) the range is this mapping's own, and it is not used after this.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) };
    }
}

fn refused() -> StoreError {
    StoreError::OutOfMemory(io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

/// The size of a page of the machine, in bytes.
pub fn page_size() -> usize {
    // SAFETY: asking for a constant of the system has no preconditions.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("every Unix has a page size")
}

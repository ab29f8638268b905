//! THE SANDBOX RESTS ON THIS FILE: mappings of address space, reserved without memory and made accessible piece by piece.
//!
//! Memories, machine code and signal stacks lie in mappings.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::ptr::{self, NonNull};

use crate::base::error::StoreError;

/// A mapping, unmapped when dropped.
pub struct Mapping {
    base: NonNull<u8>,
    len: usize,
    /// A part could not be replaced, and the system may have given its addresses to another mapping.
    torn: bool,
}

// SAFETY: (1) a mapping owns its address range; nothing about it is bound to a thread.
unsafe impl Send for Mapping {}
// SAFETY: (1) shared references only read the address and the length.
unsafe impl Sync for Mapping {}

/// What the accessible part of a mapping may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    None,
    ReadWrite,
    ReadExecute,
}

impl Mapping {
    /// Reserves address space, none of which is accessible. It takes no memory.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn reserve(len: usize) -> Result<Mapping, StoreError> {
        let len = len.max(1).checked_next_multiple_of(page_size()).ok_or(StoreError::OutOfMemory(0))?;
        // SAFETY: (7) a new mapping at an address that the system chooses touches nothing else.
        let base = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, ANONYMOUS, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(refused());
        }
        let base = NonNull::new(base.cast()).expect("the system does not map the first page");
        Ok(Mapping { base, len, torn: false })
    }

    /// Changes the protection of the bytes `start..end`, both multiples of the page size.
    ///
    /// # Errors
    /// The operating system refuses.
    pub fn protect(&mut self, start: usize, end: usize, protection: Protection) -> Result<(), StoreError> {
        if start == end {
            return Ok(());
        }
        let address = self.address(&(start..end));
        let protection = match protection {
            Protection::None => libc::PROT_NONE,
            Protection::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
            Protection::ReadExecute => libc::PROT_READ | libc::PROT_EXEC,
        };
        // SAFETY: (7) the range was checked to be within this mapping.
        let result = unsafe { libc::mprotect(address, end - start, protection) };
        if result == 0 { Ok(()) } else { Err(refused()) }
    }

    /// Replaces a range by fresh memory that reads as zero and can be read and written.
    ///
    /// # Errors
    /// The operating system refuses; the mapping must not be used any more.
    pub fn map_zeros(&mut self, range: Range<usize>) -> Result<(), StoreError> {
        self.replace(range, WRITABLE, ANONYMOUS, -1, 0)
    }

    /// Replaces a range by a part of a file, which can be read and written: what is written stays in this
    /// mapping. The file must be that long.
    ///
    /// # Errors
    /// The operating system refuses; the mapping must not be used any more.
    pub fn map_copy_on_write(
        &mut self,
        range: Range<usize>,
        file: &File,
        offset: u64,
    ) -> Result<(), StoreError> {
        self.replace(range, WRITABLE, libc::MAP_PRIVATE | libc::MAP_NORESERVE, file.as_raw_fd(), offset)
    }

    fn replace(
        &mut self,
        range: Range<usize>,
        access: libc::c_int,
        flags: libc::c_int,
        file: libc::c_int,
        offset: u64,
    ) -> Result<(), StoreError> {
        let address = self.address(&range);
        let offset = libc::off_t::try_from(offset).map_err(|_| StoreError::OutOfMemory(libc::EOVERFLOW))?;
        // SAFETY: (7) the range was checked to be within this mapping.
        let base = unsafe { libc::mmap(address, range.len(), access, flags | libc::MAP_FIXED, file, offset) };
        if base == libc::MAP_FAILED {
            let error = refused();
            self.torn = true;
            return Err(error);
        }
        Ok(())
    }

    /// Gives the memory of a range back to the system. It reads as it did when it was mapped: zero, or
    /// what the file has there.
    ///
    /// # Errors
    /// The operating system refuses, for instance because the host has locked its memory.
    #[cfg(target_os = "linux")]
    pub fn give_back(&mut self, range: Range<usize>) -> Result<(), StoreError> {
        if range.is_empty() {
            return Ok(());
        }
        let address = self.address(&range);
        // SAFETY: (7) the range was checked to be within this mapping.
        let result = unsafe { libc::madvise(address, range.len(), libc::MADV_DONTNEED) };
        if result == 0 { Ok(()) } else { Err(refused()) }
    }

    /// As above, for systems without files in memory: all of it was zero when it was mapped.
    ///
    /// # Errors
    /// The operating system refuses; the mapping must not be used any more.
    #[cfg(not(target_os = "linux"))]
    pub fn give_back(&mut self, range: Range<usize>) -> Result<(), StoreError> {
        if range.is_empty() { Ok(()) } else { self.map_zeros(range) }
    }

    fn address(&self, range: &Range<usize>) -> *mut libc::c_void {
        assert!(range.start <= range.end && range.end <= self.len, "the range is within the mapping");
        // SAFETY: (7) the start was checked to be within this mapping.
        unsafe { self.base.as_ptr().add(range.start).cast() }
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
        // Losing addresses is better than unmapping what may belong to another mapping by now.
        if !self.torn {
            // SAFETY: (7) the range is this mapping's own, and it is not used after this.
            unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) };
        }
    }
}

const WRITABLE: libc::c_int = libc::PROT_READ | libc::PROT_WRITE;
const ANONYMOUS: libc::c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

fn refused() -> StoreError {
    StoreError::OutOfMemory(io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

/// The size of a page of the system's memory, in bytes.
pub fn page_size() -> usize {
    // SAFETY: asking for a constant of the system has no preconditions.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("every Unix has a page size")
}

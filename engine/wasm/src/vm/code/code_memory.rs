//! THE SANDBOX RESTS ON THIS FILE: the memory in which machine code lies.
//!
//! Small pieces share pages, so that thousands of small modules take few pages: one that the processor has to look up costs
//! more than running an empty function.
//!
//! ```text
//! chunk, mapped once, to be read and executed: | code | code | free | code |        |
//!                                                multiples of 64 bytes
//!                                                    ^ written by the system, as debuggers write
//! ```
//!
//! So code is never writable where it can be executed, and its pages belong to this process: a process that is forked from it
//! has copies. Large pieces, and all pieces where the system does not write for us, get a mapping of their own, which is
//! writable until the code is in it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::base::error::StoreError;
use crate::vm::machine::address_space::{Mapping, Protection, page_size};
use crate::vm::machine::process::lock;

const CHUNK_BYTES: usize = 1 << 20;
/// The largest piece that shares pages; larger ones would gain nothing.
const PIECE_BYTES_MAX: usize = 1 << 15;
/// Pieces begin at lines of the processor's cache.
const ALIGNMENT: usize = 64;
/// What a piece is overwritten with when it is dropped: a jump to it stops at once, at `int3` or `udf`.
const NO_CODE: u8 = if cfg!(target_arch = "aarch64") { 0 } else { 0xcc };

/// Memory that holds machine code; it can be read and executed.
pub struct CodeMemory {
    piece: Piece,
    base: *const u8,
    /// Its whole length, which may be more than that of the code.
    len: usize,
}

// SAFETY: (4) nothing writes to the memory as long as it exists.
unsafe impl Send for CodeMemory {}
// SAFETY: (4) as above.
unsafe impl Sync for CodeMemory {}

enum Piece {
    Own { _mapping: Mapping },
    Shared { chunk: Arc<Chunk>, start: usize },
}

/// A mapping that pieces share, and which parts of it are free.
pub struct Chunk {
    mapping: Mapping,
    /// Start and length, sorted by start; neighbours are joined. Locked only while the list of chunks is.
    free: Mutex<Vec<(usize, usize)>>,
}

type Chunks = Vec<Weak<Chunk>>;

/// The chunks of the process. Each is unmapped with the last piece in it.
static CHUNKS: Mutex<Chunks> = Mutex::new(Vec::new());

/// While this exists, no piece is added or removed.
pub type Held = MutexGuard<'static, Chunks>;

/// Waits until no thread is adding or removing a piece, and keeps others from beginning.
pub fn hold() -> Held {
    lock(&CHUNKS)
}

impl CodeMemory {
    /// Copies code to memory where it can be executed.
    ///
    /// # Errors
    /// The operating system refuses the memory.
    pub fn with(code: &[u8]) -> Result<CodeMemory, StoreError> {
        match (code.len() <= PIECE_BYTES_MAX).then(|| CodeMemory::shared(code)).flatten() {
            Some(shared) => Ok(shared),
            None => CodeMemory::own(code),
        }
    }

    fn own(code: &[u8]) -> Result<CodeMemory, StoreError> {
        let len = code.len().next_multiple_of(page_size());
        let mut mapping = Mapping::reserve(len)?;
        mapping.protect(0, len, Protection::ReadWrite)?;
        // SAFETY: (7) the mapping is new, writable, and at least as long as the code.
        unsafe { mapping.base().as_ptr().copy_from_nonoverlapping(code.as_ptr(), code.len()) };
        mapping.protect(0, len, Protection::ReadExecute)?;
        let (base, len) = (mapping.base().as_ptr().cast_const(), mapping.len());
        Ok(CodeMemory { piece: Piece::Own { _mapping: mapping }, base, len })
    }

    /// `None` if the system refuses.
    fn shared(code: &[u8]) -> Option<CodeMemory> {
        let len = code.len().max(1).next_multiple_of(ALIGNMENT);
        let (chunk, start) = allocate(len)?;
        // SAFETY: (7) the piece lies within the mapping.
        let base = unsafe { chunk.mapping.base().as_ptr().add(start).cast_const() };
        let memory = CodeMemory { piece: Piece::Shared { chunk, start }, base, len };
        memory.write(code).ok()?;
        Some(memory)
    }

    /// Makes the system write to a piece that no thread executes.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        assert!(bytes.len() <= self.len, "the bytes fit into the piece");
        // Opened each time: after a fork, an open file would still be about the parent's memory.
        File::options()
            .write(true)
            .open("/proc/thread-self/mem")?
            .write_all_at(bytes, self.base.addr() as u64)?;
        // SAFETY: (4, 7) the memory is readable and at least as long, and nothing else writes to it.
        let written = unsafe { std::slice::from_raw_parts(self.base, bytes.len()) };
        if written == bytes { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
    }

    pub fn base(&self) -> *const u8 {
        self.base
    }

    pub fn len(&self) -> usize {
        self.len
    }
}

impl Drop for CodeMemory {
    fn drop(&mut self) {
        // A piece that cannot be cleared is not used again.
        if let Piece::Shared { chunk, start } = &self.piece
            && self.write(&vec![NO_CODE; self.len]).is_ok()
        {
            let _chunks = hold();
            chunk.release(*start, self.len);
        }
    }
}

/// A piece of a chunk that has room, or of a new chunk.
fn allocate(len: usize) -> Option<(Arc<Chunk>, usize)> {
    let mut chunks = hold();
    chunks.retain(|chunk| chunk.strong_count() > 0);
    for chunk in chunks.iter().filter_map(Weak::upgrade) {
        if let Some(start) = chunk.take(len) {
            return Some((chunk, start));
        }
    }
    let chunk = Arc::new(Chunk::new()?);
    chunks.push(Arc::downgrade(&chunk));
    let start = chunk.take(len).expect("a piece is smaller than a chunk");
    Some((chunk, start))
}

impl Chunk {
    fn new() -> Option<Chunk> {
        let mut mapping = Mapping::reserve(CHUNK_BYTES).ok().filter(|_| cfg!(target_os = "linux"))?;
        mapping.protect(0, CHUNK_BYTES, Protection::ReadExecute).ok()?;
        Some(Chunk { mapping, free: Mutex::new(vec![(0, CHUNK_BYTES)]) })
    }

    /// Takes the first free part that is long enough.
    fn take(&self, len: usize) -> Option<usize> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let at = free.iter().position(|(_, free_len)| *free_len >= len)?;
        let (start, free_len) = free[at];
        match free_len - len {
            0 => drop(free.remove(at)),
            rest => free[at] = (start + len, rest),
        }
        Some(start)
    }

    fn release(&self, start: usize, len: usize) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let at = free.partition_point(|(other, _)| *other < start);
        free.insert(at, (start, len));
        if let Some((next, next_len)) = free.get(at + 1).copied().filter(|(next, _)| start + len == *next) {
            debug_assert!(next > start);
            free[at].1 += next_len;
            free.remove(at + 1);
        }
        if let Some((before, before_len)) = at.checked_sub(1).map(|before| free[before])
            && before + before_len == start
        {
            free[at - 1].1 += free[at].1;
            free.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_lie_side_by_side_and_leave_nothing_behind() {
        let Some(chunk) = Chunk::new() else { return };
        let starts: Vec<_> = (0..4).map(|_| chunk.take(128).unwrap()).collect();
        assert_eq!(starts, [0, 128, 256, 384]);
        for (released, left) in [(128, 2), (384, 2), (256, 1), (0, 1)] {
            chunk.release(released, 128);
            assert_eq!(chunk.free.lock().unwrap().len(), left, "after {released}");
        }
        assert_eq!(*chunk.free.lock().unwrap(), [(0, CHUNK_BYTES)]);
        assert_eq!(chunk.take(CHUNK_BYTES), Some(0));
        assert_eq!(chunk.take(1), None);
    }

    #[test]
    fn code_of_any_length_is_there_and_gone() {
        for len in [0, 1, 63, 64, 65, PIECE_BYTES_MAX, PIECE_BYTES_MAX + 1] {
            let code: Vec<u8> = (0..len).map(|at| at as u8).collect();
            let memory = CodeMemory::with(&code).unwrap();
            assert!(memory.len() >= len);
            // SAFETY: (4) the memory is readable and at least as long.
            assert_eq!(unsafe { std::slice::from_raw_parts(memory.base(), len) }, code);
        }
    }
}

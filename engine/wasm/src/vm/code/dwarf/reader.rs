//! Debug sections as `gimli` reads them, with two limits against hostile ones.
//!
//! DWARF is full of references, so a small file can ask for endless work: a million units that share one line table, a million
//! files in a folder with a long name, inlining nested a million deep. Whatever the parser does, it reads; so reads are
//! counted, and each looks at how deep the stack is. Beyond either limit every read fails, and parsing ends as it does for any
//! damaged file.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gimli::{Error, LittleEndian, ReaderOffsetId, Result};

/// The most that the stack may grow during a look-up, in bytes. Recursion follows inlining: a level takes a few
/// hundred bytes, and compilers rarely inline more than thirty levels.
const STACK_BYTES: usize = 48 << 10;

/// A module's bytes, and how many reads of its debug sections are left.
pub struct Source {
    bytes: Arc<[u8]>,
    reads_left: AtomicUsize,
    /// An address on the stack of the thread that reads now.
    stack_top: AtomicUsize,
}

impl Source {
    pub fn new(bytes: Arc<[u8]>, reads: usize) -> Source {
        Source { bytes, reads_left: reads.into(), stack_top: 0.into() }
    }

    /// Records that reading begins in the caller's frame, or a little below.
    pub fn begin(&self) {
        self.stack_top.store(stack_address(), Ordering::Relaxed);
    }

    pub fn is_exhausted(&self) -> bool {
        self.reads_left.load(Ordering::Relaxed) == 0
    }
}

/// An address near the end of the stack.
#[inline(never)]
fn stack_address() -> usize {
    let here = 0_u8;
    (&raw const here).addr()
}

/// A part of a module's bytes.
#[derive(Clone)]
pub struct Piece {
    source: Arc<Source>,
    range: Range<usize>,
}

impl Piece {
    /// A range of the module's bytes, which it is within.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Piece {
        Piece { source: source.clone(), range }
    }

    /// Its bytes, which does not count as a read.
    pub fn bytes(&self) -> &[u8] {
        &self.source.bytes[self.range.clone()]
    }

    /// Counts reads. No other thread reads meanwhile: look-ups take turns.
    fn charge(&self, reads: usize) -> Result<()> {
        let left = self.source.reads_left.load(Ordering::Relaxed);
        let depth = self.source.stack_top.load(Ordering::Relaxed).saturating_sub(stack_address());
        let left = if depth > STACK_BYTES { 0 } else { left.saturating_sub(reads) };
        self.source.reads_left.store(left, Ordering::Relaxed);
        if left == 0 { Err(self.end()) } else { Ok(()) }
    }

    fn end(&self) -> Error {
        Error::UnexpectedEof(ReaderOffsetId(self.range.start as u64))
    }

    /// Cuts `len` bytes off the front.
    fn cut(&mut self, len: usize) -> Result<Range<usize>> {
        self.charge(1)?;
        if self.range.len() < len {
            return Err(self.end());
        }
        let front = self.range.start..self.range.start + len;
        self.range.start = front.end;
        Ok(front)
    }
}

impl gimli::Reader for Piece {
    type Endian = LittleEndian;
    type Offset = usize;

    fn endian(&self) -> LittleEndian {
        LittleEndian
    }

    fn len(&self) -> usize {
        self.range.len()
    }

    fn empty(&mut self) {
        self.range.end = self.range.start;
    }

    fn truncate(&mut self, len: usize) -> Result<()> {
        if self.range.len() < len {
            return Err(self.end());
        }
        self.range.end = self.range.start + len;
        Ok(())
    }

    fn offset_from(&self, base: &Piece) -> usize {
        self.range.start - base.range.start
    }

    fn offset_id(&self) -> ReaderOffsetId {
        ReaderOffsetId(self.range.start as u64)
    }

    fn lookup_offset_id(&self, id: ReaderOffsetId) -> Option<usize> {
        let at = usize::try_from(id.0).ok()?;
        (self.range.start..=self.range.end).contains(&at).then(|| at - self.range.start)
    }

    fn find(&self, byte: u8) -> Result<usize> {
        let found = self.bytes().iter().position(|other| *other == byte);
        self.charge(found.unwrap_or(self.range.len()).max(1))?;
        found.ok_or_else(|| self.end())
    }

    fn skip(&mut self, len: usize) -> Result<()> {
        self.cut(len).map(drop)
    }

    fn split(&mut self, len: usize) -> Result<Piece> {
        let range = self.cut(len)?;
        Ok(Piece { source: self.source.clone(), range })
    }

    fn to_slice(&self) -> Result<Cow<'_, [u8]>> {
        self.charge(self.range.len().max(1))?;
        Ok(self.bytes().into())
    }

    fn to_string(&self) -> Result<Cow<'_, str>> {
        self.charge(self.range.len().max(1))?;
        str::from_utf8(self.bytes()).map(Cow::from).map_err(|_| Error::BadUtf8)
    }

    fn to_string_lossy(&self) -> Result<Cow<'_, str>> {
        self.charge(self.range.len().max(1))?;
        Ok(String::from_utf8_lossy(self.bytes()))
    }

    fn read_slice(&mut self, to: &mut [u8]) -> Result<()> {
        let range = self.cut(to.len())?;
        to.copy_from_slice(&self.source.bytes[range]);
        Ok(())
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes {:?} of the module", self.range)
    }
}

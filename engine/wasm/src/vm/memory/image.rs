//! THE SANDBOX RESTS ON THIS FILE: a module's image, what its memory holds at first, as a part of a file that all instances map
//! copy on write.
//!
//! ```text
//! module's data segments      one file in memory for an engine         memory of each instance
//!   (data (i32.const 70000)      │ image of A │ image of B │ ...        │ zeros │ image │ zeros │ ...
//!     "...")            ──────────────────> ┘                                    written pages are copied
//! ```
//! All modules of an engine share one file, since one for each would use up a process's file handles. A place in the file is
//! never used twice, so it names the image. Only Linux has such files; elsewhere, and where the system refuses one, segments
//! are copied into each memory, which is slower and has the same result.
//!
//! After a fork the file is shared with another process. What is in it then never changes again, and is freed when the last
//! image in it is dropped in both processes; new images are put into a new file.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::module::{ConstExpr, DataSegment, ModuleInfo, SegmentMode};
use crate::base::types::PAGE_SIZE;
use crate::vm::machine::address_space::page_size;
use crate::vm::machine::memory_file;
use crate::vm::machine::process::Epoch;

/// A module's image. Its part of the file is given back when it is dropped.
pub struct Image {
    file: Arc<File>,
    offset: u64,
    range: Range<usize>,
    made_in: Epoch,
}

/// The file with the images of an engine's modules, made for the first of them.
#[derive(Default)]
pub struct ImageFile(Mutex<Option<Opened>>);

struct Opened {
    file: Arc<File>,
    end: u64,
    /// After a fork it belongs to another process too.
    made_in: Epoch,
}

impl Image {
    /// Which bytes of a memory it covers: whole pages of the system.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Distinguishes it from all other images of the engine, including dropped ones.
    pub fn name(&self) -> u64 {
        self.offset
    }

    /// Overwrites a part of its range of a memory with what the image has there.
    ///
    /// # Errors
    /// The system cannot read the file.
    pub fn restore(&self, start: usize, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(bytes, self.offset + (start - self.range.start) as u64)
    }

    pub fn file(&self) -> &File {
        &self.file
    }
}

impl ImageFile {
    /// Makes the image of a module. `None` if segments have to be copied into each memory, because of what they are or
    /// because the system refuses.
    pub fn add(&self, info: &ModuleInfo, module: &[u8]) -> Option<Image> {
        let range = range(info)?;
        let contents = contents(info, module, &range);
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let made_in = Epoch::now();
        if opened.as_ref().is_none_or(|opened| opened.made_in != made_in) {
            // Places name images, including those that were made before the fork.
            let end = opened.as_ref().map_or(0, |opened| opened.end);
            *opened =
                Some(Opened { file: Arc::new(memory_file::create(c"tinkerbox images").ok()?), end, made_in });
        }
        let Opened { file, end, .. } = opened.as_mut()?;
        let offset = *end;
        let new_end = offset.checked_add(range.len() as u64).filter(|end| *end <= memory_file::largest())?;
        file.write_all_at(&contents, offset).ok()?;
        *end = new_end;
        Some(Image { file: file.clone(), offset, range, made_in })
    }
}

/// The whole pages that a module's image covers, if it can have one and one is worth making.
fn range(info: &ModuleInfo) -> Option<Range<usize>> {
    // Images are for the one memory that a module defines: an imported one is filled by its owner.
    if info.imported_memories != 0 || info.memories.len() != 1 {
        return None;
    }
    let size = usize::try_from(info.memories[0].minimum().checked_mul(PAGE_SIZE)?).ok()?;
    let (mut start, mut end, mut bytes) = (usize::MAX, 0, 0);
    for segment in &info.data {
        let Some(place) = place(segment) else { continue };
        let place = place?;
        // A segment that is out of bounds is found when it is run, after those before it were copied.
        if place.end > size {
            return None;
        }
        if !place.is_empty() {
            (start, end, bytes) = (start.min(place.start), end.max(place.end), bytes + place.len());
        }
    }
    if start >= end || !(PAGE_SIZE as usize).is_multiple_of(page_size()) {
        return None;
    }
    let range = start - start % page_size()..end.next_multiple_of(page_size());
    // An image takes memory for its holes too, so one that is mostly holes is not worth making.
    const SMALL: usize = 256 << 10;
    (range.len() <= SMALL.max(2 * bytes)).then_some(range)
}

/// Where an active segment goes; `Some(None)` if that is not known before the module is instantiated.
fn place(segment: &DataSegment) -> Option<Option<Range<usize>>> {
    match segment.mode {
        SegmentMode::Active { offset: ConstExpr::Value(offset), .. } => {
            let start = offset as u32 as usize;
            Some(Some(start..start + segment.bytes.len()))
        }
        SegmentMode::Active { .. } => Some(None),
        SegmentMode::Passive | SegmentMode::Declared => None,
    }
}

fn contents(info: &ModuleInfo, module: &[u8], range: &Range<usize>) -> Vec<u8> {
    let mut contents = vec![0; range.len()];
    for segment in &info.data {
        // An empty segment may be in front of the image or behind it.
        if let Some(Some(place)) = place(segment).filter(|_| !segment.bytes.is_empty()) {
            contents[place.start - range.start..place.end - range.start]
                .copy_from_slice(&module[segment.bytes.clone()]);
        }
    }
    contents
}

impl Drop for Image {
    fn drop(&mut self) {
        let (offset, len) = (self.offset, self.range.len() as u64);
        // SAFETY: (7) no memory uses this image any more: each holds it, and no other process has it.
        self.made_in.while_it_lasts(|| unsafe { memory_file::punch_hole(&self.file, offset, len) });
    }
}

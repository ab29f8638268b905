//! THE SANDBOX RESTS ON THIS FILE: which pages of a range have been written to, as Linux knows it.
//!
//! Giving pages back and faulting them in again costs microseconds for each; clearing one takes a hundredth of that. Linux 6.7
//! and later can say in one call which pages of a private mapping hold memory of their own, so that only these are cleared.
//! On other systems everything is given back.
//!
//! Whether a page was written to, by how it is mapped now (tried on Linux 6.18, writing zeros to pages of both kinds):
//!
//! | | in front of and behind the image | in the image |
//! | --- | --- | --- |
//! | never touched | nothing is there | nothing is there |
//! | only read | the page of zeros | the file's page |
//! | written to, with zeros or anything else | memory of its own | memory of its own |
//! | of these, zeros that the kernel has merged since | the page of zeros | **the page of zeros** |
//!
//! The last row is what samepage merging does if a process asks for it and `use_zero_pages` is set. Outside the image, the page
//! of zeros is what the memory began with, but not in the image: so it counts as written to, and [`Written::is_zeros`] lets a
//! caller that knows where the image is skip the others.

use std::ops::Range;

/// The most runs of pages that one call finds; the pages behind them are given back.
const MOST_RUNS: usize = 32;

/// Asks the system. Opened once for an engine.
#[derive(Default)]
pub struct WrittenPages {
    #[cfg(target_os = "linux")]
    opened: std::sync::OnceLock<Option<linux::PageMap>>,
}

/// What was found, from the start of a range.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "nothing is ever found there"))]
pub struct Found {
    runs: [Run; MOST_RUNS],
    count: usize,
    /// Where the search ended: nothing is known about the pages behind it.
    pub end: usize,
}

/// The system's layout: addresses, and those properties that we ask for: whether it is the page of zeros.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "as above"))]
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Run {
    start: u64,
    end: u64,
    properties: u64,
}

/// Pages that may have been written to.
pub struct Written {
    /// Their addresses.
    pub pages: Range<usize>,
    /// They are the system's page of zeros: only read, or written with zeros and merged.
    pub is_zeros: bool,
}

impl Found {
    /// All pages up to the end that have been written to, in order, and those that are the page of zeros now.
    pub fn runs(&self) -> impl Iterator<Item = Written> {
        self.runs[..self.count]
            .iter()
            .map(|run| Written { pages: run.start as usize..run.end as usize, is_zeros: run.properties != 0 })
    }
}

#[cfg(not(target_os = "linux"))]
impl WrittenPages {
    /// The system cannot be asked.
    pub fn find(&self, _: Range<usize>, _: usize) -> Option<Found> {
        None
    }
}

#[cfg(target_os = "linux")]
impl WrittenPages {
    /// Finds the first pages of a range of addresses that have been written to since they were mapped or
    /// given back, or are the page of zeros, `most_pages` of them at most. `None` if the system cannot say.
    pub fn find(&self, range: Range<usize>, most_pages: usize) -> Option<Found> {
        let map = self.opened.get_or_init(linux::PageMap::open).as_ref()?;
        let mut found = Found { runs: [Run::default(); MOST_RUNS], count: 0, end: range.start };
        map.scan(range, most_pages, &mut found)?;
        Some(found)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::ops::Range;
    use std::os::fd::AsRawFd;

    use super::{Found, Run};
    use crate::vm::machine::process::Process;

    pub struct PageMap {
        file: File,
        /// After a fork the file is still about the parent's memory.
        process: Process,
    }

    /// `struct pm_scan_arg` of Linux's `fs.h`.
    #[repr(C)]
    #[derive(Default)]
    struct Scan {
        size: u64,
        flags: u64,
        start: u64,
        end: u64,
        walk_end: u64,
        runs: u64,
        runs_len: u64,
        max_pages: u64,
        category_inverted: u64,
        category_mask: u64,
        category_any_of_mask: u64,
        return_mask: u64,
    }

    /// `PAGEMAP_SCAN`: read and write, the size of its argument, group `f`, number 16.
    const PAGEMAP_SCAN: u64 = 3 << 30 | (size_of::<Scan>() as u64) << 16 | (b'f' as u64) << 8 | 16;
    /// Backed by a file: not written to.
    const FILE: u64 = 1 << 2;
    /// The page of zeros.
    const ZERO: u64 = 1 << 5;
    /// In memory, or swapped out.
    const PRESENT: u64 = 1 << 3;
    const SWAPPED: u64 = 1 << 4;

    impl PageMap {
        pub fn open() -> Option<PageMap> {
            let file = File::open("/proc/self/pagemap").ok()?;
            Some(PageMap { file, process: Process::this() })
        }

        pub fn scan(&self, range: Range<usize>, most_pages: usize, found: &mut Found) -> Option<()> {
            if self.process != Process::this() {
                return None;
            }
            let mut scan = Scan {
                size: size_of::<Scan>() as u64,
                start: range.start as u64,
                end: range.end as u64,
                runs: found.runs.as_mut_ptr() as u64,
                runs_len: found.runs.len() as u64,
                max_pages: most_pages as u64,
                category_inverted: FILE,
                category_mask: FILE,
                category_any_of_mask: PRESENT | SWAPPED,
                return_mask: ZERO,
                ..Scan::default()
            };
            let (file, request) = (self.file.as_raw_fd(), PAGEMAP_SCAN as libc::Ioctl);
            // SAFETY: (7) the system only looks, and writes to `scan` and at most that many runs.
            let count = unsafe { libc::ioctl(file, request, &raw mut scan) };
            found.count = usize::try_from(count).ok()?;
            found.end = scan.walk_end as usize;
            debug_assert!(
                found.runs().all(|run| range.start <= run.pages.start && run.pages.end <= range.end)
            );
            Some(())
        }
    }

    const _: () = assert!(size_of::<Scan>() == 96 && size_of::<Run>() == 24);
}

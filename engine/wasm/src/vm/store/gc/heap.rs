//! The collected heap of a store: objects of any number of words, found through handles.
//!
//! ```text
//! words  0        1          3                    6
//!        ┌────────┬──────────┬────────────────────┬───────────┐
//!        │ unused │ Extern 2 │ Free 3     │ next  │ ...       │   header: kind, mark, size in words
//!        └────────┴──────────┴────────────────────┴───────────┘
//! handle = byte offset of the header: 32 bits, never 0 (null), and its low bits are free
//! ```
//!
//! Objects do not move, so a handle is valid as long as its object. A value of the host is an object whose one field says where
//! the value is; other kinds may have references among their fields. The heap knows no roots: the collector marks what is
//! reachable and then sweeps.

use std::any::Any;

/// A value of the host behind an `externref`.
pub type HostValue = Box<dyn Any + Send + Sync>;

/// A reference to an object of the heap; never null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle(u32);

impl Handle {
    /// The handle in a machine word, whose upper half is ignored. `None` is null.
    pub fn from_bits(bits: u64) -> Option<Handle> {
        let handle = bits as u32;
        (handle != 0).then_some(Handle(handle))
    }

    pub fn to_bits(handle: Option<Handle>) -> u64 {
        handle.map_or(0, |handle| handle.0.into())
    }

    fn of_word(word: usize) -> Handle {
        Handle(u32::try_from(word * WORD_BYTES).expect("the heap's size is bounded"))
    }

    fn word(self) -> usize {
        self.0 as usize / WORD_BYTES
    }
}

const WORD_BYTES: usize = 8;
/// The most words of which every byte can be named by a handle.
const MOST_WORDS: usize = u32::MAX as usize / WORD_BYTES;
const FIRST_WORDS: usize = 512;
/// A header and the place of the value.
const EXTERN_WORDS: usize = 2;

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Free,
    Extern,
}

#[derive(Clone, Copy)]
struct Header {
    kind: Kind,
    marked: bool,
    words: usize,
}

impl Header {
    fn unmarked(kind: Kind, words: usize) -> Header {
        Header { kind, marked: false, words }
    }

    fn to_word(self) -> u64 {
        (self.words as u64) << 32 | u64::from(self.marked) << 8 | self.kind as u64
    }

    fn from_word(word: u64) -> Header {
        let kind = if word as u8 == Kind::Extern as u8 { Kind::Extern } else { Kind::Free };
        Header { kind, marked: word >> 8 & 1 == 1, words: (word >> 32) as usize }
    }
}

/// The objects of a store.
#[derive(Default)]
pub struct Heap {
    words: Vec<u64>,
    /// The first free run of words; each says in its second word where the next is. 0 is none.
    free: usize,
    values: Vec<Option<HostValue>>,
    free_values: Vec<u32>,
    /// Objects made since the last sweep.
    pub made: usize,
}

impl Heap {
    /// The size of the heap in bytes.
    pub fn capacity(&self) -> usize {
        self.words.len() * WORD_BYTES
    }

    /// Makes an object of a value of the host.
    ///
    /// # Errors
    /// The heap is as large as it can be, and full: the value comes back.
    pub fn make_extern(&mut self, value: HostValue) -> Result<Handle, HostValue> {
        let Some(at) = self.allocate(EXTERN_WORDS) else { return Err(value) };
        self.words[at] = Header::unmarked(Kind::Extern, EXTERN_WORDS).to_word();
        self.words[at + 1] = self.keep_value(value).into();
        self.made += 1;
        Ok(Handle::of_word(at))
    }

    fn keep_value(&mut self, value: HostValue) -> u32 {
        if let Some(place) = self.free_values.pop() {
            self.values[place as usize] = Some(value);
            return place;
        }
        self.values.push(Some(value));
        u32::try_from(self.values.len() - 1).expect("there are fewer values than words")
    }

    /// The value of the host that an object stands for.
    pub fn host_value(&self, handle: Handle) -> &HostValue {
        self.values[self.value_place(handle)].as_ref().expect("an object that is reachable has its value")
    }

    pub fn host_value_mut(&mut self, handle: Handle) -> &mut HostValue {
        let place = self.value_place(handle);
        self.values[place].as_mut().expect("an object that is reachable has its value")
    }

    fn value_place(&self, handle: Handle) -> usize {
        debug_assert!(self.header(handle.word()).kind == Kind::Extern, "only live objects have handles");
        self.words[handle.word() + 1] as usize
    }

    fn header(&self, at: usize) -> Header {
        Header::from_word(self.words[at])
    }

    /// Marks an object as reachable. Values of the host refer to nothing else.
    pub fn mark(&mut self, handle: Handle) {
        let header = self.header(handle.word());
        debug_assert!(header.kind == Kind::Extern, "roots refer to live objects");
        self.words[handle.word()] = Header { marked: true, ..header }.to_word();
    }

    /// Frees what is not marked, removes the marks, and returns the number of objects that are left, and the values of
    /// the host that were freed: dropping them runs code of the host.
    pub fn sweep(&mut self) -> (usize, Vec<HostValue>) {
        let (mut live, mut dead) = (0, Vec::new());
        self.free = 0;
        self.made = 0;
        let (mut at, mut run) = (1, None);
        while at < self.words.len() {
            let header = self.header(at);
            if header.marked {
                live += 1;
                self.words[at] = Header { marked: false, ..header }.to_word();
                self.close_run(run.take(), at);
            } else {
                if header.kind == Kind::Extern {
                    let place = self.words[at + 1] as u32;
                    dead.extend(self.values[place as usize].take());
                    self.free_values.push(place);
                }
                run = run.or(Some(at));
            }
            at += header.words;
        }
        self.close_run(run, at);
        (live, dead)
    }

    /// Makes one free run of the words from `start` to `end`, if there are any.
    fn close_run(&mut self, start: Option<usize>, end: usize) {
        let Some(start) = start else { return };
        self.words[start] = Header::unmarked(Kind::Free, end - start).to_word();
        self.words[start + 1] = self.free as u64;
        self.free = start;
    }

    /// The place of `words` free words; the heap grows if there are none.
    fn allocate(&mut self, words: usize) -> Option<usize> {
        if let Some(at) = self.take(words) {
            return Some(at);
        }
        self.grow(words)?;
        self.take(words)
    }

    /// Takes words from the first run that has enough. A run is never left with a single word: its links need two.
    fn take(&mut self, words: usize) -> Option<usize> {
        let mut before = None;
        let mut at = self.free;
        while at != 0 {
            let run = self.header(at).words;
            let next = self.words[at + 1];
            if run == words || run >= words + 2 {
                let rest = if run == words {
                    next
                } else {
                    let rest = at + words;
                    self.words[rest] = Header::unmarked(Kind::Free, run - words).to_word();
                    self.words[rest + 1] = next;
                    rest as u64
                };
                match before {
                    Some(before) => self.words[before + 1] = rest,
                    None => self.free = rest as usize,
                }
                return Some(at);
            }
            before = Some(at);
            at = next as usize;
        }
        None
    }

    /// At least doubles the heap.
    fn grow(&mut self, words: usize) -> Option<()> {
        let old = self.words.len().max(1);
        let new = (2 * old).max(FIRST_WORDS).max(old + words).min(MOST_WORDS);
        if new < old + words {
            return None;
        }
        self.words.try_reserve_exact(new - self.words.len()).ok()?;
        self.words.resize(new, 0);
        self.close_run(Some(old), new);
        Some(())
    }
}

//! THE SANDBOX RESTS ON THIS FILE: all published code of the process, by address, readable from a signal handler.
//!
//! Readers take no lock: they follow one atomic pointer to a sorted array that never changes. A writer swaps in a new array,
//! and frees the old one when no reader is left that may hold it.
//!
//! ```text
//! readers are counted in one of two places:   [ 0 ] <- those that begin now     SIDE
//!                                             [ 2 ] <- those that began before: a writer waits for these only
//! ```
//! So a writer waits for the readers that are there, and never for those that keep coming.

use std::any::Any;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

use crate::compile::join::Code;
use crate::vm::machine::process::lock;

/// What is known about a published piece of code: enough to explain an address in it.
pub struct Described {
    pub code: Code,
    /// What the code was published for, set when that is complete; trampolines have none.
    owner: OnceLock<Weak<dyn Any + Send + Sync>>,
}

impl Described {
    pub fn new(code: Code) -> Described {
        Described { code, owner: OnceLock::new() }
    }

    /// Sets what the code was published for.
    ///
    /// # Panics
    /// It was set before.
    pub fn set_owner<O: Any + Send + Sync>(&self, owner: &Arc<O>) {
        let weak = Arc::downgrade(owner);
        let set = self.owner.set(weak);
        set.expect("code is published for one owner");
    }

    /// What the code was published for, if that is of this type and still exists.
    pub fn owner<O: Any + Send + Sync>(&self) -> Option<Arc<O>> {
        self.owner.get()?.upgrade()?.downcast().ok()
    }
}

struct Entry {
    start: usize,
    end: usize,
    described: Arc<Described>,
}

type Entries = Vec<Arc<Entry>>;

static CURRENT: AtomicPtr<Entries> = AtomicPtr::new(std::ptr::null_mut());
static READERS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
/// Where readers that begin now are counted.
static SIDE: AtomicUsize = AtomicUsize::new(0);
static WRITER: Mutex<()> = Mutex::new(());

/// Waits until no thread is writing, and keeps others from beginning.
pub fn hold() -> MutexGuard<'static, ()> {
    lock(&WRITER)
}

/// Forgets readers on other threads, which do not exist in a process that was just forked.
pub fn forget_readers() {
    READERS.iter().for_each(|readers| readers.store(0, Ordering::SeqCst));
}

pub fn register(start: usize, len: usize, described: Arc<Described>) {
    let entry = Arc::new(Entry { start, end: start + len, described });
    replace(|entries| {
        let at = entries.partition_point(|other| other.start < start);
        entries.insert(at, entry);
    });
}

pub fn unregister(start: usize) {
    replace(|entries| entries.retain(|entry| entry.start != start));
}

fn replace(change: impl FnOnce(&mut Entries)) {
    let _writer = hold();
    let old = CURRENT.load(Ordering::SeqCst);
    // SAFETY: (4) only writers free arrays, and this is the only writer.
    let mut entries = unsafe { old.as_ref() }.cloned().unwrap_or_default();
    change(&mut entries);
    CURRENT.store(Box::into_raw(Box::new(entries)), Ordering::SeqCst);
    // A reader is counted before it loads the pointer, so those that begin from now on see the new array. The side
    // that is not in use may have some that were late; it is empty before new readers are sent there.
    let side = SIDE.load(Ordering::SeqCst);
    wait_for_none(&READERS[1 - side]);
    SIDE.store(1 - side, Ordering::SeqCst);
    wait_for_none(&READERS[side]);
    if !old.is_null() {
        // SAFETY: (4) it came from `Box::into_raw`, was swapped out, and no reader holds it.
        drop(unsafe { Box::from_raw(old) });
    }
}

/// Reading takes nanoseconds and does not block, but a reader's thread may not be scheduled.
fn wait_for_none(readers: &AtomicUsize) {
    while readers.load(Ordering::SeqCst) != 0 {
        std::thread::yield_now();
    }
}

/// Looks up the code that contains an address, and the address's offset in it. Async-signal-safe
/// if `found` is.
pub fn lookup<R>(pc: usize, found: impl FnOnce(&Described, u32) -> R) -> Option<R> {
    let readers = &READERS[SIDE.load(Ordering::SeqCst)];
    readers.fetch_add(1, Ordering::SeqCst);
    // SAFETY: (4) this reader is counted, so the array is not freed before it leaves.
    let entries = unsafe { CURRENT.load(Ordering::SeqCst).as_ref() };
    let result = entries.and_then(|entries| {
        let after = entries.partition_point(|entry| entry.start <= pc);
        let entry = entries.get(after.checked_sub(1)?)?;
        (pc < entry.end).then(|| found(&entry.described, (pc - entry.start) as u32))
    });
    readers.fetch_sub(1, Ordering::SeqCst);
    result
}

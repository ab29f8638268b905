//! THE SANDBOX RESTS ON THIS FOLDER: which objects of a store's heap are reachable, and freeing those that are not.
//!
//! ```text
//! roots:  frames of guest code (stack maps)   globals   tables   the host's own
//!             └───────────────┴── mark ──────────┴─────────┘
//!                                  sweep
//! ```
//!
//! A collection runs when the host asks for one, or when it makes an object and has made many since the last one. Guest frames
//! may be on the stack then, waiting for a host function or for fuel: each call in machine code has a stack map of the
//! references that its frame needs afterwards. Guest code itself makes no objects, so it does not wait for a collection at any
//! other place.

pub mod heap;
pub mod roots;

use crate::base::error::StoreError;
use crate::vm::code::registry;
use crate::vm::store::store_core::StoreCore;

use self::heap::{Handle, Heap, HostValue};
use self::roots::{HostRoots, OwnedRoot, Scope, ScopedRoot};

/// The collected heap of a store, and what is needed to collect it.
#[derive(Default)]
pub struct Collector {
    heap: Heap,
    roots: HostRoots,
    /// The number of new objects after which the next collection is due: about as many as the last one had to look at, so
    /// that each object's share of the work is bounded, however many roots there are.
    due: usize,
}

/// The number of places, most of which hold no reference, that a collection passes in the time in which an object is made.
/// If each counted as much as an object, a guest could keep garbage alive by declaring a large table.
const PLACES_PER_OBJECT: usize = 16;

/// A collection with less to look at than this is not worth starting.
const FIRST_DUE: usize = 256;

impl StoreCore {
    /// Makes an object of a value of the host, and keeps it for the innermost scope.
    ///
    /// # Errors
    /// The heap is full: the value comes back.
    pub fn make_extern(&mut self, value: HostValue) -> Result<ScopedRoot, HostValue> {
        if self.collector.heap.made >= self.collector.due.max(FIRST_DUE) {
            self.collect();
        }
        let handle = match self.collector.heap.make_extern(value) {
            Ok(handle) => handle,
            Err(value) => {
                self.collect();
                self.collector.heap.make_extern(value)?
            }
        };
        Ok(self.collector.roots.add_scoped(handle))
    }

    /// Frees every object that is not reachable.
    pub fn collect(&mut self) {
        self.collector.roots.release_owned();
        let (frames, handles) = self.handles_in_frames();
        let mut seen = frames + handles.len();
        handles.into_iter().for_each(|handle| self.collector.heap.mark(handle));
        let StoreCore { collector: Collector { heap, roots, .. }, globals, tables, .. } = self;
        let mut passed = globals.len() + roots.places();
        for handle in roots.handles() {
            seen += 1;
            heap.mark(handle);
        }
        for global in globals.iter().filter(|global| global.ty.content().is_collected()) {
            // SAFETY: (2) globals live as long as the store, and (1) no guest code runs.
            let bits = unsafe { global.slot.read() }.0[0];
            Handle::from_bits(bits).into_iter().for_each(|handle| heap.mark(handle));
        }
        for table in tables.iter().filter(|table| table.is_collected()) {
            passed += table.size();
            let handles = table.elements().iter().filter_map(|element| Handle::from_bits(element.0));
            handles.for_each(|handle| heap.mark(handle));
        }
        let (live, dead) = heap.sweep();
        self.collector.due = live + seen + passed / PLACES_PER_OBJECT;
        // Dropping runs code of the host, which finds a consistent heap.
        drop(dead);
    }

    /// The number of guest frames that wait, and the objects that they need when they continue.
    fn handles_in_frames(&self) -> (usize, Vec<Handle>) {
        let (mut frames, mut handles) = (0, Vec::new());
        for frame in self.waiting_frames() {
            frames += 1;
            registry::lookup(frame.pc, |described, offset| {
                for &below in described.code.references_at(offset) {
                    let slot = (frame.fp - below as usize) as *const u32;
                    // SAFETY: (3, 6) the frame waits in the call of this stack map, which says that it
                    // keeps a reference there.
                    handles.extend(Handle::from_bits(unsafe { slot.read() }.into()));
                }
            });
        }
        (frames, handles)
    }

    /// The size of the heap in bytes.
    pub fn heap_capacity(&self) -> usize {
        self.collector.heap.capacity()
    }

    /// Keeps an object that a slot, table or global of this store refers to, for the innermost scope.
    pub fn root(&mut self, bits: u64) -> Option<ScopedRoot> {
        Some(self.collector.roots.add_scoped(Handle::from_bits(bits)?))
    }

    /// The reference to the object of a root.
    ///
    /// # Errors
    /// The root's scope has ended.
    pub fn scoped_bits(&self, root: ScopedRoot) -> Result<u64, StoreError> {
        let handle = self.collector.roots.scoped(root).ok_or(StoreError::Unrooted)?;
        Ok(Handle::to_bits(Some(handle)))
    }

    /// Keeps the object of a reference until its last owner is dropped. `None` for null.
    pub fn own(&mut self, bits: u64) -> Option<OwnedRoot> {
        Some(self.collector.roots.add_owned(Handle::from_bits(bits)?))
    }

    /// The reference to the object of an owned root of this store.
    pub fn owned_bits(&self, root: &OwnedRoot) -> u64 {
        Handle::to_bits(Some(self.collector.roots.owned(root)))
    }

    #[inline]
    pub fn enter_scope(&self) -> Scope {
        self.collector.roots.enter_scope()
    }

    #[inline]
    pub fn exit_scope(&mut self, scope: Scope) {
        self.collector.roots.exit_scope(scope);
    }

    pub fn reserve_roots(&mut self, additional: usize) {
        self.collector.roots.reserve(additional);
    }

    /// The value of the host behind a reference that is not null.
    pub fn host_value(&self, bits: u64) -> Option<&HostValue> {
        Some(self.collector.heap.host_value(Handle::from_bits(bits)?))
    }

    pub fn host_value_mut(&mut self, bits: u64) -> Option<&mut HostValue> {
        Some(self.collector.heap.host_value_mut(Handle::from_bits(bits)?))
    }
}

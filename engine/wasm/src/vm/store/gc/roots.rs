//! References that the host holds: each lives as long as a scope, or as long as an owner.
//!
//! ```text
//! scoped: a stack; a scope ends by cutting it back, and everything above is stale
//!         [ a₁ │ b₁ c₁ │ d₂ ]      the numbers are generations: they tell a place's old root from its new one
//!              └ host function's scope
//! owned:  a list with gaps; an entry lives while anything but the list holds its token
//! ```

use std::sync::Arc;

use super::heap::Handle;

/// A scoped root, as the host keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopedRoot {
    index: u32,
    generation: u64,
}

/// An owned root, as the host keeps it.
#[derive(Clone, Debug)]
pub struct OwnedRoot {
    index: u32,
    token: Arc<()>,
}

/// All roots that the host has in a store.
#[derive(Default)]
pub struct HostRoots {
    scoped: Vec<(Handle, u64)>,
    generation: u64,
    owned: Vec<Option<(Handle, Arc<()>)>>,
    free: Vec<u32>,
    /// The length of the list of owned roots at which those without an owner are removed.
    owned_due: usize,
}

/// Where a scope began.
#[derive(Clone, Copy, Debug)]
pub struct Scope(usize);

impl HostRoots {
    /// Keeps an object until the innermost scope ends.
    pub fn add_scoped(&mut self, handle: Handle) -> ScopedRoot {
        let index = u32::try_from(self.scoped.len()).expect("memory ends before the roots do");
        self.scoped.push((handle, self.generation));
        ScopedRoot { index, generation: self.generation }
    }

    /// The object of a root, if its scope has not ended.
    pub fn scoped(&self, root: ScopedRoot) -> Option<Handle> {
        let (handle, generation) = *self.scoped.get(root.index as usize)?;
        (generation == root.generation).then_some(handle)
    }

    #[inline]
    pub fn enter_scope(&self) -> Scope {
        Scope(self.scoped.len())
    }

    /// Ends a scope: roots made since it began are stale.
    #[inline]
    pub fn exit_scope(&mut self, scope: Scope) {
        if self.scoped.len() > scope.0 {
            self.scoped.truncate(scope.0);
            self.generation += 1;
        }
    }

    pub fn reserve(&mut self, additional: usize) {
        self.scoped.reserve(additional);
    }

    /// Keeps an object until the last owner is dropped.
    pub fn add_owned(&mut self, handle: Handle) -> OwnedRoot {
        if self.owned.len() >= self.owned_due.max(64) && self.free.is_empty() {
            self.release_owned();
            self.owned_due = 2 * (self.owned.len() - self.free.len());
        }
        let token = Arc::new(());
        let entry = Some((handle, token.clone()));
        let index = match self.free.pop() {
            Some(index) => {
                self.owned[index as usize] = entry;
                index
            }
            None => {
                self.owned.push(entry);
                u32::try_from(self.owned.len() - 1).expect("memory ends before the roots do")
            }
        };
        OwnedRoot { index, token }
    }

    /// The object of an owned root of this store.
    pub fn owned(&self, root: &OwnedRoot) -> Handle {
        let entry = self.owned[root.index as usize].as_ref();
        let (handle, token) = entry.expect("an entry stays while it has an owner");
        debug_assert!(Arc::ptr_eq(token, &root.token), "an entry stays while it has an owner");
        *handle
    }

    /// Removes owned roots whose owners are gone.
    pub fn release_owned(&mut self) {
        for (index, entry) in self.owned.iter_mut().enumerate() {
            if entry.as_ref().is_some_and(|(_, token)| Arc::strong_count(token) == 1) {
                *entry = None;
                self.free.push(index as u32);
            }
        }
        // Otherwise each collection would go through a list that was long once.
        while self.owned.pop_if(|entry| entry.is_none()).is_some() {}
        let len = self.owned.len();
        self.free.retain(|index| (*index as usize) < len);
    }

    /// The number of places for roots, free ones included.
    pub fn places(&self) -> usize {
        self.scoped.len() + self.owned.len()
    }

    /// All objects that the host holds on to.
    pub fn handles(&self) -> impl Iterator<Item = Handle> {
        let owned = self.owned.iter().flatten().map(|(handle, _)| *handle);
        self.scoped.iter().map(|(handle, _)| *handle).chain(owned)
    }
}

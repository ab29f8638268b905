//! Memories, tables and globals of a store: added, grown and read within the limits that the host has set.

use std::ptr::NonNull;
use std::sync::Arc;

use super::indices::{StoreGlobal, StoreMemory, StoreTable};
use super::store_core::{StoreCore, one_more};
use crate::base::error::StoreError;
use crate::base::layout::{Slot, VmRef};
use crate::base::limits::MOST_OF_A_KIND;
use crate::base::types::{GlobalType, MemoryType, Mutability, TableType};
use crate::vm::memory::image::Image;
use crate::vm::memory::linear::LinearMemory;
use crate::vm::memory::table::RefTable;
use crate::vm::store::host::data::HostData;

pub(in crate::vm) struct GlobalEntry {
    pub(in crate::vm) slot: NonNull<Slot>,
    pub(in crate::vm) ty: GlobalType,
    // Globals that the host made have a slot of their own; others are in the context of their instance.
    _own: Option<Box<Slot>>,
}

impl StoreCore {
    /// Adds a memory after asking the limiter.
    ///
    /// # Errors
    /// The limiter or the operating system refuses.
    pub fn add_memory(&mut self, ty: MemoryType, image: Option<&Arc<Image>>) -> anyhow::Result<StoreMemory> {
        let count = self.memories.len();
        let (minimum, maximum) = (bytes(ty.minimum()), ty.maximum().map(bytes));
        match self.limits() {
            None => one_more(count, MOST_OF_A_KIND, "memory")?,
            Some(limiter) => {
                one_more(count, limiter.memories(), "memory")?;
                let allowed = limiter.memory_growing(0, minimum, maximum)?;
                anyhow::ensure!(allowed, StoreError::LimitExceeded("memory"));
            }
        }
        self.memories.push(LinearMemory::new(ty, &self.engine.core.memories, image.cloned())?);
        Ok(StoreMemory(u32::try_from(count)?))
    }

    /// Adds a table after asking the limiter.
    ///
    /// # Errors
    /// The limiter refuses, or there is no memory for it.
    pub fn add_table(&mut self, ty: TableType) -> anyhow::Result<StoreTable> {
        let count = self.tables.len();
        let (minimum, maximum) = (ty.minimum() as usize, ty.maximum().map(|maximum| maximum as usize));
        match self.limits() {
            None => one_more(count, MOST_OF_A_KIND, "table")?,
            Some(limiter) => {
                one_more(count, limiter.tables(), "table")?;
                let allowed = limiter.table_growing(0, minimum, maximum)?;
                anyhow::ensure!(allowed, StoreError::LimitExceeded("table"));
            }
        }
        self.tables.push(RefTable::new(ty)?);
        Ok(StoreTable(u32::try_from(count)?))
    }

    /// Adds a global that belongs to no instance. A reference in `value` is as the host has it.
    ///
    /// # Errors
    /// There are 4,294,967,296 of them.
    pub fn add_global(&mut self, ty: GlobalType, value: Slot) -> anyhow::Result<StoreGlobal> {
        let mut own = Box::new(Slot::default());
        let slot = NonNull::from(&mut *own);
        self.globals.push(GlobalEntry { slot, ty, _own: Some(own) });
        let global = StoreGlobal(u32::try_from(self.globals.len() - 1)?);
        self.write_global(global, value);
        Ok(global)
    }

    /// Grows a memory; returns its old size, or `None` if its maximum or the limiter forbids it.
    ///
    /// # Errors
    /// The limiter fails, or the operating system refuses memory.
    pub fn grow_memory(&mut self, memory: StoreMemory, delta: u64) -> anyhow::Result<Option<u64>> {
        let memory = memory.index();
        let (old, maximum) = (self.memories[memory].size(), self.memories[memory].maximum());
        let new = old.saturating_add(delta);
        let declared = self.memories[memory].ty().maximum().map(bytes);
        if let Some(limiter) = self.limits() {
            if !limiter.memory_growing(bytes(old), bytes(new), declared)? {
                return Ok(None);
            }
            if new > maximum && limiter.wants_grow_failures() {
                let problem = anyhow::format_err!("a memory of at most {maximum} pages cannot grow to {new}");
                limiter.memory_grow_failed(problem)?;
            }
        }
        if new > maximum {
            return Ok(None);
        }
        self.memories[memory].grow_to(new)?;
        Ok(Some(old))
    }

    /// Grows a table; returns its old size, or `None` if its maximum or the limiter forbids it. `value` belongs to the
    /// store.
    ///
    /// # Errors
    /// The limiter fails, or there is no memory for them.
    pub fn grow_table(&mut self, table: StoreTable, delta: u64, value: VmRef) -> anyhow::Result<Option<u64>> {
        let at = table.index();
        let (old, maximum) = (self.tables[at].size(), self.tables[at].maximum());
        let new = (old as u64).saturating_add(delta);
        let declared = self.tables[at].ty().maximum().map(|maximum| maximum as usize);
        if let Some(limiter) = self.limits() {
            if !limiter.table_growing(old, new as usize, declared)? {
                return Ok(None);
            }
            if new > maximum && limiter.wants_grow_failures() {
                let problem =
                    anyhow::format_err!("a table of at most {maximum} elements cannot grow to {new}");
                limiter.table_grow_failed(problem)?;
            }
        }
        if new > maximum {
            return Ok(None);
        }
        self.tables[at].grow(delta as usize, value)?;
        Ok(Some(old as u64))
    }

    /// Whether an access of this store's guest code beyond a memory may fault at this address. Async-signal-safe.
    pub(in crate::vm) fn may_fault_at(&self, address: usize) -> bool {
        self.memories.iter().any(|memory| memory.may_fault_at(address))
    }

    #[inline]
    pub fn memory(&self, memory: StoreMemory) -> &LinearMemory {
        &self.memories[memory.index()]
    }

    pub fn memory_mut(&mut self, memory: StoreMemory) -> &mut LinearMemory {
        &mut self.memories[memory.index()]
    }

    /// A memory's bytes and the host's data, side by side.
    pub fn memory_and_data(&mut self, memory: StoreMemory) -> (&mut [u8], &mut HostData) {
        (self.memories[memory.index()].data_mut(), &mut self.data)
    }

    pub fn table_type(&self, table: StoreTable) -> &TableType {
        self.tables[table.index()].ty()
    }

    pub fn table_size(&self, table: StoreTable) -> usize {
        self.tables[table.index()].size()
    }

    /// The elements of a table, as machine code has them.
    pub fn table_elements(&mut self, table: StoreTable) -> &mut [VmRef] {
        self.tables[table.index()].elements_mut()
    }

    pub fn global_type(&self, global: StoreGlobal) -> &GlobalType {
        &self.globals[global.index()].ty
    }

    /// The value of a global. A reference is returned as the host has it.
    pub fn read_global(&self, global: StoreGlobal) -> Slot {
        let entry = &self.globals[global.index()];
        // SAFETY: (2) the slot lives as long as the store, and (1) nothing writes to it meanwhile.
        let value = unsafe { entry.slot.read() };
        self.to_host(*entry.ty.content(), value)
    }

    /// Sets a global, mutable or not. A reference in `value` is as the host has it.
    pub fn write_global(&mut self, global: StoreGlobal, value: Slot) {
        let entry = &self.globals[global.index()];
        let value = self.to_guest(*entry.ty.content(), value);
        // SAFETY: (2) as above.
        unsafe { entry.slot.write(value) };
    }

    /// Adds a global that lies in the context of its instance.
    pub(in crate::vm) fn add_own_global(&mut self, slot: NonNull<Slot>, ty: GlobalType) -> StoreGlobal {
        self.globals.push(GlobalEntry { slot, ty, _own: None });
        StoreGlobal((self.globals.len() - 1) as u32)
    }
}

pub fn is_mutable(ty: &GlobalType) -> bool {
    ty.mutability() == Mutability::Var
}

fn bytes(pages: u64) -> usize {
    usize::try_from(pages.saturating_mul(crate::base::types::PAGE_SIZE)).unwrap_or(usize::MAX)
}

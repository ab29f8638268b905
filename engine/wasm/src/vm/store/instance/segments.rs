//! Segments: active ones are copied when a module is instantiated, others by operators of its code. A segment that was dropped
//! reads as empty.

use crate::base::indices::{DataIndex, ElemIndex, MemoryIndex, TableIndex};
use crate::base::layout::VmRef;
use crate::base::module::{ConstExpr, ElementItem, SegmentMode};
use crate::base::trap::Trap;
use crate::vm::store::indices::{StoreInstance, StoreTable};
use crate::vm::store::store_core::StoreCore;

/// What a bulk operation copies: `len` elements or bytes, from one place to another.
#[derive(Clone, Copy, Debug)]
pub struct CopyRange {
    pub to: u32,
    pub from: u32,
    pub len: u32,
}

impl CopyRange {
    /// The part that is read. `None` where that is out of bounds.
    pub fn source<E>(self, all: &[E]) -> Option<&[E]> {
        all.get(self.from as usize..)?.get(..self.len as usize)
    }

    /// The part that is written. `None` where that is out of bounds.
    pub fn target<E>(self, all: &mut [E]) -> Option<&mut [E]> {
        all.get_mut(self.to as usize..)?.get_mut(..self.len as usize)
    }
}

impl StoreCore {
    /// Runs the active segments of a new instance.
    ///
    /// # Errors
    /// One is out of bounds; what was copied before that stays.
    pub(super) fn run_segments(&mut self, id: StoreInstance) -> anyhow::Result<()> {
        if let Err(error) = self.run_element_segments(id) {
            self.clear_images(id);
            return Err(error);
        }
        self.run_data_segments(id)
    }

    fn run_element_segments(&mut self, id: StoreInstance) -> anyhow::Result<()> {
        let module = self.instance(id).module().clone();
        for (at, segment) in module.info.elements.iter().enumerate() {
            if let SegmentMode::Active { target, offset } = segment.mode {
                let copy = self.whole_segment(id, offset, segment.items.len());
                self.table_init(id, target, ElemIndex(at as u32), copy)?;
            }
            if !matches!(segment.mode, SegmentMode::Passive) {
                self.instance_mut(id).dropped_elements[at] = true;
            }
        }
        Ok(())
    }

    /// Clears what images have put into memories. Element segments come first: if one fails, no data must have been copied,
    /// and functions of the instance in another one's table may still read its memory.
    fn clear_images(&mut self, id: StoreInstance) {
        let imported = self.instance(id).module().info.imported_memories;
        for &memory in &self.instances[id.index()].memories[imported..] {
            self.memories[memory.index()].clear_image();
        }
    }

    fn run_data_segments(&mut self, id: StoreInstance) -> anyhow::Result<()> {
        let module = self.instance(id).module().clone();
        let mapped = module.image().is_some();
        for (at, segment) in module.info.data.iter().enumerate() {
            if let SegmentMode::Active { target, offset } = segment.mode {
                if !mapped {
                    let copy = self.whole_segment(id, offset, segment.bytes.len());
                    self.memory_init(id, target, DataIndex(at as u32), copy)?;
                }
                self.instance_mut(id).dropped_data[at] = true;
            }
        }
        Ok(())
    }

    fn whole_segment(&self, id: StoreInstance, offset: ConstExpr, len: usize) -> CopyRange {
        CopyRange { to: self.evaluate(id, offset).0[0] as u32, from: 0, len: len as u32 }
    }

    /// Copies a part of an element segment into a table.
    ///
    /// # Errors
    /// It is out of bounds of one of them; nothing is copied.
    pub(in crate::vm) fn table_init(
        &mut self,
        id: StoreInstance,
        table: TableIndex,
        segment: ElemIndex,
        copy: CopyRange,
    ) -> Result<(), Trap> {
        let instance = self.instance(id);
        let module = instance.module().clone();
        let dropped = instance.dropped_elements[segment.index()];
        let items: &[ElementItem] = if dropped { &[] } else { &module.info.elements[segment.index()].items };
        let table = instance.table(table).index();
        let items = copy.source(items).ok_or(Trap::TableOutOfBounds)?;
        copy.target(self.tables[table].elements_mut()).ok_or(Trap::TableOutOfBounds)?;
        for (at, item) in items.iter().enumerate() {
            let value = VmRef(self.evaluate(id, (*item).into()).0[0]);
            self.tables[table].elements_mut()[copy.to as usize + at] = value;
        }
        Ok(())
    }

    /// Copies elements of a table to another one, or within one.
    ///
    /// # Errors
    /// It is out of bounds of one of them; nothing is copied.
    pub(in crate::vm) fn table_copy(
        &mut self,
        to: StoreTable,
        from: StoreTable,
        copy: CopyRange,
    ) -> anyhow::Result<()> {
        if to == from {
            let elements = self.table_elements(to);
            copy.target(elements).ok_or(Trap::TableOutOfBounds)?;
            copy.source(elements).ok_or(Trap::TableOutOfBounds)?;
            let source = copy.from as usize..copy.from as usize + copy.len as usize;
            elements.copy_within(source, copy.to as usize);
        } else {
            let [to, from] = self.tables.get_disjoint_mut([to.index(), from.index()])?;
            let source = copy.source(from.elements()).ok_or(Trap::TableOutOfBounds)?;
            copy.target(to.elements_mut()).ok_or(Trap::TableOutOfBounds)?.copy_from_slice(source);
        }
        Ok(())
    }

    /// Copies a part of a data segment into a memory.
    ///
    /// # Errors
    /// It is out of bounds of one of them; nothing is copied.
    pub(in crate::vm) fn memory_init(
        &mut self,
        id: StoreInstance,
        memory: MemoryIndex,
        segment: DataIndex,
        copy: CopyRange,
    ) -> Result<(), Trap> {
        let instance = self.instance(id);
        let module = instance.module().clone();
        let dropped = instance.dropped_data[segment.index()];
        let range = module.info.data[segment.index()].bytes.clone();
        let bytes: &[u8] = if dropped { &[] } else { &module.bytes[range] };
        let memory = instance.memory(memory);
        let bytes = copy.source(bytes).ok_or(Trap::MemoryOutOfBounds)?;
        let target = copy.target(self.memory_mut(memory).data_mut()).ok_or(Trap::MemoryOutOfBounds)?;
        target.copy_from_slice(bytes);
        Ok(())
    }
}

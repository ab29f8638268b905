//! Instantiation: a module's context is allocated and filled in, its segments are copied.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::Arc;

use super::engine::export_names::Named;
use super::engine::module::{Module, ModuleCore};
use super::funcref::FuncId;
use super::store_core::{InstanceId, StoreCore, one_more};
use crate::base::layout::{Slot, VmFuncImport, VmFuncRef, VmInstance, VmMemoryRef, VmRef, VmTable};
use crate::base::limits::MOST_OF_A_KIND;
use crate::base::module::{ConstExpr, ElementItem, Entity, SegmentMode};
use crate::base::trap::Trap;
use crate::vm::code::signatures::Doors;

/// Something of a store: what imports are satisfied with and exports resolve to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Func(FuncId),
    Table(u32),
    Memory(u32),
    Global(u32),
}

/// An instance: its context, and where its parts are in the store. What a call needs stands first.
#[repr(C)]
pub struct Instance {
    context: NonNull<u8>,
    /// Where the references to escaped functions start in the context.
    func_refs: *mut VmFuncRef,
    module: Module,
    pub(in crate::vm) memories: Vec<u32>,
    pub(in crate::vm) tables: Vec<u32>,
    globals: Vec<u32>,
    imported_funcs: Vec<FuncId>,
    pub(in crate::vm) dropped_data: Vec<bool>,
    pub(in crate::vm) dropped_elements: Vec<bool>,
    /// Exports that were asked for by names with numbers, by number.
    pub(in crate::vm) named: Vec<Named>,
}

impl Instance {
    pub fn module(&self) -> &Arc<ModuleCore> {
        &self.module.core
    }

    /// The instance's context.
    #[inline]
    pub(in crate::vm) fn vm(&self) -> *const u8 {
        self.context.as_ptr()
    }

    fn field<F>(&self, offset: u32) -> *mut F {
        // SAFETY: (3) offsets come from the module's layout, which sized the context.
        unsafe { self.context.as_ptr().add(offset as usize).cast() }
    }

    /// The reference to a function of this instance; null where it has none, because nothing can
    /// refer to it.
    pub(in crate::vm) fn func_ref(&self, func: u32) -> *const VmFuncRef {
        match self.module.core.info.escaped_slot(func) {
            Some(slot) => self.escaped(slot),
            None => std::ptr::null(),
        }
    }

    /// The reference to an escaped function, by its place among them.
    #[inline]
    pub(in crate::vm) fn escaped(&self, slot: usize) -> *mut VmFuncRef {
        // SAFETY: (3) the layout has a place for each escaped function.
        unsafe { self.func_refs.add(slot) }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: (2) it was allocated with this layout, and its store is going.
        unsafe { dealloc(self.context.as_ptr(), context_layout(&self.module.core)) };
    }
}

fn context_layout(module: &ModuleCore) -> Layout {
    Layout::from_size_align(module.layout.size(), 16).expect("contexts are smaller than 2 GiB")
}

impl StoreCore {
    /// Makes an instance, without running its start function. Imports are of the right types.
    ///
    /// # Errors
    /// The limits or the operating system refuse, or an active segment is out of bounds; what was
    /// copied before that stays, as the specification wants.
    pub fn instantiate(&mut self, module: &Module, imports: &[Item]) -> anyhow::Result<InstanceId> {
        let count = self.instances.len();
        one_more(count, self.limits().map_or(MOST_OF_A_KIND, |limiter| limiter.instances()), "instance")?;
        let id = InstanceId(u32::try_from(count)?);
        let layout = context_layout(&module.core);
        // SAFETY: (2) the layout is not empty: it has a header.
        let context = NonNull::new(unsafe { alloc_zeroed(layout) });
        let context = context.unwrap_or_else(|| handle_alloc_error(layout));
        self.instances.push(Instance {
            context,
            // SAFETY: (3) the offset comes from the layout, which sized the context.
            func_refs: unsafe { context.as_ptr().add(module.core.layout.func_ref(0) as usize).cast() },
            module: module.clone(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            imported_funcs: Vec::new(),
            dropped_data: vec![false; module.core.info.data.len()],
            dropped_elements: vec![false; module.core.info.elements.len()],
            named: Vec::new(),
        });
        self.expect_frames(module.core.tables().frames);
        self.fill_header(id);
        self.fill_imports(id, imports);
        self.make_memories(id)?;
        self.make_tables(id)?;
        self.fill_func_refs(id);
        self.make_globals(id);
        if let Err(error) = self.run_element_segments(id) {
            self.clear_images(id);
            return Err(error);
        }
        self.run_data_segments(id)?;
        Ok(id)
    }

    /// The doors of a function of an instance.
    pub(in crate::vm) fn doors_of(&self, func: FuncId) -> anyhow::Result<&Doors> {
        self.instances[func.owner()].module().doors_of(func.index())
    }

    pub(in crate::vm) fn start_func(&self, id: InstanceId) -> Option<FuncId> {
        self.func_of(id, self.instance(id).module.core.info.start?)
    }

    /// Whatever one of a module's index spaces has at a place.
    #[inline]
    pub fn item(&self, id: InstanceId, entity: Entity) -> Item {
        let instance = self.instance(id);
        match entity {
            Entity::Func(func) => {
                Item::Func(self.func_of(id, func).expect("whatever is exported has a reference"))
            }
            Entity::Table(table) => Item::Table(instance.tables[table as usize]),
            Entity::Memory(memory) => Item::Memory(instance.memories[memory as usize]),
            Entity::Global(global) => Item::Global(instance.globals[global as usize]),
        }
    }

    pub fn module_of(&self, id: InstanceId) -> &Module {
        &self.instance(id).module
    }

    /// The first memory of an instance.
    pub fn default_memory(&self, id: InstanceId) -> Option<u32> {
        self.instance(id).memories.first().copied()
    }

    fn fill_header(&mut self, id: InstanceId) {
        let instance = self.instance(id);
        let header = VmInstance {
            store: self.vm(),
            index: id.0.into(),
            signatures: instance.module.core.signatures.as_ptr(),
        };
        // SAFETY: (3) the context starts with its header.
        unsafe { instance.field::<VmInstance>(0).write(header) };
    }

    fn fill_imports(&mut self, id: InstanceId, imports: &[Item]) {
        for item in imports {
            match *item {
                Item::Func(func) => {
                    let VmFuncRef { code, context, .. } = self.func_ref_of(func);
                    let instance = &mut self.instances[id.0 as usize];
                    let index = instance.imported_funcs.len() as u32;
                    let place: *mut VmFuncImport =
                        instance.field(instance.module.core.layout.imported_func(index));
                    // SAFETY: (3) the layout has a place for each imported function.
                    unsafe { place.write(VmFuncImport { code, context }) };
                    instance.imported_funcs.push(func);
                }
                Item::Global(global) => {
                    let slot = self.globals[global as usize].slot.as_ptr();
                    let instance = &mut self.instances[id.0 as usize];
                    let index = instance.globals.len() as u32;
                    let place: *mut *mut Slot =
                        instance.field(instance.module.core.layout.imported_global(index));
                    // SAFETY: (3) the layout has a place for each imported global.
                    unsafe { place.write(slot) };
                    instance.globals.push(global);
                }
                Item::Memory(memory) => self.instances[id.0 as usize].memories.push(memory),
                Item::Table(table) => self.instances[id.0 as usize].tables.push(table),
            }
        }
    }

    fn make_memories(&mut self, id: InstanceId) -> anyhow::Result<()> {
        let module = self.instance(id).module.core.clone();
        for ty in &module.info.memories[module.info.imported_memories..] {
            let memory = self.add_memory(ty.clone(), module.image())?;
            self.instances[id.0 as usize].memories.push(memory);
        }
        for (index, memory) in self.instance(id).memories.clone().into_iter().enumerate() {
            let definition = self.memories[memory as usize].definition();
            // SAFETY: (2) definitions stay where they are.
            let base = unsafe { (*definition).base };
            let place: *mut VmMemoryRef = self.instance(id).field(module.layout.memory(index as u32));
            // SAFETY: (3) the layout has a place for each memory.
            unsafe { place.write(VmMemoryRef { definition, base }) };
        }
        Ok(())
    }

    fn make_tables(&mut self, id: InstanceId) -> anyhow::Result<()> {
        let module = self.instance(id).module.core.clone();
        for ty in &module.info.tables[module.info.imported_tables..] {
            let table = self.add_table(ty.clone())?;
            self.instances[id.0 as usize].tables.push(table);
        }
        for (index, table) in self.instance(id).tables.clone().into_iter().enumerate() {
            let definition = self.tables[table as usize].definition();
            let place: *mut *mut VmTable = self.instance(id).field(module.layout.table(index as u32));
            // SAFETY: (3) the layout has a place for each table.
            unsafe { place.write(definition) };
        }
        Ok(())
    }

    fn fill_func_refs(&mut self, id: InstanceId) {
        let instance = self.instance(id);
        let module = &instance.module.core;
        for (slot, &func) in module.info.escaped_funcs.iter().enumerate() {
            let func_ref = match instance.imported_funcs.get(func as usize) {
                Some(&imported) => self.func_ref_of(imported),
                None => VmFuncRef {
                    code: module.function(func),
                    context: instance.context.as_ptr(),
                    signature: module.signature_of(func),
                    owner: id.0,
                    index: slot as u32,
                    slots: 0,
                    enter: std::ptr::null(),
                },
            };
            // SAFETY: (3) the layout has a place for each escaped function.
            unsafe { instance.field::<VmFuncRef>(module.layout.func_ref(slot)).write(func_ref) };
        }
    }

    fn make_globals(&mut self, id: InstanceId) {
        let module = self.instance(id).module.core.clone();
        for (at, init) in module.info.global_inits.iter().enumerate() {
            let global = module.info.imported_globals + at;
            let value = self.evaluate(id, *init);
            let slot: *mut Slot = self.instance(id).field(module.layout.own_global(global as u32));
            // SAFETY: (3) the layout has a slot for each own global.
            unsafe { slot.write(value) };
            let slot = NonNull::new(slot).expect("it is within an allocation");
            let entry = self.add_own_global(slot, module.info.globals[global].clone());
            self.instances[id.0 as usize].globals.push(entry);
        }
    }

    /// The value of a constant expression, as machine code has it.
    fn evaluate(&self, id: InstanceId, expr: ConstExpr) -> Slot {
        match expr {
            ConstExpr::Value(bits) => Slot::new(bits),
            ConstExpr::RefNull => Slot::default(),
            ConstExpr::RefFunc(func) => Slot([self.instance(id).func_ref(func) as u64, 0]),
            ConstExpr::GlobalGet(global) => {
                let global = self.instance(id).globals[global as usize];
                // SAFETY: (2) globals live as long as the store.
                unsafe { self.globals[global as usize].slot.read() }
            }
        }
    }

    fn run_element_segments(&mut self, id: InstanceId) -> anyhow::Result<()> {
        let module = self.instance(id).module.core.clone();
        for (at, segment) in module.info.elements.iter().enumerate() {
            if let SegmentMode::Active { target, offset } = segment.mode {
                let offset = self.evaluate(id, offset).0[0] as u32;
                let len = segment.items.len() as u32;
                self.table_init(id, target, at as u32, offset, 0, len)?;
            }
            if !matches!(segment.mode, SegmentMode::Passive) {
                self.instances[id.0 as usize].dropped_elements[at] = true;
            }
        }
        Ok(())
    }

    /// Element segments come first. Where one fails, none of the data was to be copied, and functions of
    /// the instance in somebody else's table may still read its memory.
    fn clear_images(&mut self, id: InstanceId) {
        let module = self.instance(id).module.core.clone();
        for &memory in &self.instances[id.0 as usize].memories[module.info.imported_memories..] {
            self.memories[memory as usize].clear_image();
        }
    }

    fn run_data_segments(&mut self, id: InstanceId) -> anyhow::Result<()> {
        let module = self.instance(id).module.core.clone();
        let mapped = module.image().is_some();
        for (at, segment) in module.info.data.iter().enumerate() {
            if let SegmentMode::Active { target, offset } = segment.mode {
                if !mapped {
                    let offset = self.evaluate(id, offset).0[0] as u32;
                    let len = segment.bytes.len() as u32;
                    self.memory_init(id, target, at as u32, offset, 0, len)?;
                }
                self.instances[id.0 as usize].dropped_data[at] = true;
            }
        }
        Ok(())
    }

    /// Copies a part of an element segment into a table.
    pub(in crate::vm) fn table_init(
        &mut self,
        id: InstanceId,
        table: u32,
        segment: u32,
        to: u32,
        from: u32,
        len: u32,
    ) -> Result<(), Trap> {
        let instance = self.instance(id);
        let module = instance.module.core.clone();
        let dropped = instance.dropped_elements[segment as usize];
        let items: &[ElementItem] = if dropped { &[] } else { &module.info.elements[segment as usize].items };
        let table = instance.tables[table as usize] as usize;
        let items = slice(items, from, len).ok_or(Trap::TableOutOfBounds)?;
        let end = to as usize + len as usize;
        if end > self.tables[table].size() {
            return Err(Trap::TableOutOfBounds);
        }
        for (at, item) in items.iter().enumerate() {
            let value = VmRef(self.evaluate(id, (*item).into()).0[0]);
            self.tables[table].elements_mut()[to as usize + at] = value;
        }
        Ok(())
    }

    /// Copies a part of a data segment into a memory.
    pub(in crate::vm) fn memory_init(
        &mut self,
        id: InstanceId,
        memory: u32,
        segment: u32,
        to: u32,
        from: u32,
        len: u32,
    ) -> Result<(), Trap> {
        let instance = self.instance(id);
        let module = instance.module.core.clone();
        let dropped = instance.dropped_data[segment as usize];
        let range = module.info.data[segment as usize].bytes.clone();
        let bytes: &[u8] = if dropped { &[] } else { &module.bytes[range] };
        let memory = instance.memories[memory as usize] as usize;
        let bytes = slice(bytes, from, len).ok_or(Trap::MemoryOutOfBounds)?;
        let target = self.memories[memory].data_mut().get_mut(to as usize..);
        let target = target.and_then(|rest| rest.get_mut(..len as usize)).ok_or(Trap::MemoryOutOfBounds)?;
        target.copy_from_slice(bytes);
        Ok(())
    }
}

fn slice<E>(all: &[E], from: u32, len: u32) -> Option<&[E]> {
    all.get(from as usize..)?.get(..len as usize)
}

//! THE SANDBOX RESTS ON THIS FILE: an instance, its context, and where its parts are in the store.
//!
//! The context is laid out by `base::layout`; `instantiate.rs` fills it in.

pub mod instantiate;
pub mod segments;

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::base::indices::{EscapedIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex};
use crate::base::layout::VmFuncRef;
use crate::base::module::Entity;
use crate::vm::code::signatures::Trampolines;
use crate::vm::store::engine::export_names::Named;
use crate::vm::store::engine::module::{Module, ModuleCore};
use crate::vm::store::funcref::{FuncPlace, StoreFunc};
use crate::vm::store::indices::{Item, StoreGlobal, StoreInstance, StoreMemory, StoreTable};
use crate::vm::store::store_core::StoreCore;

/// An instance. What a call needs comes first.
#[repr(C)]
pub struct Instance {
    context: NonNull<u8>,
    /// Where the references to escaped functions start in the context.
    func_refs: *mut VmFuncRef,
    module: Module,
    /// What is in the module's index spaces, imported entities first.
    pub(in crate::vm::store) memories: Vec<StoreMemory>,
    pub(in crate::vm::store) tables: Vec<StoreTable>,
    pub(in crate::vm::store) globals: Vec<StoreGlobal>,
    pub(in crate::vm::store) imported_funcs: Vec<StoreFunc>,
    /// Which segments were dropped, and so read as empty.
    pub(in crate::vm) dropped_data: Vec<bool>,
    pub(in crate::vm) dropped_elements: Vec<bool>,
    /// Exports that were looked up by names with numbers, by number.
    pub(in crate::vm::store) named: Vec<Named>,
}

impl Instance {
    /// An instance whose context is all zero.
    pub(in crate::vm::store) fn allocate(module: &Module) -> Instance {
        let layout = context_layout(&module.core);
        // SAFETY: (2) the layout is not empty: it has a header.
        let context = NonNull::new(unsafe { alloc_zeroed(layout) });
        let context = context.unwrap_or_else(|| handle_alloc_error(layout));
        let func_refs = module.core.layout.func_ref(EscapedIndex(0)) as usize;
        Instance {
            context,
            // SAFETY: (3) the offset comes from the layout, which sized the context.
            func_refs: unsafe { context.as_ptr().add(func_refs).cast() },
            module: module.clone(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
            imported_funcs: Vec::new(),
            dropped_data: vec![false; module.core.info.data.len()],
            dropped_elements: vec![false; module.core.info.elements.len()],
            named: Vec::new(),
        }
    }

    pub fn module(&self) -> &Arc<ModuleCore> {
        &self.module.core
    }

    /// The instance's context.
    #[inline]
    pub(in crate::vm::store) fn vm(&self) -> *mut u8 {
        self.context.as_ptr()
    }

    /// A field of the context.
    pub(in crate::vm::store) fn field<F>(&self, offset: u32) -> *mut F {
        // SAFETY: (3) offsets come from the module's layout, which sized the context.
        unsafe { self.context.as_ptr().add(offset as usize).cast() }
    }

    /// The reference to a function of this instance; null if it has none, because nothing can refer to it.
    pub(in crate::vm::store) fn func_ref(&self, func: FuncIndex) -> *const VmFuncRef {
        match self.module.core.info.escaped_slot(func) {
            Some(escaped) => self.escaped(escaped),
            None => std::ptr::null(),
        }
    }

    /// The reference to an escaped function.
    #[inline]
    pub(in crate::vm) fn escaped(&self, func: EscapedIndex) -> *mut VmFuncRef {
        // SAFETY: (3) the layout has a place for each escaped function.
        unsafe { self.func_refs.add(func.index()) }
    }

    #[inline]
    pub(in crate::vm) fn memory(&self, memory: MemoryIndex) -> StoreMemory {
        self.memories[memory.index()]
    }

    #[inline]
    pub(in crate::vm) fn table(&self, table: TableIndex) -> StoreTable {
        self.tables[table.index()]
    }

    #[inline]
    pub(in crate::vm::store) fn global(&self, global: GlobalIndex) -> StoreGlobal {
        self.globals[global.index()]
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
    #[inline]
    pub(in crate::vm) fn instance(&self, id: StoreInstance) -> &Instance {
        &self.instances[id.index()]
    }

    #[inline]
    pub(in crate::vm) fn instance_mut(&mut self, id: StoreInstance) -> &mut Instance {
        &mut self.instances[id.index()]
    }

    pub fn module_of(&self, id: StoreInstance) -> &Module {
        &self.instance(id).module
    }

    /// What an entity of a module is in an instance of it.
    #[inline]
    pub fn item(&self, id: StoreInstance, entity: Entity) -> Item {
        let instance = self.instance(id);
        match entity {
            Entity::Func(func) => {
                Item::Func(self.func_of(id, func).expect("exported functions have references"))
            }
            Entity::Table(table) => Item::Table(instance.table(table)),
            Entity::Memory(memory) => Item::Memory(instance.memory(memory)),
            Entity::Global(global) => Item::Global(instance.global(global)),
        }
    }

    /// What an instance exports under a name.
    pub fn export(&self, id: StoreInstance, name: &str) -> Option<Item> {
        let module = &self.module_of(id).core;
        Some(self.item(id, module.export(module.export_index(name)?)))
    }

    /// The first memory of an instance.
    pub fn default_memory(&self, id: StoreInstance) -> Option<StoreMemory> {
        self.instance(id).memories.first().copied()
    }

    /// The start function of an instance, if its module has one.
    pub(in crate::vm) fn start_func(&self, id: StoreInstance) -> Option<StoreFunc> {
        self.func_of(id, self.module_of(id).core.info.start?)
    }

    /// The trampolines of a function of an instance.
    ///
    /// # Errors
    /// They cannot be compiled.
    pub(in crate::vm) fn trampolines_of(&self, func: StoreFunc) -> anyhow::Result<&Trampolines> {
        let FuncPlace::Instance(instance, escaped) = func.place() else {
            unreachable!("host functions are called without trampolines")
        };
        self.instance(instance).module().trampolines_of(escaped)
    }
}

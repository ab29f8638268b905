//! THE SANDBOX RESTS ON THIS FILE: instantiation. A module's context is filled in, in the order in which its parts need each
//! other, before any code of the instance can run.

use std::ptr::NonNull;

use super::Instance;
use crate::base::indices::{EscapedIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex};
use crate::base::layout::{Slot, VmFuncImport, VmFuncRef, VmInstance, VmMemoryRef, VmTable};
use crate::base::limits::MOST_OF_A_KIND;
use crate::base::module::ConstExpr;
use crate::vm::store::engine::module::Module;
use crate::vm::store::indices::{Item, StoreInstance};
use crate::vm::store::store_core::{StoreCore, one_more};

impl StoreCore {
    /// Makes an instance without running its start function. The imports were checked.
    ///
    /// # Errors
    /// The limits or the operating system refuse, or an active segment is out of bounds; what was
    /// copied before that stays, as the specification requires.
    pub fn instantiate(&mut self, module: &Module, imports: &[Item]) -> anyhow::Result<StoreInstance> {
        let count = self.instances.len();
        one_more(count, self.limits().map_or(MOST_OF_A_KIND, |limiter| limiter.instances()), "instance")?;
        let id = StoreInstance(u32::try_from(count)?);
        self.instances.push(Instance::allocate(module));
        self.expect_frames(module.core.tables().frames);
        self.fill_header(id);
        self.fill_imports(id, imports);
        self.make_memories(id)?;
        self.make_tables(id)?;
        self.fill_func_refs(id);
        self.make_globals(id);
        self.run_segments(id)?;
        Ok(id)
    }

    fn fill_header(&mut self, id: StoreInstance) {
        let instance = self.instance(id);
        let header = VmInstance {
            store: self.vm(),
            index: id.0.into(),
            signatures: instance.module().signatures.as_ptr(),
        };
        // SAFETY: (3) the context starts with its header.
        unsafe { instance.field::<VmInstance>(0).write(header) };
    }

    fn fill_imports(&mut self, id: StoreInstance, imports: &[Item]) {
        for item in imports {
            match *item {
                Item::Func(func) => {
                    let VmFuncRef { code, context, .. } = self.func_ref_of(func);
                    let instance = self.instance_mut(id);
                    let index = FuncIndex(instance.imported_funcs.len() as u32);
                    let place: *mut VmFuncImport =
                        instance.field(instance.module().layout.imported_func(index));
                    // SAFETY: (3) the layout has a place for each imported function.
                    unsafe { place.write(VmFuncImport { code, context }) };
                    instance.imported_funcs.push(func);
                }
                Item::Global(global) => {
                    let slot = self.globals[global.index()].slot.as_ptr();
                    let instance = self.instance_mut(id);
                    let index = GlobalIndex(instance.globals.len() as u32);
                    let place: *mut *mut Slot =
                        instance.field(instance.module().layout.imported_global(index));
                    // SAFETY: (3) the layout has a place for each imported global.
                    unsafe { place.write(slot) };
                    instance.globals.push(global);
                }
                Item::Memory(memory) => self.instance_mut(id).memories.push(memory),
                Item::Table(table) => self.instance_mut(id).tables.push(table),
            }
        }
    }

    fn make_memories(&mut self, id: StoreInstance) -> anyhow::Result<()> {
        let module = self.instance(id).module().clone();
        for ty in &module.info.memories[module.info.imported_memories..] {
            let memory = self.add_memory(ty.clone(), module.image())?;
            self.instance_mut(id).memories.push(memory);
        }
        for (index, memory) in self.instance(id).memories.clone().into_iter().enumerate() {
            let definition = self.memory_mut(memory).definition();
            // SAFETY: (2) definitions stay where they are.
            let base = unsafe { (*definition).base };
            let offset = module.layout.memory(MemoryIndex(index as u32));
            let place: *mut VmMemoryRef = self.instance(id).field(offset);
            // SAFETY: (3) the layout has a place for each memory.
            unsafe { place.write(VmMemoryRef { definition, base }) };
        }
        Ok(())
    }

    fn make_tables(&mut self, id: StoreInstance) -> anyhow::Result<()> {
        let module = self.instance(id).module().clone();
        for ty in &module.info.tables[module.info.imported_tables..] {
            let table = self.add_table(ty.clone())?;
            self.instance_mut(id).tables.push(table);
        }
        for (index, table) in self.instance(id).tables.clone().into_iter().enumerate() {
            let definition = self.tables[table.index()].definition();
            let offset = module.layout.table(TableIndex(index as u32));
            let place: *mut *mut VmTable = self.instance(id).field(offset);
            // SAFETY: (3) the layout has a place for each table.
            unsafe { place.write(definition) };
        }
        Ok(())
    }

    fn fill_func_refs(&mut self, id: StoreInstance) {
        let instance = self.instance(id);
        let module = instance.module();
        for (escaped, &func) in module.info.escaped_funcs.iter().enumerate() {
            let escaped = EscapedIndex(escaped as u32);
            let func_ref = match instance.imported_funcs.get(func.index()) {
                Some(&imported) => self.func_ref_of(imported),
                None => VmFuncRef {
                    code: module.function(func),
                    context: instance.vm(),
                    signature: module.signature_of(func),
                    owner: id.0,
                    index: escaped.0,
                    slots: 0,
                    enter: std::ptr::null(),
                },
            };
            // SAFETY: (3) the layout has a place for each escaped function.
            unsafe { instance.escaped(escaped).write(func_ref) };
        }
    }

    fn make_globals(&mut self, id: StoreInstance) {
        let module = self.instance(id).module().clone();
        for (at, init) in module.info.global_inits.iter().enumerate() {
            let global = GlobalIndex((module.info.imported_globals + at) as u32);
            let value = self.evaluate(id, *init);
            let slot: *mut Slot = self.instance(id).field(module.layout.own_global(global));
            // SAFETY: (3) the layout has a slot for each own global.
            unsafe { slot.write(value) };
            let slot = NonNull::new(slot).expect("a part of an allocation is not at address 0");
            let entry = self.add_own_global(slot, module.info.globals[global.index()].clone());
            self.instance_mut(id).globals.push(entry);
        }
    }

    /// The value of a constant expression, as machine code has it.
    pub(super) fn evaluate(&self, id: StoreInstance, expr: ConstExpr) -> Slot {
        match expr {
            ConstExpr::Value(bits) => Slot::new(bits),
            ConstExpr::RefNull => Slot::default(),
            ConstExpr::RefFunc(func) => Slot([self.instance(id).func_ref(func) as u64, 0]),
            ConstExpr::GlobalGet(global) => {
                let global = self.instance(id).global(global);
                // SAFETY: (2) globals live as long as the store.
                unsafe { self.globals[global.index()].slot.read() }
            }
        }
    }
}

//! The caller of a host function: the heart of the embedding API.

use super::engine::Engine;
use super::externs::Extern;
use super::memory::Memory;
use super::module::ModuleExport;
use super::store::{AsContext, AsContextMut, StoreContext, StoreContextMut, assert_owned};
use crate::base::error::StoreError;
use crate::vm::store::{InstanceId, StoreCore};

/// What a host function learns of whoever called it, and its way to the store.
///
/// A host function takes it as its first parameter. It stands for the store wherever one is wanted,
/// so a host function can call the guest's functions, read and write its memory, and change its fuel.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// // Puts a text into memory that the guest's own allocator gives.
/// linker.func_wrap("host", "name", |mut caller: Caller<'_, String>| -> Result<u32> {
///     let alloc = caller.get_export("alloc").and_then(Extern::into_func);
///     let alloc = alloc.ok_or_else(|| format_err!("the mod has no `alloc`"))?;
///     let alloc = alloc.typed::<u32, u32>(&caller)?;
///     let name = caller.data().clone();
///     let at = alloc.call(&mut caller, name.len() as u32)?;
///     let memory = caller.memory().ok_or_else(|| format_err!("the mod has no memory"))?;
///     memory.write(&mut caller, at as usize, name.as_bytes())?;
///     Ok(at)
/// })?;
/// let module = Module::new(&engine, r#"(module
///     (import "host" "name" (func $name (result i32)))
///     (memory (export "memory") 1)
///     (global $free (mut i32) (i32.const 64))
///     (func (export "alloc") (param i32) (result i32)
///         (global.get $free)
///         (global.set $free (i32.add (global.get $free) (local.get 0))))
///     (func (export "first") (result i32) (i32.load8_u (call $name))))"#)?;
/// let mut store = Store::new(&engine, "meadow".to_string());
/// let instance = linker.instantiate(&mut store, &module)?;
/// let first = instance.get_typed_func::<(), u32>(&mut store, "first")?.call(&mut store, ())?;
/// assert_eq!(first, u32::from(b'm'));
/// # Ok(())
/// # }
/// ```
pub struct Caller<'a, T: 'static> {
    store: StoreContextMut<'a, T>,
    instance: Option<InstanceId>,
}

impl<'a, T: 'static> Caller<'a, T> {
    pub(super) fn new(core: &'a mut StoreCore, instance: Option<InstanceId>) -> Caller<'a, T> {
        Caller { store: StoreContextMut::new(core), instance }
    }

    /// What the calling instance exports under a name. `None` if it exports no such thing, or if the
    /// host itself called the function and there is no calling instance.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        let instance = self.instance?;
        let core = &*self.store.core;
        let module = core.module_of(instance);
        let entity = module.export(module.export_index(name)?);
        Some(Extern::from_item(core.id(), core.item(instance, entity)))
    }

    /// What the calling instance exports, without a look-up by name. `None` if it is an instance of
    /// another module, or if the host itself called the function.
    pub fn get_module_export(&mut self, export: &ModuleExport) -> Option<Extern> {
        let instance = self.instance?;
        let core = &*self.store.core;
        let module = core.module_of(instance);
        if !std::sync::Arc::ptr_eq(module, &export.module) {
            return None;
        }
        Some(Extern::from_item(core.id(), core.item(instance, module.export(export.index))))
    }

    /// The calling instance's first memory, exported or not, without a look-up by name.
    pub fn memory(&self) -> Option<Memory> {
        let core = &*self.store.core;
        Some(Memory::from_index(core.id(), core.default_memory(self.instance?)?))
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// The host's data, to be changed.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// The engine of the store.
    pub fn engine(&self) -> Engine {
        self.store.engine()
    }

    /// Runs `f` with the value of type `U` that is lent to the store right now, by
    /// [`Store::lend`](crate::Store::lend).
    ///
    /// # Errors
    /// [`StoreError::NotLent`].
    pub fn with_lent<U: Sync + 'static, R>(&self, f: impl FnOnce(&U) -> R) -> Result<R, StoreError> {
        self.store.core.with_lent(f)
    }

    /// Runs `f` with the lent value, all bytes of a memory, and the host's data, side by side.
    ///
    /// # Errors
    /// [`StoreError::NotLent`].
    ///
    /// # Panics
    /// The memory belongs to another store.
    pub fn with_lent_and_memory<U: Sync + 'static, R>(
        &mut self,
        memory: Memory,
        f: impl FnOnce(&U, &mut [u8], &mut T) -> R,
    ) -> Result<R, StoreError> {
        let core = &mut *self.store.core;
        assert_owned(core, memory.store);
        core.with_lent_and_memory(memory.index, |lent, bytes, data| f(lent, bytes, data.get_mut()))
    }
}

impl<T: 'static> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        self.store.as_context()
    }
}

impl<T: 'static> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.store.as_context_mut()
    }
}

impl<'a, T: 'static> From<Caller<'a, T>> for StoreContextMut<'a, T> {
    fn from(caller: Caller<'a, T>) -> StoreContextMut<'a, T> {
        caller.store
    }
}

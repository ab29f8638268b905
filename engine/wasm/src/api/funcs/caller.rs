//! The caller of a host function, through which the function reaches the guest, the store and the host's data.

use std::fmt;

use crate::api::instances::externs::Extern;
use crate::api::instances::instance::Instance;
use crate::api::instances::memory::Memory;
use crate::api::modules::engine::Engine;
use crate::api::modules::export_name::ExportName;
use crate::api::modules::module::{Module, ModuleExport};
use crate::api::stores::context::{AsContext, AsContextMut, StoreContext, StoreContextMut, assert_owned};
use crate::api::stores::fuel::fuel_methods;
use crate::api::stores::store::heap_methods;
use crate::base::error::StoreError;
use crate::vm::store::indices::StoreInstance;
use crate::vm::store::store_core::StoreCore;

/// What a host function knows about its caller, and its access to the store.
///
/// A host function takes it as its first parameter. It can be used wherever a store is expected, so a host function can call
/// the guest's functions, read and write its memory, and change its fuel.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// // Puts a text into memory from the guest's own allocator.
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
    instance: Option<StoreInstance>,
}

impl<'a, T: 'static> Caller<'a, T> {
    pub(super) fn new(core: &'a mut StoreCore, instance: Option<StoreInstance>) -> Caller<'a, T> {
        Caller { store: StoreContextMut::new(core), instance }
    }

    /// The export of the calling instance with this name. `None` if it has none, or if the host itself called the function
    /// and there is no calling instance.
    ///
    /// The caller is the instance whose code makes the call. A module that exports what it imported
    /// does not become the caller when others call that export. While a start function runs, all exports
    /// already exist.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let exports = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| {
    ///     ["memory", "run"].map(|name| caller.get_export(name).is_some() as i32).iter().sum::<i32>()
    /// });
    /// let module = Module::new(store.engine(), r#"(module
    ///     (import "" "" (func $exports (result i32)))
    ///     (func (export "run") (result i32) (call $exports)))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[exports.into()])?;
    /// let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    /// assert_eq!(run.call(&mut store, ())?, 1); // it has no memory
    /// assert_eq!(exports.typed::<(), i32>(&store)?.call(&mut store, ())?, 0); // there is no caller
    /// # anyhow::Ok(())
    /// ```
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        let core = &*self.store.core;
        Some(Extern::from_item(core.id(), core.export(self.instance?, name)?))
    }

    /// An export of the calling instance, without a look-up by name. `None` if the caller is an instance of another module,
    /// or if the host itself called the function.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module
    ///     (import "" "" (func $size (result i64)))
    ///     (memory (export "memory") 3)
    ///     (func (export "run") (result i64) (call $size)))"#)?;
    /// let memory = module.get_export_index("memory").expect("it is exported");
    /// let mut store = Store::new(&engine, ());
    /// let size = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| {
    ///     let memory = caller.get_module_export(&memory).and_then(Extern::into_memory);
    ///     memory.map_or(0, |memory| memory.size(&caller))
    /// });
    /// let instance = Instance::new(&mut store, &module, &[size.into()])?;
    /// assert_eq!(instance.get_typed_func::<(), u64>(&mut store, "run")?.call(&mut store, ())?, 3);
    /// # anyhow::Ok(())
    /// ```
    pub fn get_module_export(&mut self, export: &ModuleExport) -> Option<Extern> {
        let core = &*self.store.core;
        let item = export.find(core, self.instance?)?;
        Some(Extern::from_item(core.id(), item))
    }

    /// The export of the calling instance with a name that has a number. From the second time on, this costs an index,
    /// whichever module the instance is of: see [`ExportName`]. `None` as for [`Caller::get_export`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let alloc = engine.export_name("alloc");
    /// let mut linker = Linker::<()>::new(&engine);
    /// linker.func_wrap("host", "has_alloc", move |mut caller: Caller<'_, ()>| {
    ///     i32::from(caller.get_named_export(&alloc).is_some())
    /// })?;
    /// for (exports, has_alloc) in [(r#"(func (export "alloc"))"#, 1), ("", 0)] {
    ///     let module = Module::new(&engine, format!(r#"(module
    ///         (import "host" "has_alloc" (func $has_alloc (result i32)))
    ///         (func (export "run") (result i32) (call $has_alloc)) {exports})"#))?;
    ///     let mut store = Store::new(&engine, ());
    ///     let instance = linker.instantiate(&mut store, &module)?;
    ///     let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    ///     assert_eq!(run.call(&mut store, ())?, has_alloc);
    /// }
    /// # anyhow::Ok(())
    /// ```
    #[inline]
    pub fn get_named_export(&mut self, name: &ExportName) -> Option<Extern> {
        let core = &mut *self.store.core;
        let item = name.find(core, self.instance?)?;
        Some(Extern::from_item(core.id(), item))
    }

    /// The calling instance's first memory, exported or not, without a look-up by name. `None` if it
    /// has none, or if the host itself called the function.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let size = Func::wrap(&mut store, |caller: Caller<'_, ()>| {
    ///     caller.memory().map_or(0, |memory| memory.data_size(&caller) as u64)
    /// });
    /// assert_eq!(size.typed::<(), u64>(&store)?.call(&mut store, ())?, 0);
    /// # anyhow::Ok(())
    /// ```
    pub fn memory(&self) -> Option<Memory> {
        let core = &*self.store.core;
        Some(Memory::from_index(core.id(), core.default_memory(self.instance?)?))
    }

    /// All bytes of the calling instance's first memory and the host's data, side by side, without a
    /// look-up. `None` as for [`Caller::memory`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::default();
    /// let mut linker = Linker::new(&engine);
    /// linker.func_wrap("host", "log", |mut caller: Caller<'_, Vec<u8>>, at: u32, len: u32| -> Result<()> {
    ///     let (memory, log) = caller.memory_and_data().ok_or(Trap::MemoryOutOfBounds)?;
    ///     let text = memory.get(at as usize..).and_then(|rest| rest.get(..len as usize));
    ///     log.extend_from_slice(text.ok_or(Trap::MemoryOutOfBounds)?);
    ///     Ok(())
    /// })?;
    /// let module = Module::new(&engine, r#"(module
    ///     (import "host" "log" (func $log (param i32 i32)))
    ///     (memory 1)
    ///     (data (i32.const 0) "sheep")
    ///     (func $start (call $log (i32.const 0) (i32.const 5)))
    ///     (start $start))"#)?;
    /// let mut store = Store::new(&engine, Vec::new());
    /// linker.instantiate(&mut store, &module)?;
    /// assert_eq!(store.data(), b"sheep");
    /// # Ok(())
    /// # }
    /// ```
    pub fn memory_and_data(&mut self) -> Option<(&mut [u8], &mut T)> {
        let core = &mut *self.store.core;
        let memory = core.default_memory(self.instance?)?;
        let (bytes, data) = core.memory_and_data(memory);
        Some((bytes, data.get_mut()))
    }

    /// The calling instance; `None` if the host itself called the function. It identifies the
    /// caller: a guest cannot pretend to be another one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let mut linker = Linker::new(&engine);
    /// linker.func_wrap("host", "register", |mut caller: Caller<'_, Vec<Instance>>| {
    ///     let instance = caller.instance();
    ///     caller.data_mut().extend(instance);
    /// })?;
    /// let module = Module::new(&engine, r#"(module
    ///     (import "host" "register" (func $register))
    ///     (func (export "run") (call $register)))"#)?;
    /// let mut store = Store::new(&engine, Vec::new());
    /// let [first, second] = [(); 2].map(|()| linker.instantiate(&mut store, &module));
    /// let (first, second) = (first?, second?);
    /// for instance in [second, first] {
    ///     instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
    /// }
    /// assert_eq!(*store.data(), [second, first]);
    /// # anyhow::Ok(())
    /// ```
    pub fn instance(&self) -> Option<Instance> {
        Some(Instance::from_id(self.store.core.id(), self.instance?))
    }

    /// The calling instance's module; `None` if the host itself called the function.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let mut linker = Linker::new(&engine);
    /// linker.func_wrap("host", "register", |mut caller: Caller<'_, String>| {
    ///     let module = caller.module().and_then(|module| module.name().map(str::to_string));
    ///     *caller.data_mut() = module.unwrap_or_default();
    /// })?;
    /// let module = Module::new(&engine, r#"(module $wolves
    ///     (import "host" "register" (func $register))
    ///     (start $register))"#)?;
    /// let mut store = Store::new(&engine, String::new());
    /// linker.instantiate(&mut store, &module)?;
    /// assert_eq!(store.data(), "wolves");
    /// # anyhow::Ok(())
    /// ```
    pub fn module(&self) -> Option<&Module> {
        Some(self.store.core.module_of(self.instance?))
    }

    /// The host's data.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), 7);
    /// let get = Func::wrap(&mut store, |caller: Caller<'_, i32>| *caller.data());
    /// assert_eq!(get.typed::<(), i32>(&store)?.call(&mut store, ())?, 7);
    /// # anyhow::Ok(())
    /// ```
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// The host's data, mutably.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), 7);
    /// let add = Func::wrap(&mut store, |mut caller: Caller<'_, i32>, more: i32| *caller.data_mut() += more);
    /// add.typed::<i32, ()>(&store)?.call(&mut store, 3)?;
    /// assert_eq!(*store.data(), 10);
    /// # anyhow::Ok(())
    /// ```
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// The engine of the store.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// // A host function that loads more code while the guest runs.
    /// let mut store = Store::new(&Engine::default(), ());
    /// let load = Func::wrap(&mut store, |mut caller: Caller<'_, ()>| -> Result<i32> {
    ///     let text = r#"(module (func (export "seven") (result i32) (i32.const 7)))"#;
    ///     let module = Module::new(caller.engine(), text)?;
    ///     let instance = Instance::new(&mut caller, &module, &[])?;
    ///     instance.get_typed_func::<(), i32>(&mut caller, "seven")?.call(&mut caller, ())
    /// });
    /// assert_eq!(load.typed::<(), i32>(&store)?.call(&mut store, ())?, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }

    /// Runs `f` with the value of type `U` that is lent to the store now. [`Store::lend`](crate::Store::lend) lends
    /// it, and has an example.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let mut store = Store::new(&Engine::default(), ());
    /// let height = Func::wrap(&mut store, |caller: Caller<'_, ()>, x: u32| -> Result<u32> {
    ///     let height = caller.with_lent(|heights: &[u32; 3]| heights.get(x as usize).copied())?;
    ///     height.ok_or_else(|| format_err!("the world ends before {x}"))
    /// });
    /// let height = height.typed::<u32, u32>(&store)?;
    /// assert_eq!(store.lend(&[3_u32, 5, 4], |mut store| height.call(&mut store, 1))?, 5);
    /// // A number is lent now, but no heights.
    /// let error = store.lend(&3_u32, |mut store| height.call(&mut store, 1)).unwrap_err();
    /// assert_eq!(error.downcast_ref(), Some(&StoreError::NotLent));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`StoreError::NotLent`].
    pub fn with_lent<U: Sync + 'static, R>(&self, f: impl FnOnce(&U) -> R) -> Result<R, StoreError> {
        self.store.core.with_lent(f)
    }

    /// Runs `f` with the lent value, all bytes of a memory, and the host's data, side by side.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # fn main() -> Result<()> {
    /// let engine = Engine::default();
    /// let mut linker = Linker::new(&engine);
    /// linker.func_wrap("world", "read", |mut caller: Caller<'_, u32>| -> Result<()> {
    ///     let memory = caller.memory().ok_or(Trap::MemoryOutOfBounds)?;
    ///     Ok(caller.with_lent_and_memory(memory, |world: &[u8; 4], bytes, reads| {
    ///         bytes[..4].copy_from_slice(world);
    ///         *reads += 1;
    ///     })?)
    /// })?;
    /// let module = Module::new(&engine, r#"(module
    ///     (import "world" "read" (func $read))
    ///     (memory 1)
    ///     (func (export "third") (result i32) (call $read) (i32.load8_u (i32.const 2))))"#)?;
    /// let mut store = Store::new(&engine, 0);
    /// let third = linker.instantiate(&mut store, &module)?.get_typed_func::<(), u32>(&mut store, "third")?;
    /// assert_eq!(store.lend(&[1_u8, 2, 3, 4], |mut store| third.call(&mut store, ()))?, 3);
    /// assert_eq!(*store.data(), 1);
    /// # Ok(())
    /// # }
    /// ```
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

fuel_methods!(Caller<'_, T>);
heap_methods!(Caller<'_, T>);

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

impl<'a, T: 'static> From<Caller<'a, T>> for StoreContext<'a, T> {
    fn from(caller: Caller<'a, T>) -> StoreContext<'a, T> {
        caller.store.into()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Caller<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (instance, data) = (self.instance(), self.data());
        f.debug_struct("Caller").field("instance", &instance).field("data", data).finish_non_exhaustive()
    }
}

//! Modules whose imports were looked up and checked, ready to be instantiated many times.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::definition::Definition;
use crate::api::instances::instance::Instance;
use crate::api::modules::module::Module;
use crate::api::stores::context::AsContextMut;
use crate::vm::store::indices::Item;
use crate::vm::store::store_core::StoreCore;

/// A module with its imports, made by [`Linker::instantiate_pre`](crate::Linker::instantiate_pre).
///
/// Instantiating it looks up no name and checks no type. It is cheap to clone, and can be used in every store of the engine,
/// unless one of the imports belongs to a store.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("game", "seed", |caller: Caller<'_, u32>| *caller.data())?;
/// let module = Module::new(&engine, r#"(module
///     (import "game" "seed" (func $seed (result i32)))
///     (func (export "run") (result i32) (i32.mul (call $seed) (i32.const 2))))"#)?;
/// let ready = linker.instantiate_pre(&module)?;
/// for seed in 0..3 {
///     let mut store = Store::new(&engine, seed);
///     let instance = ready.instantiate(&mut store)?;
///     let run = instance.get_typed_func::<(), u32>(&mut store, "run")?;
///     assert_eq!(run.call(&mut store, ())?, seed * 2);
/// }
/// # anyhow::Ok(())
/// ```
pub struct InstancePre<T: 'static> {
    module: Module,
    imports: Arc<[Definition]>,
    data: PhantomData<fn() -> T>,
}

impl<T: 'static> Clone for InstancePre<T> {
    fn clone(&self) -> InstancePre<T> {
        InstancePre { module: self.module.clone(), imports: self.imports.clone(), data: PhantomData }
    }
}

impl<T: 'static> InstancePre<T> {
    pub(super) fn new(module: &Module, imports: Vec<&Definition>) -> InstancePre<T> {
        let imports = imports.into_iter().cloned().collect();
        InstancePre { module: module.clone(), imports, data: PhantomData }
    }

    /// The module.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let linker = Linker::<()>::default();
    /// let ready = linker.instantiate_pre(&Module::new(linker.engine(), "(module $wolves)")?)?;
    /// assert_eq!(ready.module().name(), Some("wolves"));
    /// # anyhow::Ok(())
    /// ```
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Instantiates the module, and runs its start function.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module (memory 1) (data (i32.const 0x10000) "beyond"))"#)?;
    /// let ready = Linker::<()>::new(&engine).instantiate_pre(&module)?;
    /// // An error of the instance itself is found only now.
    /// let error = ready.instantiate(&mut Store::new(&engine, ())).unwrap_err();
    /// assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
    /// // A store of another engine cannot be used with these imports.
    /// assert!(ready.instantiate(&mut Store::default()).is_err());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// A segment is out of bounds; the start function fails, as calls do; the store's limits or the operating system
    /// refuse; or the store belongs to another engine, or is not the one to which an import belongs.
    ///
    /// # Panics
    /// A host function that the start function calls panicked.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> anyhow::Result<Instance> {
        let core = store.as_context_mut().core;
        instantiate(core, &self.module, &self.imports)?.started(core)
    }

    /// As [`InstancePre::instantiate`], but the start function runs as a future: see
    /// [`TypedFunc::call_async`](crate::TypedFunc::call_async).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::pin::pin;
    /// # use std::task::{Context, Poll, Waker};
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module (func $start) (start $start))"#)?;
    /// let ready = Linker::<()>::new(&engine).instantiate_pre(&module)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = pin!(ready.instantiate_async(&mut store));
    /// assert!(matches!(instance.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_))));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// As for [`InstancePre::instantiate`].
    ///
    /// # Panics
    /// A host function that the start function calls panicked.
    pub async fn instantiate_async(&self, mut store: impl AsContextMut<Data = T>) -> anyhow::Result<Instance>
    where
        T: Send,
    {
        let core = store.as_context_mut().core;
        instantiate(core, &self.module, &self.imports)?.started_async(core).await
    }
}

impl<T: 'static> fmt::Debug for InstancePre<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstancePre").field("module", &self.module).finish_non_exhaustive()
    }
}

/// Instantiates the module with imports whose types were checked, without running the start function.
pub(super) fn instantiate(
    core: &mut StoreCore,
    module: &Module,
    imports: &[impl std::borrow::Borrow<Definition>],
) -> anyhow::Result<Instance> {
    let items: anyhow::Result<Vec<Item>> = imports.iter().map(|import| import.borrow().item(core)).collect();
    Instance::with_checked_imports(core, module, &items?)
}

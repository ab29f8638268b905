//! Instances of modules.

use anyhow::Context as _;

use super::externs::{Export, Extern};
use super::global::Global;
use super::item_types::check_import;
use super::memory::Memory;
use super::table::Table;
use crate::api::funcs::func::Func;
use crate::api::funcs::typed::TypedFunc;
use crate::api::modules::engine::Engine;
use crate::api::modules::export_name::ExportName;
use crate::api::modules::module::{Module, ModuleExport};
use crate::api::stores::context::{AsContextMut, StoreContext, assert_owned, owned_by};
use crate::api::values::wasm_ty::{WasmParams, WasmResults};
use crate::base::error::LinkError;
use crate::vm::store::indices::{Item, StoreId, StoreInstance};
use crate::vm::store::store_core::StoreCore;

/// An instance of a module in a store.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (memory (export "memory") 1)
///     (table (export "table") 2 funcref)
///     (global (export "answer") i32 (i32.const 42))
///     (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// assert!(instance.get_memory(&mut store, "memory").is_some_and(|memory| memory.size(&store) == 1));
/// assert!(instance.get_table(&mut store, "table").is_some_and(|table| table.size(&store) == 2));
/// let answer = instance.get_global(&mut store, "answer").expect("it is exported");
/// assert_eq!(answer.get(&mut store).i32(), Some(42));
/// assert!(instance.get_func(&mut store, "answer").is_none()); // it is a global
/// let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
/// assert_eq!(add.call(&mut store, (40, 2))?, 42);
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    store: StoreId,
    id: StoreInstance,
}

impl Instance {
    pub(in crate::api) fn from_id(store: StoreId, id: StoreInstance) -> Instance {
        Instance { store, id }
    }

    /// Instantiates a module with imports in the order of [`Module::imports`], and runs its start
    /// function. [`Linker::instantiate`](crate::Linker::instantiate) finds imports by name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (import "host" "seven" (func $seven (result i32)))
    ///     (func (export "run") (result i32) (call $seven)))"#)?;
    /// let seven = Func::wrap(&mut store, || 7);
    /// let instance = Instance::new(&mut store, &module, &[seven.into()])?;
    /// assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?, 7);
    /// assert!(Instance::new(&mut store, &module, &[]).is_err());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// An import is missing, of the wrong type or of another store; a segment is out of bounds; the start function
    /// fails, as calls do; the store's limits or the operating system refuse; or the module was compiled with another
    /// engine.
    ///
    /// # Panics
    /// A host function that the start function calls panicked.
    pub fn new(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> anyhow::Result<Instance> {
        let core = store.as_context_mut().core;
        let items = checked(core, module, imports)?;
        Instance::with_checked_imports(core, module, &items)?.started(core)
    }

    /// As [`Instance::new`], but the start function runs as a future: see [`TypedFunc::call_async`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::pin::pin;
    /// # use std::task::{Context, Poll, Waker};
    /// let mut store = Store::new(&Engine::new(Config::new().consume_fuel(true))?, ());
    /// let module = Module::new(store.engine(), r#"(module (func $spin (loop (br 0))) (start $spin))"#)?;
    /// store.set_fuel(10_000)?;
    /// store.fuel_async_yield_interval(Some(100))?;
    /// let mut pending = 0;
    /// let mut instance = pin!(Instance::new_async(&mut store, &module, &[]));
    /// let error = loop {
    ///     match instance.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
    ///         Poll::Pending => pending += 1,
    ///         Poll::Ready(result) => break result.unwrap_err(),
    ///     }
    /// };
    /// assert_eq!((pending, error.downcast_ref()), (99, Some(&Trap::OutOfFuel)));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// As for [`Instance::new`].
    ///
    /// # Panics
    /// A host function that the start function calls panicked.
    pub async fn new_async(
        mut store: impl AsContextMut<Data: Send>,
        module: &Module,
        imports: &[Extern],
    ) -> anyhow::Result<Instance> {
        let core = store.as_context_mut().core;
        let items = checked(core, module, imports)?;
        Instance::with_checked_imports(core, module, &items)?.started_async(core).await
    }

    /// Instantiates a module with imports of this store whose types were checked, without running the start function.
    pub(in crate::api) fn with_checked_imports(
        core: &mut StoreCore,
        module: &Module,
        imports: &[Item],
    ) -> anyhow::Result<Instance> {
        anyhow::ensure!(
            Engine::same(module.engine(), &core.engine),
            "the module was compiled with another engine than the store's"
        );
        Ok(Instance { store: core.id(), id: core.instantiate(module, imports)? })
    }

    pub(in crate::api) fn started(self, core: &mut StoreCore) -> anyhow::Result<Instance> {
        core.start(self.id)?;
        Ok(self)
    }

    pub(in crate::api) async fn started_async(self, core: &mut StoreCore) -> anyhow::Result<Instance> {
        core.start_async(self.id).await?;
        Ok(self)
    }

    /// The instance's module.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), "(module)")?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// assert!(Module::same(instance.module(&store), &module));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn module<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a Module {
        let store = store.into();
        assert_owned(store.core, self.store);
        store.core.module_of(self.id)
    }

    /// All exports, in the module's order. The store is borrowed as long as their names are used; a shared borrow is enough, so
    /// [`Export::ty`] can be called meanwhile.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (func (export "b")) (func (export "a")))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let names: Vec<_> = instance.exports(&mut store).map(|export| export.name()).collect();
    /// assert_eq!(names, ["b", "a"]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn exports<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> {
        let store = store.into().core;
        assert_owned(store, self.store);
        let id = self.id;
        let exports = &store.module_of(id).core.info.exports;
        exports.iter().map(move |export| {
            Export::new(&export.name, Extern::from_item(store.id(), store.item(id, export.entity)))
        })
    }

    /// The export with this name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (memory (export "memory") 2))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// match instance.get_export(&mut store, "memory") {
    ///     Some(Extern::Memory(memory)) => assert_eq!(memory.size(&store), 2),
    ///     other => panic!("a memory is exported, not {other:?}"),
    /// }
    /// assert!(instance.get_export(&mut store, "Memory").is_none());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn get_export(&self, mut store: impl AsContextMut, name: &str) -> Option<Extern> {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        Some(Extern::from_item(core.id(), core.export(self.id, name)?))
    }

    /// The export that [`Module::get_export_index`] has found. `None` if the instance is of another module.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (func (export "run")))"#)?;
    /// let run = module.get_export_index("run").expect("it is exported");
    /// for _ in 0..3 {
    ///     let instance = Instance::new(&mut store, &module, &[])?;
    ///     assert!(instance.get_module_export(&mut store, &run).is_some());
    /// }
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn get_module_export(&self, mut store: impl AsContextMut, export: &ModuleExport) -> Option<Extern> {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        let item = export.find(core, self.id)?;
        Some(Extern::from_item(core.id(), item))
    }

    /// The export with a name that has a number, which costs an index from the second time on. See [`ExportName`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let tick = engine.export_name("tick");
    /// let module = Module::new(&engine, r#"(module (func (export "tick")))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// assert!(instance.get_named_export(&mut store, &tick).and_then(Extern::into_func).is_some());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    #[inline]
    pub fn get_named_export(&self, mut store: impl AsContextMut, name: &ExportName) -> Option<Extern> {
        let core = store.as_context_mut().core;
        assert_owned(core, self.store);
        let item = name.find(core, self.id)?;
        Some(Extern::from_item(core.id(), item))
    }

    /// The exported function with this name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (func (export "swap") (param i32 i32) (result i32 i32) (local.get 1) (local.get 0)))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let swap = instance.get_func(&mut store, "swap").ok_or_else(|| format_err!("`swap` is wanted"))?;
    /// let mut results = [Val::I32(0); 2];
    /// swap.call(&mut store, &[Val::I32(1), Val::I32(2)], &mut results)?;
    /// assert_eq!(results.map(|result| result.i32()), [Some(2), Some(1)]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn get_func(&self, store: impl AsContextMut, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// The exported function with this name, with its type checked.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (func (export "length") (param f64 f64) (result f64)
    ///         (f64.sqrt (f64.add
    ///             (f64.mul (local.get 0) (local.get 0))
    ///             (f64.mul (local.get 1) (local.get 1))))))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let length = instance.get_typed_func::<(f64, f64), f64>(&mut store, "length")?;
    /// assert_eq!(length.call(&mut store, (3.0, 4.0))?, 5.0);
    /// let wrong = instance.get_typed_func::<f64, f64>(&mut store, "length").err();
    /// assert!(wrong.is_some_and(|error| error.is::<TypeMismatch>()));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// There is no such function, or its type does not match.
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn get_typed_func<Params: WasmParams, Results: WasmResults>(
        &self,
        mut store: impl AsContextMut,
        name: &str,
    ) -> anyhow::Result<TypedFunc<Params, Results>> {
        let func = self.get_func(&mut store, name);
        let func = func.with_context(|| format!("failed to find function export `{name}`"))?;
        func.typed(&store).with_context(|| format!("failed to convert function `{name}` to given type"))
    }

    /// The exported memory with this name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (memory (export "memory") 1) (data (i32.const 16) "hay"))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| format_err!("it has no memory"))?;
    /// assert_eq!(&memory.data(&store)[16..19], b"hay");
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn get_memory(&self, store: impl AsContextMut, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// The exported table with this name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (table (export "handlers") 1 funcref)
    ///     (func $seven (result i32) (i32.const 7))
    ///     (elem (i32.const 0) $seven))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let table = instance.get_table(&mut store, "handlers").ok_or_else(|| format_err!("it has no table"))?;
    /// let first = table.get(&mut store, 0).ok_or_else(|| format_err!("the table is empty"))?;
    /// let seven = first.unwrap_func().ok_or_else(|| format_err!("the element is null"))?;
    /// assert_eq!(seven.typed::<(), i32>(&store)?.call(&mut store, ())?, 7);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn get_table(&self, store: impl AsContextMut, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// The exported global with this name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module
    ///     (global $score (export "score") (mut i32) (i32.const 1))
    ///     (func (export "double") (global.set $score (i32.mul (global.get $score) (i32.const 2)))))"#)?;
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let score = instance.get_global(&mut store, "score").ok_or_else(|| format_err!("it has no score"))?;
    /// score.set(&mut store, Val::I32(21))?;
    /// instance.get_typed_func::<(), ()>(&mut store, "double")?.call(&mut store, ())?;
    /// assert_eq!(score.get(&mut store).i32(), Some(42));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn get_global(&self, store: impl AsContextMut, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }
}

/// Imports in the module's order, checked against its declarations.
fn checked(core: &StoreCore, module: &Module, imports: &[Extern]) -> anyhow::Result<Vec<Item>> {
    if imports.len() != module.imports().len() {
        let problem =
            format!("the module has {} imports, {} are given", module.imports().len(), imports.len());
        return Err(LinkError::new(vec![problem]).into());
    }
    let mut problems = Vec::new();
    let mut items = Vec::new();
    for (wanted, import) in module.imports().zip(imports) {
        let (owner, item) = import.to_item();
        owned_by(core, owner)?;
        problems.extend(check_import(core, &wanted, item).err());
        items.push(item);
    }
    if problems.is_empty() { Ok(items) } else { Err(LinkError::new(problems).into()) }
}

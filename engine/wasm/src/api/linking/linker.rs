//! Linkers, which find imports by name, and define host functions once for all stores.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::definition::Definition;
use crate::api::funcs::async_func;
use crate::api::funcs::caller::Caller;
use crate::api::funcs::host_func::{self, IntoFunc, WasmRet};
use crate::api::instances::externs::Extern;
use crate::api::instances::instance::Instance;
use crate::api::modules::engine::Engine;
use crate::api::stores::context::{AsContext, AsContextMut};
use crate::api::values::val::Val;
use crate::api::values::wasm_ty::WasmTyList;
use crate::base::error::LinkError;
use crate::base::types::FuncType;

/// Definitions under pairs of names, from which the imports of modules are taken.
///
/// Host functions defined here are usable in every store of the engine. What belongs to a store
/// ([`Linker::define`]) ties the linker to that store.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "double", |x: i32| x * 2)?;
/// let module = Module::new(&engine, r#"(module
///     (import "host" "double" (func $double (param i32) (result i32)))
///     (func (export "run") (result i32) (call $double (i32.const 21))))"#)?;
/// for _ in 0..2 {
///     let mut store = Store::new(&engine, ());
///     let instance = linker.instantiate(&mut store, &module)?;
///     assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?, 42);
/// }
/// # anyhow::Ok(())
/// ```
pub struct Linker<T: 'static> {
    engine: Engine,
    names: Names,
    /// In the order in which names were first used, which is the order of `iter`.
    pub(super) definitions: BTreeMap<Key, Definition>,
    allow_shadowing: bool,
    pub(super) allow_unknown_exports: bool,
    data: PhantomData<fn() -> T>,
}

/// A pair of names, or a single one, by their places among the linker's names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    module: usize,
    name: Option<usize>,
}

/// The names, each once.
#[derive(Clone, Default)]
struct Names {
    places: HashMap<Arc<str>, usize>,
    names: Vec<Arc<str>>,
}

impl<T: 'static> Clone for Linker<T> {
    fn clone(&self) -> Linker<T> {
        let (engine, names, definitions) =
            (self.engine.clone(), self.names.clone(), self.definitions.clone());
        let Linker { allow_shadowing, allow_unknown_exports, data, .. } = *self;
        Linker { engine, names, definitions, allow_shadowing, allow_unknown_exports, data }
    }
}

impl<T: 'static> Default for Linker<T> {
    /// A linker of an engine with the default settings.
    ///
    /// # Panics
    /// Code cannot be generated for this machine.
    fn default() -> Linker<T> {
        Linker::new(&Engine::default())
    }
}

impl<T: 'static> Linker<T> {
    /// A linker without definitions.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// assert!(Engine::same(Linker::<()>::new(&engine).engine(), &engine));
    /// ```
    pub fn new(engine: &Engine) -> Linker<T> {
        Linker {
            engine: engine.clone(),
            names: Names::default(),
            definitions: BTreeMap::new(),
            allow_shadowing: false,
            allow_unknown_exports: false,
            data: PhantomData,
        }
    }

    /// The engine of the linker.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let linker = Linker::<()>::default();
    /// let module = Module::new(linker.engine(), "(module)")?;
    /// linker.instantiate(&mut Store::new(linker.engine(), ()), &module)?;
    /// # anyhow::Ok(())
    /// ```
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined again; if so, the last definition counts. By default it may not.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// linker.func_wrap("host", "f", || 1)?;
    /// assert!(linker.func_wrap("host", "f", || 2).is_err());
    /// linker.allow_shadowing(true).func_wrap("host", "f", || 2)?;
    /// # anyhow::Ok(())
    /// ```
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Linker<T> {
        self.allow_shadowing = allow;
        self
    }

    /// Whether [`Linker::module`] accepts commands that export more than functions. By default it does not.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// let mut store = Store::new(linker.engine(), ());
    /// let module = Module::new(linker.engine(), r#"(module
    ///     (func (export "_start"))
    ///     (global (export "more") i32 (i32.const 1)))"#)?;
    /// assert!(linker.module(&mut store, "a", &module).is_err());
    /// linker.allow_unknown_exports(true).module(&mut store, "b", &module)?;
    /// # anyhow::Ok(())
    /// ```
    pub fn allow_unknown_exports(&mut self, allow: bool) -> &mut Linker<T> {
        self.allow_unknown_exports = allow;
        self
    }

    /// Defines an item of a store.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// let mut store = Store::new(linker.engine(), ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// linker.define(&store, "host", "memory", memory)?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The name is defined already, or the item belongs to another store.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> anyhow::Result<&mut Linker<T>> {
        let definition = Definition::of_store(store.as_context().core, item.into())?;
        self.insert(module, Some(name), definition)
    }

    /// Defines an item of a store under a single name. Imports have two names, so only [`Linker::iter`] shows it, with an
    /// empty second name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// let mut store = Store::new(linker.engine(), ());
    /// let func = Func::wrap(&mut store, || ());
    /// linker.define_name(&store, "run", func)?;
    /// assert!(linker.iter(&mut store).all(|(module, name, _)| (module, name) == ("run", "")));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The name is defined already, or the item belongs to another store.
    pub fn define_name(
        &mut self,
        store: impl AsContext<Data = T>,
        name: &str,
        item: impl Into<Extern>,
    ) -> anyhow::Result<&mut Linker<T>> {
        let definition = Definition::of_store(store.as_context().core, item.into())?;
        self.insert(name, None, definition)
    }

    /// Defines a host function from a closure: see [`Func::wrap`](crate::Func::wrap).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<u64>::default();
    /// linker
    ///     .func_wrap("host", "add", |a: i32, b: i32| a + b)?
    ///     .func_wrap("host", "count", |mut caller: Caller<'_, u64>| *caller.data_mut() += 1)?
    ///     .func_wrap("host", "fail", || -> Result<()> { bail!("as it is meant to") })?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The name is defined already.
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Results>,
    ) -> anyhow::Result<&mut Linker<T>> {
        self.insert(module, Some(name), Definition::HostFunc(Arc::new(func.into_host_func().0)))
    }

    /// Defines a host function that may wait, from a closure that returns a future: see
    /// [`Func::wrap_async`](crate::Func::wrap_async).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<u64>::default();
    /// linker.func_wrap_async("host", "load", |mut caller: Caller<'_, u64>, (asset,): (u32,)| {
    ///     Box::new(async move {
    ///         let bytes: Vec<u8> = async { vec![0; asset as usize] }.await;
    ///         *caller.data_mut() += bytes.len() as u64;
    ///     })
    /// })?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The name is defined already.
    pub fn func_wrap_async<F, Params: WasmTyList, Args: WasmRet>(
        &mut self,
        module: &str,
        name: &str,
        func: F,
    ) -> anyhow::Result<&mut Linker<T>>
    where
        F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Args> + Send + 'a>
            + Send
            + Sync
            + 'static,
        T: Send + 'static,
    {
        self.insert(module, Some(name), Definition::HostFunc(Arc::new(async_func::typed(func))))
    }

    /// Defines a host function that may wait and whose type is known at run time only.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// let ty = FuncType::new(linker.engine(), [ValType::I32], [ValType::I32]);
    /// linker.func_new_async("host", "echo", ty, |_caller, params, results| {
    ///     Box::new(async move {
    ///         results[0] = std::future::ready(params[0]).await;
    ///         Ok(())
    ///     })
    /// })?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The name is defined already, or the type has more than 1,000 parameters or results.
    pub fn func_new_async<F>(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: F,
    ) -> anyhow::Result<&mut Linker<T>>
    where
        F: for<'a> Fn(
                Caller<'a, T>,
                &'a [Val],
                &'a mut [Val],
            ) -> Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>
            + Send
            + Sync
            + 'static,
        T: Send + 'static,
    {
        ty.check_size()?;
        self.insert(module, Some(name), Definition::HostFunc(Arc::new(async_func::dynamic(ty, func))))
    }

    /// Defines a host function whose type is known at run time only.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// let ty = FuncType::new(linker.engine(), [ValType::I32], [ValType::I64]);
    /// linker.func_new("host", "widen", ty, |_caller, params, results| {
    ///     results[0] = Val::I64(params[0].i32().map_or(0, i64::from));
    ///     Ok(())
    /// })?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The name is defined already, or the type has more than 1,000 parameters or results.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> anyhow::Result<()> + Send + Sync + 'static,
    ) -> anyhow::Result<&mut Linker<T>> {
        ty.check_size()?;
        self.insert(module, Some(name), Definition::HostFunc(Arc::new(host_func::dynamic(ty, func))))
    }

    /// Defines all exports of an instance under a module's name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// let mut store = Store::new(linker.engine(), ());
    /// let seven = Module::new(linker.engine(), r#"(module (func (export "seven") (result i32) (i32.const 7)))"#)?;
    /// let seven = linker.instantiate(&mut store, &seven)?;
    /// linker.instance(&mut store, "numbers", seven)?;
    /// let user = Module::new(linker.engine(), r#"(module (import "numbers" "seven" (func (result i32))))"#)?;
    /// linker.instantiate(&mut store, &user)?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// One of the names is defined already.
    ///
    /// # Panics
    /// The instance belongs to another store.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        instance: Instance,
    ) -> anyhow::Result<&mut Linker<T>> {
        let mut store = store.as_context_mut();
        let exports: Vec<_> = instance
            .exports(&mut store)
            .map(|export| (export.name().to_string(), export.into_extern()))
            .collect();
        for (name, item) in exports {
            self.insert(module, Some(&name), Definition::of_store(store.core, item)?)?;
        }
        Ok(self)
    }

    /// Defines one item under another pair of names too.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// linker.func_wrap("host", "f", || 1)?;
    /// linker.alias("host", "f", "env", "f")?;
    /// assert!(linker.alias("host", "g", "env", "g").is_err());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// There is no such item, or the new name is defined already.
    pub fn alias(
        &mut self,
        module: &str,
        name: &str,
        as_module: &str,
        as_name: &str,
    ) -> anyhow::Result<&mut Linker<T>> {
        let definition = self.definition(module, name).cloned();
        let definition = definition
            .ok_or_else(|| anyhow::anyhow!("no item named `{module}::{name}` is defined in this linker"))?;
        self.insert(as_module, Some(as_name), definition)
    }

    /// Defines everything that is under one module's name under another one too.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// linker.func_wrap("host", "f", || 1)?.alias_module("host", "env")?;
    /// let mut store = Store::new(linker.engine(), ());
    /// assert!(linker.get(&mut store, "env", "f").is_some());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// One of the new names is defined already.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> anyhow::Result<()> {
        let Some(place) = self.names.find(module) else { return Ok(()) };
        let all = Key { module: place, name: None }..Key { module: place + 1, name: None };
        let found: Vec<_> = self.definitions.range(all).map(|(key, item)| (key.name, item.clone())).collect();
        for (name, definition) in found {
            let name = name.map(|name| self.names.names[name].clone());
            self.insert(as_module, name.as_deref(), definition)?;
        }
        Ok(())
    }

    pub(super) fn definition(&self, module: &str, name: &str) -> Option<&Definition> {
        let key = Key { module: self.names.find(module)?, name: Some(self.names.find(name)?) };
        self.definitions.get(&key)
    }

    pub(super) fn insert(
        &mut self,
        module: &str,
        name: Option<&str>,
        definition: Definition,
    ) -> anyhow::Result<&mut Linker<T>> {
        let key = Key { module: self.names.place(module), name: name.map(|name| self.names.place(name)) };
        if !self.allow_shadowing && self.definitions.contains_key(&key) {
            let name = name.map(|name| format!("::{name}")).unwrap_or_default();
            let problem = format!("import of `{module}{name}` defined twice");
            return Err(LinkError::new(vec![problem]).into());
        }
        self.definitions.insert(key, definition);
        Ok(self)
    }

    pub(super) fn names_of(&self, key: &Key) -> (&str, &str) {
        (&self.names.names[key.module], key.name.map_or("", |name| &self.names.names[name]))
    }
}

impl<T: 'static> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.definitions.keys().map(|key| self.names_of(key)).collect();
        f.debug_struct("Linker").field("definitions", &names).finish_non_exhaustive()
    }
}

impl Names {
    fn find(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    fn place(&mut self, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| {
            let name: Arc<str> = name.into();
            self.names.push(name.clone());
            self.places.insert(name, self.names.len() - 1);
            self.names.len() - 1
        })
    }
}

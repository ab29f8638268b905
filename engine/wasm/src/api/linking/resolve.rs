//! Finding definitions by name, and instantiating modules with them.

use super::definition::Definition;
use super::instance_pre::{self, InstancePre};
use super::linker::Linker;
use crate::api::funcs::caller::Caller;
use crate::api::funcs::func::Func;
use crate::api::instances::externs::Extern;
use crate::api::instances::instance::Instance;
use crate::api::modules::declarations::ImportType;
use crate::api::modules::engine::Engine;
use crate::api::modules::module::Module;
use crate::api::stores::context::AsContextMut;
use crate::api::values::val::Val;
use crate::base::error::{LinkError, UnknownImportError};
use crate::base::types::ExternType;
use crate::vm::store::store_core::StoreCore;

impl<T: 'static> Linker<T> {
    /// Defines each function that a module imports and that is not defined: calling it fails with
    /// [`UnknownImportError`].
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// let module = Module::new(linker.engine(), r#"(module
    ///     (import "game" "later" (func $later))
    ///     (func (export "run") (call $later)))"#)?;
    /// linker.define_unknown_imports_as_traps(&module)?;
    /// let mut store = Store::new(linker.engine(), ());
    /// let instance = linker.instantiate(&mut store, &module)?;
    /// let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    /// let error = run.call(&mut store, ()).expect_err("it calls what is not there");
    /// assert_eq!(error.downcast_ref::<UnknownImportError>().map(|it| it.name()), Some("later"));
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Never, so far: other imports that are missing are named when the module is instantiated.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> anyhow::Result<()> {
        for import in module.imports() {
            if let (Err(unknown), ExternType::Func(ty)) = (self.find(&import), import.ty()) {
                let fail = move |_: Caller<'_, T>, _: &[Val], _: &mut [Val]| Err(unknown.clone().into());
                self.func_new(import.module(), import.name(), ty, fail)?;
            }
        }
        Ok(())
    }

    /// Defines each import of a module that is not defined as the default value of its type: functions that return zeros
    /// and nulls, memories and tables of the minimum size, globals that are zero or null.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// let mut store = Store::new(linker.engine(), ());
    /// let module = Module::new(linker.engine(), r#"(module
    ///     (import "game" "later" (func $later (result i32)))
    ///     (import "game" "memory" (memory 1))
    ///     (func (export "run") (result i32) (call $later)))"#)?;
    /// linker.define_unknown_imports_as_default_values(&mut store, &module)?;
    /// let instance = linker.instantiate(&mut store, &module)?;
    /// assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?, 0);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// A type has no default value, or the store's limits forbid it.
    pub fn define_unknown_imports_as_default_values(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> anyhow::Result<()> {
        for import in module.imports() {
            if let Err(unknown) = self.find(&import) {
                let item = unknown.ty().default_value(&mut store)?;
                self.define(&store, import.module(), import.name(), item)?;
            }
        }
        Ok(())
    }

    /// The item that is defined under a pair of names.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// linker.func_wrap("host", "seven", || 7)?;
    /// let mut store = Store::new(linker.engine(), ());
    /// let seven = linker.get(&mut store, "host", "seven").and_then(Extern::into_func).expect("a function");
    /// assert_eq!(seven.typed::<(), i32>(&store)?.call(&mut store, ())?, 7);
    /// assert!(linker.get(&mut store, "host", "eight").is_none());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The operating system refuses the memory for a host function's trampolines.
    pub fn get(&self, mut store: impl AsContextMut<Data = T>, module: &str, name: &str) -> Option<Extern> {
        Some(self.definition(module, name)?.to_extern(store.as_context_mut().core))
    }

    /// The type that the item under these names had when it was defined. Unlike in wasmtime, no store is needed.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// linker.func_wrap("game", "height_at", |x: f32| x / 2.0)?;
    /// let ty = linker.definition_type("game", "height_at").expect("it is defined above");
    /// assert_eq!(ty.unwrap_func().to_string(), "(f32) -> (f32)");
    /// assert!(linker.definition_type("game", "depth_at").is_none());
    /// # anyhow::Ok(())
    /// ```
    pub fn definition_type(&self, module: &str, name: &str) -> Option<ExternType> {
        Some(self.definition(module, name)?.ty())
    }

    /// The item that is defined under the names of an import. Its type may be another one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// linker.func_wrap("host", "f", || ())?;
    /// let module = Module::new(linker.engine(), r#"(module (import "host" "f" (func)))"#)?;
    /// let mut store = Store::new(linker.engine(), ());
    /// let import = module.imports().next().expect("there is one");
    /// assert!(linker.get_by_import(&mut store, &import).is_some());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The operating system refuses the memory for a host function's trampolines.
    pub fn get_by_import(
        &self,
        store: impl AsContextMut<Data = T>,
        import: &ImportType<'_>,
    ) -> Option<Extern> {
        self.get(store, import.module(), import.name())
    }

    /// A module's function with an empty name, or `_start`; if neither is defined, a function that does nothing.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<Vec<i32>>::default();
    /// linker.func_wrap("job", "_start", |mut caller: Caller<'_, Vec<i32>>| caller.data_mut().push(1))?;
    /// let mut store = Store::new(linker.engine(), Vec::new());
    /// for module in ["job", "nothing"] {
    ///     let start = linker.get_default(&mut store, module)?;
    ///     start.typed::<(), ()>(&store)?.call(&mut store, ())?;
    /// }
    /// assert_eq!(store.data(), &[1]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The item is not a function.
    ///
    /// # Panics
    /// The operating system refuses the memory for a host function's trampolines.
    pub fn get_default(&self, mut store: impl AsContextMut<Data = T>, module: &str) -> anyhow::Result<Func> {
        for name in ["", "_start"] {
            if let Some(item) = self.get(&mut store, module, name) {
                let func = item.into_func();
                return func.ok_or_else(|| anyhow::anyhow!("`{module}::{name}` is not a function"));
            }
        }
        Ok(Func::wrap(store, || {}))
    }

    /// All definitions: both names and the item, in the order in which the names were first used.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// linker.func_wrap("host", "b", || 1)?.func_wrap("host", "a", || 2)?;
    /// let mut store = Store::new(linker.engine(), ());
    /// let names: Vec<_> = linker.iter(&mut store).map(|(_, name, _)| name.to_string()).collect();
    /// assert_eq!(names, ["b", "a"]);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Panics
    /// The operating system refuses the memory for a host function's trampolines.
    pub fn iter<'a: 'p, 'p>(
        &'a self,
        mut store: impl AsContextMut<Data = T> + 'p,
    ) -> impl Iterator<Item = (&'a str, &'a str, Extern)> + 'p {
        self.definitions.iter().map(move |(key, definition)| {
            let (module, name) = self.names_of(key);
            (module, name, definition.to_extern(store.as_context_mut().core))
        })
    }

    /// Instantiates a module with the definitions, and runs its start function.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// linker.func_wrap("host", "hello", || println!("hello"))?;
    /// let module = Module::new(linker.engine(), r#"(module
    ///     (import "host" "hello" (func $hello))
    ///     (start $hello))"#)?;
    /// let mut store = Store::new(linker.engine(), ());
    /// let instance = linker.instantiate(&mut store, &module)?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Imports are not defined or of the wrong type: a [`LinkError`] names all of them, and an
    /// [`UnknownImportError`] the first that is not defined. Otherwise as for [`Instance::new`].
    ///
    /// # Panics
    /// A host function that the start function calls panicked.
    pub fn instantiate(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> anyhow::Result<Instance> {
        let core = store.as_context_mut().core;
        self.instantiate_unstarted(core, module)?.started(core)
    }

    /// As [`Linker::instantiate`], but the start function runs as a future: see
    /// [`TypedFunc::call_async`](crate::TypedFunc::call_async).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// # use std::pin::pin;
    /// # use std::task::{Context, Waker};
    /// let mut linker = Linker::default();
    /// linker.func_wrap_async("host", "next_frame", |_caller: Caller<'_, ()>, (): ()| {
    ///     let mut frames = 0;
    ///     Box::new(std::future::poll_fn(move |_task| {
    ///         frames += 1;
    ///         if frames == 1 { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    ///     }))
    /// })?;
    /// let module = Module::new(linker.engine(), r#"(module
    ///     (import "host" "next_frame" (func $next_frame))
    ///     (func $start (call $next_frame))
    ///     (start $start))"#)?;
    /// let mut store = Store::new(linker.engine(), ());
    /// let mut instance = pin!(linker.instantiate_async(&mut store, &module));
    /// let mut task = Context::from_waker(Waker::noop());
    /// assert!(instance.as_mut().poll(&mut task).is_pending());
    /// assert!(instance.as_mut().poll(&mut task).is_ready());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// As for [`Linker::instantiate`].
    ///
    /// # Panics
    /// A host function that the start function calls panicked.
    pub async fn instantiate_async(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> anyhow::Result<Instance>
    where
        T: Send,
    {
        let core = store.as_context_mut().core;
        self.instantiate_unstarted(core, module)?.started_async(core).await
    }

    fn instantiate_unstarted(&self, core: &mut StoreCore, module: &Module) -> anyhow::Result<Instance> {
        let definitions = self.resolve(module, Some(core))?;
        instance_pre::instantiate(core, module, &definitions)
    }

    /// Looks up and checks all imports of a module once, to instantiate it many times.
    ///
    /// Memories and tables are checked by the size that they had when they were defined. [`InstancePre`]
    /// has an example.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::<()>::default();
    /// let module = Module::new(linker.engine(), r#"(module (import "host" "log" (func (param i32))))"#)?;
    /// // Missing imports are found before there is a store.
    /// assert!(linker.instantiate_pre(&module).is_err_and(|error| error.is::<LinkError>()));
    /// linker.func_wrap("host", "log", |number: i32| println!("{number}"))?;
    /// let ready = linker.instantiate_pre(&module)?;
    /// ready.instantiate(&mut Store::new(linker.engine(), ()))?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Imports are not defined or of the wrong type, as for [`Linker::instantiate`]; the module was
    /// compiled with another engine.
    pub fn instantiate_pre(&self, module: &Module) -> anyhow::Result<InstancePre<T>> {
        anyhow::ensure!(
            Engine::same(self.engine(), module.engine()),
            "the module was compiled with another engine than the linker's"
        );
        Ok(InstancePre::new(module, self.resolve(module, None)?))
    }

    /// The definitions of a module's imports, in its order. If a store is given, present sizes count.
    fn resolve(&self, module: &Module, now: Option<&StoreCore>) -> anyhow::Result<Vec<&Definition>> {
        let (mut found, mut problems, mut first_unknown) = (Vec::new(), Vec::new(), None);
        for import in module.imports() {
            match self.find(&import) {
                Ok(definition) => {
                    problems.extend(definition.check(&import, now).err());
                    found.push(definition);
                }
                Err(unknown) => {
                    problems.push(unknown.with_type());
                    first_unknown.get_or_insert(unknown);
                }
            }
        }
        match (problems.is_empty(), first_unknown) {
            (true, _) => Ok(found),
            (false, None) => Err(LinkError::new(problems).into()),
            (false, Some(unknown)) => Err(anyhow::Error::new(unknown).context(LinkError::new(problems))),
        }
    }

    fn find(&self, import: &ImportType<'_>) -> Result<&Definition, UnknownImportError> {
        let found = self.definition(import.module(), import.name());
        found.ok_or_else(|| UnknownImportError::new(import.module(), import.name(), import.ty()))
    }
}

//! Whole programs in a linker: a module's functions under a name, by the conventions of commands and
//! reactors.

use anyhow::{Context as _, bail, ensure};

use super::linker::Linker;
use crate::api::funcs::caller::Caller;
use crate::api::modules::engine::Engine;
use crate::api::modules::module::Module;
use crate::api::stores::context::AsContextMut;
use crate::api::values::val::Val;
use crate::base::types::ExternType;

/// The kind of a module, by its exports.
enum Kind {
    /// It has `_start`: each call of its functions gets an instance of its own.
    Command,
    /// One instance serves all calls, after its `_initialize`, if it has one.
    Reactor,
}

impl<T: 'static> Linker<T> {
    /// Defines a module's exports under a name, instantiated by the module's own convention.
    ///
    /// A module that exports the function `_start` is a command: every call of one of its functions
    /// makes an instance of its own, which stays in the store where it was called. Its memories, tables and globals are
    /// not defined. Any other module is a reactor: it is instantiated now, its `_initialize` is called if
    /// it exports one, and all its exports are defined.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut linker = Linker::default();
    /// let mut store = Store::new(linker.engine(), ());
    /// let counter = r#"
    ///     (global $count (mut i32) (i32.const 0))
    ///     (func (export "count") (result i32)
    ///         (global.set $count (i32.add (global.get $count) (i32.const 1)))
    ///         (global.get $count))"#;
    /// let reactor = Module::new(linker.engine(), format!("(module {counter})"))?;
    /// let command = Module::new(linker.engine(), format!(r#"(module {counter} (func (export "_start")))"#))?;
    /// linker.module(&mut store, "reactor", &reactor)?.module(&mut store, "command", &command)?;
    /// for (module, counts) in [("reactor", [1, 2, 3]), ("command", [1, 1, 1])] {
    ///     let count = linker.get(&mut store, module, "count").and_then(Extern::into_func);
    ///     let count = count.expect("it is defined").typed::<(), i32>(&store)?;
    ///     for expected in counts {
    ///         assert_eq!(count.call(&mut store, ())?, expected);
    ///     }
    /// }
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The module is both, its imports are not defined, a name is defined already, a command exports
    /// anything but functions (see [`Linker::allow_unknown_exports`]), instantiation or
    /// `_initialize` fails, or the store or module belongs to another engine.
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        module: &Module,
    ) -> anyhow::Result<&mut Linker<T>> {
        ensure!(
            Engine::same(self.engine(), store.as_context_mut().engine()),
            "the store belongs to another engine than the linker"
        );
        match Kind::of(module)? {
            Kind::Command => self.command(module_name, module),
            Kind::Reactor => {
                let instance = self.instantiate(&mut store, module)?;
                if let Some(initialize) = instance.get_func(&mut store, "_initialize") {
                    let initialized = initialize.typed::<(), ()>(&store).and_then(|f| f.call(&mut store, ()));
                    initialized.context("calling the Reactor initialization function")?;
                }
                self.instance(store, module_name, instance)
            }
        }
    }

    fn command(&mut self, module_name: &str, module: &Module) -> anyhow::Result<&mut Linker<T>> {
        let ready = self.instantiate_pre(module)?;
        for export in module.exports() {
            let name = export.name();
            match export.ty() {
                ExternType::Func(ty) => {
                    let ready = ready.clone();
                    let export = module.get_export_index(name).expect("it is one of the module's exports");
                    let run = move |mut caller: Caller<'_, T>, params: &[Val], results: &mut [Val]| {
                        let instance = ready.instantiate(&mut caller)?;
                        let func = instance.get_module_export(&mut caller, &export);
                        let func = func.and_then(|func| func.into_func());
                        func.expect("the module exports it as a function").call(caller, params, results)
                    };
                    self.func_new(module_name, name, ty, run)?;
                }
                other if self.allow_unknown_exports || is_customary(name, &other) => {}
                other => bail!("command export `{name}` is not a function but a {other}"),
            }
        }
        Ok(self)
    }
}

/// Whether compilers export this from commands although nothing can use it there.
fn is_customary(name: &str, ty: &ExternType) -> bool {
    match ty {
        ExternType::Memory(_) => name == "memory",
        ExternType::Table(_) => matches!(name, "table" | "__indirect_function_table"),
        ExternType::Global(_) => {
            matches!(name, "__data_end" | "__heap_base" | "__dso_handle" | "__rtti_base")
        }
        ExternType::Func(_) => false,
    }
}

impl Kind {
    fn of(module: &Module) -> anyhow::Result<Kind> {
        let is_exported = |name: &str| match module.get_export(name) {
            None => Ok(false),
            Some(ExternType::Func(_)) => Ok(true),
            Some(other) => bail!("`{name}` must be a function, but it is a {other}"),
        };
        match (is_exported("_start")?, is_exported("_initialize")?) {
            (true, true) => {
                bail!("a module cannot be both a command (`_start`) and a reactor (`_initialize`)")
            }
            (true, false) => Ok(Kind::Command),
            (false, _) => Ok(Kind::Reactor),
        }
    }
}

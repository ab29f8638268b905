//! Names of exports that one host function looks up in many modules.

use std::fmt;

use super::engine::Engine;
use crate::vm::store::engine::export_names::NumberedName;
use crate::vm::store::indices::{Item, StoreInstance};
use crate::vm::store::store_core::StoreCore;

/// The name of an export with its number in an engine, made by [`Engine::export_name`].
///
/// A [`ModuleExport`](crate::ModuleExport) belongs to one module; this can be used for every
/// module: [`Caller::get_named_export`](crate::Caller::get_named_export) and
/// [`Instance::get_named_export`](crate::Instance::get_named_export) take it. Each instance
/// looks the name up once; from then on it costs an index.
///
/// ```
/// # use tinkerbox_wasm::*;
/// # fn main() -> Result<()> {
/// let engine = Engine::default();
/// let alloc = engine.export_name("alloc");
/// let mut linker = Linker::new(&engine);
/// // One host function for all modules that call it.
/// linker.func_wrap("host", "name", move |mut caller: Caller<'_, String>| -> Result<u32> {
///     let alloc = caller.get_named_export(&alloc).and_then(Extern::into_func);
///     let alloc = alloc.ok_or_else(|| format_err!("the mod exports no function `alloc`"))?;
///     let len = caller.data().len() as u32;
///     let at = alloc.typed::<u32, u32>(&caller)?.call(&mut caller, len)?;
///     let (memory, name) = caller.memory_and_data().ok_or(Trap::MemoryOutOfBounds)?;
///     let place = memory.get_mut(at as usize..).and_then(|rest| rest.get_mut(..name.len()));
///     place.ok_or(Trap::MemoryOutOfBounds)?.copy_from_slice(name.as_bytes());
///     Ok(at)
/// })?;
/// for place in [8, 64] {
///     let module = Module::new(&engine, format!(r#"(module
///         (import "host" "name" (func $name (result i32)))
///         (memory (export "memory") 1)
///         (func (export "alloc") (param i32) (result i32) (i32.const {place}))
///         (func (export "first") (result i32) (i32.load8_u (call $name))))"#))?;
///     let mut store = Store::new(&engine, "meadow".to_string());
///     let instance = linker.instantiate(&mut store, &module)?;
///     let first = instance.get_typed_func::<(), u32>(&mut store, "first")?;
///     assert_eq!(first.call(&mut store, ())?, u32::from(b'm'));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ExportName {
    engine: Engine,
    name: NumberedName,
}

impl Engine {
    /// Gives a name of exports a number, for finding it in many modules. Each name that was ever asked
    /// for takes a little memory as long as the engine lives.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(Engine::default().export_name("alloc").as_str(), "alloc");
    /// ```
    pub fn export_name(&self, name: &str) -> ExportName {
        ExportName { engine: self.clone(), name: self.core.export_names.number(name) }
    }
}

impl ExportName {
    /// The name.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let tick = Engine::default().export_name("tick");
    /// let message = format!("the mod exports no function `{}`", tick.as_str());
    /// assert_eq!(message, "the mod exports no function `tick`");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.name.name
    }

    /// The export of an instance with this name. In a store of another engine the number has no meaning, so it is looked
    /// up by name.
    #[inline]
    pub(in crate::api) fn find(&self, core: &mut StoreCore, instance: StoreInstance) -> Option<Item> {
        if Engine::same(&self.engine, &core.engine) {
            core.named_export(instance, &self.name)
        } else {
            core.export(instance, self.as_str())
        }
    }
}

impl fmt::Debug for ExportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExportName").field(&self.as_str()).finish()
    }
}

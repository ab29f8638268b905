//! A compiled module as instances need it: declarations, published code, signatures, segments.
//!
//! It is shared by stores, and points to none.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::Engine;
use crate::base::indices::{EscapedIndex, FuncIndex};
use crate::base::layout::{InstanceLayout, SignatureId};
use crate::base::module::{Entity, ModuleInfo};
use crate::compile::join::{Code, CompiledModule};
use crate::vm::code::dwarf::DebugInfo;
use crate::vm::code::published::PublishedCode;
use crate::vm::code::registry::Described;
use crate::vm::code::signatures::{Signature, Trampolines};
use crate::vm::memory::image::Image;

/// A compiled module, ready to be instantiated any number of times. Cheap to clone.
///
/// ```
/// # use tinkerbox_wasm::*;
/// // Compiled once, instantiated often: each instance has memory and globals of its own.
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module
///     (global $count (mut i32) (i32.const 0))
///     (func (export "next") (result i32)
///         (global.set $count (i32.add (global.get $count) (i32.const 1)))
///         (global.get $count)))"#)?;
/// let mut store = Store::new(&engine, ());
/// let [first, second] = [(); 2].map(|()| Instance::new(&mut store, &module, &[]));
/// for (instance, wanted) in [(&first, 1), (&first, 2), (&second, 1)] {
///     let Ok(instance) = instance else { bail!("it imports nothing") };
///     let next = instance.get_typed_func::<(), i32>(&mut store, "next")?;
///     assert_eq!(next.call(&mut store, ())?, wanted);
/// }
/// # anyhow::Ok(())
/// ```
#[derive(Clone)]
pub struct Module {
    pub(crate) core: Arc<ModuleCore>,
}

impl Module {
    /// The module that a published piece of code belongs to.
    pub(in crate::vm) fn of(described: &Described) -> Option<Module> {
        Some(Module { core: described.owner()? })
    }
}

/// A module that can be instantiated.
pub struct ModuleCore {
    pub engine: Engine,
    pub info: Arc<ModuleInfo>,
    pub layout: InstanceLayout,
    /// The module's bytes: data and custom sections are ranges of it. Read back from an artifact, it has no bodies.
    pub bytes: Arc<[u8]>,
    pub debug_info: DebugInfo,
    /// The signature of each of the module's types, which machine code reads.
    pub signatures: Box<[SignatureId]>,
    /// The same signatures, held so that they stay.
    types: Box<[Arc<Signature>]>,
    /// The place of each export by its name, which never changes.
    exports: HashMap<String, usize>,
    /// Made for the first instance, and shared with the others.
    image: OnceLock<Option<Arc<Image>>>,
    code: PublishedCode,
}

impl ModuleCore {
    /// Publishes code that was compiled now, or earlier and read back.
    ///
    /// # Errors
    /// The operating system refuses memory.
    pub fn publish(
        engine: &Engine,
        compiled: CompiledModule,
        bytes: Arc<[u8]>,
    ) -> anyhow::Result<Arc<ModuleCore>> {
        let CompiledModule { info, layout, code, clif: _ } = compiled;
        let info = Arc::new(info);
        let types: Box<[_]> = info.types.iter().map(|ty| engine.core.signatures.get(ty)).collect();
        let signatures = types.iter().map(|ty| ty.id()).collect();
        let exports = info.exports.iter().enumerate().map(|(at, export)| (export.name.clone(), at)).collect();
        let code = PublishedCode::publish_metered(code, engine.core.upcalls.builtins.out_of_fuel)?;
        let engine = engine.clone();
        let module = Arc::new(ModuleCore {
            engine,
            info,
            layout,
            bytes,
            debug_info: DebugInfo::default(),
            signatures,
            types,
            exports,
            image: OnceLock::new(),
            code,
        });
        module.code.set_owner(&module);
        Ok(module)
    }

    /// The place of an export, which [`ModuleCore::export`] takes.
    pub fn export_index(&self, name: &str) -> Option<usize> {
        self.exports.get(name).copied()
    }

    pub fn export(&self, index: usize) -> Entity {
        self.info.exports[index].entity
    }

    /// What the module's memory holds at first, if that can be mapped. Otherwise the data segments are copied into
    /// each memory.
    pub fn image(&self) -> Option<&Arc<Image>> {
        let make = || self.engine.core.images.add(&self.info, &self.bytes).map(Arc::new);
        self.image.get_or_init(make).as_ref()
    }

    /// The code of a function that the module defines.
    pub fn function(&self, func: FuncIndex) -> *const u8 {
        self.code.function(func.index() - self.info.imported_funcs)
    }

    /// The machine code, as it is executed.
    pub fn text(&self) -> &[u8] {
        self.code.bytes()
    }

    /// The machine code, as it was compiled.
    pub fn unpublished_text(&self) -> Vec<u8> {
        self.code.unpublished()
    }

    /// The tables that map machine code back to the module.
    pub fn tables(&self) -> &Code {
        self.code.tables()
    }

    /// The trampolines of an escaped function.
    ///
    /// # Errors
    /// They cannot be compiled.
    pub fn trampolines_of(&self, escaped: EscapedIndex) -> anyhow::Result<&Trampolines> {
        let ty = self.info.funcs[self.info.escaped_funcs[escaped.index()].index()];
        self.types[ty.index()].trampolines(&self.engine.core.target)
    }

    pub fn signature_of(&self, func: FuncIndex) -> SignatureId {
        self.signatures[self.info.funcs[func.index()].index()]
    }
}

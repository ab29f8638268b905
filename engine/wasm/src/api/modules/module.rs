//! Modules, the safe part. The type is in `vm/`, where compiled modules are read back.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::declarations::{self, ExportType, ImportType};
use super::engine::Engine;
use super::text;
use crate::base::types::ExternType;
use crate::compile::{self, artifact};
use crate::vm::store::engine::module::ModuleCore;
use crate::vm::store::indices::{Item, StoreInstance};
use crate::vm::store::store_core::StoreCore;

pub use crate::vm::store::engine::module::Module;

/// An export that was looked up once by name: [`Instance::get_module_export`](crate::Instance::get_module_export)
/// and [`Caller::get_module_export`](crate::Caller::get_module_export) take it at the cost of an index.
/// It belongs to one module; an [`ExportName`](crate::ExportName) can be used for all.
///
/// ```
/// # use tinkerbox_wasm::*;
/// /// A kind of mod, whose exports were looked up when it was loaded.
/// struct Kind {
///     module: Module,
///     tick: ModuleExport,
/// }
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "tick") (result i32) (i32.const 3)))"#)?;
/// let tick = module.get_export_index("tick").ok_or_else(|| format_err!("the mod exports no `tick`"))?;
/// let kind = Kind { module, tick };
///
/// let mut store = Store::new(&engine, ());
/// for _ in 0..3 {
///     let instance = Instance::new(&mut store, &kind.module, &[])?;
///     let tick = instance.get_module_export(&mut store, &kind.tick).and_then(Extern::into_func);
///     let tick = tick.ok_or_else(|| format_err!("`tick` is not a function"))?.typed::<(), i32>(&store)?;
///     assert_eq!(tick.call(&mut store, ())?, 3);
/// }
/// # anyhow::Ok(())
/// ```
#[derive(Clone)]
pub struct ModuleExport {
    module: Arc<ModuleCore>,
    index: usize,
}

/// The memories and tables of an instance of a module: see [`Module::resources_required`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// // A mod that needs too much can be refused before it is instantiated.
/// let module = Module::new(&Engine::default(), "(module (memory 4096) (table 8 funcref))")?;
/// let ResourcesRequired { max_initial_memory_size, .. } = module.resources_required();
/// let bytes = max_initial_memory_size.map_or(0, |pages| pages * 65_536);
/// assert!(bytes > 64 << 20, "a mod may have 64 MiB");
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourcesRequired {
    /// The number of memories.
    pub num_memories: u32,
    /// The initial size of the largest memory, in pages; `None` if there is none.
    pub max_initial_memory_size: Option<u64>,
    /// The number of tables.
    pub num_tables: u32,
    /// The initial size of the largest table, in elements; `None` if there is none.
    pub max_initial_table_size: Option<u64>,
}

impl Module {
    /// Compiles a module in the binary format or the text format, or takes it from the engine's
    /// [cache](crate::Config::module_cache).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, "(module $wolves)")?;
    /// let error = Module::new(&engine, "(module $wolves").unwrap_err();
    /// assert!(error.is::<InvalidModule>());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The module is malformed or invalid, uses a feature that is not supported, or asks too much of the
    /// compiler: an [`InvalidModule`](crate::InvalidModule) says what and where.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> anyhow::Result<Module> {
        Module::from_binary(engine, &text::binary(bytes.as_ref())?)
    }

    /// Compiles a module in the binary format.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// Module::from_binary(&engine, b"\0asm\x01\0\0\0")?;
    /// assert!(Module::from_binary(&engine, b"(module)").is_err());
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// As for [`Module::new`].
    pub fn from_binary(engine: &Engine, binary: &[u8]) -> anyhow::Result<Module> {
        Ok(Module { core: ModuleCore::publish(engine, engine.compile_or_load(binary)?, binary.into())? })
    }

    /// Compiles a module from a file in either format.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let error = Module::from_file(&Engine::default(), "no/such.wasm").unwrap_err();
    /// assert_eq!(error.to_string(), "cannot load the module no/such.wasm");
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, or as for [`Module::new`]. The path is in the message.
    pub fn from_file(engine: &Engine, file: impl AsRef<Path>) -> anyhow::Result<Module> {
        let file = file.as_ref();
        let read = || Module::new(engine, std::fs::read(file)?);
        read().with_context(|| format!("cannot load the module {}", file.display()))
    }

    /// Validates a module in the binary format as [`Module::new`] does, without compiling it.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// assert!(Module::validate(&engine, b"\0asm\x01\0\0\0").is_ok());
    /// assert!(Module::validate(&engine, b"\0asm\x01\0\0").is_err());
    /// ```
    ///
    /// # Errors
    /// As for [`Module::new`], except for errors that only compiling finds.
    pub fn validate(engine: &Engine, binary: &[u8]) -> anyhow::Result<()> {
        Ok(compile::validate(binary, engine.config())?)
    }

    /// The compiled module as bytes, from which [`Module::deserialize`] makes it again. Equal modules, settings and
    /// versions give equal bytes. Their size is a few times that of the module.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let text = r#"(module (func (export "run") (result i32) (i32.const 42)))"#;
    /// let written = Module::new(&engine, text)?.serialize()?;
    /// assert_eq!(written, Module::new(&engine, text)?.serialize()?);
    ///
    /// // SAFETY: the bytes come from `serialize`, and nothing has changed them.
    /// let module = unsafe { Module::deserialize(&engine, &written)? };
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?, 42);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Never, so far; the signature is wasmtime's.
    pub fn serialize(&self) -> anyhow::Result<Vec<u8>> {
        let (core, engine) = (&self.core, &self.core.engine.core);
        let (info, tables) = (&core.info, core.tables());
        let parts = artifact::Parts { info, tables, code: &core.unpublished_text(), module: &core.bytes };
        Ok(artifact::encode(&parts, &artifact::made_with(&engine.config, &engine.target))?)
    }

    /// The engine with which the module was compiled.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// assert!(Engine::same(Module::new(&engine, "(module)")?.engine(), &engine));
    /// # anyhow::Ok(())
    /// ```
    pub fn engine(&self) -> &Engine {
        &self.core.engine
    }

    /// The module's own name, if it has one.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), "(module $wolves)")?;
    /// assert_eq!(module.name(), Some("wolves"));
    /// # anyhow::Ok(())
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.core.info.names.module.as_deref()
    }

    /// The module's imports, in its order. [`ImportType`] has an example.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// // The functions that a mod wants from its host, to decide whether it may have them.
    /// let module = Module::new(&Engine::default(), r#"(module
    ///     (import "files" "open" (func (param i32) (result i32)))
    ///     (import "log" "print" (func (param i32))))"#)?;
    /// let wanted = module.imports().map(|import| format!("{}::{}", import.module(), import.name()));
    /// assert_eq!(wanted.collect::<Vec<_>>(), ["files::open", "log::print"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        declarations::imports(&self.core.info)
    }

    /// The module's exports, in its order. [`ExportType`] has an example.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module
    ///     (func (export "tick") (param f32))
    ///     (memory (export "memory") 1 4))"#)?;
    /// let exports = module.exports().map(|export| format!("{}: {}", export.name(), export.ty()));
    /// assert_eq!(exports.collect::<Vec<_>>(), ["tick: function (f32) -> ()", "memory: memory with pages 1..=4"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        declarations::exports(&self.core.info)
    }

    /// The type of an export.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module (memory (export "memory") 1))"#)?;
    /// assert!(module.get_export("memory").is_some_and(|ty| ty.memory().is_some()));
    /// assert!(module.get_export("other").is_none());
    /// # anyhow::Ok(())
    /// ```
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let index = self.core.export_index(name)?;
        Some(self.core.info.extern_type(self.core.export(index)))
    }

    /// Looks an export up once, for use with many instances, as in the example of
    /// [`Instance::get_module_export`](crate::Instance::get_module_export).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let module = Module::new(store.engine(), r#"(module (func (export "tick")))"#)?;
    /// let tick = module.get_export_index("tick").ok_or_else(|| format_err!("the mod exports no `tick`"))?;
    /// assert!(module.get_export_index("tock").is_none());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// assert!(instance.get_module_export(&mut store, &tick).is_some());
    /// # anyhow::Ok(())
    /// ```
    pub fn get_export_index(&self, name: &str) -> Option<ModuleExport> {
        let index = self.core.export_index(name)?;
        Some(ModuleExport { module: self.core.clone(), index })
    }

    /// The contents of the module's custom sections of this name, in its order.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module
    ///     (@custom "author" "Ada") (@custom "mod" "wolves") (@custom "author" "Grace"))"#)?;
    /// let authors: Vec<_> = module.custom_sections("author").collect();
    /// assert_eq!(authors, [b"Ada".as_slice(), b"Grace"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn custom_sections<'module>(
        &'module self,
        name: &str,
    ) -> impl Iterator<Item = &'module [u8]> + use<'module> {
        declarations::custom_sections(&self.core.info, &self.core.bytes, name)
    }

    /// The memories and tables that an instance has of its own; imported ones do not count.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), "(module (memory 6))")?;
    /// let required = module.resources_required();
    /// assert_eq!((required.num_memories, required.max_initial_memory_size), (1, Some(6)));
    /// assert_eq!((required.num_tables, required.max_initial_table_size), (0, None));
    /// # anyhow::Ok(())
    /// ```
    pub fn resources_required(&self) -> ResourcesRequired {
        let info = &self.core.info;
        let memories = &info.memories[info.imported_memories..];
        let tables = &info.tables[info.imported_tables..];
        ResourcesRequired {
            num_memories: memories.len() as u32,
            max_initial_memory_size: memories.iter().map(|ty| ty.minimum()).max(),
            num_tables: tables.len() as u32,
            max_initial_table_size: tables.iter().map(|ty| ty.minimum()).max(),
        }
    }

    /// Makes the image of the memory's initial contents now, for which the first instance would otherwise have to wait.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), r#"(module (memory 1) (data (i32.const 0) "hay"))"#)?;
    /// module.initialize_copy_on_write_image()?;
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Never, so far: if there can be no image, data is copied into each memory.
    pub fn initialize_copy_on_write_image(&self) -> anyhow::Result<()> {
        let _ = self.core.image();
        Ok(())
    }

    /// Whether these are clones of the same module.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let module = Module::new(&Engine::default(), "(module)")?;
    /// assert!(Module::same(&module, &module.clone()));
    /// # anyhow::Ok(())
    /// ```
    pub fn same(a: &Module, b: &Module) -> bool {
        Arc::ptr_eq(&a.core, &b.core)
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl ModuleExport {
    /// The export of an instance, if it is one of this module.
    pub(in crate::api) fn find(&self, core: &StoreCore, instance: StoreInstance) -> Option<Item> {
        let module = &core.module_of(instance).core;
        Arc::ptr_eq(module, &self.module).then(|| core.item(instance, module.export(self.index)))
    }
}

impl fmt::Debug for ModuleExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ModuleExport").field(&self.module.info.exports[self.index].name).finish()
    }
}

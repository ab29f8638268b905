//! Modules.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::engine::Engine;
use crate::base::error::InvalidModule;
use crate::base::types::ExternType;
pub use crate::vm::module::Module;
use crate::vm::module::ModuleCore;

/// An export, found once by name: [`Instance::get_module_export`](crate::Instance::get_module_export)
/// and [`Caller::get_module_export`](crate::Caller::get_module_export) take it at the cost of an index.
#[derive(Clone)]
pub struct ModuleExport {
    pub(super) module: Arc<ModuleCore>,
    pub(super) index: usize,
}

/// An import that a module asks for.
#[derive(Clone, Debug)]
pub struct ImportType<'module> {
    module: &'module str,
    name: &'module str,
    ty: ExternType,
}

/// An export that a module's instances have.
#[derive(Clone, Debug)]
pub struct ExportType<'module> {
    name: &'module str,
    ty: ExternType,
}

impl Module {
    /// Compiles a module, from the binary format or the text format.
    ///
    /// # Errors
    /// The module is malformed or invalid, uses what this runtime does not have, or asks too much of
    /// the compiler: an [`InvalidModule`] says what and where.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> anyhow::Result<Module> {
        Module::from_binary(engine, &binary(bytes.as_ref())?)
    }

    /// Compiles a module from the binary format only.
    ///
    /// # Errors
    /// As for [`Module::new`].
    pub fn from_binary(engine: &Engine, binary: &[u8]) -> anyhow::Result<Module> {
        Ok(Module { core: ModuleCore::new(&engine.core, binary)? })
    }

    /// Compiles a module from a file in either format.
    ///
    /// # Errors
    /// The file cannot be read, or as for [`Module::new`]. The path is in the message.
    pub fn from_file(engine: &Engine, file: impl AsRef<Path>) -> anyhow::Result<Module> {
        let file = file.as_ref();
        let read = || Module::new(engine, std::fs::read(file)?);
        read().with_context(|| format!("cannot load the module {}", file.display()))
    }

    /// The engine that it was compiled with.
    pub fn engine(&self) -> Engine {
        Engine { core: self.core.engine.clone() }
    }

    /// The module's own name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.core.info.names.module.as_deref()
    }

    /// What the module asks for, in its order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        let info = &self.core.info;
        info.imports.iter().map(|import| ImportType {
            module: &import.module,
            name: &import.name,
            ty: info.entity_type(&import.ty),
        })
    }

    /// What its instances have, in its order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        let info = &self.core.info;
        info.exports
            .iter()
            .map(|export| ExportType { name: &export.name, ty: info.extern_type(export.entity) })
    }

    /// The type of an export.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        let index = self.core.export_index(name)?;
        Some(self.core.info.extern_type(self.core.export(index)))
    }

    /// Finds an export once, for use with many instances.
    pub fn get_export_index(&self, name: &str) -> Option<ModuleExport> {
        let index = self.core.export_index(name)?;
        Some(ModuleExport { module: self.core.clone(), index })
    }

    /// The contents of the module's custom sections of this name, in its order.
    pub fn custom_sections<'module>(
        &'module self,
        name: &str,
    ) -> impl Iterator<Item = &'module [u8]> + use<'module> {
        let named = self.core.info.custom_sections.iter().filter(|(section, _)| section == name);
        let ranges: Vec<_> = named.map(|(_, range)| range.clone()).collect();
        ranges.into_iter().map(|range| &self.core.bytes[range])
    }

    /// Whether two modules are the same one.
    pub fn same(a: &Module, b: &Module) -> bool {
        Arc::ptr_eq(&a.core, &b.core)
    }
}

fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, InvalidModule> {
    wat::parse_bytes(bytes).map_err(|error| InvalidModule::new(error.to_string(), None))
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl<'module> ImportType<'module> {
    /// The first of its two names.
    pub fn module(&self) -> &'module str {
        self.module
    }

    /// The second of its two names.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// What is asked for.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl<'module> ExportType<'module> {
    /// Its name.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// What it is.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

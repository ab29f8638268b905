//! What a module declares, known before anything is compiled.

use super::module::{ExportType, ImportType};
use crate::base::module::ModuleInfo;
use crate::compile;

/// The imports, exports and custom sections of a module that is not compiled: enough to decide whether it should be.
///
/// wasmtime has no such thing; there one compiles first. Function bodies are not looked at, so that a module whose
/// declarations are fine may still be invalid.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let binary = wat::parse_str(r#"(module (import "game" "fly" (func)) (memory (export "memory") 1))"#)?;
/// let declarations = Declarations::read(&binary)?;
/// assert!(declarations.imports().any(|import| (import.module(), import.name()) == ("game", "fly")));
/// assert_eq!(declarations.exports().map(|export| export.name().to_owned()).collect::<Vec<_>>(), ["memory"]);
/// assert_eq!(declarations.custom_sections("game.schema").count(), 0);
/// # anyhow::Ok(())
/// ```
#[derive(Debug)]
pub struct Declarations<'binary> {
    info: ModuleInfo,
    binary: &'binary [u8],
}

impl<'binary> Declarations<'binary> {
    /// Reads a module in the binary format.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert!(Declarations::read(b"\0asm\x01\0\0\0").is_ok());
    /// let error = Declarations::read(b"a picture").unwrap_err();
    /// assert!(error.is::<InvalidModule>());
    /// ```
    ///
    /// # Errors
    /// An [`InvalidModule`](crate::InvalidModule): the declarations are malformed or invalid, beyond the limits, or use
    /// what this runtime does not have.
    pub fn read(binary: &'binary [u8]) -> anyhow::Result<Declarations<'binary>> {
        Ok(Declarations { info: compile::declarations(binary)?, binary })
    }

    /// What the module asks for, in its order.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(Declarations::read(b"\0asm\x01\0\0\0")?.imports().len(), 0);
    /// # anyhow::Ok(())
    /// ```
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        imports(&self.info)
    }

    /// What the module's instances have, in its order.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(Declarations::read(b"\0asm\x01\0\0\0")?.exports().len(), 0);
    /// # anyhow::Ok(())
    /// ```
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        exports(&self.info)
    }

    /// The contents of the custom sections with this name, in their order.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let binary = wat::parse_str(r#"(module (@custom "game.schema" "systems: none"))"#)?;
    /// let declarations = Declarations::read(&binary)?;
    /// assert_eq!(declarations.custom_sections("game.schema").collect::<Vec<_>>(), [b"systems: none"]);
    /// # anyhow::Ok(())
    /// ```
    pub fn custom_sections(&self, name: &str) -> impl Iterator<Item = &'binary [u8]> + use<'binary> {
        custom_sections(&self.info, self.binary, name)
    }
}

pub(super) fn imports(info: &ModuleInfo) -> impl ExactSizeIterator<Item = ImportType<'_>> {
    info.imports.iter().map(|import| ImportType {
        module: &import.module,
        name: &import.name,
        ty: info.entity_type(&import.ty),
    })
}

pub(super) fn exports(info: &ModuleInfo) -> impl ExactSizeIterator<Item = ExportType<'_>> {
    info.exports.iter().map(|export| ExportType { name: &export.name, ty: info.extern_type(export.entity) })
}

pub(super) fn custom_sections<'bytes>(
    info: &ModuleInfo,
    bytes: &'bytes [u8],
    name: &str,
) -> impl Iterator<Item = &'bytes [u8]> + use<'bytes> {
    let named = info.custom_sections.iter().filter(|(section, _)| section == name);
    let ranges: Vec<_> = named.map(|(_, range)| range.clone()).collect();
    ranges.into_iter().map(move |range| &bytes[range])
}

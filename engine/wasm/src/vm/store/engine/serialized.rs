//! Modules from compiled code that was serialized earlier: unsafe, because the bytes are trusted.
//!
//! This takes the place of compiling: bytes are decoded by `compile::artifact` and then published. What is safe (serializing,
//! asking what kind of bytes these are) is in `api/`.

use std::path::Path;

use anyhow::Context as _;

use super::Engine;
use super::module::{Module, ModuleCore};
use crate::compile::artifact;

impl Module {
    /// A module from what [`Module::serialize`] or [`Engine::precompile_module`] wrote, without compiling.
    ///
    /// The bytes have to be of the same version of this runtime, for this machine, and of an engine whose settings
    /// generate the same code. That is checked, and so is a checksum, which detects accidental damage.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let written = Module::new(&engine, "(module (func (export \"run\")))")?.serialize()?;
    ///
    /// // SAFETY: the bytes come from `serialize`, and nothing has changed them.
    /// let module = unsafe { Module::deserialize(&engine, &written)? };
    /// assert_eq!(module.exports().len(), 1);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Safety
    /// The bytes were written by this runtime and have not been changed since: they are machine code, and are trusted.
    /// The checksum is not a signature; an attacker can make one that matches. So keep the bytes where only the game
    /// writes, such as a cache folder of its own, and never take them from a mod's folder or from a download.
    ///
    /// # Errors
    /// The bytes are something else, or something differs: a [`DeserializeError`](crate::DeserializeError) says what. Or
    /// the operating system refuses memory.
    pub unsafe fn deserialize(engine: &Engine, bytes: impl AsRef<[u8]>) -> anyhow::Result<Module> {
        let made_with = artifact::made_with(&engine.core.config, &engine.core.target);
        let (compiled, bytes) = artifact::decode(bytes.as_ref(), &made_with)?;
        Ok(Module { core: ModuleCore::publish(engine, compiled, bytes)? })
    }

    /// As [`Module::deserialize`], from a file. The file may be changed or deleted once this has returned.
    ///
    /// ```no_run
    /// # use tinkerbox_wasm::*;
    /// # let engine = Engine::default();
    /// // SAFETY: the folder belongs to the game, which writes only what `serialize` returned.
    /// let module = unsafe { Module::deserialize_file(&engine, "cache/flock.bin")? };
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Safety
    /// As for [`Module::deserialize`]; nothing else can write to the file.
    ///
    /// # Errors
    /// The file cannot be read, or as for [`Module::deserialize`]. The path is in the message.
    pub unsafe fn deserialize_file(engine: &Engine, path: impl AsRef<Path>) -> anyhow::Result<Module> {
        let path = path.as_ref();
        let context = || format!("cannot load the compiled module {}", path.display());
        let bytes = std::fs::read(path).with_context(context)?;
        // SAFETY: (4) the caller vouches for what is in the file.
        unsafe { Module::deserialize(engine, bytes) }.with_context(context)
    }
}

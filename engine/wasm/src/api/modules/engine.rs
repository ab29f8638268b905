//! Engines, the safe part. The type is in `vm/`, where compiled modules are read back.

use std::fmt;
use std::fs::File;
use std::hash::Hash;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Context as _;

use super::text;
use crate::base::config::Config;
use crate::base::types::{FuncType, ValType};
use crate::compile::join::CompiledModule;
use crate::compile::parse::format;
use crate::compile::{self, artifact, cached};
use crate::vm::doors::new_engine;
use crate::vm::machine::float_mode::in_standard_mode;
use crate::vm::store::engine::EngineCore;

pub use crate::vm::store::engine::Engine;

/// What kind of compiled code bytes are: see [`Engine::detect_precompiled`].
///
/// ```
/// # use tinkerbox_wasm::*;
/// // A cache may hold a compiled module, or the module itself.
/// fn is_compiled(bytes: &[u8]) -> bool {
///     matches!(Engine::detect_precompiled(bytes), Some(Precompiled::Module))
/// }
/// assert!(is_compiled(&Engine::default().precompile_module(b"(module)")?));
/// assert!(!is_compiled(b"\0asm\x01\0\0\0"));
/// # anyhow::Ok(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precompiled {
    /// A module.
    Module,
}

impl Engine {
    /// An engine with these settings.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let metered = Engine::new(Config::new().consume_fuel(true))?;
    /// assert!(Store::new(&metered, ()).set_fuel(100).is_ok());
    /// assert!(Store::new(&Engine::default(), ()).set_fuel(100).is_err()); // it is not counted
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// Code cannot be generated for this machine.
    pub fn new(config: &Config) -> anyhow::Result<Engine> {
        Ok(Engine { core: Arc::new(new_engine(config)?) })
    }

    /// The settings of the engine.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let config = Config::new().consume_fuel(true).clone();
    /// let engine = Engine::new(&config)?;
    /// assert_eq!(engine.config(), &config);
    /// assert_ne!(engine.config(), &Config::default());
    /// # anyhow::Ok(())
    /// ```
    pub fn config(&self) -> &Config {
        &self.core.config
    }

    /// Whether these are clones of the same engine.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// assert!(Engine::same(&engine, Store::new(&engine, ()).engine()));
    /// // Equal settings are not enough: a store accepts modules of its own engine only.
    /// assert!(!Engine::same(&engine, &Engine::default()));
    /// ```
    pub fn same(a: &Engine, b: &Engine) -> bool {
        Arc::ptr_eq(&a.core, &b.core)
    }

    /// Compiles a module, in the binary format or the text format, to the bytes that
    /// [`Module::serialize`](crate::Module::serialize) would return. Nothing is made executable.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// let written = engine.precompile_module(b"(module)")?;
    /// assert_eq!(written, Module::new(&engine, "(module)")?.serialize()?);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// As for [`Module::new`](crate::Module::new).
    pub fn precompile_module(&self, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        let EngineCore { config, target, .. } = &*self.core;
        let bytes = text::binary(bytes)?;
        let compiled = self.compile(&bytes)?;
        let (info, tables) = (&compiled.info, &compiled.code);
        let parts = artifact::Parts { info, tables, code: &tables.bytes, module: &bytes };
        Ok(artifact::encode(&parts, &artifact::made_with(config, target))?)
    }

    /// Takes a compiled module from the cache, or compiles it and puts it there.
    pub(super) fn compile_or_load(&self, binary: &[u8]) -> anyhow::Result<CompiledModule> {
        let EngineCore { config, target, .. } = &*self.core;
        let Some(cache) = config.module_cache.as_ref().filter(|_| config.clif_dir.is_none()) else {
            return self.compile(binary);
        };
        let made_with = artifact::made_with(config, target);
        let key = cached::key(binary, &made_with);
        let kept = cache.0.get(&key).and_then(|entry| cached::decode(&key, &entry, &made_with));
        if let Some(compiled) = kept {
            return Ok(compiled);
        }
        let compiled = self.compile(binary)?;
        if let Some(entry) = cached::encode(&key, &compiled, binary, &made_with) {
            cache.0.insert(&key, entry);
        }
        Ok(compiled)
    }

    /// Compiles a module, and writes the files that the settings ask for.
    fn compile(&self, binary: &[u8]) -> anyhow::Result<CompiledModule> {
        let EngineCore { config, target, compiled: count, .. } = &*self.core;
        count.fetch_add(1, Ordering::Relaxed);
        let compiled = in_standard_mode(|| compile::compile(binary, config, target))?;
        if let Some(folder) = &config.clif_dir {
            for (func, text) in &compiled.clif {
                let file = folder.join(format!("wasm[0]--function[{}].clif", func.0));
                std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
            }
        }
        Ok(compiled)
    }

    /// The kind of compiled code that bytes are, by their beginning; `None` if they are something else. Whether they can be
    /// loaded is checked by [`Module::deserialize`](crate::Module::deserialize).
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let written = Engine::default().precompile_module(b"(module)")?;
    /// assert_eq!(Engine::detect_precompiled(&written), Some(Precompiled::Module));
    /// assert_eq!(Engine::detect_precompiled(b"(module)"), None);
    /// # anyhow::Ok(())
    /// ```
    pub fn detect_precompiled(bytes: &[u8]) -> Option<Precompiled> {
        format::is_artifact(bytes).then_some(Precompiled::Module)
    }

    /// As [`Engine::detect_precompiled`], for a file, of which only the beginning is read.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// assert_eq!(Engine::detect_precompiled_file("Cargo.toml")?, None);
    /// # anyhow::Ok(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read. The path is in the message.
    pub fn detect_precompiled_file(path: impl AsRef<Path>) -> anyhow::Result<Option<Precompiled>> {
        let path = path.as_ref();
        let mut beginning = Vec::new();
        File::open(path)
            .and_then(|file| file.take(format::ARTIFACT_MAGIC.len() as u64).read_to_end(&mut beginning))
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Engine::detect_precompiled(&beginning))
    }

    /// How many modules this engine has begun to compile. Those that the store of [`Config::module_cache`] had do not
    /// count.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// Module::new(&engine, "(module)")?;
    /// assert_eq!(engine.modules_compiled(), 1);
    /// # anyhow::Ok(())
    /// ```
    pub fn modules_compiled(&self) -> u64 {
        self.core.compiled.load(Ordering::Relaxed)
    }

    /// If this is equal for two engines, compiled modules of one can be loaded by the other. It can be used to name files in a
    /// cache, for example.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// use std::hash::{BuildHasher, RandomState};
    /// let hasher = RandomState::new();
    /// let hash = |engine: &Engine| hasher.hash_one(engine.precompile_compatibility_hash());
    /// assert_eq!(hash(&Engine::default()), hash(&Engine::default()));
    /// let metered = Engine::new(Config::new().consume_fuel(true))?;
    /// assert_ne!(hash(&Engine::default()), hash(&metered));
    /// # anyhow::Ok(())
    /// ```
    pub fn precompile_compatibility_hash(&self) -> impl Hash + '_ {
        artifact::made_with(&self.core.config, &self.core.target)
    }
}

impl Default for Engine {
    /// An engine with the default settings.
    ///
    /// # Panics
    /// Code cannot be generated for this machine.
    fn default() -> Engine {
        Engine::new(&Config::default()).expect("the machine is supported")
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("config", &self.core.config).finish()
    }
}

impl FuncType {
    /// A function type from its parameters and results. With more than 1,000 of either, no function of this
    /// type can be made: [`FuncType::try_new`] reports that at once.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let mut store = Store::new(&Engine::default(), ());
    /// let ty = FuncType::new(store.engine(), [ValType::I32; 2], [ValType::I32]);
    /// let add = Func::new(&mut store, ty.clone(), |_, arguments, results| {
    ///     results[0] = Val::from(arguments[0].unwrap_i32() + arguments[1].unwrap_i32());
    ///     Ok(())
    /// });
    /// assert_eq!(add.ty(&store), ty);
    /// assert_eq!(add.typed::<(i32, i32), i32>(&store)?.call(&mut store, (2, 3))?, 5);
    /// # anyhow::Ok(())
    /// ```
    pub fn new(
        _engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        FuncType::from_parts(params, results)
    }

    /// As [`FuncType::new`], for untrusted types.
    ///
    /// ```
    /// # use tinkerbox_wasm::*;
    /// let engine = Engine::default();
    /// assert!(FuncType::try_new(&engine, [ValType::I32; 1_000], []).is_ok());
    /// assert!(FuncType::try_new(&engine, [ValType::I32; 1_001], []).is_err());
    /// ```
    ///
    /// # Errors
    /// There are more than 1,000 parameters or more than 1,000 results.
    pub fn try_new(
        _engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> anyhow::Result<FuncType> {
        let ty = FuncType::from_parts(params, results);
        ty.check_size()?;
        Ok(ty)
    }
}

//! Where an engine keeps compiled modules, if its host provides a place.
//!
//! The runtime writes no files: a host implements [`CacheStore`], and what is stored there is made in
//! `compile/cached.rs`.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Keeps compiled modules for [`Config::module_cache`](crate::Config::module_cache). The trait is wasmtime's.
///
/// An engine may call it from several threads at once. An entry may be lost at any time, and one that is damaged, cut, or
/// was stored under another key counts as lost: each repeats its key, and has a checksum over everything in it.
///
/// # Trust
/// The values are machine code. The checksum detects accidents, not malice: anyone who can write into the store can make this
/// process do anything. Whoever implements the trait vouches that what `get` returns was passed to `insert` before, by this
/// program or by another run of it. So keep the values where only the program itself writes, and never in a folder that holds
/// mods or downloads.
///
/// ```
/// # use std::borrow::Cow;
/// # use std::collections::HashMap;
/// # use std::sync::{Arc, Mutex};
/// # use tinkerbox_wasm::*;
/// /// Keeps compiled modules for as long as the process runs.
/// #[derive(Debug, Default)]
/// struct InMemory(Mutex<HashMap<Vec<u8>, Vec<u8>>>);
///
/// impl CacheStore for InMemory {
///     fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
///         self.0.lock().ok()?.get(key).cloned().map(Cow::Owned)
///     }
///
///     fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
///         self.0.lock().is_ok_and(|mut values| values.insert(key.to_vec(), value).is_none())
///     }
/// }
///
/// let store = Arc::new(InMemory::default());
/// for compiled in [1, 0] {
///     let engine = Engine::new(Config::new().module_cache(Some(store.clone())))?;
///     let module = Module::new(&engine, r#"(module (func (export "run") (result i32) (i32.const 42)))"#)?;
///     assert_eq!(engine.modules_compiled(), compiled);
///     let mut store = Store::new(&engine, ());
///     let instance = Instance::new(&mut store, &module, &[])?;
///     assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ())?, 42);
/// }
/// # anyhow::Ok(())
/// ```
pub trait CacheStore: Send + Sync + fmt::Debug {
    /// The value that was inserted under this key, if it is still there.
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>>;

    /// Keeps a value under a key. Returns whether it was stored; the engine continues in any case.
    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool;
}

/// A store in the settings of an engine. Two settings are equal if they have the same store.
#[derive(Clone, Debug)]
pub(crate) struct ModuleCache(pub Arc<dyn CacheStore>);

impl ModuleCache {
    fn address(&self) -> *const () {
        Arc::as_ptr(&self.0).cast()
    }
}

impl PartialEq for ModuleCache {
    fn eq(&self, other: &ModuleCache) -> bool {
        std::ptr::eq(self.address(), other.address())
    }
}

impl Eq for ModuleCache {}

impl Hash for ModuleCache {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address().hash(state);
    }
}

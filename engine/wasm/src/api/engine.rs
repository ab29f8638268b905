//! Engines.

use std::fmt;
use std::sync::Arc;

use crate::base::config::Config;
use crate::base::types::{FuncType, ValType};
use crate::vm::engine::EngineCore;

/// What modules are compiled with and stores run on. Cheap to clone; clones are the same engine.
///
/// ```
/// # use tinkerbox_wasm::*;
/// let engine = Engine::new(Config::new().consume_fuel(true))?;
/// assert!(Engine::same(&engine, &engine.clone()));
/// # anyhow::Ok(())
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(super) core: Arc<EngineCore>,
}

impl Engine {
    /// An engine with these settings.
    ///
    /// # Errors
    /// The machine is not one that code can be generated for.
    pub fn new(config: &Config) -> anyhow::Result<Engine> {
        Ok(Engine { core: Arc::new(EngineCore::new(config)?) })
    }

    /// Whether two engines are the same one.
    pub fn same(a: &Engine, b: &Engine) -> bool {
        Arc::ptr_eq(&a.core, &b.core)
    }
}

impl Default for Engine {
    /// An engine with the default settings.
    ///
    /// # Panics
    /// The machine is not one that code can be generated for.
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
    /// A function type from its parameters and results.
    pub fn new(
        _engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        FuncType::from_parts(params, results)
    }
}

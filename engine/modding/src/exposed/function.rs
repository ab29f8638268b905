//! Functions of the game that mods can import.
//!
//! Each has a price, which is paid before it runs. It knows no mod.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tinkerbox_wasm::{Caller, IntoFunc, Linker, with_prelude};

use crate::host::pay;
use crate::state::ModState;

/// How the modules of all versions of the contract begin.
const CONTRACT: &str = "tinkerbox";

/// `game:name`: the module and the name by which mods import it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FunctionId {
    pub module: String,
    pub name: String,
}

impl FunctionId {
    /// # Panics
    /// It is no `game:name`, or the contract's own.
    #[track_caller]
    pub fn parse(id: &str) -> FunctionId {
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match id.split_once(':').filter(|(module, name)| is_name(module) && is_name(name)) {
            Some((module, _)) if module.starts_with(CONTRACT) => {
                panic!(
                    "`{id}`: modules that begin with `{CONTRACT}` are the contract's; name yours after the game"
                )
            }
            Some((module, name)) => FunctionId { module: module.to_owned(), name: name.to_owned() },
            None => panic!("`{id}` is no id of a function: write \"game:name\", in letters, digits and _"),
        }
    }
}

impl fmt::Display for FunctionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, self.name)
    }
}

type Define = dyn FnOnce(&mut Linker<ModState>, &FunctionId) -> anyhow::Result<()> + Send;

/// A function of the game, and how it gets into a linker, which it does once.
#[derive(Clone)]
pub(crate) struct GameFunction {
    define: Arc<Mutex<Option<Box<Define>>>>,
}

impl GameFunction {
    pub fn new<P, R>(fuel: u64, func: impl IntoFunc<ModState, P, R>) -> GameFunction {
        let define = move |linker: &mut Linker<ModState>, id: &FunctionId| {
            let price = move |mut caller: Caller<'_, ModState>| pay(&mut caller, fuel);
            linker.func_wrap(&id.module, &id.name, with_prelude(price, func))?;
            Ok(())
        };
        GameFunction { define: Arc::new(Mutex::new(Some(Box::new(define)))) }
    }

    pub fn define(&self, linker: &mut Linker<ModState>, id: &FunctionId) -> anyhow::Result<()> {
        let define = self.define.lock().unwrap_or_else(PoisonError::into_inner).take();
        define.map_or(Ok(()), |define| define(linker, id))
    }
}

impl fmt::Debug for GameFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GameFunction")
    }
}

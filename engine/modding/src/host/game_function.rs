//! The game's own functions on their way into the linker, from which mods import them.
//!
//! Each has a price, which is paid before it runs. Under which id a mod may name it is in `exposed/function_id.rs`.

use bevy_ecs::resource::Resource;
use tinkerbox_wasm::{Caller, FuncType, IntoFunc, Linker, with_prelude};

use super::call::pay;
use crate::exposed::function_id::FunctionId;
use crate::guest::state::ModState;

/// The game's functions that are not in the linker yet.
#[derive(Resource, Default)]
pub(crate) struct GameFunctions(Vec<Define>);

/// Defines one function in a linker.
type Define = Box<dyn FnOnce(&mut Linker<ModState>) -> anyhow::Result<()> + Send + Sync>;

impl GameFunctions {
    /// Adds a function, each call of which costs `fuel` units; returns its type.
    pub fn add<P: 'static, R: 'static>(
        &mut self,
        id: FunctionId,
        fuel: u64,
        func: impl IntoFunc<ModState, P, R>,
    ) -> FuncType {
        let price = move |mut caller: Caller<'_, ModState>| pay(&mut caller, fuel);
        let func = with_prelude(price, func);
        let ty = func.ty().clone();
        self.0.push(Box::new(move |linker| {
            linker.func_wrap(&id.module, &id.name, func)?;
            Ok(())
        }));
        ty
    }

    /// Defines the functions that were added since the last call.
    ///
    /// # Errors
    /// The linker has a function with the same id already.
    pub fn define(&mut self, linker: &mut Linker<ModState>) -> anyhow::Result<()> {
        self.0.drain(..).try_for_each(|define| define(linker))
    }
}

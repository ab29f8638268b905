//! The game's own functions on their way into the linker, from which mods import them.
//!
//! Each has a price, which is paid before it runs. Under which id a mod may name it is in `exposed/function_id.rs`.

use std::sync::Arc;

use bevy_ecs::resource::Resource;
use tinkerbox_wasm::{Caller, FuncType, IntoFunc, Linker, Val, with_prelude};

use super::call::pay;
use crate::exposed::function_id::FunctionId;
use crate::guest::state::ModState;

/// The game's functions that are not in the linker yet.
#[derive(Resource, Default)]
pub(crate) struct GameFunctions(Vec<Define>);

/// What stands for the game's functions: gets the id and the arguments of a call, and returns its result. A value for a
/// function without a result is dropped.
pub(crate) type Answer = Arc<dyn Fn(&str, &[Val]) -> anyhow::Result<Val> + Send + Sync>;

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

    /// Adds a function of this type that passes its arguments to `answer`, and returns what that returns.
    pub fn add_untyped(&mut self, id: FunctionId, fuel: u64, ty: FuncType, answer: Answer) {
        self.0.push(Box::new(move |linker| {
            let name = id.to_string();
            linker.func_new(&id.module, &id.name, ty, move |mut caller, arguments, results| {
                pay(&mut caller, fuel)?;
                if let Some(result) = results.first_mut() {
                    *result = answer(&name, arguments)?;
                } else {
                    answer(&name, arguments)?;
                }
                Ok(())
            })?;
            Ok(())
        }));
    }

    /// Defines the functions that were added since the last call.
    ///
    /// # Errors
    /// The linker has a function with the same id already.
    pub fn define(&mut self, linker: &mut Linker<ModState>) -> anyhow::Result<()> {
        self.0.drain(..).try_for_each(|define| define(linker))
    }
}

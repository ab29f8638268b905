//! The functions that mods import: the module `tinkerbox1`.
//!
//! Each decodes its arguments, uses the view, commands or effects of the calling guest, and takes fuel for the host's work,
//! whether it succeeds or not. What they share is in `call.rs`, their prices are in `prices.rs`. Their types are stated here
//! only: `package/contract.rs` checks mods against the types that [`link`] returns.
//!
//! A negative answer is an error that a mod can handle. A pointer that leads out of memory is a mistake in its code, and
//! ends the run in a fault.

mod call;
mod exchange;
pub(crate) mod game_function;
mod misuse;
mod speech;
mod structure;
mod views;

use tinkerbox_abi::RANDOM_STREAMS;
use tinkerbox_abi::import::{self, MODULE};
use tinkerbox_wasm::{Caller, Engine, ExternType, IntoFunc, Linker};

use call::pay;

use crate::guest::state::ModState;
use crate::package::contract::FunctionTypes;
use crate::prices;

/// Defines the functions of the contract in a new linker; returns their types too.
pub(crate) fn link(engine: &Engine) -> anyhow::Result<(Linker<ModState>, FunctionTypes)> {
    let mut contract = Contract { linker: Linker::new(engine), types: FunctionTypes::new() };
    contract.define(import::VIEW_NEXT, views::view_next)?;
    contract.define(import::GET, views::get)?;
    contract.define(import::SET, views::set)?;
    contract.define(import::COMMAND, structure::command)?;
    contract.define(import::ENTITY_RESERVE, structure::entity_reserve)?;
    contract.define(import::EVENT_NEXT, exchange::event_next)?;
    contract.define(import::EVENT_SEND, exchange::event_send)?;
    contract.define(import::RESOURCE_GET, exchange::resource_get)?;
    contract.define(import::RESOURCE_SET, exchange::resource_set)?;
    contract.define(import::LOG, speech::log)?;
    contract.define(import::PANIC, speech::panic)?;
    contract.define(import::TICK, |caller: Caller<'_, ModState>| caller.data().time().tick)?;
    contract.define(import::DELTA, |caller: Caller<'_, ModState>| caller.data().time().delta)?;
    contract.define(import::RANDOM, random)?;
    contract.define(import::FUEL_LEFT, |caller: Caller<'_, ModState>| caller.get_fuel())?;
    Ok((contract.linker, contract.types))
}

/// The functions that are defined so far.
struct Contract {
    linker: Linker<ModState>,
    types: FunctionTypes,
}

impl Contract {
    fn define<P, R>(&mut self, name: &str, func: impl IntoFunc<ModState, P, R>) -> anyhow::Result<()> {
        self.linker.func_wrap(MODULE, name, func)?;
        if let Some(ExternType::Func(ty)) = self.linker.definition_type(MODULE, name) {
            self.types.insert((MODULE.to_owned(), name.to_owned()), ty);
        }
        Ok(())
    }
}

fn random(mut caller: Caller<'_, ModState>, stream: u32) -> anyhow::Result<u64> {
    anyhow::ensure!(
        stream < RANDOM_STREAMS,
        "it asked for stream {stream} of random numbers; a mod has {RANDOM_STREAMS}"
    );
    pay(&mut caller, prices::RANDOM)?;
    let state = caller.data_mut();
    state.has_drawn = true;
    Ok(state.carried.random.next(stream))
}

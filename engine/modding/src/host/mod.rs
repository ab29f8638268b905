//! The functions that mods import: the module `tinkerbox1`.
//!
//! Each decodes its arguments, uses the view, commands or effects of the calling guest, and takes fuel for the host's work,
//! whether it succeeds or not. What they share is in `call.rs`, their prices are in `prices.rs`. Mods are checked against
//! the same names and types before they run, in `package/contract.rs`.
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
use tinkerbox_wasm::{Caller, Engine, Linker};

use call::pay;

use crate::guest::state::ModState;
use crate::prices;

/// Defines the functions of the contract.
pub(crate) fn link(engine: &Engine) -> anyhow::Result<Linker<ModState>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(MODULE, import::VIEW_NEXT, views::view_next)?;
    linker.func_wrap(MODULE, import::GET, views::get)?;
    linker.func_wrap(MODULE, import::SET, views::set)?;
    linker.func_wrap(MODULE, import::COMMAND, structure::command)?;
    linker.func_wrap(MODULE, import::ENTITY_RESERVE, structure::entity_reserve)?;
    linker.func_wrap(MODULE, import::EVENT_NEXT, exchange::event_next)?;
    linker.func_wrap(MODULE, import::EVENT_SEND, exchange::event_send)?;
    linker.func_wrap(MODULE, import::RESOURCE_GET, exchange::resource_get)?;
    linker.func_wrap(MODULE, import::RESOURCE_SET, exchange::resource_set)?;
    linker.func_wrap(MODULE, import::LOG, speech::log)?;
    linker.func_wrap(MODULE, import::PANIC, speech::panic)?;
    linker.func_wrap(MODULE, import::TICK, |caller: Caller<'_, ModState>| caller.data().time().tick)?;
    linker.func_wrap(MODULE, import::DELTA, |caller: Caller<'_, ModState>| caller.data().time().delta)?;
    linker.func_wrap(MODULE, import::RANDOM, random)?;
    linker.func_wrap(MODULE, import::FUEL_LEFT, |caller: Caller<'_, ModState>| caller.get_fuel())?;
    Ok(linker)
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

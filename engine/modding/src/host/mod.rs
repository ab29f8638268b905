//! The functions that mods import: the module `tinkerbox1`.
//!
//! Each decodes its arguments, asks `view`, `commands` or `effects`, and pays with the mod's fuel for what the host
//! has done. Their names and types are also in `package/contract.rs`, against which mods are checked before
//! they run.
//!
//! A negative answer is an error that a mod can handle. A pointer that leads out of memory is a mistake in
//! its code, and ends it.

mod exchange;
mod speech;
mod structure;
mod views;

use tinkerbox_abi::import::{self, MODULE};
use tinkerbox_abi::{AbiError, RANDOM_STREAMS};
use tinkerbox_wasm::{Caller, Engine, Linker, Memory};

use crate::effects::Effects;
use crate::exposed::Exposed;
use crate::state::ModState;

pub(crate) use speech::Panicked;

/// A call that does something beyond reading a number.
const CALL_FUEL: u64 = 50;
/// So many bytes that the host copies or compares cost one unit.
const BYTES_PER_FUEL: usize = 8;
/// Bytes of changed rows and resources that wait for one system to finish.
const JOURNAL_BYTES_MAX: usize = 64 << 20;

/// Defines the functions, and those of the game.
pub(crate) fn link(engine: &Engine, exposed: &Exposed) -> anyhow::Result<Linker<ModState>> {
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
    for (id, function) in exposed.functions() {
        function.define(&mut linker, id)?;
    }
    Ok(linker)
}

fn random(mut caller: Caller<'_, ModState>, stream: u32) -> anyhow::Result<u64> {
    anyhow::ensure!(
        stream < RANDOM_STREAMS,
        "it asked for stream {stream} of random numbers; a mod has {RANDOM_STREAMS}"
    );
    let state = caller.data_mut();
    state.has_drawn = true;
    Ok(state.kept.random.next(stream))
}

fn memory(caller: &Caller<'_, ModState>) -> anyhow::Result<Memory> {
    caller.memory().ok_or_else(|| anyhow::anyhow!("the mod has no memory yet"))
}

fn check_range(caller: &Caller<'_, ModState>, memory: Memory, address: u32, len: u32) -> anyhow::Result<()> {
    let size = memory.data_size(caller);
    match address as usize + len as usize <= size {
        true => Ok(()),
        false => Err(outside(address, len as usize, size)),
    }
}

/// Bytes that the mod has passed to the host, in its memory.
fn passed(memory: &mut [u8], address: u32, len: usize) -> anyhow::Result<&mut [u8]> {
    let size = memory.len();
    let bytes = memory.get_mut(address as usize..).and_then(|rest| rest.get_mut(..len));
    bytes.ok_or_else(|| outside(address, len, size))
}

fn outside(address: u32, len: usize, size: usize) -> anyhow::Error {
    anyhow::anyhow!("it passed {len} bytes at address {address:#x} to the host, and its memory has {size}")
}

fn check_journal(effects: &Effects) -> anyhow::Result<()> {
    anyhow::ensure!(
        effects.journal.held_bytes() <= JOURNAL_BYTES_MAX,
        "the system has changed more than {JOURNAL_BYTES_MAX} bytes of rows: change fewer in one tick"
    );
    Ok(())
}

/// Outside of a system no world is lent.
fn no_system_runs(caller: &Caller<'_, ModState>) -> bool {
    caller.data().running.is_none()
}

fn answer(result: Result<i32, AbiError>) -> i32 {
    result.unwrap_or_else(i32::from)
}

/// Takes fuel for what the host has done. What is not there is owed, and taken from the next grant.
pub(crate) fn pay(caller: &mut Caller<'_, ModState>, fuel: u64) -> anyhow::Result<()> {
    let left = caller.get_fuel()?;
    caller.set_fuel(left.saturating_sub(fuel))?;
    let debt = &mut caller.data_mut().debt;
    *debt = debt.saturating_add(fuel.saturating_sub(left));
    Ok(())
}

//! What the calls of mods have in common: memory and world at hand, a price, and an answer.
//!
//! It stands around each function of the contract, and knows none of them.

use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_columns::NoValue;
use tinkerbox_wasm::Caller;

use super::misuse::Misuse;
use crate::effects::Effects;
use crate::prices::{self, Bill};
use crate::state::ModState;

/// Bytes of changed rows and resources that wait for one system to finish.
const JOURNAL_BYTES_MAX: usize = 64 << 20;

/// A call of a mod that is being answered: what it works on, and what it costs.
pub(super) struct Call<'a> {
    pub memory: &'a mut [u8],
    pub state: &'a mut ModState,
    /// Charged whatever comes of the call.
    pub bill: Bill,
}

/// Why a call does not do what it was asked for.
pub(super) enum Failure {
    /// The mod is told, and can handle it.
    Told(AbiError),
    /// The same, and its author is told too: the call can't mean anything.
    Misused(Misuse),
    /// It has written what is no value. That ends it, and is put into words when its state is at hand again.
    NoValue(NoValue),
    /// Another mistake in its code, which ends it.
    Fault(anyhow::Error),
}

/// What a call has come to, and its price.
type Served = (Result<i32, Failure>, Bill);

/// Answers a call that needs the world. Outside of a system none is lent.
pub(super) fn with_world(
    mut caller: Caller<'_, ModState>,
    serve: impl FnOnce(&World, &mut Call<'_>) -> Result<i32, Failure>,
) -> anyhow::Result<i32> {
    let memory = caller.memory().ok_or_else(no_memory)?;
    if no_system_runs(&caller) {
        pay(&mut caller, prices::CALL)?;
        Misuse::no_system().tell(caller.data_mut());
        return Ok(AbiError::NotNow.into());
    }
    let served = caller.with_lent_and_memory(memory, |world: &World, memory, state| {
        served(memory, state, |call| serve(world, call))
    })?;
    answer(caller, served)
}

/// Answers a call that needs the mod's memory alone.
pub(super) fn with_memory(
    mut caller: Caller<'_, ModState>,
    serve: impl FnOnce(&mut Call<'_>) -> Result<i32, Failure>,
) -> anyhow::Result<i32> {
    let (memory, state) = caller.memory_and_data().ok_or_else(no_memory)?;
    let served = served(memory, state, serve);
    answer(caller, served)
}

fn served(
    memory: &mut [u8],
    state: &mut ModState,
    serve: impl FnOnce(&mut Call<'_>) -> Result<i32, Failure>,
) -> Served {
    let mut call = Call { memory, state, bill: Bill::default() };
    call.bill.add(prices::CALL);
    let result = serve(&mut call);
    (result, call.bill)
}

fn answer(mut caller: Caller<'_, ModState>, (result, bill): Served) -> anyhow::Result<i32> {
    pay(&mut caller, bill.total())?;
    match result {
        Ok(number) => Ok(number),
        Err(Failure::Told(error)) => Ok(error.into()),
        Err(Failure::Misused(misuse)) => {
            misuse.tell(caller.data_mut());
            Ok(misuse.error.into())
        }
        Err(Failure::NoValue(wrong)) => Err(caller.data().describe(wrong)),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

impl From<AbiError> for Failure {
    fn from(error: AbiError) -> Failure {
        Failure::Told(error)
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Failure {
        Failure::Misused(misuse)
    }
}

impl From<NoValue> for Failure {
    fn from(wrong: NoValue) -> Failure {
        Failure::NoValue(wrong)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(fault: anyhow::Error) -> Failure {
        Failure::Fault(fault)
    }
}

pub(super) fn no_memory() -> anyhow::Error {
    anyhow::anyhow!("the mod has no memory yet")
}

pub(super) fn check_range(caller: &Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<()> {
    let size = caller.memory().ok_or_else(no_memory)?.data_size(caller);
    match address as usize + len as usize <= size {
        true => Ok(()),
        false => Err(outside(address, len as usize, size)),
    }
}

/// Bytes that the mod has passed to the host, in its memory.
pub(super) fn passed(memory: &mut [u8], address: u32, len: usize) -> anyhow::Result<&mut [u8]> {
    let size = memory.len();
    let bytes = memory.get_mut(address as usize..).and_then(|rest| rest.get_mut(..len));
    bytes.ok_or_else(|| outside(address, len, size))
}

pub(super) fn outside(address: u32, len: usize, size: usize) -> anyhow::Error {
    anyhow::anyhow!("it passed {len} bytes at address {address:#x} to the host, and its memory has {size}")
}

pub(super) fn check_journal(effects: &Effects) -> anyhow::Result<()> {
    anyhow::ensure!(
        effects.journal.held_bytes() <= JOURNAL_BYTES_MAX,
        "the system has changed more than {JOURNAL_BYTES_MAX} bytes of rows: change fewer in one tick"
    );
    Ok(())
}

pub(super) fn no_system_runs(caller: &Caller<'_, ModState>) -> bool {
    caller.data().running.is_none()
}

/// Takes fuel for the host's work. What is not there is owed, and taken from the next grant.
pub(crate) fn pay(caller: &mut Caller<'_, ModState>, fuel: u64) -> anyhow::Result<()> {
    let left = caller.get_fuel()?;
    caller.set_fuel(left.saturating_sub(fuel))?;
    let debt = &mut caller.data_mut().debt;
    *debt = debt.saturating_add(fuel.saturating_sub(left));
    Ok(())
}

//! What all calls of a mod share: access to memory and world, a price, and an answer.
//!
//! It wraps each function of the contract, and knows none of them.

use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_columns::NoValue;
use tinkerbox_wasm::Caller;

use super::misuse::Misuse;
use crate::guest::effects::Effects;
use crate::guest::state::ModState;
use crate::limits::JOURNAL_BYTES_MAX;
use crate::prices::{self, Bill};

/// A call of a mod that is being answered: what it works on, and its price.
pub(super) struct Call<'a> {
    pub memory: &'a mut [u8],
    pub state: &'a mut ModState,
    /// Charged on every way out of the call.
    pub bill: Bill,
}

/// Why a call was not done.
pub(super) enum Failure {
    /// The mod gets the error, and can handle it.
    Told(AbiError),
    /// The same, and its author is told: the call is meaningless.
    Misused(Misuse),
    /// It has written bytes that are not a valid value, which ends the run. The error is described once the state is
    /// accessible again.
    NoValue(Box<NoValue>),
    /// Another mistake in its code, which ends the run.
    Fault(anyhow::Error),
}

/// The result of a call, and its price.
type Served = (Result<i32, Failure>, Bill);

/// Answers a call that needs the world, which is lent while a system runs.
pub(super) fn with_world(
    mut caller: Caller<'_, ModState>,
    serve: impl FnOnce(&World, &mut Call<'_>) -> Result<i32, Failure>,
) -> anyhow::Result<i32> {
    let memory = caller.memory().ok_or_else(no_memory)?;
    if no_system_runs(&caller) {
        pay(&mut caller, prices::CALL)?;
        Misuse::no_system().report(caller.data_mut());
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
            let error = misuse.error;
            misuse.report(caller.data_mut());
            Ok(error.into())
        }
        Err(Failure::NoValue(wrong)) => Err(caller.data().describe(&wrong)),
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

impl From<Box<NoValue>> for Failure {
    fn from(wrong: Box<NoValue>) -> Failure {
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

/// Takes fuel for the host's work. If the mod has too little, the rest becomes a debt, which the next grants pay.
pub(super) fn pay(caller: &mut Caller<'_, ModState>, fuel: u64) -> anyhow::Result<()> {
    let left = caller.get_fuel()?;
    caller.set_fuel(left.saturating_sub(fuel))?;
    let debt = &mut caller.data_mut().debt;
    *debt = debt.saturating_add(fuel.saturating_sub(left));
    Ok(())
}

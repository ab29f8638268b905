//! Entities made and taken away, components put on and taken off: queued, and done when the system has finished.

use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_wasm::Caller;

use super::{BYTES_PER_FUEL, CALL_FUEL, answer, check_range, memory, no_system_runs, passed, pay};
use crate::commands::COMMANDS_MAX;
use crate::state::ModState;

/// Any command.
const COMMAND_FUEL: u64 = 200;
/// An id of an entity.
const RESERVE_FUEL: u64 = 10;
/// Bytes of command records that are looked at in one call.
const RECORDS_BYTES_MAX: u32 = 4 << 20;

pub(super) fn command(mut caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    check_range(&caller, memory, address, len)?;
    pay(&mut caller, CALL_FUEL + u64::from(len) / BYTES_PER_FUEL as u64)?;
    if no_system_runs(&caller) {
        return Ok(AbiError::NotNow.into());
    }
    let (queued, new) = caller.with_lent_and_memory(memory, |world: &World, bytes, state| {
        if let Err(error) = may_command(state) {
            return Ok((Err(error), 0));
        }
        if len > RECORDS_BYTES_MAX {
            return Ok((Err(AbiError::NoRoom), 0));
        }
        let records = passed(bytes, address, len as usize)?;
        let (queue, judge) = state.judge(world);
        let before = queue.len();
        let queued = queue.queue(records, judge);
        let new = queue.len() - before;
        state.effects.are_there = true;
        anyhow::Ok((queued, new))
    })??;
    pay(&mut caller, COMMAND_FUEL * new as u64)?;
    Ok(answer(queued.map(|()| 0)))
}

pub(super) fn entity_reserve(
    mut caller: Caller<'_, ModState>,
    address: u32,
    count: u32,
) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    if no_system_runs(&caller) {
        return Ok(AbiError::NotNow.into());
    }
    let reserved = caller.with_lent_and_memory(memory, |world: &World, bytes, state| {
        if let Err(error) = may_command(state) {
            return Ok(Err(error));
        }
        if count as usize > COMMANDS_MAX {
            return Ok(Err(AbiError::NoRoom));
        }
        let room = passed(bytes, address, count as usize * size_of::<u64>())?;
        state.effects.are_there = true;
        let ids = match state.effects.commands.reserve(world, count as usize) {
            Ok(ids) => ids,
            Err(error) => return Ok(Err(error)),
        };
        for (id, place) in ids.iter().zip(room.as_chunks_mut().0) {
            *place = id.to_bits().to_le_bytes();
        }
        anyhow::Ok(Ok(()))
    })??;
    pay(&mut caller, CALL_FUEL + if reserved.is_ok() { RESERVE_FUEL * u64::from(count) } else { 0 })?;
    Ok(answer(reserved.map(|()| 0)))
}

/// Only a system that has said so changes structure: others may run beside it.
fn may_command(state: &mut ModState) -> Result<(), AbiError> {
    match state.system().is_some_and(|system| system.uses.has_commands) {
        true => Ok(()),
        false => Err(AbiError::Denied),
    }
}

//! Entities made and taken away, components put on and taken off: queued, and done when the system has finished.

use tinkerbox_abi::{AbiError, import};
use tinkerbox_wasm::Caller;

use super::call::{Failure, check_range, no_system_runs, passed, pay, with_world};
use super::misuse::Misuse;
use crate::commands::COMMANDS_MAX;
use crate::prices;
use crate::state::ModState;

/// Bytes of command records that are looked at in one call.
const RECORDS_BYTES_MAX: u32 = 4 << 20;

pub(super) fn command(mut caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<i32> {
    check_range(&caller, address, len)?;
    if no_system_runs(&caller) {
        // Records are paid for where nothing comes of them, too.
        pay(&mut caller, prices::CALL + u64::from(len) / prices::BYTES_PER_UNIT as u64)?;
        Misuse::no_system().tell(caller.data_mut());
        return Ok(AbiError::NotNow.into());
    }
    with_world(caller, |world, call| {
        call.bill.bytes(len as usize);
        may_command(call.state, import::COMMAND)?;
        if len > RECORDS_BYTES_MAX {
            return Err(AbiError::NoRoom.into());
        }
        let records = passed(call.memory, address, len as usize)?;
        call.state.effects.are_there = true;
        let (queue, judge) = call.state.judge(world);
        queue.queue(records, judge, &mut call.bill).map_err(|error| match error {
            AbiError::BadArgument => Misuse::records().into(),
            other => Failure::from(other),
        })?;
        Ok(0)
    })
}

pub(super) fn entity_reserve(caller: Caller<'_, ModState>, address: u32, count: u32) -> anyhow::Result<i32> {
    with_world(caller, |world, call| {
        may_command(call.state, import::ENTITY_RESERVE)?;
        if count as usize > COMMANDS_MAX {
            return Err(AbiError::NoRoom.into());
        }
        let room = passed(call.memory, address, count as usize * size_of::<u64>())?;
        call.state.effects.are_there = true;
        let commands = &mut call.state.effects.commands;
        let ids = commands.reserve(world, count as usize, &mut call.bill)?;
        for (id, place) in ids.iter().zip(room.as_chunks_mut().0) {
            *place = id.to_bits().to_le_bytes();
        }
        Ok(0)
    })
}

/// Only a system that has said so changes structure: others may run beside it.
fn may_command(state: &mut ModState, function: &'static str) -> Result<(), Misuse> {
    match state.system().is_some_and(|system| system.uses.has_commands) {
        true => Ok(()),
        false => Err(Misuse::no_commands(function)),
    }
}

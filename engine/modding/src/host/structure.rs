//! Commands that spawn and despawn entities, insert and remove components: queued, and applied when the system has finished.

use tinkerbox_abi::{AbiError, import};
use tinkerbox_wasm::Caller;

use super::call::{Failure, check_range, no_system_runs, passed, pay, with_world};
use super::misuse::Misuse;
use crate::guest::effects::not_queued::NotQueued;
use crate::guest::state::ModState;
use crate::limits::{COMMANDS_MAX, RECORD_BYTES_MAX};
use crate::prices;

pub(super) fn command(mut caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<i32> {
    check_range(&caller, address, len)?;
    if no_system_runs(&caller) {
        // Records are paid for even if they are refused.
        pay(&mut caller, prices::CALL + u64::from(len) / prices::BYTES_PER_UNIT as u64)?;
        Misuse::no_system().report(caller.data_mut());
        return Ok(AbiError::NotNow.into());
    }
    with_world(caller, |world, call| {
        call.bill.bytes(len as usize);
        may_command(call.state, import::COMMAND)?;
        if len > RECORD_BYTES_MAX {
            return Err(AbiError::NoRoom.into());
        }
        let records = passed(call.memory, address, len as usize)?;
        call.state.effects.is_pending = true;
        let (queue, checker) = call.state.commands(world);
        queue.queue(records, checker, &mut call.bill).map_err(|why| match why {
            NotQueued::Refused(AbiError::BadArgument) => Misuse::records().into(),
            NotQueued::Refused(other) => {
                if other == AbiError::Denied {
                    call.state.report_denied(records);
                }
                Failure::from(other)
            }
            invalid => Misuse::not_valid(import::COMMAND, invalid).into(),
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
        call.state.effects.is_pending = true;
        let commands = &mut call.state.effects.commands;
        let ids = commands.reserve(world, count as usize, &mut call.bill)?;
        for (id, bytes) in ids.iter().zip(room.as_chunks_mut().0) {
            *bytes = id.to_bits().to_le_bytes();
        }
        Ok(0)
    })
}

/// Only a system that declares commands may give some: other systems may run at the same time.
fn may_command(state: &mut ModState, function: &'static str) -> Result<(), Misuse> {
    match state.system().is_some_and(|system| system.uses.has_commands) {
        true => Ok(()),
        false => Err(Misuse::no_commands(function)),
    }
}

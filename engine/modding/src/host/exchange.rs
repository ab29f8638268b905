//! Events that a mod reads and sends, resources that it gets and sets.

use tinkerbox_abi::{AbiError, import};
use tinkerbox_columns::{FlatComponent, copy_resource, resource_entity};
use tinkerbox_wasm::Caller;

use super::call::{Failure, check_journal, passed, with_memory, with_world};
use super::misuse::Misuse;
use crate::guest::effects::not_queued::NotQueued;
use crate::guest::state::ModState;
use crate::limits::READ_EVENT_BYTES_MAX;
use crate::prices;

pub(super) fn event_next(caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<i32> {
    with_memory(caller, |call| {
        let room = passed(call.memory, address, len as usize)?;
        let most = room.len().min(READ_EVENT_BYTES_MAX);
        let handles = call.state.system().and_then(|system| system.handles.as_deref_mut());
        let (handled, queue) = handles.ok_or(Misuse::no_handler())?;
        let count = queue.next(&mut room[..most]);
        if count == 0 && queue.has_next() {
            return Err(AbiError::NoRoom.into());
        }
        call.bill.each(count, prices::READ_EVENT);
        call.bill.bytes(count * handled.size());
        Ok(count as i32)
    })
}

pub(super) fn event_send(
    caller: Caller<'_, ModState>,
    event: u32,
    address: u32,
    len: u32,
) -> anyhow::Result<i32> {
    with_memory(caller, |call| {
        let events = passed(call.memory, address, len as usize)?;
        call.bill.bytes(events.len());
        let system = call.state.system().ok_or(Misuse::no_system())?;
        let event = *system.uses.sends.get(event as usize).ok_or(Misuse::event(event))?;
        call.state.effects.send(&event, events, &mut call.bill).map_err(|why| match why {
            NotQueued::Refused(AbiError::BadArgument) => Misuse::event_bytes(event.id, events.len()).into(),
            NotQueued::Refused(other) => Failure::from(other),
            invalid => Misuse::not_valid(import::EVENT_SEND, invalid).into(),
        })?;
        Ok(0)
    })
}

pub(super) fn resource_get(caller: Caller<'_, ModState>, resource: u32, address: u32) -> anyhow::Result<i32> {
    with_world(caller, |world, call| {
        let (resource, _) = find(call.state, import::RESOURCE_GET, resource)?;
        let room = passed(call.memory, address, resource.size())?;
        call.bill.bytes(room.len());
        let entity = resource_entity(world, &resource).ok_or(AbiError::Gone)?;
        match call.state.effects.journal.get(entity, &resource) {
            Some(set) => room.copy_from_slice(set),
            None if copy_resource(world, &resource, room) => {}
            None => return Err(AbiError::Gone.into()),
        }
        Ok(room.len() as i32)
    })
}

pub(super) fn resource_set(caller: Caller<'_, ModState>, resource: u32, address: u32) -> anyhow::Result<i32> {
    with_world(caller, |world, call| {
        let number = resource;
        let (resource, is_written) = find(call.state, import::RESOURCE_SET, number)?;
        if !is_written {
            return Err(Misuse::read_only_resource(number).into());
        }
        let value = passed(call.memory, address, resource.size())?;
        call.bill.add(prices::SET);
        call.bill.bytes(value.len());
        let entity = resource_entity(world, &resource).ok_or(AbiError::Gone)?;
        let effects = &mut call.state.effects;
        effects.is_pending = true;
        effects.journal.set(world, entity, &resource, value)?;
        check_journal(effects)?;
        Ok(0)
    })
}

/// The running system's resource of this number, and whether it is written.
fn find(
    state: &mut ModState,
    function: &'static str,
    resource: u32,
) -> Result<(FlatComponent, bool), Misuse> {
    let system = state.system().ok_or(Misuse::no_system())?;
    let plan = system.uses.resources.get(resource as usize).ok_or(Misuse::resource(function, resource))?;
    Ok((plan.resource, plan.is_written))
}

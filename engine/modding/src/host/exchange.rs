//! Events in and out, resources in and out.

use bevy_ecs::world::World;
use tinkerbox_abi::AbiError;
use tinkerbox_columns::{FlatComponent, copy_resource, resource_entity};
use tinkerbox_wasm::Caller;

use super::{
    BYTES_PER_FUEL, CALL_FUEL, answer, check_journal, check_range, memory, no_system_runs, passed, pay,
};
use crate::state::ModState;

/// An event that is sent.
const EVENT_FUEL: u64 = 20;
/// Bytes of events that are handed out in one call.
const EVENT_BYTES_MAX: u32 = 1 << 20;

pub(super) fn event_next(mut caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    check_range(&caller, memory, address, len)?;
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    let next = match state.system().and_then(|system| system.handles.as_deref_mut()) {
        None => Err(AbiError::NotNow),
        Some((event, queue)) => {
            let room = passed(bytes, address, len.min(EVENT_BYTES_MAX) as usize)?;
            match queue.next(room) {
                0 if queue.has_next() => Err(AbiError::NoRoom),
                count => Ok((count, count * event.size)),
            }
        }
    };
    pay(&mut caller, CALL_FUEL + next.map_or(0, |(_, bytes)| bytes / BYTES_PER_FUEL) as u64)?;
    Ok(answer(next.map(|(count, _)| count as i32)))
}

pub(super) fn event_send(
    mut caller: Caller<'_, ModState>,
    event: u32,
    address: u32,
    len: u32,
) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    check_range(&caller, memory, address, len)?;
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    let sent = match state.system() {
        None => Err(AbiError::NotNow),
        Some(system) => match system.uses.sends.get(event as usize).copied() {
            None => Err(AbiError::BadArgument),
            Some(event) => {
                let events = passed(bytes, address, len as usize)?;
                state.effects.send(&event, events).map(|()| len as usize / event.size)
            }
        },
    };
    let work = u64::from(len) / BYTES_PER_FUEL as u64 + EVENT_FUEL * sent.unwrap_or(0) as u64;
    pay(&mut caller, CALL_FUEL + work)?;
    Ok(answer(sent.map(|_| 0)))
}

pub(super) fn resource_get(
    mut caller: Caller<'_, ModState>,
    resource: u32,
    address: u32,
) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    if no_system_runs(&caller) {
        return Ok(AbiError::NotNow.into());
    }
    let got = caller.with_lent_and_memory(memory, |world: &World, bytes, state| {
        let (resource, _) = match find(state, resource) {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let room = passed(bytes, address, resource.size())?;
        let Some(entity) = resource_entity(world, &resource) else { return Ok(Err(AbiError::Gone)) };
        match state.effects.journal.get(entity, &resource) {
            Some(set) => room.copy_from_slice(set),
            None if copy_resource(world, &resource, room) => {}
            None => return Ok(Err(AbiError::Gone)),
        }
        anyhow::Ok(Ok(room.len()))
    })??;
    pay(&mut caller, CALL_FUEL + (got.unwrap_or(0) / BYTES_PER_FUEL) as u64)?;
    Ok(answer(got.map(|bytes| bytes as i32)))
}

pub(super) fn resource_set(
    mut caller: Caller<'_, ModState>,
    resource: u32,
    address: u32,
) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    if no_system_runs(&caller) {
        return Ok(AbiError::NotNow.into());
    }
    let set = caller.with_lent_and_memory(memory, |world: &World, bytes, state| {
        let resource = match find(state, resource) {
            Ok((resource, true)) => resource,
            Ok((_, false)) => return Ok(Err(AbiError::Denied)),
            Err(error) => return Ok(Err(error)),
        };
        let value = passed(bytes, address, resource.size())?;
        let Some(entity) = resource_entity(world, &resource) else { return Ok(Err(AbiError::Gone)) };
        state.effects.are_there = true;
        match state.effects.journal.set(entity, &resource, value) {
            Ok(()) => check_journal(&state.effects).map(|()| Ok(value.len())),
            Err(wrong) => Err(state.describe(wrong)),
        }
    })??;
    pay(&mut caller, CALL_FUEL + (set.unwrap_or(0) / BYTES_PER_FUEL) as u64)?;
    Ok(answer(set.map(|_| 0)))
}

/// The running system's resource of this number, and whether it is written.
fn find(state: &mut ModState, resource: u32) -> Result<(FlatComponent, bool), AbiError> {
    let system = state.system().ok_or(AbiError::NotNow)?;
    let plan = system.uses.resources.get(resource as usize).ok_or(AbiError::BadArgument)?;
    Ok((plan.resource, plan.is_written))
}

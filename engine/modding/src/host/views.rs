//! Queries: rows in chunks, and values one by one.

use bevy_ecs::world::World;
use tinkerbox_abi::{AbiError, View};
use tinkerbox_wasm::Caller;

use super::{
    BYTES_PER_FUEL, CALL_FUEL, answer, check_journal, check_range, memory, no_system_runs, outside, passed,
    pay,
};
use crate::state::ModState;
use crate::view::Filled;

/// So many rows of a query cost one unit when it is begun.
const ROWS_PER_FUEL: usize = 8;
/// Bytes lent at once: a bound on what a single call can take.
const CHUNK_BYTES_MAX: u32 = 1 << 20;

pub(super) fn view_next(
    mut caller: Caller<'_, ModState>,
    query: u32,
    view: u32,
    buffer: u32,
    buffer_len: u32,
) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    check_range(&caller, memory, buffer, buffer_len)?;
    check_range(&caller, memory, view, View::SIZE as u32)?;
    let room = buffer as usize..buffer as usize + buffer_len.min(CHUNK_BYTES_MAX) as usize;
    if no_system_runs(&caller) {
        return Ok(AbiError::NotNow.into());
    }
    let (taken_bytes, listed, filled) =
        caller.with_lent_and_memory(memory, |world: &World, bytes, state| {
            let Some((query, effects)) = state.query(query) else {
                return Ok((0, 0, Err(AbiError::BadArgument)));
            };
            effects.are_there = true;
            let taken = query.hand_back(world, bytes, &mut effects.journal);
            let taken = match taken {
                Ok(taken) => check_journal(effects).map(|()| taken)?,
                Err(wrong) => return Err(state.describe(wrong)),
            };
            // Paid also where no row fits.
            let listed = query.list(world);
            let filled = query.fill(world, buffer, &mut bytes[room]);
            if let Ok(filled) = &filled {
                let record = passed(bytes, view, View::SIZE)?;
                record.copy_from_slice(&filled.view.to_le_bytes());
            }
            Ok((taken, listed, filled))
        })??;
    let Filled { view, bytes } = filled.unwrap_or_default();
    let work = (taken_bytes + bytes) / BYTES_PER_FUEL + listed / ROWS_PER_FUEL;
    pay(&mut caller, CALL_FUEL + work as u64)?;
    Ok(answer(filled.map(|_| view.rows as i32)))
}

pub(super) fn get(
    mut caller: Caller<'_, ModState>,
    query: u32,
    column: u32,
    entity: u64,
    address: u32,
) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    if no_system_runs(&caller) {
        return Ok(AbiError::NotNow.into());
    }
    let got = caller.with_lent_and_memory(memory, |world: &World, bytes, state| {
        let Some((query, effects)) = state.query(query) else { return Ok(Err(AbiError::BadArgument)) };
        let size = bytes.len();
        let room = bytes.get_mut(address as usize..).unwrap_or_default();
        match query.get(world, column, entity, &effects.journal, room) {
            Err(AbiError::NoRoom) => Err(outside(address, query.size_of(column), size)),
            got => Ok(got),
        }
    })??;
    pay(&mut caller, CALL_FUEL + got.map_or(0, |bytes| bytes / BYTES_PER_FUEL) as u64)?;
    Ok(answer(got.map(|bytes| bytes as i32)))
}

pub(super) fn set(
    mut caller: Caller<'_, ModState>,
    query: u32,
    column: u32,
    entity: u64,
    address: u32,
) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    if no_system_runs(&caller) {
        return Ok(AbiError::NotNow.into());
    }
    let set = caller.with_lent_and_memory(memory, |world: &World, bytes, state| {
        let Some((query, effects)) = state.query(query) else { return Ok(Err(AbiError::BadArgument)) };
        let (component, entity) = match query.settable(world, column, entity) {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let value = passed(bytes, address, component.size())?;
        effects.are_there = true;
        match effects.journal.set(entity, component, value) {
            Ok(()) => check_journal(effects).map(|()| Ok(value.len())),
            Err(wrong) => Err(state.describe(wrong)),
        }
    })??;
    pay(&mut caller, CALL_FUEL + set.map_or(0, |bytes| bytes / BYTES_PER_FUEL) as u64)?;
    Ok(answer(set.map(|_| 0)))
}

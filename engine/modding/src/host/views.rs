//! Queries: rows in chunks, and values one by one.

use tinkerbox_abi::{AbiError, View, import};
use tinkerbox_wasm::Caller;

use super::call::{Failure, check_journal, check_range, outside, passed, with_world};
use super::misuse::Misuse;
use crate::guest::state::ModState;
use crate::guest::view::{Cell, TakeBack};
use crate::limits::CHUNK_BYTES_MAX;
use crate::prices;

pub(super) fn view_next(
    caller: Caller<'_, ModState>,
    query: u32,
    view: u32,
    buffer: u32,
    buffer_len: u32,
) -> anyhow::Result<i32> {
    check_range(&caller, buffer, buffer_len)?;
    check_range(&caller, view, View::SIZE as u32)?;
    with_world(caller, |world, call| {
        let (query, effects) = call.state.query(query).ok_or(Misuse::query(import::VIEW_NEXT, query))?;
        effects.is_pending = true;
        let (memory, journal, bill) = (&*call.memory, &mut effects.journal, &mut call.bill);
        query.take_back(TakeBack { world, memory, journal, bill })?;
        check_journal(effects)?;
        let room = passed(call.memory, buffer, buffer_len.min(CHUNK_BYTES_MAX) as usize)?;
        let filled = query.fill(world, buffer, room, &mut call.bill).map_err(|error| match error {
            AbiError::BadArgument => Misuse::buffer(buffer).into(),
            other => Failure::from(other),
        })?;
        passed(call.memory, view, View::SIZE)?.copy_from_slice(&filled.to_le_bytes());
        Ok(filled.rows as i32)
    })
}

pub(super) fn get(
    caller: Caller<'_, ModState>,
    query: u32,
    column: u32,
    entity: u64,
    address: u32,
) -> anyhow::Result<i32> {
    with_world(caller, |world, call| {
        let (query, effects) = call.state.query(query).ok_or(Misuse::query(import::GET, query))?;
        let size = call.memory.len();
        let room = call.memory.get_mut(address as usize..).unwrap_or_default();
        call.bill.bytes(query.size_of(column));
        let got = query.get(world, Cell { column, entity }, &effects.journal, room);
        match got {
            Err(AbiError::NoRoom) => return Err(outside(address, query.size_of(column), size).into()),
            Err(AbiError::BadArgument) => return Err(Misuse::column(import::GET, column).into()),
            _ => {}
        }
        Ok(got? as i32)
    })
}

pub(super) fn set(
    caller: Caller<'_, ModState>,
    query: u32,
    column: u32,
    entity: u64,
    address: u32,
) -> anyhow::Result<i32> {
    with_world(caller, |world, call| {
        let (query, effects) = call.state.query(query).ok_or(Misuse::query(import::SET, query))?;
        call.bill.bytes(query.size_of(column));
        let settable = query.settable(world, Cell { column, entity }).map_err(|error| match error {
            AbiError::BadArgument => Misuse::column(import::SET, column).into(),
            AbiError::Denied => Misuse::read_only_column(column).into(),
            other => Failure::from(other),
        });
        let (component, entity) = settable?;
        call.bill.add(prices::SET);
        let value = passed(call.memory, address, component.size())?;
        effects.is_pending = true;
        effects.journal.set(world, entity, component, value)?;
        check_journal(effects)?;
        Ok(0)
    })
}

//! The functions that mods import: the module `tinkerbox1`.
//!
//! Each decodes its arguments, asks `view` or `commands`, and pays with the mod's fuel for what the host
//! has done. Their names and types are also in `package/contract.rs`, against which mods are checked before
//! they run.
//!
//! A negative answer is an error that a mod can handle. A pointer that leads out of memory is a mistake in
//! its code, and ends it.

use std::fmt;

use bevy_ecs::world::World;
use rand_pcg::rand_core::Rng;
use tinkerbox_abi::{AbiError, LOG_BYTES_MAX, LogLevel, View, import};
use tinkerbox_wasm::{Caller, Engine, Linker, Memory};

use crate::commands::Judge;
use crate::state::ModState;
use crate::text::harmless;

/// A call that does something beyond reading a number.
const CALL_FUEL: u64 = 50;
/// So many bytes that the host copies or compares cost one unit.
const BYTES_PER_FUEL: usize = 8;
/// So many rows of a query cost one unit when it is begun.
const ROWS_PER_FUEL: usize = 8;
/// A spawn or despawn.
const COMMAND_FUEL: u64 = 200;
/// Bytes lent at once: a bound on what a single call can take.
const CHUNK_BYTES_MAX: u32 = 1 << 20;
/// Bytes of changed rows that wait for one system to finish.
const JOURNAL_BYTES_MAX: usize = 64 << 20;
/// Bytes of command records that are looked at in one call.
const RECORDS_BYTES_MAX: u32 = 4 << 20;

/// What a mod said when it panicked.
#[derive(Debug)]
pub(crate) struct Panicked(String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it panicked: {}", self.0)
    }
}

impl std::error::Error for Panicked {}

/// Defines the functions.
pub(crate) fn link(engine: &Engine) -> anyhow::Result<Linker<ModState>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap(import::MODULE, import::VIEW_NEXT, view_next)?;
    linker.func_wrap(import::MODULE, import::COMMAND, command)?;
    linker.func_wrap(import::MODULE, import::LOG, log)?;
    linker.func_wrap(import::MODULE, import::PANIC, panic)?;
    linker.func_wrap(import::MODULE, import::TICK, |caller: Caller<'_, ModState>| caller.data().time.tick)?;
    linker
        .func_wrap(import::MODULE, import::DELTA, |caller: Caller<'_, ModState>| caller.data().time.delta)?;
    linker.func_wrap(import::MODULE, import::RANDOM, |mut caller: Caller<'_, ModState>| {
        caller.data_mut().kept.random.next_u64()
    })?;
    linker.func_wrap(import::MODULE, import::FUEL_LEFT, |caller: Caller<'_, ModState>| caller.get_fuel())?;
    Ok(linker)
}

fn view_next(
    mut caller: Caller<'_, ModState>,
    query: u32,
    view: u32,
    buffer: u32,
    buffer_len: u32,
) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    check_range(&caller, memory, buffer, buffer_len)?;
    check_range(&caller, memory, view, View::SIZE as u32)?;
    let Some(run) = &caller.data().run else { return Ok(AbiError::NotNow.into()) };
    if query as usize >= run.cursors.len() {
        return Ok(AbiError::BadArgument.into());
    }
    let room = buffer as usize..buffer as usize + buffer_len.min(CHUNK_BYTES_MAX) as usize;
    let (taken_bytes, filled, journal_bytes) =
        caller.with_lent_and_memory(memory, |world: &World, bytes, state| {
            let ModState { run, queries, .. } = state;
            let run = run.as_mut().expect("it was there above");
            let (cursor, query) = (&mut run.cursors[query as usize], &queries[run.system][query as usize]);
            let taken_bytes = cursor.hand_back(world, query, bytes, &mut run.journal);
            let filled = cursor.fill(world, query, buffer, &mut bytes[room]);
            (taken_bytes, filled, run.journal.held_bytes())
        })?;
    anyhow::ensure!(
        journal_bytes <= JOURNAL_BYTES_MAX,
        "the system has changed more than {JOURNAL_BYTES_MAX} bytes of rows: change fewer in one tick"
    );
    let (bytes, rows) = filled.map_or((0, 0), |chunk| (chunk.bytes, chunk.listed_rows));
    let work = (taken_bytes + bytes) / BYTES_PER_FUEL + rows / ROWS_PER_FUEL;
    pay(&mut caller, CALL_FUEL + work as u64)?;
    match filled {
        Ok(chunk) => {
            memory.write(&mut caller, view as usize, &chunk.view.to_le_bytes())?;
            Ok(chunk.view.rows as i32)
        }
        Err(error) => Ok(error.into()),
    }
}

fn command(mut caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<i32> {
    let memory = memory(&caller)?;
    check_range(&caller, memory, address, len)?;
    pay(&mut caller, CALL_FUEL + u64::from(len) / BYTES_PER_FUEL as u64)?;
    if len > RECORDS_BYTES_MAX {
        return Ok(AbiError::NoRoom.into());
    }
    let state = caller.data_mut();
    let Some(mut run) = state.run.take() else {
        return Ok(AbiError::NotNow.into());
    };
    let mut population = std::mem::take(&mut state.kept.population);
    let before = run.commands.len();
    let queued = caller.with_lent(|world: &World| {
        let records = &memory.data(&caller)[address as usize..][..len as usize];
        run.commands
            .queue(records, Judge { rights: &caller.data().rights, population: &mut population, world })
    })?;
    let new = run.commands.len() - before;
    let state = caller.data_mut();
    state.kept.population = population;
    state.run = Some(run);
    pay(&mut caller, COMMAND_FUEL * new as u64)?;
    Ok(queued.map_or_else(i32::from, |()| 0))
}

fn log(mut caller: Caller<'_, ModState>, level: i32, address: u32, len: u32) -> anyhow::Result<()> {
    let text = read_text(&caller, address, len)?;
    pay(&mut caller, CALL_FUEL + text.len() as u64)?;
    caller.data_mut().logs.push(LogLevel::try_from(level).unwrap_or(LogLevel::Info), &text);
    Ok(())
}

fn panic(caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<()> {
    let text = read_text(&caller, address, len)?;
    Err(Panicked(harmless(&String::from_utf8_lossy(&text))).into())
}

/// At most as many bytes as a message may have.
fn read_text(caller: &Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<Vec<u8>> {
    let memory = memory(caller)?;
    check_range(caller, memory, address, len)?;
    let len = (len as usize).min(LOG_BYTES_MAX);
    Ok(memory.data(caller)[address as usize..][..len].to_vec())
}

fn memory(caller: &Caller<'_, ModState>) -> anyhow::Result<Memory> {
    caller.memory().ok_or_else(|| anyhow::anyhow!("the mod has no memory yet"))
}

fn check_range(caller: &Caller<'_, ModState>, memory: Memory, address: u32, len: u32) -> anyhow::Result<()> {
    let (address, size) = (address as usize, memory.data_size(caller));
    anyhow::ensure!(
        address + len as usize <= size,
        "it passed {len} bytes at address {address:#x} to the host, and its memory has {size}"
    );
    Ok(())
}

/// Takes fuel for what the host has done. What is not there is owed, and taken from the next grant.
fn pay(caller: &mut Caller<'_, ModState>, fuel: u64) -> anyhow::Result<()> {
    let left = caller.get_fuel()?;
    caller.set_fuel(left.saturating_sub(fuel))?;
    let debt = &mut caller.data_mut().debt;
    *debt = debt.saturating_add(fuel.saturating_sub(left));
    Ok(())
}

//! Messages of a mod: to its author, and the last words of a panic.

use tinkerbox_abi::{LOG_BYTES_MAX, LogLevel};
use tinkerbox_wasm::Caller;

use super::call::{no_memory, passed, pay};
use crate::guest::panicked::Panicked;
use crate::guest::state::ModState;
use crate::prices;

pub(super) fn log(
    mut caller: Caller<'_, ModState>,
    level: i32,
    address: u32,
    len: u32,
) -> anyhow::Result<()> {
    let text = read_text(&mut caller, address, len)?;
    caller.data_mut().logs.push(LogLevel::try_from(level).unwrap_or(LogLevel::Info), &text);
    Ok(())
}

pub(super) fn panic(mut caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<()> {
    let text = read_text(&mut caller, address, len)?;
    Err(Panicked::new(&text).into())
}

/// Reads at most as many bytes as a message may have, and takes their price.
fn read_text(caller: &mut Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<Vec<u8>> {
    let bytes = (len as usize).min(LOG_BYTES_MAX) as u64;
    pay(caller, prices::MESSAGE + prices::MESSAGE_BYTE * bytes)?;
    let (memory, _) = caller.memory_and_data().ok_or_else(no_memory)?;
    let text = passed(memory, address, len as usize)?;
    Ok(text[..text.len().min(LOG_BYTES_MAX)].to_vec())
}

//! What a mod says: messages for its author, and the last words of a panic.

use std::fmt;

use tinkerbox_abi::{LOG_BYTES_MAX, LogLevel};
use tinkerbox_wasm::Caller;

use super::call::{CALL_FUEL, no_memory, passed, pay};
use crate::state::ModState;
use crate::text::harmless;

/// What a mod said when it panicked.
#[derive(Debug)]
pub(crate) struct Panicked(String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it panicked: {}", self.0)
    }
}

impl std::error::Error for Panicked {}

pub(super) fn log(
    mut caller: Caller<'_, ModState>,
    level: i32,
    address: u32,
    len: u32,
) -> anyhow::Result<()> {
    let text = read_text(&mut caller, address, len)?;
    pay(&mut caller, CALL_FUEL + text.len() as u64)?;
    caller.data_mut().logs.push(LogLevel::try_from(level).unwrap_or(LogLevel::Info), &text);
    Ok(())
}

pub(super) fn panic(mut caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<()> {
    let text = read_text(&mut caller, address, len)?;
    Err(Panicked(harmless(&String::from_utf8_lossy(&text))).into())
}

/// At most as many bytes as a message may have.
fn read_text(caller: &mut Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<Vec<u8>> {
    let (memory, _) = caller.memory_and_data().ok_or_else(no_memory)?;
    let text = passed(memory, address, len as usize)?;
    Ok(text[..text.len().min(LOG_BYTES_MAX)].to_vec())
}

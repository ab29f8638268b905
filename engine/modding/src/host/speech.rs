//! What a mod says: messages for its author, and the last words of a panic.

use std::fmt;

use tinkerbox_abi::{LOG_BYTES_MAX, LogLevel};
use tinkerbox_wasm::Caller;

use super::call::{no_memory, passed, pay};
use crate::prices;
use crate::state::ModState;
use crate::text::harmless;

/// What a mod said when it panicked.
#[derive(Debug)]
pub(crate) struct Panicked(String);

impl fmt::Display for Panicked {
    /// Rust says where before it says what: `panicked at file:line:column:`, and the message on the next line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_rust = self.0.strip_prefix("panicked at ").and_then(|text| text.split_once(":\n"));
        match by_rust {
            None => write!(f, "it panicked: {}", self.0),
            Some((place, message)) => {
                let (first, rest) = message.split_at(message.find('\n').unwrap_or(message.len()));
                write!(f, "it panicked: {first} (at {place}){rest}")
            }
        }
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
    caller.data_mut().logs.push(LogLevel::try_from(level).unwrap_or(LogLevel::Info), &text);
    Ok(())
}

pub(super) fn panic(mut caller: Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<()> {
    let text = read_text(&mut caller, address, len)?;
    Err(Panicked(harmless(&String::from_utf8_lossy(&text))).into())
}

/// At most as many bytes as a message may have, which are paid for.
fn read_text(caller: &mut Caller<'_, ModState>, address: u32, len: u32) -> anyhow::Result<Vec<u8>> {
    let bytes = (len as usize).min(LOG_BYTES_MAX) as u64;
    pay(caller, prices::MESSAGE + prices::MESSAGE_BYTE * bytes)?;
    let (memory, _) = caller.memory_and_data().ok_or_else(no_memory)?;
    let text = passed(memory, address, len as usize)?;
    Ok(text[..text.len().min(LOG_BYTES_MAX)].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panics_message_comes_first() {
        let cases = [
            ("no hay!", "it panicked: no hay!"),
            ("panicked at src/lib.rs:3:5:\nno hay!", "it panicked: no hay! (at src/lib.rs:3:5)"),
            (
                "panicked at src/lib.rs:3:5:\nassertion failed\n  left: 1\n right: 2",
                "it panicked: assertion failed (at src/lib.rs:3:5)\n  left: 1\n right: 2",
            ),
            ("panicked at", "it panicked: panicked at"),
            ("", "it panicked: "),
        ];
        for (said, told) in cases {
            assert_eq!(Panicked(said.to_owned()).to_string(), told);
        }
    }
}

//! The text format: where bytes may be in either format, text is translated to the binary format, the only one that the rest knows.

use std::borrow::Cow;

use crate::base::error::InvalidModule;
use crate::base::limits::module::TEXT_BYTES;
use crate::compile::parse::format;
use crate::vm::machine::float_mode::in_standard_mode;

/// A module's bytes in the binary format.
///
/// # Errors
/// The text is not a module, or too long; or the bytes are in neither format.
pub fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, InvalidModule> {
    // Compiled code is passed on: the parser refuses it, and says how to load it.
    if format::is_binary(bytes) || format::is_artifact(bytes) {
        return Ok(bytes.into());
    }
    if !format::is_text(bytes) {
        return Err(InvalidModule::new(format::neither_format(bytes), None));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| InvalidModule::new("the text is not UTF-8", Some(error.valid_up_to() as u64)))?;
    if text.len() > TEXT_BYTES {
        let message =
            format!("the text has {} bytes; the limit is {TEXT_BYTES}: use the binary format", text.len());
        return Err(InvalidModule::new(message, None));
    }
    // Reading decimal floats computes with floats.
    let binary = in_standard_mode(|| wat::parse_str(text))
        .map_err(|error| InvalidModule::new(shortened(error.to_string()), None))?;
    Ok(binary.into())
}

/// Shortens a message, which quotes the line that is wrong: a line can be as long as a file.
fn shortened(mut message: String) -> String {
    const MOST_BYTES: usize = 2_000;
    if message.len() > MOST_BYTES {
        message.truncate(message.floor_char_boundary(MOST_BYTES));
        message.push_str(" ...");
    }
    message
}

//! The text format, where bytes may be either: turned into the binary format, which all else knows alone.

use std::borrow::Cow;

use crate::base::error::InvalidModule;
use crate::base::limits::module::TEXT_BYTES;
use crate::compile::parse::format;
use crate::vm::machine::float_mode::in_standard_mode;

/// A module's bytes in the binary format.
///
/// # Errors
/// They are text that is no module, or too long; or neither format.
pub fn binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, InvalidModule> {
    // What is compiled already is the compiler's to refuse: it says what to do with it.
    if format::is_binary(bytes) || format::is_artifact(bytes) {
        return Ok(bytes.into());
    }
    if !format::is_text(bytes) {
        return Err(InvalidModule::new(format::neither_format(bytes), None));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| InvalidModule::new("the text is not UTF-8", Some(error.valid_up_to() as u64)))?;
    if text.len() > TEXT_BYTES {
        let message = format!(
            "the text has {} bytes; at most {TEXT_BYTES} are read: use the binary format",
            text.len()
        );
        return Err(InvalidModule::new(message, None));
    }
    // Floats in decimal are read by computing with floats.
    let binary = in_standard_mode(|| wat::parse_str(text))
        .map_err(|error| InvalidModule::new(shortened(error.to_string()), None))?;
    Ok(binary.into())
}

/// The message has the line that is wrong, and a line can be as long as a file.
fn shortened(mut message: String) -> String {
    const MOST_BYTES: usize = 2_000;
    if message.len() > MOST_BYTES {
        message.truncate(message.floor_char_boundary(MOST_BYTES));
        message.push_str(" ...");
    }
    message
}

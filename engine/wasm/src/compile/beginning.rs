//! What bytes are, by how they begin: a file that is something else altogether is refused with what it is.

use super::artifact;
use crate::base::error::InvalidModule;

/// What WebAssembly's binary format begins with.
const BINARY: &[u8] = b"\0asm";

/// Of a component, after that: its own version, and the layer of components.
const COMPONENT: &[u8] = b"\x0d\0\x01\0";

/// Whether bytes may be the binary format.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(BINARY)
}

/// Whether bytes may be the text format, which begins with a parenthesis or a comment.
pub fn is_text(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'(' | b';'))
}

/// Refuses what is not the binary format of a module. What is cut is left to the parser.
///
/// # Errors
/// It is something else: the message says what, and what to do with it.
pub fn expect_binary(bytes: &[u8]) -> Result<(), InvalidModule> {
    let message = if artifact::is_artifact(bytes) {
        "this module is compiled already: load it with Module::deserialize or deserialize_file".to_string()
    } else if is_binary(bytes) && bytes[BINARY.len()..].starts_with(COMPONENT) {
        "unknown binary version: this is a component; build a core module instead".to_string()
    } else if is_text(bytes) {
        "magic header not detected: this is text, which Module::new takes".to_string()
    } else if !is_binary(bytes) && !BINARY.starts_with(bytes) {
        format!("magic header not detected: {}", neither(bytes))
    } else {
        return Ok(());
    };
    Err(InvalidModule::new(message, None))
}

/// Says that bytes are no module in either format.
pub fn neither(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "there are no bytes at all".to_string();
    }
    let shown = &bytes[..bytes.len().min(16)];
    format!(
        "this begins with \"{}\"; the binary format begins with \"\\0asm\", the text format with a parenthesis",
        shown.escape_ascii()
    )
}

//! What bytes are, told by how they begin. A file of another kind is refused with what it is.

use crate::base::error::InvalidModule;

/// What compiled modules begin with. Neither WebAssembly nor text does; a transfer that changes line ends destroys it.
pub const ARTIFACT_MAGIC: [u8; 8] = *b"\x89tbox\r\n\x1a";

/// What WebAssembly's binary format begins with.
const BINARY: &[u8] = b"\0asm";

/// What follows it in a component: its own version, and the layer of components.
const COMPONENT: &[u8] = b"\x0d\0\x01\0";

/// Whether bytes are a compiled module, of whatever version. The beginning is enough.
pub fn is_artifact(bytes: &[u8]) -> bool {
    bytes.starts_with(&ARTIFACT_MAGIC)
}

/// Whether bytes may be the binary format.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(BINARY)
}

/// Whether bytes may be the text format, which begins with a parenthesis or a comment.
pub fn is_text(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'(' | b';'))
}

/// Refuses bytes that are not the binary format of a module. Truncated modules are left to the parser.
///
/// # Errors
/// The bytes are something else: the message says what, and what to do with it.
pub fn expect_binary(bytes: &[u8]) -> Result<(), InvalidModule> {
    let message = if is_artifact(bytes) {
        "this module is already compiled: load it with Module::deserialize or deserialize_file".to_string()
    } else if is_binary(bytes) && bytes[BINARY.len()..].starts_with(COMPONENT) {
        "unknown binary version: this is a component; build a core module instead".to_string()
    } else if is_text(bytes) {
        "magic header not detected: this is text, which Module::new takes".to_string()
    } else if !is_binary(bytes) && !BINARY.starts_with(bytes) {
        format!("magic header not detected: {}", neither_format(bytes))
    } else {
        return Ok(());
    };
    Err(InvalidModule::new(message, None))
}

/// The message about bytes that are not a module in either format.
pub fn neither_format(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "there are no bytes".to_string();
    }
    let shown = &bytes[..bytes.len().min(16)];
    format!(
        "this begins with \"{}\"; the binary format begins with \"\\0asm\", the text format with a parenthesis",
        shown.escape_ascii()
    )
}

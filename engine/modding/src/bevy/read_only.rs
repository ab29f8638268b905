//! What mods are told who write a type that they can only read.

/// Why their bytes become no value.
pub(super) const READ_ONLY: &str = "mods can read it only";

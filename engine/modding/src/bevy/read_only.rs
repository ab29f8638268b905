//! The way back of types that mods only read. They are exposed as such, so that it is never taken.

/// Why bytes become no value.
pub(super) const READ_ONLY: &str = "mods can read it only";

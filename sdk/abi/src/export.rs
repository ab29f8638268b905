//! What the host finds in a mod: its exports, and the custom section with its schema.

/// The mod's linear memory. Required.
pub const MEMORY: &str = "memory";

/// The prefix of a system's export before its [name](crate::names::is_system_name): `sys_graze`, of type `() -> ()`.
pub const SYSTEM_PREFIX: &str = "sys_";

/// The custom section that carries a mod's schema: TOML text, in any number of fragments.
///
/// A linker may put them in any order: systems with a `source` (crate, file, position) run in the order of their
/// sources, others in the order of their fragments.
pub const SCHEMA_SECTION: &str = "tinkerbox.schema";

/// The custom section in which a mod notes the interfaces that it was built against: a line for each, the game's name, a space
/// and the hash of the interface file's content. Optional, in any number of fragments.
pub const INTERFACE_SECTION: &str = "tinkerbox.interface";

/// `(reason i32) -> ()`: optional, called once on a new instance with an [`InitReason`].
pub const INIT: &str = "tb_init";

/// `() -> i64`: address << 32 | length of the mod's saved state. Optional, with
/// [`ALLOC`] and [`LOAD`]: all three or none.
pub const SAVE: &str = "tb_save";

/// `(len i32) -> i32`: the address of a block into which the host may write a saved state.
pub const ALLOC: &str = "tb_alloc";

/// `(address i32, len i32) -> i32`: restores a saved state; negative if the mod refuses it.
pub const LOAD: &str = "tb_load";

/// Why the host has made a new instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum InitReason {
    /// The mod has just been loaded.
    New = 0,
    /// Its code was changed on disk; the saved state, if there is one, has been loaded.
    Reload = 2,
    /// The previous instance faulted.
    Fault = 3,
}

impl From<InitReason> for i32 {
    fn from(reason: InitReason) -> i32 {
        reason as i32
    }
}

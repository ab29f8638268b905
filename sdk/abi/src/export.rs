//! The exports by which the host reaches into a mod.

/// The mod's linear memory. Required.
pub const MEMORY: &str = "memory";

/// What stands before a system's name in its export: `sys_graze`, of type `() -> ()`.
pub const SYSTEM_PREFIX: &str = "sys_";

/// `(reason i32) -> ()`: optional, called once on a new instance with an [`InitReason`].
pub const INIT: &str = "tb_init";

/// `() -> i64`: address << 32 | length of the mod's saved state. Optional, with
/// [`ALLOC`] and [`LOAD`]: all three or none.
pub const SAVE: &str = "tb_save";

/// `(len i32) -> i32`: the address of a block into which the host may write a saved state.
pub const ALLOC: &str = "tb_alloc";

/// `(address i32, len i32) -> i32`: takes a saved state over; negative where it is refused.
pub const LOAD: &str = "tb_load";

/// Why an instance is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum InitReason {
    /// The mod has just been loaded.
    New = 0,
    /// Its code was changed on disk; the saved state has been loaded where there is one.
    Reload = 2,
    /// The instance before this one faulted.
    Fault = 3,
}

impl From<InitReason> for i32 {
    fn from(reason: InitReason) -> i32 {
        reason as i32
    }
}

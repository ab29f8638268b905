//! Tests of mods: scenario files beside the mod, the same for all languages, run in the real engine without the game.
//!
//! ```text
//! tests/*.toml -> file -> run (values: TOML <-> bytes) -> compare -> mismatches -> printed, or blessed
//! ```

mod bless;
mod compare;
mod file;
mod run;
mod values;

pub use bless::bless;
pub use compare::{Mismatch, Mismatches};
pub use file::{Scenario, beside, parse};
pub use run::{Subject, run};
